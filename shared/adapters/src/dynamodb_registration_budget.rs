//! The budgets of CAs in DynamoDB: beside the introducers, each in an item of its own. On the item of its CA, a flood of events
//! would be in the way of the transactions that count leases there.

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError, types::ReturnValuesOnConditionCheckFailure,
};
use sci_domain::{
    admission::{CertificateId, IntroducerId, RegistrationBudget},
    ports::PortFailure,
    timestamp::Timestamp,
};

use crate::{
    dynamodb_admission_store::DynamoDbAdmissionStore,
    dynamodb_item::{item, n, number, s},
    dynamodb_put::Item,
    sdk_error::{failure, misconfigured},
};

const SPEND: &str = "count an event of a CA";
const HOUR: &str = "events_hour";

/// What an update came to.
enum Updated {
    Written,
    /// The condition failed on this item, if there is one.
    Lost(Option<Item>),
}

impl DynamoDbAdmissionStore {
    async fn update_budget(
        &self,
        authority: CertificateId,
        (update, condition): (&str, &str),
        values: &[(&str, u64)],
    ) -> Result<Updated, PortFailure> {
        let id = format!("{}#events", IntroducerId::Authority(authority));
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), n(*value)));
        let updated = self
            .client
            .get()
            .update_item()
            .table_name(&self.tables.introducers)
            .set_key(Some(item([("introducer", s(id))])))
            .update_expression(update)
            .condition_expression(condition)
            .expression_attribute_names("#hour", HOUR)
            .expression_attribute_names("#count", "events_in_hour")
            .set_expression_attribute_values(Some(values.collect()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match updated {
            Ok(_) => Ok(Updated::Written),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(lost)) => {
                    Ok(Updated::Lost(lost.item.clone()))
                }
                _ => Err(failure(SPEND, error)),
            },
        }
    }

    /// Counts in the hour that is open; nothing, if that is an earlier one or none.
    async fn count_event(
        &self,
        authority: CertificateId,
        per_hour: u64,
        hour: u64,
    ) -> Result<Option<bool>, PortFailure> {
        let count = ("ADD #count :one", "#hour >= :hour AND #count < :per_hour");
        let values = [(":one", 1), (":hour", hour), (":per_hour", per_hour)];
        match self.update_budget(authority, count, &values).await? {
            Updated::Written => Ok(Some(true)),
            Updated::Lost(None) => Ok(None),
            Updated::Lost(Some(open)) => {
                let open: u64 =
                    number(&open, HOUR).map_err(|broken| misconfigured(SPEND, broken))?;
                Ok((open >= hour).then_some(false))
            }
        }
    }
}

impl RegistrationBudget for DynamoDbAdmissionStore {
    /// `dynamodb:UpdateItem` on the introducers: once, and once more for the first event of an hour.
    async fn spend(
        &self,
        authority: CertificateId,
        per_hour: u64,
        now: Timestamp,
    ) -> Result<bool, PortFailure> {
        let hour = now.as_millis() / 3_600_000;
        if let Some(counted) = self.count_event(authority, per_hour, hour).await? {
            return Ok(counted);
        }
        let open = (
            "SET #hour = :hour, #count = :one",
            "attribute_not_exists(#hour) OR #hour < :hour",
        );
        let values = [(":one", 1), (":hour", hour)];
        match self.update_budget(authority, open, &values).await? {
            Updated::Written => Ok(true),
            // Somebody else opened the hour.
            Updated::Lost(_) => {
                let counted = self.count_event(authority, per_hour, hour).await?;
                Ok(counted == Some(true))
            }
        }
    }
}

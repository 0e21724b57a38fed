//! The outbox in DynamoDB. It holds only what was not delivered at once, so it is nearly always empty and a scan of it
//! is the cheapest way to look.

use aws_sdk_dynamodb::{error::ProvideErrorMetadata, operation::update_item::UpdateItemError};
use sci_domain::{
    alarm::AlarmFamily,
    notification::NotificationId,
    ports::{Outbox, Pending, PortFailure},
    timestamp::{Millis, Timestamp},
};

use crate::{
    dynamodb_alarm_store::DynamoDbAlarmStore,
    dynamodb_item::{n, notification_key, pending_from, s},
    sdk_error::{failure, misconfigured},
};

/// After this long an attempt to deliver is given up. It must exceed the functions' timeout.
pub(crate) const CLAIM: Millis = Millis::from_secs(60);

/// How many pages of at most 1 MB one look reads.
const MAX_PAGES: usize = 16;

impl Outbox for DynamoDbAlarmStore {
    async fn abandoned(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Pending>, PortFailure> {
        const LOOK: &str = "look for undelivered notifications";
        let mut found = Vec::new();
        let mut from = None;
        for _ in 0..MAX_PAGES {
            let page = self
                .client
                .get()
                .scan()
                .table_name(&self.tables.outbox)
                .consistent_read(true)
                .filter_expression("#family = :family AND #claimed < :given_up")
                .expression_attribute_names("#family", "family")
                .expression_attribute_names("#claimed", "claimed_at")
                .expression_attribute_values(":family", s(family.as_str()))
                .expression_attribute_values(":given_up", n(now.minus(CLAIM).as_millis()))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| failure(LOOK, error))?;
            for item in page.items() {
                found.push(pending_from(item).map_err(|error| misconfigured(LOOK, error))?);
            }
            from = page.last_evaluated_key;
            if from.is_none() || found.len() >= limit {
                break;
            }
        }
        found.sort_by_key(|(claimed_at, _)| *claimed_at);
        Ok(found
            .into_iter()
            .take(limit)
            .map(|(_, pending)| pending)
            .collect())
    }

    async fn claim(&self, pending: &Pending, now: Timestamp) -> Result<bool, PortFailure> {
        let claimed = self
            .client
            .get()
            .update_item()
            .table_name(&self.tables.outbox)
            .set_key(Some(notification_key(&pending.notification.id())))
            .update_expression("SET #attempts = :next, #claimed = :now")
            .condition_expression("#attempts = :seen")
            .expression_attribute_names("#attempts", "attempts")
            .expression_attribute_names("#claimed", "claimed_at")
            .expression_attribute_values(":next", n(pending.attempts.saturating_add(1)))
            .expression_attribute_values(":seen", n(pending.attempts))
            .expression_attribute_values(":now", n(now.as_millis()))
            .send()
            .await;
        match claimed {
            Ok(_) => Ok(true),
            // Somebody else's claim, or our own whose answer was lost: then the next sweep delivers.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            // An item that a transaction holds right now is being delivered by somebody else.
            Err(error) if error.code() == Some("TransactionConflictException") => Ok(false),
            Err(error) => Err(failure("claim a notification", error)),
        }
    }

    async fn delivered(&self, id: &NotificationId) -> Result<(), PortFailure> {
        self.client
            .get()
            .delete_item()
            .table_name(&self.tables.outbox)
            .set_key(Some(notification_key(id)))
            .send()
            .await
            .map_err(|error| failure("forget a delivered notification", error))?;
        Ok(())
    }
}

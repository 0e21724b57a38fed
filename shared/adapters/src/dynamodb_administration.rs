//! What operators do with the tables of admission, and no function: introducers are added and switched off, chains and
//! devices are listed.

use aws_sdk_dynamodb::{
    operation::{
        put_item::PutItemError, scan::builders::ScanFluentBuilder, update_item::UpdateItemError,
    },
    types::ReturnValue,
};
use sci_domain::{
    admission::{Introducer, IntroducerId, SerialNumber, Subject},
    ports::PortFailure,
};

use crate::{
    dynamodb_admission_store::DynamoDbAdmissionStore,
    dynamodb_introducer::{ACTIVE, SUSPENDED, introducer_item, introducer_key},
    dynamodb_item::{BrokenItem, number, s, text},
    dynamodb_put::Item,
    sdk_error::{failure, misconfigured},
};

const ADD: &str = "add an introducer";
const SWITCH: &str = "switch an introducer on or off";
const CHAINS: &str = "list the chains of the audit";
const DEVICES: &str = "list the devices of the allow-list";

/// Where a list goes on.
#[derive(Debug, Clone)]
pub struct Next(Item);

/// One answer's part of a list: at most 1 MB of what the table holds.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The part.
    pub items: Vec<T>,
    /// Where the list goes on, unless this is its end.
    pub next: Option<Next>,
}

impl DynamoDbAdmissionStore {
    /// Writes an introducer that nobody used yet, if there is none with its id. Says whether it did. `dynamodb:PutItem` on the
    /// introducers.
    ///
    /// An answer that was lost makes the next attempt find the introducer; that is told as one that was there.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn add_introducer(&self, introducer: &Introducer) -> Result<bool, PortFailure> {
        let put = self
            .client
            .get()
            .put_item()
            .table_name(&self.tables.introducers)
            .set_item(Some(introducer_item(introducer)))
            .condition_expression("attribute_not_exists(#introducer)")
            .expression_attribute_names("#introducer", "introducer");
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(
                    error.as_service_error(),
                    Some(PutItemError::ConditionalCheckFailedException(_))
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(failure(ADD, error)),
        }
    }

    /// Switches an introducer off or on, if there is one. Says whether there is. `dynamodb:UpdateItem` on the introducers.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn switch_introducer(
        &self,
        introducer: IntroducerId,
        suspended: bool,
    ) -> Result<bool, PortFailure> {
        let state = match suspended {
            true => SUSPENDED,
            false => ACTIVE,
        };
        let update = self
            .client
            .get()
            .update_item()
            .table_name(&self.tables.introducers)
            .set_key(Some(introducer_key(introducer)))
            .update_expression("SET #state = :state")
            .condition_expression("attribute_exists(#introducer)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#introducer", "introducer")
            .expression_attribute_values(":state", s(state))
            .return_values(ReturnValue::None);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(
                    error.as_service_error(),
                    Some(UpdateItemError::ConditionalCheckFailedException(_))
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(failure(SWITCH, error)),
        }
    }

    /// The subjects of the audit's items, one for each item: a chain without its head is found too, and one of three records
    /// four times. `dynamodb:Scan` on the audit. May lag behind writes.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn audited(&self, from: Option<Next>) -> Result<Page<Subject>, PortFailure> {
        let scan = self.client.get().scan().table_name(&self.tables.audit);
        let scan = scan
            .projection_expression("#subject")
            .expression_attribute_names("#subject", "subject");
        page(scan, from, CHAINS, |item| {
            Ok(Subject::from_stored(text(item, "subject")?))
        })
        .await
    }

    /// The serial numbers of the allow-list with the versions of their entries. `dynamodb:Scan` on the allow-list. May lag
    /// behind writes.
    ///
    /// # Errors
    /// When DynamoDB fails, or names the attribute that is missing or cannot be read.
    pub async fn listed(
        &self,
        from: Option<Next>,
    ) -> Result<Page<(SerialNumber, u64)>, PortFailure> {
        let scan = self.client.get().scan().table_name(&self.tables.allow_list);
        let scan = scan
            .projection_expression("#serial, #version")
            .expression_attribute_names("#serial", "serial_number")
            .expression_attribute_names("#version", "version");
        page(scan, from, DEVICES, |item| {
            let serial = SerialNumber::parse(text(item, "serial_number")?);
            let serial = serial.map_err(|_| BrokenItem::Attribute("serial_number"))?;
            Ok((serial, number(item, "version")?))
        })
        .await
    }
}

async fn page<T>(
    scan: ScanFluentBuilder,
    from: Option<Next>,
    operation: &'static str,
    read: impl Fn(&Item) -> Result<T, BrokenItem>,
) -> Result<Page<T>, PortFailure> {
    let scan = scan.set_exclusive_start_key(from.map(|Next(key)| key));
    let answer = scan
        .send()
        .await
        .map_err(|error| failure(operation, error))?;
    let items: Result<_, _> = answer.items().iter().map(read).collect();
    Ok(Page {
        items: items.map_err(|error| misconfigured(operation, error))?,
        next: answer.last_evaluated_key.map(Next),
    })
}

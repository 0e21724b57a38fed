//! Conditional puts: alone as `PutItem`, together in a transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    operation::put_item::PutItemError,
    types::{AttributeValue, Put, TransactWriteItem},
};
use sci_domain::ports::{Committed, PortFailure};

use crate::{
    dynamodb_item::n,
    dynamodb_transaction::{Transacted, transact},
    sdk_error::{failure, misconfigured},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

const OPERATION: &str = "write readings and alarms";

/// What an item is, which decides what its failed condition means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The row of a reading. Its condition fails when the reading was stored before.
    Reading,
    /// An alarm. Its condition fails when somebody else wrote it, or we did and the answer was lost.
    Alarm,
    /// A notification. It has no condition: the alarm's version guards it.
    Notification,
}

/// One item to write, if its condition holds.
#[derive(Debug, Clone)]
pub(crate) struct ConditionalPut {
    pub(crate) table: String,
    pub(crate) item: Item,
    pub(crate) condition: Option<Condition>,
}

/// A condition on the stored item.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// There is no item with this key, whose hash attribute is named.
    Absent(&'static str),
    /// The item's attribute of this name is this number.
    Equals(&'static str, u64),
}

impl Condition {
    /// The item's `attribute`, a number that counts its writes, is one less than `number`: for the first write there is
    /// no item with `key`.
    pub(crate) const fn successor(key: &'static str, attribute: &'static str, number: u64) -> Self {
        match number {
            0 | 1 => Self::Absent(key),
            number => Self::Equals(attribute, number.saturating_sub(1)),
        }
    }

    fn expression(&self) -> (&'static str, (&'static str, String), Option<Item>) {
        match self {
            Self::Absent(key) => (
                "attribute_not_exists(#key)",
                ("#key", (*key).to_owned()),
                None,
            ),
            Self::Equals(attribute, number) => (
                "#before = :before",
                ("#before", (*attribute).to_owned()),
                Some(Item::from([(":before".to_owned(), n(number))])),
            ),
        }
    }
}

impl ConditionalPut {
    /// As a part of a transaction.
    ///
    /// # Errors
    /// When a part of it is missing, which is never the case.
    pub(crate) fn transacted(self) -> Result<TransactWriteItem, BuildError> {
        let mut put = Put::builder()
            .table_name(self.table)
            .set_item(Some(self.item));
        if let Some(condition) = self.condition {
            let (expression, (name, attribute), values) = condition.expression();
            put = put
                .condition_expression(expression)
                .expression_attribute_names(name, attribute)
                .set_expression_attribute_values(values);
        }
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
}

/// Writes all of `puts` or nothing.
///
/// # Errors
/// When DynamoDB fails, or the puts cannot be written.
pub(crate) async fn write(
    client: &Client,
    puts: Vec<(Role, ConditionalPut)>,
) -> Result<Committed, PortFailure> {
    match <[_; 1]>::try_from(puts) {
        Ok([(role, single)]) => put_item(client, role, single).await,
        Err(puts) if puts.is_empty() => Ok(Committed::Written),
        Err(puts) => put_items(client, puts).await,
    }
}

async fn put_items(
    client: &Client,
    puts: Vec<(Role, ConditionalPut)>,
) -> Result<Committed, PortFailure> {
    let (roles, puts): (Vec<_>, Vec<_>) = puts.into_iter().unzip();
    let items = puts.into_iter().map(ConditionalPut::transacted);
    let items: Result<_, _> = items.collect();
    let items = items.map_err(|error| misconfigured(OPERATION, error))?;
    Ok(match transact(client, OPERATION, items).await? {
        Transacted::Written => Committed::Written,
        // The row speaks first: where it exists, the whole message was handled before.
        Transacted::Lost(failed) => {
            let duplicate = |place: &usize| roles.get(*place) == Some(&Role::Reading);
            match failed.iter().any(duplicate) {
                true => Committed::DuplicateReading,
                false => Committed::Conflict,
            }
        }
    })
}

/// A condition that fails here may have been met by our own earlier attempt, whose answer was lost: `PutItem` has no
/// token. That loses nothing: the row is there, which is what "duplicate" says; and after a conflict the alarm is
/// loaded again and holds the sample already.
async fn put_item(
    client: &Client,
    role: Role,
    put: ConditionalPut,
) -> Result<Committed, PortFailure> {
    let mut request = client
        .put_item()
        .table_name(put.table)
        .set_item(Some(put.item));
    if let Some(condition) = put.condition {
        let (expression, (name, attribute), values) = condition.expression();
        request = request
            .condition_expression(expression)
            .expression_attribute_names(name, attribute)
            .set_expression_attribute_values(values);
    }
    let Err(error) = request.send().await else {
        return Ok(Committed::Written);
    };
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(lost_to(role)),
        Some(PutItemError::TransactionConflictException(_)) => Ok(Committed::Conflict),
        _ => Err(failure(OPERATION, error)),
    }
}

const fn lost_to(role: Role) -> Committed {
    match role {
        Role::Reading => Committed::DuplicateReading,
        Role::Alarm | Role::Notification => Committed::Conflict,
    }
}

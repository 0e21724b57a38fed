//! Conditional puts: alone as `PutItem`, together as `TransactWriteItems`, with the same reading of what failed.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, SdkError},
    operation::{
        put_item::PutItemError,
        transact_write_items::{
            TransactWriteItemsError, builders::TransactWriteItemsFluentBuilder,
        },
    },
    types::{AttributeValue, CancellationReason, Put, TransactWriteItem},
};
use sci_domain::ports::{Committed, FailureKind, PortFailure};
use sha2::{Digest, Sha256};

use crate::sdk_error::{failure, kind_of, misconfigured, other};

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
    pub(crate) role: Role,
    pub(crate) table: String,
    pub(crate) item: Item,
    pub(crate) condition: Option<Condition>,
}

/// A condition on the stored item.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// There is no item with this key, whose hash attribute is named.
    Absent(&'static str),
    /// The item's `version` is this.
    Version(u64),
}

impl Condition {
    fn expression(&self) -> (&'static str, (&'static str, String), Option<Item>) {
        match self {
            Self::Absent(key) => (
                "attribute_not_exists(#key)",
                ("#key", (*key).to_owned()),
                None,
            ),
            Self::Version(version) => (
                "#version = :before",
                ("#version", "version".to_owned()),
                Some(Item::from([(
                    ":before".to_owned(),
                    AttributeValue::N(version.to_string()),
                )])),
            ),
        }
    }
}

impl ConditionalPut {
    fn into_put(self) -> Result<Put, BuildError> {
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
        put.build()
    }
}

/// Writes all of `puts` or nothing.
///
/// # Errors
/// When DynamoDB fails, or the puts cannot be written.
pub(crate) async fn write(
    client: &Client,
    puts: Vec<ConditionalPut>,
) -> Result<Committed, PortFailure> {
    match <[ConditionalPut; 1]>::try_from(puts) {
        Ok([single]) => put_item(client, single).await,
        Err(puts) if puts.is_empty() => Ok(Committed::Written),
        Err(puts) => transact(client, puts).await,
    }
}

/// A condition that fails here may have been met by our own earlier attempt, whose answer was lost: `PutItem` has no
/// token. That loses nothing: the row is there, which is what "duplicate" says; and after a conflict the alarm is
/// loaded again and holds the sample already.
async fn put_item(client: &Client, put: ConditionalPut) -> Result<Committed, PortFailure> {
    let role = put.role;
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

async fn transact(client: &Client, puts: Vec<ConditionalPut>) -> Result<Committed, PortFailure> {
    let roles: Vec<_> = puts.iter().map(|put| put.role).collect();
    let mut request = client
        .transact_write_items()
        .client_request_token(token(&puts));
    for put in puts {
        request = add(request, put).map_err(|error| misconfigured(OPERATION, error))?;
    }
    let Err(error) = request.send().await else {
        return Ok(Committed::Written);
    };
    if let SdkError::ServiceError(context) = &error {
        match context.err() {
            TransactWriteItemsError::TransactionCanceledException(canceled) => {
                return read_reasons(&roles, canceled.cancellation_reasons());
            }
            TransactWriteItemsError::TransactionInProgressException(_) => {
                return Ok(Committed::Conflict);
            }
            _ => {}
        }
    }
    Err(failure(OPERATION, error))
}

fn add(
    request: TransactWriteItemsFluentBuilder,
    put: ConditionalPut,
) -> Result<TransactWriteItemsFluentBuilder, BuildError> {
    let item = TransactWriteItem::builder().put(put.into_put()?).build();
    Ok(request.transact_items(item))
}

const fn lost_to(role: Role) -> Committed {
    match role {
        Role::Reading => Committed::DuplicateReading,
        Role::Alarm | Role::Notification => Committed::Conflict,
    }
}

/// Reads the reasons item by item; they stand in the order of the request, `None` where an item was fine.
/// The row speaks first: where it exists, the whole message was handled before.
fn read_reasons(roles: &[Role], reasons: &[CancellationReason]) -> Result<Committed, PortFailure> {
    let mut answer = None;
    let mut worst = None;
    for (role, reason) in roles.iter().zip(reasons) {
        match reason.code().unwrap_or("None") {
            "None" => {}
            "ConditionalCheckFailed" if *role == Role::Reading => {
                return Ok(Committed::DuplicateReading);
            }
            "ConditionalCheckFailed" | "TransactionConflict" => answer = Some(Committed::Conflict),
            // AWS spells the codes of reasons without the exceptions' suffix.
            code => worst = worst.max(Some((rank(kind_of(code, 400)), code))),
        }
    }
    match (answer, worst) {
        (Some(committed), _) => Ok(committed),
        (None, Some((rank, code))) => Err(other(
            OPERATION,
            if rank == 0 {
                FailureKind::Throttled
            } else {
                FailureKind::Misconfigured
            },
            format!("the transaction was cancelled: {code}"),
        )),
        (None, None) => Err(other(
            OPERATION,
            FailureKind::Unavailable,
            "the transaction was cancelled without a reason",
        )),
    }
}

/// Later is worse: what must be repaired hides what would pass.
const fn rank(kind: FailureKind) -> u8 {
    match kind {
        FailureKind::Throttled | FailureKind::Unavailable => 0,
        FailureKind::Misconfigured => 1,
    }
}

/// The same for the same content, so that an attempt that is repeated within DynamoDB's ten minutes is recognised and
/// answered as written instead of failing its own conditions.
fn token(puts: &[ConditionalPut]) -> String {
    let mut digest = Sha256::new();
    let mut part = |text: &str| {
        digest.update(text.len().to_be_bytes());
        digest.update(text);
    };
    for put in puts {
        part(&put.table);
        part(&format!("{:?}", put.condition));
        let mut attributes: Vec<_> = put.item.iter().collect();
        attributes.sort_by_key(|(name, _)| name.as_str());
        for (name, value) in attributes {
            part(name);
            part(&format!("{value:?}"));
        }
    }
    // 32 of at most 36 characters.
    let digest = digest.finalize();
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    fn put(role: Role, id: &str, condition: Condition) -> ConditionalPut {
        ConditionalPut {
            role,
            table: "t".into(),
            item: Item::from([("id".into(), AttributeValue::S(id.into()))]),
            condition: Some(condition),
        }
    }

    #[test]
    fn reasons_are_read_item_by_item() {
        use Committed::{Conflict, DuplicateReading};
        let roles = [Role::Reading, Role::Alarm, Role::Notification];
        let read = |codes: [&str; 3]| read_reasons(&roles, &codes.map(reason));
        for (codes, expected) in [
            (["ConditionalCheckFailed", "None", "None"], DuplicateReading),
            (
                ["ConditionalCheckFailed", "ConditionalCheckFailed", "None"],
                DuplicateReading,
            ),
            (["None", "ConditionalCheckFailed", "None"], Conflict),
            (["None", "TransactionConflict", "None"], Conflict),
            (["TransactionConflict", "None", "None"], Conflict),
            (
                ["ThrottlingError", "ConditionalCheckFailed", "None"],
                Conflict,
            ),
        ] {
            assert_eq!(read(codes).unwrap(), expected, "{codes:?}");
        }
        for (codes, kind) in [
            (["None", "None", "ThrottlingError"], FailureKind::Throttled),
            (
                ["ProvisionedThroughputExceeded", "None", "None"],
                FailureKind::Throttled,
            ),
            (
                ["None", "ValidationError", "None"],
                FailureKind::Misconfigured,
            ),
            (
                ["ThrottlingError", "ItemCollectionSizeLimitExceeded", "None"],
                FailureKind::Misconfigured,
            ),
        ] {
            assert_eq!(read(codes).unwrap_err().kind, kind, "{codes:?}");
        }
        assert!(read_reasons(&roles, &[]).is_err());
    }

    #[test]
    fn a_token_tells_contents_apart_and_repeats_for_the_same() {
        let tokens = [
            token(&[put(Role::Alarm, "a", Condition::Version(1))]),
            token(&[put(Role::Alarm, "a", Condition::Version(2))]),
            token(&[put(Role::Alarm, "b", Condition::Version(1))]),
            token(&[put(Role::Alarm, "a", Condition::Absent("id"))]),
        ];
        for (i, one) in tokens.iter().enumerate() {
            assert!(one.len() <= 36);
            assert_eq!(tokens.iter().position(|other| other == one), Some(i));
        }
        assert_eq!(
            tokens[0],
            token(&[put(Role::Alarm, "a", Condition::Version(1))])
        );
    }
}

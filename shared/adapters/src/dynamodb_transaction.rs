//! Several conditional puts in one transaction, and which of them failed it.

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, SdkError},
    operation::transact_write_items::{
        TransactWriteItemsError, builders::TransactWriteItemsFluentBuilder,
    },
    types::{CancellationReason, TransactWriteItem},
};
use sci_domain::ports::{Committed, FailureKind, PortFailure};
use sha2::{Digest, Sha256};

use crate::{
    dynamodb_put::{ConditionalPut, OPERATION, Role},
    sdk_error::{failure, kind_of, misconfigured, other},
};

/// Writes all of `puts` or nothing.
///
/// # Errors
/// When DynamoDB fails, or the puts cannot be written.
pub(crate) async fn transact(
    client: &Client,
    puts: Vec<ConditionalPut>,
) -> Result<Committed, PortFailure> {
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
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::dynamodb_put::{Condition, Item};

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

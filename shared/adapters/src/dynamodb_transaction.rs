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
    // The SDK makes a token for each call and repeats it with its own retries. It must not be a digest of the content: two
    // deliveries of one event, handled at the same time, have the same content, and both would be told that they wrote it.
    let mut request = client.transact_write_items();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
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
}

//! Several conditional writes in one transaction, and which of them failed it.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use sci_domain::ports::{FailureKind, PortFailure};

use crate::sdk_error::{failure, kind_of, other};

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Transacted {
    /// All of it was written.
    Written,
    /// Nothing was written. These are the places of the items whose conditions failed, from 0; there are none when
    /// another transaction was in the way.
    Lost(Vec<usize>),
}

/// Writes all of `items` or nothing.
///
/// # Errors
/// When DynamoDB fails `operation`, or the items cannot be written.
pub(crate) async fn transact(
    client: &Client,
    operation: &'static str,
    items: Vec<TransactWriteItem>,
) -> Result<Transacted, PortFailure> {
    // The SDK makes a token for each call and repeats it with its own retries. It must not be a digest of the content: two
    // deliveries of one event, handled at the same time, have the same content, and both would be told that they wrote it.
    let request = client
        .transact_write_items()
        .set_transact_items(Some(items));
    let Err(error) = request.send().await else {
        return Ok(Transacted::Written);
    };
    if let SdkError::ServiceError(context) = &error {
        match context.err() {
            TransactWriteItemsError::TransactionCanceledException(canceled) => {
                return read_reasons(operation, canceled.cancellation_reasons());
            }
            TransactWriteItemsError::TransactionInProgressException(_) => {
                return Ok(Transacted::Lost(Vec::new()));
            }
            _ => {}
        }
    }
    Err(failure(operation, error))
}

/// Reads the reasons item by item; they stand in the order of the request, `None` where an item was fine.
fn read_reasons(
    operation: &'static str,
    reasons: &[CancellationReason],
) -> Result<Transacted, PortFailure> {
    let mut failed = None;
    let mut worst = None;
    for (place, reason) in reasons.iter().enumerate() {
        match reason.code().unwrap_or("None") {
            "None" => {}
            "ConditionalCheckFailed" => failed.get_or_insert_with(Vec::new).push(place),
            "TransactionConflict" => failed = failed.or_else(|| Some(Vec::new())),
            // AWS spells the codes of reasons without the exceptions' suffix.
            code => worst = worst.max(Some((rank(kind_of(code, 400)), code))),
        }
    }
    match (failed, worst) {
        (Some(failed), _) => Ok(Transacted::Lost(failed)),
        (None, Some((rank, code))) => Err(other(
            operation,
            if rank == 0 {
                FailureKind::Throttled
            } else {
                FailureKind::Misconfigured
            },
            format!("the transaction was cancelled: {code}"),
        )),
        (None, None) => Err(other(
            operation,
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
        let read = |codes: [&str; 3]| read_reasons("test", &codes.map(reason));
        for (codes, failed) in [
            (["ConditionalCheckFailed", "None", "None"], vec![0]),
            (
                ["ConditionalCheckFailed", "ConditionalCheckFailed", "None"],
                vec![0, 1],
            ),
            (["None", "ConditionalCheckFailed", "None"], vec![1]),
            (["None", "TransactionConflict", "None"], vec![]),
            (
                ["TransactionConflict", "None", "ConditionalCheckFailed"],
                vec![2],
            ),
            (
                ["ConditionalCheckFailed", "TransactionConflict", "None"],
                vec![0],
            ),
            (
                ["ThrottlingError", "ConditionalCheckFailed", "None"],
                vec![1],
            ),
        ] {
            let lost = Transacted::Lost(failed);
            assert_eq!(read(codes).unwrap(), lost, "{codes:?}");
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
        assert!(read_reasons("test", &[]).is_err());
    }
}

//! Several items in one consistent read, all or nothing.

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::KeysAndAttributes};
use sci_domain::ports::{FailureKind, PortFailure};

use crate::{
    dynamodb_put::Item,
    sdk_error::{failure, misconfigured, other},
};

/// The items with `keys` by table, each as of the last completed write; not in the order of the keys.
///
/// Keys that DynamoDB leaves unread fail the read at once: whoever waits tries again sooner than a second call would help,
/// and half an answer must not read as "there is no such item".
///
/// # Errors
/// When DynamoDB fails `operation`, or leaves keys unread.
pub(crate) async fn batch_get(
    client: &Client,
    operation: &'static str,
    keys: impl IntoIterator<Item = (String, Vec<Item>)>,
) -> Result<HashMap<String, Vec<Item>>, PortFailure> {
    let wanted = keys.into_iter().map(|(table, keys)| {
        let keys = KeysAndAttributes::builder().set_keys(Some(keys));
        Ok((table, keys.consistent_read(true).build()?))
    });
    let wanted: Result<_, aws_sdk_dynamodb::error::BuildError> = wanted.collect();
    let answer = client
        .batch_get_item()
        .set_request_items(Some(
            wanted.map_err(|error| misconfigured(operation, error))?,
        ))
        .send()
        .await
        .map_err(|error| failure(operation, error))?;
    if !answer.unprocessed_keys.unwrap_or_default().is_empty() {
        let why = "DynamoDB left keys unread";
        return Err(other(operation, FailureKind::Throttled, why));
    }
    // An answer that lists nothing for no table is none.
    answer.responses.ok_or_else(|| {
        let why = "DynamoDB's answer holds no responses";
        other(operation, FailureKind::Unavailable, why)
    })
}

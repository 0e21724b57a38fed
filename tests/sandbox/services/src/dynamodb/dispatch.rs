//! One row per operation of the engine.

use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};

use super::engine_error::{translate, unreadable};
use crate::api_error::ApiError;

/// Runs an operation of DynamoDB or DynamoDB Streams.
///
/// # Errors
/// DynamoDB's error; an unknown operation by name.
pub(crate) fn dispatch(db: &Database, operation: &str, body: &str) -> Result<String, ApiError> {
    match operation {
        "BatchExecuteStatement" => run(operation, body, |request| {
            db.batch_execute_statement(request)
        }),
        "BatchGetItem" => run(operation, body, |request| db.batch_get_item(request)),
        "BatchWriteItem" => run(operation, body, |request| db.batch_write_item(request)),
        "CreateTable" => run(operation, body, |request| db.create_table(request)),
        "DeleteItem" => run(operation, body, |request| db.delete_item(request)),
        "DeleteTable" => run(operation, body, |request| db.delete_table(request)),
        "DescribeStream" => run(operation, body, |request| db.describe_stream(request)),
        "DescribeTable" => run(operation, body, |request| db.describe_table(request)),
        "DescribeTimeToLive" => run(operation, body, |request| db.describe_time_to_live(request)),
        "ExecuteStatement" => run(operation, body, |request| db.execute_statement(request)),
        "ExecuteTransaction" => run(operation, body, |request| db.execute_transaction(request)),
        "GetItem" => run(operation, body, |request| db.get_item(request)),
        "GetRecords" => run(operation, body, |request| db.get_records(request)),
        "GetShardIterator" => run(operation, body, |request| db.get_shard_iterator(request)),
        "ListStreams" => run(operation, body, |request| db.list_streams(request)),
        "ListTables" => run(operation, body, |request| db.list_tables(request)),
        "ListTagsOfResource" => run(operation, body, |request| db.list_tags_of_resource(request)),
        "PutItem" => run(operation, body, |request| db.put_item(request)),
        "Query" => run(operation, body, |request| db.query(request)),
        "Scan" => run(operation, body, |request| db.scan(request)),
        "TagResource" => run(operation, body, |request| db.tag_resource(request)),
        "TransactGetItems" => run(operation, body, |request| db.transact_get_items(request)),
        "TransactWriteItems" => run(operation, body, |request| db.transact_write_items(request)),
        "UntagResource" => run(operation, body, |request| db.untag_resource(request)),
        "UpdateItem" => run(operation, body, |request| db.update_item(request)),
        "UpdateTable" => run(operation, body, |request| db.update_table(request)),
        "UpdateTimeToLive" => run(operation, body, |request| db.update_time_to_live(request)),
        _ => Err(ApiError::unsupported(
            "UnknownOperationException",
            format!("the DynamoDB operation {operation}"),
        )),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    operation: &str,
    body: &str,
    act: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, ApiError> {
    let request = serde_json::from_str(body).map_err(|error| unreadable(operation, &error))?;
    let answer = act(request).map_err(|error| translate(operation, error))?;
    serde_json::to_string(&answer)
        .map_err(|error| ApiError::new(500, "InternalServerError", error.to_string()))
}

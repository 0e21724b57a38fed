//! `AWS::DynamoDB::Table`.

use serde_json::{Value, json};

use super::DynamoDb;
use crate::{properties::Properties, resources::ServiceError};

/// CloudFormation properties that change nothing here.
const IGNORED: &[&str] = &[
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "ResourcePolicy",
    "SSESpecification",
    "TableClass",
    "Tags",
];

/// Properties that mean the same in `CreateTable`.
const SAME: &[&str] = &[
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
];

/// Creates a table as CloudFormation would, in the order it does: table, time to live, backups.
pub(crate) fn create(
    service: &DynamoDb,
    name: &str,
    properties: &Value,
) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::DynamoDB::Table", properties)?;
    properties.ignore(IGNORED);
    properties.ignore(&["TableName"]);
    let mut create = json!({"TableName": name});
    let mut set = |member: &str, value| {
        if let Some(object) = create.as_object_mut() {
            object.insert(member.to_owned(), value);
        }
    };
    for member in SAME {
        if let Some(mut value) = properties.take(member) {
            for index in value
                .as_array_mut()
                .into_iter()
                .flatten()
                .filter_map(Value::as_object_mut)
            {
                index.remove("ContributorInsightsSpecification");
            }
            set(member, value);
        }
    }
    if let Some(view) = properties.take("StreamSpecification") {
        let view = view.get("StreamViewType").cloned().unwrap_or_default();
        set(
            "StreamSpecification",
            json!({"StreamEnabled": true, "StreamViewType": view}),
        );
    }
    let time_to_live = properties.take("TimeToLiveSpecification");
    let recovery = properties.take("PointInTimeRecoverySpecification");
    properties.finish()?;

    let call = |operation: &str, body: Value| {
        let refused = |error| ServiceError::refused("dynamodb", operation, error);
        service
            .call(operation, body.to_string().as_bytes())
            .map(drop)
            .map_err(refused)
    };
    call("CreateTable", create)?;
    if let Some(specification) = time_to_live
        && specification.get("Enabled").and_then(Value::as_bool) == Some(true)
    {
        call(
            "UpdateTimeToLive",
            json!({"TableName": name, "TimeToLiveSpecification": specification}),
        )?;
    }
    if let Some(specification) = recovery {
        let body = json!({"TableName": name, "PointInTimeRecoverySpecification": specification});
        call("UpdateContinuousBackups", body)?;
    }
    Ok(())
}

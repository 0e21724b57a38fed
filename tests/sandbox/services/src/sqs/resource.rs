//! `AWS::SQS::Queue`.

use serde_json::{Map, Value, json};

use super::Sqs;
use crate::{properties::Properties, resources::ServiceError};

/// CloudFormation properties that change nothing here.
const IGNORED: &[&str] = &[
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "QueueName",
    "SqsManagedSseEnabled",
    "Tags",
];

/// Properties that are queue attributes of the same name.
const ATTRIBUTES: &[&str] = &[
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
];

/// Creates a queue.
pub(crate) async fn create(
    service: &Sqs,
    name: &str,
    properties: &Value,
) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::SQS::Queue", properties)?;
    properties.ignore(IGNORED);
    let mut attributes = Map::new();
    for attribute in ATTRIBUTES {
        if let Some(value) = properties.take_text(attribute)? {
            attributes.insert((*attribute).to_owned(), Value::String(value));
        }
    }
    // Objects in a template, JSON text in the API.
    for policy in ["RedrivePolicy", "RedriveAllowPolicy"] {
        if let Some(value) = properties.take(policy) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            attributes.insert(policy.to_owned(), Value::String(text));
        }
    }
    properties.finish()?;
    let request = json!({"QueueName": name, "Attributes": attributes});
    let created = service
        .handle("CreateQueue", request.to_string().into())
        .await;
    created
        .map(drop)
        .map_err(|error| ServiceError::refused("sqs", "CreateQueue", error))
}

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
    if let Some(policy) = properties.take("RedrivePolicy") {
        attributes.insert(
            "RedrivePolicy".to_owned(),
            Value::String(redrive(policy).to_string()),
        );
    }
    if let Some(policy) = properties.take("RedriveAllowPolicy") {
        attributes.insert(
            "RedriveAllowPolicy".to_owned(),
            Value::String(object(policy).to_string()),
        );
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

/// An object in a template, perhaps JSON text.
fn object(policy: Value) -> Value {
    match &policy {
        Value::String(text) => serde_json::from_str(text).unwrap_or(policy),
        _ => policy,
    }
}

/// AWS takes `maxReceiveCount` as text, too; the engine wants a number.
fn redrive(policy: Value) -> Value {
    let mut policy = object(policy);
    if let Some(count) = policy.get_mut("maxReceiveCount")
        && let Some(number) = count.as_str().and_then(|text| text.parse::<u32>().ok())
    {
        *count = number.into();
    }
    policy
}

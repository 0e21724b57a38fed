//! SQS queues.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::fields::{Ignored, Text};
use crate::TemplateError;
use crate::stack::Resource;

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name in the template.
    pub logical_id: String,
    /// `QueueName`.
    pub name: String,
    /// Queue URL, on the environment's SQS endpoint.
    pub url: String,
    /// ARN.
    pub arn: String,
    /// The attributes of `CreateQueue`, as text, by their API names.
    pub attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "QueueName")]
    _queue_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    message_retention_period: Option<Text>,
    visibility_timeout: Option<Text>,
    receive_message_wait_time_seconds: Option<Text>,
    delay_seconds: Option<Text>,
    maximum_message_size: Option<Text>,
    kms_master_key_id: Option<Text>,
    sqs_managed_sse_enabled: Option<Text>,
    redrive_policy: Option<Value>,
}

impl Queue {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        let attributes = [
            (
                "MessageRetentionPeriod",
                properties.message_retention_period,
            ),
            ("VisibilityTimeout", properties.visibility_timeout),
            (
                "ReceiveMessageWaitTimeSeconds",
                properties.receive_message_wait_time_seconds,
            ),
            ("DelaySeconds", properties.delay_seconds),
            ("MaximumMessageSize", properties.maximum_message_size),
            ("KmsMasterKeyId", properties.kms_master_key_id),
            ("SqsManagedSseEnabled", properties.sqs_managed_sse_enabled),
            (
                "RedrivePolicy",
                properties
                    .redrive_policy
                    .map(|policy| Text(policy.to_string())),
            ),
        ];
        let attributes = attributes
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.0)));
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource
                .attributes
                .get("QueueName")
                .cloned()
                .unwrap_or_default(),
            url: resource.physical_id.clone(),
            arn: resource.arn(),
            attributes: attributes.collect(),
        })
    }
}

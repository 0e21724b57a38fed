//! SNS topics and their subscriptions.

use serde::Deserialize;
use serde_json::Value;

use super::fields::{Flag, Ignored};
use crate::TemplateError;
use crate::stack::Resource;

/// An SNS topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name in the template.
    pub logical_id: String,
    /// `TopicName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// The stack's subscriptions to it.
    pub subscriptions: Vec<Subscription>,
}

/// A subscription to an SNS topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name in the template.
    pub logical_id: String,
    /// For example `email` or `sqs`.
    pub protocol: String,
    /// Address or ARN.
    pub endpoint: String,
    /// Which messages it wants.
    pub filter_policy: Option<Value>,
    /// `MessageAttributes` (AWS's default) or `MessageBody`.
    pub filter_policy_scope: String,
    /// Whether the message goes out without SNS's envelope.
    pub raw_message_delivery: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "TopicName")]
    _topic_name: Option<Ignored>,
    #[serde(rename = "DisplayName")]
    _display_name: Option<Ignored>,
    #[serde(rename = "KmsMasterKeyId")]
    _kms_master_key_id: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SubscriptionProperties {
    topic_arn: String,
    protocol: String,
    endpoint: String,
    filter_policy: Option<Value>,
    filter_policy_scope: Option<String>,
    raw_message_delivery: Option<Flag>,
}

impl Topic {
    pub(super) fn of(resource: &Resource, resources: &[Resource]) -> Result<Self, TemplateError> {
        let Properties { .. } = resource.read()?;
        let mut subscriptions = Vec::new();
        for other in resources
            .iter()
            .filter(|other| other.type_ == "AWS::SNS::Subscription")
        {
            let properties: SubscriptionProperties = other.read()?;
            if properties.topic_arn == resource.physical_id {
                subscriptions.push(Subscription {
                    logical_id: other.logical_id.clone(),
                    protocol: properties.protocol,
                    endpoint: properties.endpoint,
                    filter_policy: properties.filter_policy,
                    filter_policy_scope: properties
                        .filter_policy_scope
                        .unwrap_or_else(|| "MessageAttributes".to_owned()),
                    raw_message_delivery: properties
                        .raw_message_delivery
                        .is_some_and(|Flag(flag)| flag),
                });
            }
        }
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource
                .attributes
                .get("TopicName")
                .cloned()
                .unwrap_or_default(),
            arn: resource.physical_id.clone(),
            subscriptions,
        })
    }
}

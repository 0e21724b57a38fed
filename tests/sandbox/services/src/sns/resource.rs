//! `AWS::SNS::Topic` and `AWS::SNS::Subscription`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Sns;
use crate::{properties::Properties, resources::ServiceError};

/// Creates a topic with the subscriptions written into it. `id` is its name or its ARN.
pub(crate) fn create_topic(
    service: &Sns,
    id: &str,
    properties: &Value,
) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::SNS::Topic", properties)?;
    properties.ignore(&[
        "DataProtectionPolicy",
        "DeliveryStatusLogging",
        "Tags",
        "TopicName",
    ]);
    let mut attributes = BTreeMap::new();
    for name in [
        "DisplayName",
        "FifoTopic",
        "KmsMasterKeyId",
        "SignatureVersion",
        "TracingConfig",
    ] {
        if let Some(value) = properties.take_text(name)? {
            attributes.insert(name.to_owned(), value);
        }
    }
    let subscriptions = match properties.take("Subscription") {
        None => Vec::new(),
        Some(Value::Array(subscriptions)) => subscriptions,
        Some(_) => return Err(properties.invalid("Subscription", "must be a list")),
    };
    properties.finish()?;
    let name = id.rsplit_once(':').map_or(id, |(_, name)| name);
    let made = service.make_topic(name, attributes);
    let arn = made.map_err(|error| ServiceError::refused("sns", "CreateTopic", error))?;
    for mut subscription in subscriptions {
        if let Some(object) = subscription.as_object_mut() {
            object.insert("TopicArn".to_owned(), Value::String(arn.clone()));
        }
        subscribe(service, &subscription)?;
    }
    Ok(())
}

/// Creates a subscription.
pub(crate) fn subscribe(service: &Sns, properties: &Value) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::SNS::Subscription", properties)?;
    properties.ignore(&["Region", "SubscriptionRoleArn"]);
    let topic = properties.require_text("TopicArn")?;
    let protocol = properties.require_text("Protocol")?;
    let endpoint = properties.require_text("Endpoint")?;
    let mut attributes = BTreeMap::new();
    for name in ["FilterPolicyScope", "RawMessageDelivery"] {
        if let Some(value) = properties.take_text(name)? {
            attributes.insert(name.to_owned(), value);
        }
    }
    // Objects in a template, JSON text in the API.
    for name in ["FilterPolicy", "RedrivePolicy"] {
        if let Some(value) = properties.take(name) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            attributes.insert(name.to_owned(), text);
        }
    }
    properties.finish()?;
    let made = service.make_subscription(&topic, &protocol, &endpoint, attributes);
    made.map(drop)
        .map_err(|error| ServiceError::refused("sns", "Subscribe", error))
}

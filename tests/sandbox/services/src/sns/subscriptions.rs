//! Subscriptions and their attributes.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::{
    Fill, Sns, empty,
    filter::{FilterPolicy, Scope},
    invalid, no_more, not_found,
    store::Subscription,
    topics::write_attributes,
};
use crate::{api_error::ApiError, sync::lock, wire::Params};

/// Protocols whose endpoint would have to confirm; recorded, never delivered to.
const UNCONFIRMED: &[&str] = &["email", "email-json", "http", "https"];

impl Sns {
    pub(super) async fn subscribe(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let topic = params.require("TopicArn")?;
        let protocol = params.require("Protocol")?;
        let endpoint = params.require("Endpoint")?;
        let attributes = params.take_map("Attributes")?;
        let always_arn = params
            .take("ReturnSubscriptionArn")
            .is_some_and(|value| value == "true");
        no_more(params, "Subscribe")?;
        if protocol == "sqs" && !self.sqs.has_queue(&endpoint).await {
            return Err(invalid(
                "Endpoint",
                "no such queue in the sandbox; create the queue first",
            ));
        }
        let (arn, pending) = self.make_subscription(&topic, &protocol, &endpoint, attributes)?;
        let shown = if pending && !always_arn {
            "pending confirmation".to_owned()
        } else {
            arn
        };
        Ok(Box::new(move |xml| xml.text("SubscriptionArn", &shown)))
    }

    /// Subscribes or finds the same subscription; says whether it waits for a confirmation.
    pub(super) fn make_subscription(
        &self,
        topic: &str,
        protocol: &str,
        endpoint: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<(String, bool), ApiError> {
        let pending = UNCONFIRMED.contains(&protocol);
        if protocol != "sqs" && !pending {
            return Err(ApiError::unsupported(
                "InvalidParameter",
                format!("subscriptions with the protocol {protocol}"),
            ));
        }
        let mut subscription = Subscription {
            arn: format!("{topic}:{}", Uuid::new_v4()),
            topic_arn: topic.to_owned(),
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
            pending,
            attributes,
            filter: None,
            dead_letter_queue: None,
        };
        settle(&mut subscription)?;
        let mut store = lock(&self.store);
        if !store.topics.contains_key(topic) {
            return Err(not_found("Topic"));
        }
        let same = |other: &&Subscription| {
            other.topic_arn == topic && other.protocol == protocol && other.endpoint == endpoint
        };
        if let Some(existing) = store.subscriptions.iter().find(same) {
            if existing.attributes != subscription.attributes {
                return Err(invalid(
                    "Attributes",
                    "Subscription already exists with different attributes",
                ));
            }
            return Ok((existing.arn.clone(), existing.pending));
        }
        let arn = subscription.arn.clone();
        store.subscriptions.push(subscription);
        Ok((arn, pending))
    }

    pub(super) fn unsubscribe(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let arn = params.require("SubscriptionArn")?;
        no_more(params, "Unsubscribe")?;
        lock(&self.store)
            .subscriptions
            .retain(|subscription| subscription.arn != arn);
        Ok(empty())
    }

    pub(super) fn list_subscriptions(
        &self,
        params: &mut Params,
        topic: Option<&str>,
    ) -> Result<Fill, ApiError> {
        no_more(params, "ListSubscriptions")?;
        let store = lock(&self.store);
        if topic.is_some_and(|topic| !store.topics.contains_key(topic)) {
            return Err(not_found("Topic"));
        }
        let wanted = |subscription: &&Subscription| {
            topic.is_none_or(|topic| subscription.topic_arn == topic)
        };
        let subscriptions: Vec<Subscription> =
            store.subscriptions.iter().filter(wanted).cloned().collect();
        let owner = self.config.account_id.clone();
        Ok(Box::new(move |xml| {
            xml.open("Subscriptions");
            for subscription in subscriptions {
                xml.open("member");
                let arn = if subscription.pending {
                    "PendingConfirmation"
                } else {
                    &subscription.arn
                };
                xml.text("SubscriptionArn", arn);
                xml.text("Owner", &owner);
                xml.text("Protocol", &subscription.protocol);
                xml.text("Endpoint", &subscription.endpoint);
                xml.text("TopicArn", &subscription.topic_arn);
                xml.close();
            }
            xml.close();
        }))
    }

    pub(super) fn get_subscription_attributes(
        &self,
        params: &mut Params,
    ) -> Result<Fill, ApiError> {
        let arn = params.require("SubscriptionArn")?;
        no_more(params, "GetSubscriptionAttributes")?;
        let store = lock(&self.store);
        let found = store
            .subscriptions
            .iter()
            .find(|subscription| subscription.arn == arn);
        let subscription = found.ok_or_else(|| not_found("Subscription"))?.clone();
        let mut attributes = subscription.attributes;
        attributes
            .entry("RawMessageDelivery".to_owned())
            .or_insert_with(|| "false".to_owned());
        attributes.extend([
            ("Endpoint".to_owned(), subscription.endpoint),
            ("Owner".to_owned(), self.config.account_id.clone()),
            (
                "PendingConfirmation".to_owned(),
                subscription.pending.to_string(),
            ),
            ("Protocol".to_owned(), subscription.protocol),
            ("SubscriptionArn".to_owned(), arn),
            ("TopicArn".to_owned(), subscription.topic_arn),
        ]);
        Ok(write_attributes(attributes))
    }

    pub(super) fn set_subscription_attributes(
        &self,
        params: &mut Params,
    ) -> Result<Fill, ApiError> {
        let arn = params.require("SubscriptionArn")?;
        let name = params.require("AttributeName")?;
        let value = params.take("AttributeValue").unwrap_or_default();
        no_more(params, "SetSubscriptionAttributes")?;
        let mut store = lock(&self.store);
        let found = store
            .subscriptions
            .iter_mut()
            .find(|subscription| subscription.arn == arn);
        let subscription = found.ok_or_else(|| not_found("Subscription"))?;
        let mut changed = subscription.clone();
        if value.is_empty() {
            changed.attributes.remove(&name);
        } else {
            changed.attributes.insert(name, value);
        }
        settle(&mut changed)?;
        *subscription = changed;
        Ok(empty())
    }
}

/// Checks the attributes and derives what follows from them.
fn settle(subscription: &mut Subscription) -> Result<(), ApiError> {
    for (name, value) in &subscription.attributes {
        match name.as_str() {
            "FilterPolicy" | "RedrivePolicy" => {}
            "FilterPolicyScope"
                if matches!(value.as_str(), "MessageAttributes" | "MessageBody") => {}
            "RawMessageDelivery" if matches!(value.as_str(), "true" | "false") => {}
            "FilterPolicyScope" | "RawMessageDelivery" => {
                return Err(invalid(name, &format!("Invalid value {value}")));
            }
            other => {
                let what = format!("the subscription attribute {other}");
                return Err(ApiError::unsupported("InvalidParameter", what));
            }
        }
    }
    let scope = match subscription
        .attributes
        .get("FilterPolicyScope")
        .map(String::as_str)
    {
        Some("MessageBody") => Scope::MessageBody,
        _ => Scope::MessageAttributes,
    };
    let policy = subscription.attributes.get("FilterPolicy");
    subscription.filter = policy
        .map(|text| FilterPolicy::parse(text, scope))
        .transpose()?;
    let redrive = subscription.attributes.get("RedrivePolicy");
    subscription.dead_letter_queue = redrive.map(|text| dead_letter_queue(text)).transpose()?;
    Ok(())
}

fn dead_letter_queue(policy: &str) -> Result<String, ApiError> {
    let policy: Value = serde_json::from_str(policy)
        .map_err(|_| invalid("RedrivePolicy", "failed to parse JSON."))?;
    let arn = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    arn.map(str::to_owned)
        .ok_or_else(|| invalid("RedrivePolicy", "deadLetterTargetArn is missing"))
}

//! Topics and their attributes.

use std::collections::BTreeMap;

use super::{Fill, Sns, empty, invalid, no_more, not_found};
use crate::{api_error::ApiError, sync::lock, wire::Params};

/// Attributes that can be set. All are kept and returned; none but the name changes what the topic does here.
const SETTABLE: &[&str] = &[
    "DeliveryPolicy",
    "DisplayName",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
];

impl Sns {
    pub(super) fn create_topic(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let name = params.require("Name")?;
        let attributes = params.take_map("Attributes")?;
        params.take_list("Tags.member");
        no_more(params, "CreateTopic")?;
        let arn = self.make_topic(&name, attributes)?;
        Ok(Box::new(move |xml| xml.text("TopicArn", &arn)))
    }

    /// Creates a topic or finds the one of that name.
    pub(super) fn make_topic(
        &self,
        name: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<String, ApiError> {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.ends_with(".fifo")
            || attributes
                .get("FifoTopic")
                .is_some_and(|value| value == "true")
        {
            return Err(ApiError::unsupported("InvalidParameter", "FIFO topics"));
        }
        if name.is_empty() || name.len() > 256 || !name.chars().all(known) {
            return Err(invalid("Topic Name", ""));
        }
        for attribute in attributes.keys() {
            check_settable(attribute)?;
        }
        let arn = self.config.arn("sns", name);
        let mut store = lock(&self.store);
        match store.topics.get(&arn) {
            Some(existing)
                if attributes
                    .iter()
                    .any(|(key, value)| existing.get(key) != Some(value)) =>
            {
                return Err(invalid(
                    "Attributes",
                    "Topic already exists with different attributes",
                ));
            }
            Some(_) => {}
            None => {
                store.topics.insert(arn.clone(), attributes);
            }
        }
        Ok(arn)
    }

    pub(super) fn delete_topic(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let arn = params.require("TopicArn")?;
        no_more(params, "DeleteTopic")?;
        let mut store = lock(&self.store);
        store.topics.remove(&arn);
        store
            .subscriptions
            .retain(|subscription| subscription.topic_arn != arn);
        Ok(empty())
    }

    pub(super) fn list_topics(&self, params: &mut Params) -> Result<Fill, ApiError> {
        no_more(params, "ListTopics")?;
        let arns: Vec<String> = lock(&self.store).topics.keys().cloned().collect();
        Ok(Box::new(move |xml| {
            xml.open("Topics");
            for arn in arns {
                xml.open("member");
                xml.text("TopicArn", &arn);
                xml.close();
            }
            xml.close();
        }))
    }

    pub(super) fn get_topic_attributes(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let arn = params.require("TopicArn")?;
        no_more(params, "GetTopicAttributes")?;
        let store = lock(&self.store);
        let mut attributes = store
            .topics
            .get(&arn)
            .ok_or_else(|| not_found("Topic"))?
            .clone();
        let of_topic = store
            .subscriptions
            .iter()
            .filter(|subscription| subscription.topic_arn == arn);
        let (pending, confirmed): (Vec<_>, Vec<_>) =
            of_topic.partition(|subscription| subscription.pending);
        attributes.insert("TopicArn".to_owned(), arn);
        attributes.insert("Owner".to_owned(), self.config.account_id.clone());
        attributes.insert(
            "SubscriptionsConfirmed".to_owned(),
            confirmed.len().to_string(),
        );
        attributes.insert("SubscriptionsPending".to_owned(), pending.len().to_string());
        attributes.insert("SubscriptionsDeleted".to_owned(), "0".to_owned());
        Ok(write_attributes(attributes))
    }

    pub(super) fn set_topic_attributes(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let arn = params.require("TopicArn")?;
        let name = params.require("AttributeName")?;
        let value = params.take("AttributeValue").unwrap_or_default();
        no_more(params, "SetTopicAttributes")?;
        check_settable(&name)?;
        let mut store = lock(&self.store);
        store
            .topics
            .get_mut(&arn)
            .ok_or_else(|| not_found("Topic"))?
            .insert(name, value);
        Ok(empty())
    }
}

fn check_settable(attribute: &str) -> Result<(), ApiError> {
    if SETTABLE.contains(&attribute) || attribute == "FifoTopic" {
        return Ok(());
    }
    Err(ApiError::unsupported(
        "InvalidParameter",
        format!("the topic attribute {attribute}"),
    ))
}

/// `<Attributes><entry><key>…`.
pub(super) fn write_attributes(attributes: BTreeMap<String, String>) -> Fill {
    Box::new(move |xml| {
        xml.open("Attributes");
        for (key, value) in attributes {
            xml.open("entry");
            xml.text("key", &key);
            xml.text("value", &value);
            xml.close();
        }
        xml.close();
    })
}

//! From a topic to a queue: filter, envelope, dead-letter queue.

use serde_json::{Map, Value, json};

use super::{
    Sns,
    message::Message,
    store::{PublishedMessage, Subscription},
};
use crate::{sqs::Attribute, timestream};

impl Sns {
    /// Delivers a message to one queue if the subscription's filter lets it pass. What the queue refuses goes to the
    /// subscription's dead-letter queue; without one it is lost, as with AWS after its retries.
    pub(super) async fn deliver(
        &self,
        subscription: &Subscription,
        published: &PublishedMessage,
        message: &Message,
    ) {
        let text = message.text_for(&subscription.protocol);
        if subscription
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.matches(&message.attributes, text))
        {
            return;
        }
        let (body, attributes) = if subscription.raw() {
            (text.to_owned(), raw_attributes(published))
        } else {
            (self.envelope(subscription, published, text), Vec::new())
        };
        // The API allows ten attributes on a queue message; with more, raw delivery fails.
        let fits = attributes.len() <= 10;
        if fits
            && self
                .sqs
                .send(&subscription.endpoint, &body, &attributes)
                .await
                .is_ok()
        {
            return;
        }
        if let Some(queue) = &subscription.dead_letter_queue {
            // Nothing is left to be done when that fails, too.
            let _ = self
                .sqs
                .send(queue, &body, if fits { &attributes } else { &[] })
                .await;
        }
    }

    /// The JSON document a queue receives without raw delivery.
    ///
    /// Source: SNS developer guide, "Amazon SNS message and JSON formats".
    fn envelope(
        &self,
        subscription: &Subscription,
        published: &PublishedMessage,
        text: &str,
    ) -> String {
        let base = &self.config.endpoint_base;
        let mut envelope = Map::new();
        let mut set = |key: &str, value: &str| {
            envelope.insert(key.to_owned(), Value::String(value.to_owned()))
        };
        set("Type", "Notification");
        set("MessageId", &published.message_id);
        set("TopicArn", &published.topic_arn);
        if let Some(subject) = &published.subject {
            set("Subject", subject);
        }
        set("Message", text);
        set("Timestamp", &timestream::time::rfc3339_ms(published.at_ms));
        set("SignatureVersion", "1");
        set("Signature", "c2FuZGJveA==");
        set(
            "SigningCertURL",
            &format!("{base}/SimpleNotificationService-sandbox.pem"),
        );
        set(
            "UnsubscribeURL",
            &format!(
                "{base}/?Action=Unsubscribe&SubscriptionArn={}",
                subscription.arn
            ),
        );
        if !published.attributes.is_empty() {
            let attributes: Map<String, Value> = published
                .attributes
                .iter()
                .map(|(name, attribute)| {
                    (
                        name.clone(),
                        json!({"Type": attribute.data_type, "Value": attribute.value}),
                    )
                })
                .collect();
            envelope.insert("MessageAttributes".to_owned(), Value::Object(attributes));
        }
        Value::Object(envelope).to_string()
    }
}

fn raw_attributes(published: &PublishedMessage) -> Vec<Attribute> {
    let attributes = published.attributes.iter();
    attributes
        .map(|(name, attribute)| Attribute {
            name: name.clone(),
            data_type: attribute.data_type.clone(),
            value: attribute.value.clone(),
        })
        .collect()
}

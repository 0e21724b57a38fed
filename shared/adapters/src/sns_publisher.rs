//! Notifications through SNS.

use aws_sdk_sns::{Client, error::BuildError, types::MessageAttributeValue};
use sci_domain::{
    notification::Notification,
    ports::{PortFailure, Publisher},
};

use crate::{
    aws_clients::Lazily,
    sdk_error::{failure, misconfigured},
};

/// [`Publisher`] on one SNS topic.
#[derive(Debug, Clone)]
pub struct SnsPublisher {
    client: Lazily<Client>,
    topic_arn: String,
}

impl SnsPublisher {
    /// Publishes to `topic_arn`.
    #[must_use]
    pub const fn new(client: Lazily<Client>, topic_arn: String) -> Self {
        Self { client, topic_arn }
    }
}

/// `attempt` tells a subscriber that from 2 on the same `notification_id` may have arrived before: a standard topic
/// has no token against repetition.
fn attributes(
    notification: &Notification,
    attempt: u32,
) -> Result<Vec<(&'static str, MessageAttributeValue)>, BuildError> {
    let attribute = |kind: &str, value: String| {
        MessageAttributeValue::builder()
            .data_type(kind)
            .string_value(value)
            .build()
    };
    let mut attributes = Vec::with_capacity(7);
    for (name, value) in notification.attributes() {
        attributes.push((name, attribute("String", value)?));
    }
    attributes.push(("attempt", attribute("Number", attempt.to_string())?));
    Ok(attributes)
}

impl Publisher for SnsPublisher {
    async fn publish(&self, notification: &Notification, attempt: u32) -> Result<(), PortFailure> {
        const PUBLISH: &str = "publish a notification";
        // MessageStructure stays unset: no word of a message can become another channel's message.
        let mut request = self
            .client
            .get()
            .publish()
            .topic_arn(&self.topic_arn)
            .subject(notification.subject())
            .message(notification.text());
        let attributes = attributes(notification, attempt);
        for (name, value) in attributes.map_err(|error| misconfigured(PUBLISH, error))? {
            request = request.message_attributes(name, value);
        }
        let sent = request.send().await;
        sent.map(|_| ()).map_err(|error| {
            let failure = failure(PUBLISH, error);
            // Logged here, because the engine does not fail a message for it: the outbox keeps the notification.
            tracing::warn!(
                notification.id = notification.id().as_str(),
                attempt,
                cause = %failure.source,
                "{failure}"
            );
            failure
        })
    }
}

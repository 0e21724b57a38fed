//! Messages come in: from clients, from rules, from the HTTP API, from the service itself.

use std::sync::Arc;

use super::Broker;
use crate::authorizer::Requester;
use crate::events::EventKind;
use crate::fleet;
use crate::message::{MAX_PAYLOAD_BYTES, Message, PublishedMessage};
use crate::session::Delivery;

const NOT_HERE: &str = "topics of fleet provisioning carry the requests of clients, on their MQTT connections, and the service's answers; nothing else may be published there";

/// Why a message of a client is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublishRefused {
    /// A policy denies it.
    NotAuthorized(String),
    /// The payload is longer than 128 KB.
    TooLarge(String),
}

impl Broker {
    /// Takes a message of a client, on a connection or over HTTPS. When it returns `Ok`, the rule engine has it.
    ///
    /// # Errors
    /// See [`PublishRefused`]; the event log has it already.
    pub(crate) fn publish(
        &self,
        who: Requester<'_>,
        message: Message,
    ) -> Result<(), PublishRefused> {
        self.may_publish(who, &message)?;
        let topic = message.topic.as_str();
        if fleet::is_reserved(topic) {
            self.note_reserved(Some(who), topic);
            return Err(PublishRefused::NotAuthorized(NOT_HERE.into()));
        }
        if let Some(what) = reserved_and_missing(topic) {
            self.note(Some(who), EventKind::Unsupported { what });
        }
        self.publish_authorised(Some(who), message);
        Ok(())
    }

    /// Asks whether a client may publish a message.
    ///
    /// # Errors
    /// See [`PublishRefused`]; the event log has it already.
    pub(crate) fn may_publish(
        &self,
        who: Requester<'_>,
        message: &Message,
    ) -> Result<(), PublishRefused> {
        let topic = message.topic.as_str();
        let refused = |reason: String, kind: fn(String) -> PublishRefused| {
            self.note(
                Some(who),
                EventKind::PublishDenied {
                    topic: topic.to_owned(),
                    reason: reason.clone(),
                },
            );
            Err(kind(reason))
        };
        if message.payload.len() > MAX_PAYLOAD_BYTES {
            let reason = format!(
                "the payload has {} bytes, at most 128 KB are allowed",
                message.payload.len()
            );
            return refused(reason, PublishRefused::TooLarge);
        }
        if let Err(reason) = self.authorizer.publish(who, topic) {
            return refused(reason, PublishRefused::NotAuthorized);
        }
        if message.retain
            && let Err(reason) = self.authorizer.retain(who, topic)
        {
            return refused(reason, PublishRefused::NotAuthorized);
        }
        Ok(())
    }

    /// Takes a message that needs no policy: of a rule, of the HTTP API or of the service.
    pub(crate) fn inject(&self, message: Message) {
        self.publish_authorised(None, message);
    }

    /// Takes a message of the service about a client that is not let in.
    pub(crate) fn inject_about(&self, who: Requester<'_>, message: Message) {
        self.publish_authorised(Some(who), message);
    }

    pub(super) fn publish_authorised(&self, from: Option<Requester<'_>>, message: Message) {
        if fleet::is_reserved(message.topic.as_str()) {
            // A will, a rule's republish action or the HTTP API.
            self.note_reserved(from, message.topic.as_str());
            return;
        }
        let now = self.now_ms();
        let rule = message
            .topic
            .basic_ingest()
            .map(|(rule, _)| rule.to_owned());
        let only_rule = rule.is_some();
        self.inbound.published(PublishedMessage {
            topic: message.topic.to_string(),
            payload: message.payload.clone(),
            client_id: from.and_then(|who| who.client_id.map(str::to_owned)),
            principal: from.map(|who| who.principal.id().to_owned()),
            source_ip: from.map(|who| who.principal.address.ip()),
            received_at_ms: now,
            trace_id: uuid::Uuid::new_v4().to_string(),
            qos: message.qos,
            retain: message.retain,
            properties: message.properties.clone(),
            basic_ingest_rule: rule,
        });
        if !only_rule {
            self.route(from, Arc::new(message), now);
        }
    }

    fn note_reserved(&self, who: Option<Requester<'_>>, topic: &str) {
        let kind = EventKind::PublishDenied {
            topic: topic.to_owned(),
            reason: NOT_HERE.into(),
        };
        self.note(who, kind);
    }

    fn route(&self, from: Option<Requester<'_>>, message: Arc<Message>, now: u64) {
        let expires_ms = message
            .properties
            .expiry_seconds
            .map(|seconds| now.saturating_add(u64::from(seconds) * 1000));
        let mut dropped = Vec::new();
        {
            let mut state = self.state();
            if message.retain {
                state.retained.store(&message, now, expires_ms);
            }
            for (client_id, session) in &mut state.sessions {
                let own = from.and_then(|who| who.client_id) == Some(client_id.as_str());
                let Some(subscription) = session.subscription_for(&message.topic, own) else {
                    continue;
                };
                let delivery = Delivery {
                    message: Arc::clone(&message),
                    qos: message.qos.min(subscription.qos),
                    retain: message.retain && subscription.retain_as_published,
                    expires_ms,
                    sent_as: None,
                    ticket: 0,
                };
                if let Err(reason) = session.enqueue(delivery) {
                    dropped.push((client_id.clone(), reason));
                }
            }
        }
        for (client_id, reason) in dropped {
            let reason = format!("for {client_id}: {reason}");
            self.note(
                from,
                EventKind::DeliveryDropped {
                    topic: message.topic.to_string(),
                    reason,
                },
            );
        }
    }
}

/// Reserved topics behind which AWS IoT Core has a service that this gateway does not have.
fn reserved_and_missing(topic: &str) -> Option<String> {
    let reserved = topic.strip_prefix("$aws/")?;
    let service = match reserved.split('/').next()? {
        "rules" | "events" => return None,
        "things" => reserved.split('/').nth(2).unwrap_or("things"),
        other => other,
    };
    Some(format!(
        "the service `{service}` behind {topic}; nobody answers"
    ))
}

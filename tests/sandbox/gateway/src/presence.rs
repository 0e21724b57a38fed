//! Lifecycle messages `$aws/events/presence/…` and `$aws/events/subscriptions/…`.
//!
//! Source: AWS IoT developer guide, "Lifecycle events".

use std::collections::HashMap;

use mqtt_topic::TopicName;
use serde_json::{Value, json};

use crate::authorizer::Identity;
use crate::message::Message;

/// After this long without a connection a client's version number starts again, milliseconds.
const VERSION_MEMORY_MS: u64 = 3_600_000;

/// The version numbers of connections, per client.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    by_client: HashMap<String, Version>,
}

#[derive(Debug)]
struct Version {
    number: u64,
    gone_since_ms: Option<u64>,
}

impl Versions {
    /// The number of a new connection: 0 for the first one in an hour, then one more each time.
    pub(crate) fn connected(&mut self, client_id: &str, now_ms: u64) -> u64 {
        let known = self.by_client.get(client_id);
        let number = match known {
            Some(Version {
                gone_since_ms: Some(since),
                ..
            }) if now_ms.saturating_sub(*since) > VERSION_MEMORY_MS => 0,
            Some(version) => version.number + 1,
            None => 0,
        };
        self.by_client.insert(
            client_id.to_owned(),
            Version {
                number,
                gone_since_ms: None,
            },
        );
        number
    }

    /// Notes that the connection with this number is gone.
    pub(crate) fn disconnected(&mut self, client_id: &str, number: u64, now_ms: u64) {
        if let Some(version) = self
            .by_client
            .get_mut(client_id)
            .filter(|version| version.number == number)
        {
            version.gone_since_ms = Some(now_ms);
        }
    }
}

/// What every lifecycle message of a connection says.
#[derive(Debug, Clone)]
pub(crate) struct Lifecycle {
    /// The client.
    pub(crate) identity: Identity,
    /// The thing, named only when the certificate is exclusively attached to it.
    pub(crate) exclusive_thing: Option<String>,
    /// A UUID for the connection's life.
    pub(crate) session: String,
    /// See [`Versions::connected`].
    pub(crate) version: u64,
}

impl Lifecycle {
    /// `connected`
    #[must_use]
    pub(crate) fn connected(&self, now_ms: u64) -> Option<Message> {
        let address = self.identity.principal.address.ip().to_string();
        let extra = json!({ "ipAddress": address, "versionNumber": self.version });
        self.message("presence", "connected", now_ms, extra)
    }

    /// `disconnected`
    #[must_use]
    pub(crate) fn disconnected(
        &self,
        reason: &str,
        by_client: bool,
        now_ms: u64,
    ) -> Option<Message> {
        let extra = json!({
            "clientInitiatedDisconnect": by_client,
            "disconnectReason": reason,
            "versionNumber": self.version,
        });
        self.message("presence", "disconnected", now_ms, extra)
    }

    /// `connect_failed`
    #[must_use]
    pub(crate) fn connect_failed(&self, now_ms: u64) -> Option<Message> {
        let address = self.identity.principal.address.ip().to_string();
        let extra = json!({ "ipAddress": address, "connectFailureReason": "AUTHORIZATION_FAILED" });
        self.message("presence", "connect_failed", now_ms, extra)
    }

    /// `subscribed`
    #[must_use]
    pub(crate) fn subscribed(&self, filters: &[String], now_ms: u64) -> Option<Message> {
        self.message(
            "subscriptions",
            "subscribed",
            now_ms,
            json!({ "topics": filters }),
        )
    }

    /// `unsubscribed`
    #[must_use]
    pub(crate) fn unsubscribed(&self, filters: &[String], now_ms: u64) -> Option<Message> {
        self.message(
            "subscriptions",
            "unsubscribed",
            now_ms,
            json!({ "topics": filters }),
        )
    }

    /// None for a client id that cannot stand in a topic (`+`, `#`), as AWS IoT does.
    fn message(&self, family: &str, kind: &str, now_ms: u64, extra: Value) -> Option<Message> {
        let client_id = &self.identity.client_id;
        let topic = TopicName::parse(format!("$aws/events/{family}/{kind}/{client_id}")).ok()?;
        let mut body = json!({
            "clientId": client_id,
            "timestamp": now_ms,
            "eventType": kind,
            "sessionIdentifier": self.session,
            "principalIdentifier": self.identity.principal.id(),
        });
        if let (Value::Object(body), Value::Object(extra)) = (&mut body, extra) {
            body.extend(extra);
            if let Some(thing) = &self.exclusive_thing {
                body.insert("thingName".into(), thing.clone().into());
            }
        }
        Some(Message::new(topic, body.to_string()))
    }
}

//! What happened, for the operator's eyes and for tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How many events are kept.
const KEPT: usize = 100_000;

/// Something that happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Epoch milliseconds of the injected clock.
    pub at_ms: u64,
    /// The MQTT client, as soon as it is known.
    pub client_id: Option<String>,
    /// The certificate's id or the custom authorizer's `principalId`.
    pub principal: Option<String>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened; reasons tell an operator what to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A TLS handshake did not complete.
    TlsFailed {
        /// The peer's address and port.
        peer: String,
        /// Why.
        reason: String,
    },
    /// A peer was turned away before or at CONNECT.
    ConnectRefused {
        /// Why.
        reason: String,
    },
    /// A client is connected.
    Connected {
        /// `3.1.1` or `5`.
        protocol: &'static str,
        /// Whether an earlier session goes on.
        session_present: bool,
    },
    /// A client is gone.
    Disconnected {
        /// AWS's word, as in lifecycle events.
        reason: &'static str,
        /// Details.
        detail: String,
    },
    /// A message was not accepted.
    PublishDenied {
        /// Where to.
        topic: String,
        /// Why.
        reason: String,
    },
    /// A subscription was not accepted.
    SubscribeDenied {
        /// To what.
        filter: String,
        /// Why.
        reason: String,
    },
    /// A message was not delivered because the subscriber may not receive it.
    ReceiveDenied {
        /// Of which topic.
        topic: String,
        /// Why.
        reason: String,
    },
    /// A message could not be kept for a subscriber.
    DeliveryDropped {
        /// Of which topic.
        topic: String,
        /// Why.
        reason: String,
    },
    /// A request of fleet provisioning was rejected; nothing has been changed.
    ProvisioningRejected {
        /// As AWS writes it.
        operation: &'static str,
        /// Why.
        reason: String,
    },
    /// A device has been registered by a template.
    Provisioned {
        /// By which.
        template: String,
        /// As which thing, if the template has one.
        thing: Option<String>,
        /// With which certificate.
        certificate_id: String,
    },
    /// A certificate was deleted: nobody activated it within an hour, or it was a claim of five minutes.
    ProvisioningExpired {
        /// Which.
        certificate_id: String,
    },
    /// Something that AWS IoT Core does and this gateway does not.
    Unsupported {
        /// Its name.
        what: String,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self
            .client_id
            .as_deref()
            .or(self.principal.as_deref())
            .unwrap_or("-");
        write!(f, "{who}: ")?;
        match &self.kind {
            EventKind::TlsFailed { peer, reason } => {
                write!(f, "TLS handshake with {peer} failed: {reason}")
            }
            EventKind::ConnectRefused { reason } => write!(f, "connect refused: {reason}"),
            EventKind::Connected {
                protocol,
                session_present,
            } => {
                let session = if *session_present {
                    ", session resumed"
                } else {
                    ""
                };
                write!(f, "connected with MQTT {protocol}{session}")
            }
            EventKind::Disconnected { reason, detail } => {
                write!(f, "disconnected, {reason}: {detail}")
            }
            EventKind::PublishDenied { topic, reason } => {
                write!(f, "publish to {topic} denied: {reason}")
            }
            EventKind::SubscribeDenied { filter, reason } => {
                write!(f, "subscribe to {filter} denied: {reason}")
            }
            EventKind::ReceiveDenied { topic, reason } => {
                write!(f, "receive of {topic} denied: {reason}")
            }
            EventKind::DeliveryDropped { topic, reason } => {
                write!(f, "message of {topic} dropped: {reason}")
            }
            EventKind::ProvisioningRejected { operation, reason } => {
                write!(f, "{operation} rejected: {reason}")
            }
            EventKind::Provisioned {
                template,
                thing,
                certificate_id,
            } => {
                let thing = thing.as_deref().unwrap_or("(no thing)");
                write!(
                    f,
                    "provisioned {thing} with certificate {certificate_id} by template {template}"
                )
            }
            EventKind::ProvisioningExpired { certificate_id } => write!(
                f,
                "certificate {certificate_id} deleted: its time for provisioning is over"
            ),
            EventKind::Unsupported { what } => write!(f, "not supported: {what}"),
        }
    }
}

/// The events in their order; the oldest go when there are more than 100,000.
#[derive(Debug, Default)]
pub struct EventLog {
    events: Mutex<VecDeque<Event>>,
    grown: tokio::sync::Notify,
}

impl EventLog {
    /// Adds an event.
    pub fn record(&self, event: Event) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(event);
        drop(events);
        self.grown.notify_waiters();
    }

    /// All events that are kept.
    #[must_use]
    pub fn all(&self) -> Vec<Event> {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    /// Waits until an event, past or coming, satisfies `wanted`.
    pub async fn wait_for(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let grown = self.grown.notified();
            tokio::pin!(grown);
            grown.as_mut().enable();
            if let Some(found) = self.all().into_iter().find(&wanted) {
                return found;
            }
            grown.await;
        }
    }
}

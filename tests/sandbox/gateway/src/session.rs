//! One client's session: its subscriptions and the messages on their way to it.

use std::collections::VecDeque;
use std::sync::Arc;

use mqtt_topic::{TopicFilter, TopicName};
use tokio::sync::{Notify, mpsc};

use crate::message::{Message, Qos};

/// Most subscriptions of one connection. Source: AWS IoT Core quotas, "Subscriptions per connection".
pub const MAX_SUBSCRIPTIONS: usize = 50;
/// Most messages that wait for one client; what comes later is dropped with an event. The sandbox's own limit.
const MAX_QUEUE: usize = 10_000;

/// A subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Of what.
    pub filter: TopicFilter,
    /// The best promise for its messages.
    pub qos: Qos,
    /// MQTT 5: not the client's own messages.
    pub no_local: bool,
    /// MQTT 5: keep the publisher's RETAIN flag.
    pub retain_as_published: bool,
}

/// A message for one client.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The message; shared between its receivers.
    pub message: Arc<Message>,
    /// The lower of the publisher's and the subscription's.
    pub qos: Qos,
    /// The RETAIN flag to send.
    pub retain: bool,
    /// When the message loses its worth, epoch milliseconds.
    pub expires_ms: Option<u64>,
    /// The packet id of an earlier attempt that was not acknowledged.
    pub sent_as: Option<u16>,
}

/// Why the broker ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Another connection took the client id.
    TakenOver,
    /// The certificate is no longer ACTIVE.
    CertificateWithdrawn,
    /// DeleteConnection.
    Api {
        /// Do not publish the will.
        prevent_will: bool,
    },
}

/// The connection a session is used by.
#[derive(Debug)]
pub struct Live {
    /// Told from other connections of the same client.
    pub generation: u64,
    /// Which certificate it came with.
    pub certificate_id: String,
    /// Wakes it up when there is something to deliver.
    pub wake: Arc<Notify>,
    /// Ends it.
    pub control: mpsc::UnboundedSender<Ending>,
}

/// A session.
#[derive(Debug, Default)]
pub struct Session {
    /// At most [`MAX_SUBSCRIPTIONS`].
    pub subscriptions: Vec<Subscription>,
    /// Its connection, if there is one.
    pub live: Option<Live>,
    /// How long it outlives its connection, milliseconds; 0 for not at all.
    pub expiry_ms: u64,
    /// When it ends, epoch milliseconds, if it has no connection.
    pub ends_at_ms: Option<u64>,
    queue: VecDeque<Delivery>,
    in_flight: VecDeque<(u16, Delivery)>,
}

impl Session {
    /// Adds or replaces a subscription; says whether it was there before.
    ///
    /// # Errors
    /// The text for the event log when the quota is used up.
    pub fn subscribe(&mut self, subscription: Subscription) -> Result<bool, String> {
        let known = self.subscriptions.iter().position(|there| there.filter == subscription.filter);
        if known.is_none() && self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(format!("the connection has {MAX_SUBSCRIPTIONS} subscriptions already, AWS IoT Core's quota"));
        }
        match known.and_then(|at| self.subscriptions.get_mut(at)) {
            Some(there) => *there = subscription,
            None => self.subscriptions.push(subscription),
        }
        Ok(known.is_some())
    }

    /// Removes a subscription; says whether it was there.
    pub fn unsubscribe(&mut self, filter: &str) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|there| there.filter.as_str() != filter);
        self.subscriptions.len() < before
    }

    /// The subscription that decides on a topic: the one with the best promise among those that match.
    #[must_use]
    pub fn subscription_for(&self, topic: &TopicName, own: bool) -> Option<&Subscription> {
        let matching = self.subscriptions.iter().filter(|there| there.filter.matches(topic));
        matching.filter(|there| !(own && there.no_local)).max_by_key(|there| there.qos)
    }

    /// Takes a message for the client.
    ///
    /// A client that is away keeps QoS 1 only.
    ///
    /// # Errors
    /// The text for the event log when the queue is full.
    pub fn enqueue(&mut self, delivery: Delivery) -> Result<(), String> {
        match &self.live {
            None if delivery.qos == Qos::AtMostOnce => return Ok(()),
            _ if self.queue.len() >= MAX_QUEUE => {
                return Err(format!("{MAX_QUEUE} messages are waiting for this client already"));
            }
            Some(live) => live.wake.notify_one(),
            None => {}
        }
        self.queue.push_back(delivery);
        Ok(())
    }

    /// The next message; without `window` only if it needs no acknowledgement.
    pub fn next(&mut self, window: bool) -> Option<Delivery> {
        match self.queue.front() {
            Some(first) if window || first.qos == Qos::AtMostOnce => self.queue.pop_front(),
            _ => None,
        }
    }

    /// Remembers a message until it is acknowledged.
    pub fn sent(&mut self, packet_id: u16, delivery: Delivery) {
        self.in_flight.push_back((packet_id, delivery));
    }

    /// Forgets an acknowledged message.
    pub fn acknowledged(&mut self, packet_id: u16) {
        self.in_flight.retain(|(id, _)| *id != packet_id);
    }

    /// The connection is gone: what was not acknowledged comes first next time, with the same packet ids; QoS 0 is lost.
    pub fn detach(&mut self) {
        self.live = None;
        self.queue.retain(|waiting| waiting.qos == Qos::AtLeastOnce);
        while let Some((packet_id, delivery)) = self.in_flight.pop_back() {
            self.queue.push_front(Delivery { sent_as: Some(packet_id), ..delivery });
        }
    }

    /// How many messages wait or are not acknowledged.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.len() + self.in_flight.len()
    }
}

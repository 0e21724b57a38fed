//! One client's session: its subscriptions and the messages on their way to it.

use std::collections::VecDeque;
use std::sync::Arc;

use mqtt_topic::{TopicFilter, TopicName};
use tokio::sync::{Notify, mpsc};

use crate::message::{Message, Qos};

/// Most subscriptions of one connection. Source: AWS IoT Core quotas, "Subscriptions per connection".
pub(crate) const MAX_SUBSCRIPTIONS: usize = 50;
/// Most messages that wait for one client; what comes later is dropped with an event. The sandbox's own limit.
const MAX_QUEUE: usize = 10_000;

/// A subscription.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    /// Of what.
    pub(crate) filter: TopicFilter,
    /// The best promise for its messages.
    pub(crate) qos: Qos,
    /// MQTT 5: not the client's own messages.
    pub(crate) no_local: bool,
    /// MQTT 5: keep the publisher's RETAIN flag.
    pub(crate) retain_as_published: bool,
}

/// A message for one client.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// The message; shared between its receivers.
    pub(crate) message: Arc<Message>,
    /// The lower of the publisher's and the subscription's.
    pub(crate) qos: Qos,
    /// The RETAIN flag to send.
    pub(crate) retain: bool,
    /// When the message loses its worth, epoch milliseconds.
    pub(crate) expires_ms: Option<u64>,
    /// The packet id of an earlier attempt that was not acknowledged.
    pub(crate) sent_as: Option<u16>,
    /// Names a QoS 1 message between [`Session::next`] and its end.
    pub(crate) ticket: u64,
}

/// A QoS 1 message that a connection has taken and that is not acknowledged.
#[derive(Debug)]
struct InFlight {
    ticket: u64,
    /// None until it is written.
    packet_id: Option<u16>,
    delivery: Delivery,
}

/// Why the broker ends a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Another connection took the client id.
    TakenOver,
    /// The certificate is no longer ACTIVE.
    CertificateWithdrawn,
    /// DeleteConnection.
    Api {
        /// Do not publish the will.
        prevent_will: bool,
    },
    /// The time that a custom authorizer gave it is over.
    LeaseExpired,
    /// A custom authorizer did not renew its answer, and why.
    LeaseRefused(String),
}

/// The connection a session is used by.
#[derive(Debug)]
pub(crate) struct Live {
    /// Told from other connections of the same client.
    pub(crate) generation: u64,
    /// Which certificate it came with, if any.
    pub(crate) certificate_id: Option<String>,
    /// Wakes it up when there is something to deliver.
    pub(crate) wake: Arc<Notify>,
    /// Ends it.
    pub(crate) control: mpsc::UnboundedSender<Ending>,
}

/// A session.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// At most [`MAX_SUBSCRIPTIONS`].
    pub(crate) subscriptions: Vec<Subscription>,
    /// Its connection, if there is one.
    pub(crate) live: Option<Live>,
    /// How long it outlives its connection, milliseconds; 0 for not at all.
    pub(crate) expiry_ms: u64,
    /// When it ends, epoch milliseconds, if it has no connection.
    pub(crate) ends_at_ms: Option<u64>,
    queue: VecDeque<Delivery>,
    in_flight: VecDeque<InFlight>,
    tickets: u64,
}

impl Session {
    /// Adds or replaces a subscription; says whether it was there before.
    ///
    /// # Errors
    /// The text for the event log when the quota is used up.
    pub(crate) fn subscribe(&mut self, subscription: Subscription) -> Result<bool, String> {
        let known = self
            .subscriptions
            .iter()
            .position(|there| there.filter == subscription.filter);
        if known.is_none() && self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(format!(
                "the connection has {MAX_SUBSCRIPTIONS} subscriptions already, AWS IoT Core's quota"
            ));
        }
        match known.and_then(|at| self.subscriptions.get_mut(at)) {
            Some(there) => *there = subscription,
            None => self.subscriptions.push(subscription),
        }
        Ok(known.is_some())
    }

    /// Removes a subscription; says whether it was there.
    pub(crate) fn unsubscribe(&mut self, filter: &str) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions
            .retain(|there| there.filter.as_str() != filter);
        self.subscriptions.len() < before
    }

    /// The subscription that decides on a topic: the one with the best promise among those that match.
    #[must_use]
    pub(crate) fn subscription_for(&self, topic: &TopicName, own: bool) -> Option<&Subscription> {
        let matching = self
            .subscriptions
            .iter()
            .filter(|there| there.filter.matches(topic));
        matching
            .filter(|there| !(own && there.no_local))
            .max_by_key(|there| there.qos)
    }

    /// Takes a message for the client.
    ///
    /// A client that is away keeps QoS 1 only.
    ///
    /// # Errors
    /// The text for the event log when the queue is full.
    pub(crate) fn enqueue(&mut self, delivery: Delivery) -> Result<(), String> {
        match &self.live {
            None if delivery.qos == Qos::AtMostOnce => return Ok(()),
            _ if self.queue.len() >= MAX_QUEUE => {
                return Err(format!(
                    "{MAX_QUEUE} messages are waiting for this client already"
                ));
            }
            Some(live) => live.wake.notify_one(),
            None => {}
        }
        self.queue.push_back(delivery);
        Ok(())
    }

    /// The next message; without `window` only if it needs no acknowledgement.
    ///
    /// A QoS 1 message stays with the session from here on, so that it is not lost whatever becomes of the connection,
    /// until it is [`Self::acknowledged`] or [`Self::forget`] is called.
    pub(crate) fn next(&mut self, window: bool) -> Option<Delivery> {
        let first = self.queue.front()?;
        if first.qos == Qos::AtMostOnce {
            return self.queue.pop_front();
        }
        if !window {
            return None;
        }
        let mut delivery = self.queue.pop_front()?;
        self.tickets += 1;
        delivery.ticket = self.tickets;
        let taken = InFlight {
            ticket: self.tickets,
            packet_id: None,
            delivery: delivery.clone(),
        };
        self.in_flight.push_back(taken);
        Some(delivery)
    }

    /// Notes the packet id under which a message is being sent.
    pub(crate) fn sending(&mut self, ticket: u64, packet_id: u16) {
        let taken = self
            .in_flight
            .iter_mut()
            .find(|taken| taken.ticket == ticket);
        if let Some(taken) = taken {
            taken.packet_id = Some(packet_id);
        }
    }

    /// Gives up a message that was taken: it may not or cannot be sent.
    pub(crate) fn forget(&mut self, ticket: u64) {
        self.in_flight.retain(|taken| taken.ticket != ticket);
    }

    /// Forgets an acknowledged message.
    pub(crate) fn acknowledged(&mut self, packet_id: u16) {
        self.in_flight
            .retain(|taken| taken.packet_id != Some(packet_id));
    }

    /// The connection is gone: what was not acknowledged comes first next time, with the same packet ids; QoS 0 is lost.
    pub(crate) fn detach(&mut self) {
        self.live = None;
        self.queue.retain(|waiting| waiting.qos == Qos::AtLeastOnce);
        while let Some(taken) = self.in_flight.pop_back() {
            let sent_as = taken.packet_id.or(taken.delivery.sent_as);
            self.queue.push_front(Delivery {
                sent_as,
                ..taken.delivery
            });
        }
    }

    /// How many messages wait or are not acknowledged.
    #[must_use]
    pub(crate) fn pending(&self) -> usize {
        self.queue.len() + self.in_flight.len()
    }
}

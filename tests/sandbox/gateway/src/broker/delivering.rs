//! Messages go out: subscriptions, and what a connection asks for when it can send.

use std::sync::Arc;

use mqtt_topic::TopicFilter;

use super::{Broker, Client};
use crate::events::EventKind;
use crate::message::Qos;
use crate::retained::{Retained, RetainedMessages};
use crate::session::{Delivery, Session, Subscription};

/// When a new subscription gets the retained messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendRetained {
    /// Always.
    Always,
    /// Only if the subscription was not there before.
    IfNew,
    /// Never.
    Never,
}

/// One entry of a SUBSCRIBE.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Of what, unchecked.
    pub(crate) filter: String,
    /// The best promise the client wants.
    pub(crate) qos: Qos,
    /// MQTT 5: not the client's own messages.
    pub(crate) no_local: bool,
    /// MQTT 5: keep the publisher's RETAIN flag.
    pub(crate) retain_as_published: bool,
    /// MQTT 5: retain handling.
    pub(crate) send_retained: SendRetained,
}

/// Why a subscription is not accepted; the event log has the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubscribeRefused {
    /// The filter is not one.
    InvalidFilter,
    /// A policy denies it.
    NotAuthorized,
    /// `$share/…`, which this gateway does not have.
    Shared,
    /// The connection has 50 subscriptions.
    Quota,
}

impl Broker {
    /// Subscribes a client to several filters; retained messages are queued for it.
    pub(crate) fn subscribe(
        &self,
        client: &Client,
        wanted: Vec<Wanted>,
    ) -> Vec<Result<Qos, SubscribeRefused>> {
        let results: Vec<_> = wanted
            .iter()
            .map(|wanted| self.subscribe_to(client, wanted))
            .collect();
        let granted = wanted
            .iter()
            .zip(&results)
            .filter(|(_, result)| result.is_ok());
        let filters: Vec<_> = granted.map(|(wanted, _)| wanted.filter.clone()).collect();
        if !filters.is_empty() {
            self.announce(client.lifecycle.subscribed(&filters, self.now_ms()));
        }
        results
    }

    fn subscribe_to(&self, client: &Client, wanted: &Wanted) -> Result<Qos, SubscribeRefused> {
        let refused = |reason: String, why: SubscribeRefused| {
            let filter = wanted.filter.clone();
            self.note(
                Some(client.identity.requester()),
                EventKind::SubscribeDenied { filter, reason },
            );
            Err(why)
        };
        if wanted.filter.starts_with("$share/") {
            let what = format!("shared subscriptions ({})", wanted.filter);
            self.note(
                Some(client.identity.requester()),
                EventKind::Unsupported { what },
            );
            return Err(SubscribeRefused::Shared);
        }
        let filter = match TopicFilter::parse(wanted.filter.as_str()) {
            Ok(filter) => filter,
            Err(e) => return refused(e.to_string(), SubscribeRefused::InvalidFilter),
        };
        if let Err(reason) = self.authorizer.subscribe(&client.identity, filter.as_str()) {
            return refused(reason, SubscribeRefused::NotAuthorized);
        }
        let now = self.now_ms();
        let subscribed = self.with_own_session(client, |session, retained| {
            let known = session.subscribe(Subscription {
                filter: filter.clone(),
                qos: wanted.qos,
                no_local: wanted.no_local,
                retain_as_published: wanted.retain_as_published,
            })?;
            let send = match wanted.send_retained {
                SendRetained::Always => true,
                SendRetained::IfNew => !known,
                SendRetained::Never => false,
            };
            for kept in retained.matching(&filter, now).filter(|_| send) {
                session.enqueue(retained_delivery(kept, wanted.qos))?;
            }
            Ok(())
        });
        match subscribed {
            Some(Err(reason)) => refused(reason, SubscribeRefused::Quota),
            _ => Ok(wanted.qos),
        }
    }

    /// Takes subscriptions away; says for each whether it was there.
    pub(crate) fn unsubscribe(&self, client: &Client, filters: &[String]) -> Vec<bool> {
        let gone: Vec<bool> = self
            .with_own_session(client, |session, _| {
                filters
                    .iter()
                    .map(|filter| session.unsubscribe(filter))
                    .collect()
            })
            .unwrap_or_else(|| vec![false; filters.len()]);
        self.announce(client.lifecycle.unsubscribed(filters, self.now_ms()));
        gone
    }

    /// The next message for a client that it may receive; without `window` only QoS 0.
    pub(crate) fn next(&self, client: &Client, window: bool) -> Option<Delivery> {
        loop {
            let now = self.now_ms();
            let delivery = self.with_own_session(client, |session, _| session.next(window))??;
            if delivery.expires_ms.is_some_and(|end| end <= now) {
                self.forget(client, delivery.ticket);
                continue;
            }
            let topic = delivery.message.topic.as_str();
            match self.authorizer.receive(&client.identity, topic) {
                Ok(()) => return Some(delivery),
                Err(reason) => {
                    self.forget(client, delivery.ticket);
                    let topic = topic.to_owned();
                    self.note(
                        Some(client.identity.requester()),
                        EventKind::ReceiveDenied { topic, reason },
                    );
                }
            }
        }
    }

    /// Notes the packet id of a QoS 1 message that is about to be written.
    pub(crate) fn sending(&self, client: &Client, ticket: u64, packet_id: u16) {
        self.with_own_session(client, |session, _| session.sending(ticket, packet_id));
    }

    /// Gives up a QoS 1 message that cannot be sent.
    pub(crate) fn forget(&self, client: &Client, ticket: u64) {
        self.with_own_session(client, |session, _| session.forget(ticket));
    }

    /// Notes that a QoS 1 message arrived.
    pub(crate) fn acknowledged(&self, client: &Client, packet_id: u16) {
        self.with_own_session(client, |session, _| session.acknowledged(packet_id));
    }

    /// How many messages wait for a client or are not acknowledged; none for a client without session.
    #[must_use]
    pub(crate) fn pending(&self, client_id: &str) -> Option<usize> {
        self.state().sessions.get(client_id).map(Session::pending)
    }

    /// The retained messages that have not expired.
    #[must_use]
    pub(crate) fn retained(&self) -> Vec<Retained> {
        let now = self.now_ms();
        self.state().retained.current(now).cloned().collect()
    }

    /// The retained message of a topic.
    #[must_use]
    pub(crate) fn retained_on(&self, topic: &str) -> Option<Retained> {
        let now = self.now_ms();
        self.state().retained.get(topic, now).cloned()
    }

    /// Runs an operation on the client's session, unless another connection has taken it over.
    fn with_own_session<R>(
        &self,
        client: &Client,
        operation: impl FnOnce(&mut Session, &RetainedMessages) -> R,
    ) -> Option<R> {
        self.with_session(&client.identity.client_id, client.generation, operation)
    }

    pub(super) fn with_session<R>(
        &self,
        client_id: &str,
        generation: u64,
        operation: impl FnOnce(&mut Session, &RetainedMessages) -> R,
    ) -> Option<R> {
        let mut state = self.state();
        let super::State {
            sessions, retained, ..
        } = &mut *state;
        let session = sessions.get_mut(client_id)?;
        let own = session
            .live
            .as_ref()
            .is_some_and(|live| live.generation == generation);
        own.then(|| operation(session, retained))
    }
}

fn retained_delivery(kept: &Retained, qos: Qos) -> Delivery {
    Delivery {
        message: Arc::clone(&kept.message),
        qos: kept.message.qos.min(qos),
        retain: true,
        expires_ms: kept.expires_ms,
        sent_as: None,
        ticket: 0,
    }
}

//! Answers of the service itself to one connection; nobody else sees them.

use std::sync::Arc;

use super::{Broker, Client};
use crate::authorizer::Identity;
use crate::events::EventKind;
use crate::message::{Message, Qos};
use crate::session::Delivery;

/// A connection that has asked for something.
#[derive(Debug, Clone)]
pub(crate) struct Addressee {
    /// Who it is.
    pub(crate) identity: Identity,
    generation: u64,
}

impl Client {
    /// Where answers to this connection go.
    pub(crate) fn addressee(&self) -> Addressee {
        Addressee {
            identity: self.identity.clone(),
            generation: self.generation,
        }
    }
}

impl Broker {
    /// Gives a message to a connection, if it still exists and has a subscription for it.
    ///
    /// With QoS 0, so that the message does not outlive the connection: a later one with the same client id may belong to
    /// somebody else.
    pub(crate) fn answer(&self, to: &Addressee, message: Message) {
        let topic = message.topic.clone();
        let message = Arc::new(message);
        let delivered = self.with_session(&to.identity.client_id, to.generation, |session, _| {
            if session.subscription_for(&topic, false).is_none() {
                return Err("the connection has no subscription for it; subscribe first".into());
            }
            session.enqueue(Delivery {
                message,
                qos: Qos::AtMostOnce,
                retain: false,
                expires_ms: None,
                sent_as: None,
                ticket: 0,
            })
        });
        let gone = || Err("the connection that asked is gone".into());
        if let Err(reason) = delivered.unwrap_or_else(gone) {
            let topic = topic.to_string();
            let kind = EventKind::DeliveryDropped { topic, reason };
            self.note(Some(to.identity.requester()), kind);
        }
    }
}

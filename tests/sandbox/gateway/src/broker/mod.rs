//! The message broker: who is connected, and which message goes where.
//!
//! The broker knows no bytes and no sockets. A connection calls it and is woken up by it; the rule engine is called by
//! it. Its lock is never held while either of them, or the authorizer, runs.

mod answering;
mod delivering;
mod publishing;
mod sessions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Clock;
use crate::authorizer::{Authorizer, Identity, Requester};
use crate::connect::{Protocol, Will};
use crate::events::{Event, EventKind, EventLog};
use crate::message::{Inbound, Message};
use crate::presence::{Lifecycle, Versions};
use crate::retained::RetainedMessages;
use crate::session::Session;

pub(crate) use answering::Addressee;
pub(crate) use delivering::{SendRetained, SubscribeRefused, Wanted};
pub(crate) use publishing::PublishRefused;
pub(crate) use sessions::{ConnectRefused, Departure};

/// A connected client, held by its connection.
#[derive(Debug)]
pub(crate) struct Client {
    /// Who it is.
    pub(crate) identity: Identity,
    /// What it speaks.
    pub(crate) protocol: Protocol,
    lifecycle: Lifecycle,
    generation: u64,
    expiry_ms: u64,
    will: Option<Will>,
}

/// The broker of one account and Region.
pub(crate) struct Broker {
    /// What happened.
    pub(crate) events: EventLog,
    clock: Clock,
    authorizer: Box<dyn Authorizer>,
    inbound: Box<dyn Inbound>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Session>,
    retained: RetainedMessages,
    delayed_wills: Vec<DelayedWill>,
    versions: Versions,
    generations: u64,
}

struct DelayedWill {
    client_id: String,
    due_ms: u64,
    message: Message,
}

impl Broker {
    /// A broker without sessions.
    #[must_use]
    pub(crate) fn new(
        clock: Clock,
        authorizer: Box<dyn Authorizer>,
        inbound: Box<dyn Inbound>,
    ) -> Arc<Self> {
        Arc::new(Self {
            events: EventLog::default(),
            clock,
            authorizer,
            inbound,
            state: Mutex::new(State::default()),
        })
    }

    /// Epoch milliseconds of the injected clock.
    #[must_use]
    pub(crate) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// Notes something in the event log.
    pub(crate) fn note(&self, who: Option<Requester<'_>>, kind: EventKind) {
        self.events.record(Event {
            at_ms: self.now_ms(),
            client_id: who.and_then(|who| who.client_id.map(str::to_owned)),
            principal: who.map(|who| who.principal.id().to_owned()),
            kind,
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Connections come and go; sessions may stay.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};

use super::{Broker, Client, DelayedWill, State};
use crate::authorizer::{ConnectFeatures, Identity};
use crate::connect::{ConnectRequest, Will};
use crate::events::EventKind;
use crate::message::Message;
use crate::presence::Lifecycle;
use crate::session::{Ending, Live, Session};

/// A new connection's place in the broker.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Who it is.
    pub(crate) client: Client,
    /// Whether an earlier session goes on.
    pub(crate) session_present: bool,
    /// Wakes the connection up when there is something to deliver.
    pub(crate) wake: Arc<Notify>,
    /// Ends the connection.
    pub(crate) control: mpsc::UnboundedReceiver<Ending>,
    /// The other end of it, for whoever else may end the connection.
    pub(crate) ender: mpsc::UnboundedSender<Ending>,
}

/// Why a policy does not let a client in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectRefused(pub String);

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Departure {
    /// AWS's word, as in lifecycle events.
    pub(crate) reason: &'static str,
    /// Details for the event log.
    pub(crate) detail: String,
    /// Whether the will is published.
    pub(crate) send_will: bool,
    /// MQTT 5 DISCONNECT may change the session expiry, milliseconds.
    pub(crate) expiry_ms: Option<u64>,
}

impl Departure {
    /// An end that publishes the will.
    #[must_use]
    pub(crate) fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            send_will: true,
            expiry_ms: None,
        }
    }
}

impl Broker {
    /// Lets a client in, taking its client id over from an earlier connection.
    ///
    /// # Errors
    /// When a policy denies the connection, or publishing or retaining the will.
    ///
    /// `exclusive_thing` is for lifecycle messages.
    pub(crate) fn connect(
        &self,
        identity: Identity,
        request: &ConnectRequest,
        exclusive_thing: Option<String>,
    ) -> Result<Arrival, ConnectRefused> {
        let now = self.now_ms();
        let mut lifecycle = Lifecycle {
            identity: identity.clone(),
            exclusive_thing,
            session: uuid::Uuid::new_v4().to_string(),
            version: 0,
        };
        if let Err(reason) = self.may_connect(&identity, request) {
            self.note(
                Some(identity.requester()),
                EventKind::ConnectRefused {
                    reason: reason.clone(),
                },
            );
            self.announce(lifecycle.connect_failed(now));
            return Err(ConnectRefused(reason));
        }
        let wake = Arc::new(Notify::new());
        let (ender, control) = mpsc::unbounded_channel();
        let (generation, session_present) = {
            let mut state = self.state();
            expire_sessions(&mut state, now);
            state.generations += 1;
            let generation = state.generations;
            lifecycle.version = state.versions.connected(&identity.client_id, now);
            state
                .delayed_wills
                .retain(|will| will.client_id != identity.client_id);
            let session = state
                .sessions
                .entry(identity.client_id.clone())
                .or_default();
            let present = session.expiry_ms > 0 && !request.clean_start;
            if let Some(earlier) = session.live.take() {
                let _ = earlier.control.send(Ending::TakenOver);
            }
            session.detach();
            if !present {
                *session = Session::default();
            }
            session.expiry_ms = request.expiry_ms;
            session.ends_at_ms = None;
            session.live = Some(Live {
                generation,
                certificate_id: identity.principal.certificate().map(|it| it.id.clone()),
                wake: Arc::clone(&wake),
                control: ender.clone(),
            });
            wake.notify_one();
            (generation, present)
        };
        let client = Client {
            protocol: request.protocol,
            lifecycle,
            generation,
            expiry_ms: request.expiry_ms,
            will: request.will.clone(),
            identity,
        };
        let protocol = request.protocol.as_str();
        self.note(
            Some(client.identity.requester()),
            EventKind::Connected {
                protocol,
                session_present,
            },
        );
        Ok(Arrival {
            client,
            session_present,
            wake,
            control,
            ender,
        })
    }

    /// Publishes `connected`; called once the client has its CONNACK.
    pub(crate) fn announce_connected(&self, client: &Client) {
        self.announce(client.lifecycle.connected(self.now_ms()));
    }

    /// Lets a client go: keeps or ends its session, publishes its will.
    pub(crate) fn disconnect(&self, client: Client, departure: Departure) {
        let now = self.now_ms();
        let id = &client.identity.client_id;
        // A session that was to end with its connection cannot be kept after all: MQTT 5, section 3.14.2.2.2.
        let changed = departure.expiry_ms.filter(|_| client.expiry_ms > 0);
        let expiry_ms = changed.unwrap_or(client.expiry_ms);
        {
            let mut state = self.state();
            state
                .versions
                .disconnected(id, client.lifecycle.version, now);
            let own = state.sessions.get_mut(id).filter(|session| {
                session
                    .live
                    .as_ref()
                    .is_some_and(|live| live.generation == client.generation)
            });
            if let Some(session) = own {
                session.detach();
                session.expiry_ms = expiry_ms;
                session.ends_at_ms = Some(now.saturating_add(expiry_ms));
                if expiry_ms == 0 {
                    state.sessions.remove(id);
                }
            }
        }
        let Departure {
            reason,
            detail,
            send_will,
            ..
        } = departure;
        let by_client = reason == "CLIENT_INITIATED_DISCONNECT";
        self.note(
            Some(client.identity.requester()),
            EventKind::Disconnected { reason, detail },
        );
        self.announce(client.lifecycle.disconnected(reason, by_client, now));
        if let (true, Some(will)) = (send_will, client.will) {
            self.send_will(client.identity, will, expiry_ms, now);
        }
    }

    /// Ends every connection that was opened with a certificate.
    pub(crate) fn end_sessions_of(&self, certificate_id: &str) {
        let state = self.state();
        let live = state
            .sessions
            .values()
            .filter_map(|session| session.live.as_ref());
        for live in live.filter(|live| live.certificate_id.as_deref() == Some(certificate_id)) {
            let _ = live.control.send(Ending::CertificateWithdrawn);
        }
    }

    /// Ends a client's connection, and with `clean_session` its session; says whether there was one.
    pub(crate) fn end_client(
        &self,
        client_id: &str,
        clean_session: bool,
        prevent_will: bool,
    ) -> bool {
        let mut state = self.state();
        let Some(session) = state.sessions.get_mut(client_id) else {
            return false;
        };
        let connected = match session.live.take() {
            Some(live) => live.control.send(Ending::Api { prevent_will }).is_ok(),
            None => false,
        };
        session.detach();
        session.ends_at_ms = Some(self.now_ms().saturating_add(session.expiry_ms));
        if clean_session || session.expiry_ms == 0 {
            state.sessions.remove(client_id);
        }
        connected
    }

    /// Ends what the clock has ended: sessions and the waiting time of wills.
    pub(crate) fn tick(&self) {
        let now = self.now_ms();
        let due: Vec<_> = {
            let mut state = self.state();
            expire_sessions(&mut state, now);
            state
                .delayed_wills
                .extract_if(.., |will| will.due_ms <= now)
                .collect()
        };
        for will in due {
            self.inject(will.message);
        }
    }

    fn may_connect(&self, who: &Identity, request: &ConnectRequest) -> Result<(), String> {
        let will = request.will.as_ref().map(|will| &will.message);
        let features = ConnectFeatures {
            persistent: request.expiry_ms > 0,
            will_topic: will.map(|message| message.topic.to_string()),
        };
        self.authorizer.connect(who, &features)?;
        if let Some(message) = will {
            let refused = |why| format!("the will may not be published: {why}");
            self.authorizer
                .publish(who.requester(), message.topic.as_str())
                .map_err(refused)?;
            if message.retain {
                self.authorizer
                    .retain(who.requester(), message.topic.as_str())
                    .map_err(refused)?;
            }
        }
        Ok(())
    }

    fn send_will(&self, from: Identity, will: Will, expiry_ms: u64, now: u64) {
        let delay = will.delay_ms.min(expiry_ms);
        if delay == 0 {
            self.publish_authorised(Some(from.requester()), will.message);
            return;
        }
        let due_ms = now.saturating_add(delay);
        let waiting = DelayedWill {
            client_id: from.client_id,
            due_ms,
            message: will.message,
        };
        self.state().delayed_wills.push(waiting);
    }

    pub(super) fn announce(&self, message: Option<Message>) {
        if let Some(message) = message {
            self.inject(message);
        }
    }
}

fn expire_sessions(state: &mut State, now_ms: u64) {
    state
        .sessions
        .retain(|_, session| session.ends_at_ms.is_none_or(|end| now_ms < end));
}

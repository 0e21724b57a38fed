//! One MQTT connection: bytes to packets, packets to the broker, and back.

mod first_packet;
mod handshake;
mod outgoing;
mod packets;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event};
use mqtt_protocol_core::mqtt::result_code::DisconnectReasonCode;
use mqtt_protocol_core::mqtt::{Connection as Core, Version, role};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, timeout};

use crate::broker::{Client, Departure};
use crate::connect::{MAX_IN_FLIGHT, Protocol};
use crate::custom_auth::Lease;
use crate::https::Broken;
use crate::session::Ending;
use crate::shared::{Guest, Shared};
use crate::stop::stopped;
use crate::wire;

pub(crate) use first_packet::client_id;

/// How long a peer may take to send CONNECT after the handshake.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// How long a peer may take to take bytes off us.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
const READ_BUFFER: usize = 16 * 1024;

/// A connection from its TLS handshake to its end.
pub(crate) struct Connection<S> {
    io: S,
    core: Core<role::Server>,
    shared: Arc<Shared>,
    guest: Guest,
    shutdown: watch::Receiver<bool>,
    established: Option<Established>,
    /// Given back when the connection is over and everybody has been told.
    lease: Option<Lease>,
    deadline: Instant,
}

/// What exists once CONNECT is accepted.
struct Established {
    client: Client,
    wake: Arc<Notify>,
    control: mpsc::UnboundedReceiver<Ending>,
    keep_alive: Duration,
    window: usize,
    in_flight: usize,
}

/// Why the loop stops; the departure is for connections that were established.
type Step = Result<(), Departure>;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that is served until it ends or `shutdown` turns true.
    pub(crate) fn new(
        io: S,
        shared: Arc<Shared>,
        guest: Guest,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        let options = ConnectionOptions::new()
            .maximum_packet_size_recv(wire::MAX_PACKET_BYTES)
            .receive_maximum(MAX_IN_FLIGHT);
        let mut core = Core::<role::Server>::with_options(Version::Undetermined, options);
        core.set_auto_pub_response(false);
        core.set_auto_ping_response(true);
        let deadline = Instant::now() + CONNECT_WITHIN;
        Self {
            io,
            core,
            shared,
            guest,
            shutdown,
            established: None,
            lease: None,
            deadline,
        }
    }

    /// Serves the connection.
    pub(crate) async fn run(mut self) {
        let mut buffer = vec![0; READ_BUFFER];
        let departure = loop {
            if let Err(departure) = self.turn(&mut buffer).await {
                break departure;
            }
        };
        match self.established {
            Some(established) => {
                let broker = &self.shared.broker;
                broker.disconnect(established.client, departure);
            }
            None if departure.detail.is_empty() => {}
            None => {
                let certificate = self.guest.certificate_id().map(str::to_owned);
                self.shared.turned_away(certificate, departure.detail);
            }
        }
        drop(self.lease);
        // Last, because a peer that takes no bytes takes its time.
        let _ = timeout(WRITE_WITHIN, self.io.shutdown()).await;
    }

    async fn turn(&mut self, buffer: &mut [u8]) -> Step {
        let (wake, ending) = match &mut self.established {
            Some(established) => (
                Some(Arc::clone(&established.wake)),
                Some(&mut established.control),
            ),
            None => (None, None),
        };
        tokio::select! {
            biased;
            () = stopped(&mut self.shutdown) => {
                self.say_goodbye(DisconnectReasonCode::ServerShuttingDown).await;
                Err(shutting_down())
            }
            Some(ending) = recv(ending) => self.end(ending).await,
            read = self.io.read(buffer) => match read {
                Ok(0) => Err(Departure::new("CONNECTION_LOST", "the client closed the connection without DISCONNECT")),
                Err(e) => Err(unreadable(&e)),
                Ok(count) => self.received(buffer.get(..count).unwrap_or_default()).await,
            },
            () = woken(wake) => self.deliver().await,
            () = tokio::time::sleep_until(self.deadline) => self.silent().await,
        }
    }

    async fn received(&mut self, bytes: &[u8]) -> Step {
        let mut cursor = Cursor::new(bytes);
        let mut before = None;
        while before != Some(cursor.position()) && (cursor.position() as usize) < bytes.len() {
            before = Some(cursor.position());
            let events = self.core.recv(&mut cursor);
            self.react(events).await?;
        }
        Ok(())
    }

    /// Does what the protocol core asks for after it has read something.
    async fn react(&mut self, events: Vec<Event>) -> Step {
        let (mut failed, mut close) = (None, false);
        for event in events {
            match event {
                Event::RequestSendPacket { packet, .. } => self.write(&packet).await?,
                Event::NotifyPacketReceived(packet) => {
                    self.alive();
                    self.handle(packet).await?;
                }
                Event::NotifyError(error) => failed = Some(error),
                Event::RequestClose => close = true,
                // Timers are this connection's own business: AWS IoT Core bounds the keep-alive.
                Event::NotifyPacketIdReleased(_)
                | Event::RequestTimerReset { .. }
                | Event::RequestTimerCancel(_) => {}
            }
        }
        match failed {
            Some(error) => Err(Departure::new(
                "CLIENT_ERROR",
                format!("the client broke the protocol: {error}"),
            )),
            None if close => Err(Departure::new(
                "CLIENT_ERROR",
                "the protocol demands the end of the connection",
            )),
            None => Ok(()),
        }
    }

    async fn end(&mut self, ending: Ending) -> Step {
        let (code, departure) = match ending {
            Ending::TakenOver => (
                DisconnectReasonCode::SessionTakenOver,
                Departure::new(
                    "DUPLICATE_CLIENTID",
                    "another connection uses the same client id",
                ),
            ),
            Ending::CertificateWithdrawn => (
                DisconnectReasonCode::NotAuthorized,
                Departure::new("FORBIDDEN_ACCESS", "the certificate is no longer ACTIVE"),
            ),
            Ending::LeaseExpired => (
                DisconnectReasonCode::MaximumConnectTime,
                Departure::new(
                    "CUSTOMAUTH_TTL_EXPIRATION",
                    "disconnectAfterInSeconds of the authorizer's answer have passed",
                ),
            ),
            Ending::LeaseRefused(why) => (
                DisconnectReasonCode::NotAuthorized,
                Departure::new("AUTH_ERROR", why),
            ),
            Ending::Api { prevent_will } => (
                DisconnectReasonCode::AdministrativeAction,
                Departure {
                    send_will: !prevent_will,
                    ..Departure::new("API_INITIATED_DISCONNECT", "DeleteConnection was called")
                },
            ),
        };
        self.say_goodbye(code).await;
        Err(departure)
    }

    async fn silent(&mut self) -> Step {
        if self.established.is_none() {
            return Err(Departure::new(
                "CONNECTION_LOST",
                "no CONNECT within 30 s of the TLS handshake",
            ));
        }
        self.say_goodbye(DisconnectReasonCode::KeepAliveTimeout)
            .await;
        Err(Departure::new(
            "MQTT_KEEP_ALIVE_TIMEOUT",
            "nothing was heard for 1.5 times the keep-alive",
        ))
    }

    /// DISCONNECT with a reason where the protocol has it; the connection ends in any case.
    async fn say_goodbye(&mut self, code: DisconnectReasonCode) {
        let protocol = self
            .established
            .as_ref()
            .map_or(Protocol::V3, |established| established.client.protocol);
        if let Some(packet) = wire::disconnect(protocol, code) {
            let _ = self.try_send(packet).await;
        }
    }

    fn alive(&mut self) {
        if let Some(established) = &self.established {
            self.deadline = Instant::now() + established.keep_alive;
        }
    }
}

fn shutting_down() -> Departure {
    Departure::new(
        "SERVER_INITIATED_DISCONNECT",
        "the gateway is shutting down",
    )
}

fn unreadable(error: &std::io::Error) -> Departure {
    match Broken::of(error) {
        Some(Broken::Close) => Departure {
            send_will: false,
            ..Departure::new(
                "CLIENT_INITIATED_DISCONNECT",
                "the client sent a Close frame",
            )
        },
        Some(broken) => Departure::new("CLIENT_ERROR", broken.to_string()),
        None => Departure::new("CONNECTION_LOST", format!("reading failed: {error}")),
    }
}

async fn recv(control: Option<&mut mpsc::UnboundedReceiver<Ending>>) -> Option<Ending> {
    match control {
        Some(control) => control.recv().await,
        None => std::future::pending().await,
    }
}

async fn woken(wake: Option<Arc<Notify>>) {
    match wake {
        Some(wake) => wake.notified().await,
        None => std::future::pending().await,
    }
}

//! The accept loop: TCP, TLS, authentication, then a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authenticator::{
    Announcement, Authenticator, Credential, NotAuthentic, Peer, Principal,
};
use crate::authorizer::Requester;
use crate::connection::{Connection, client_id};
use crate::entrance::{Means, Port, Transport, entrance};
use crate::events::{Event, EventKind};
use crate::https;
use crate::registry::Registry;
use crate::shared::{Guest, Shared};
use crate::stop::stopped;

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(30);

/// A port with what its connections need.
#[derive(Clone)]
pub(crate) struct Front {
    /// Its role.
    pub(crate) port: Port,
    /// TLS.
    pub(crate) tls: TlsAcceptor,
    /// Endpoints.
    pub(crate) registry: Arc<Registry>,
    /// Decides whose certificate counts.
    pub(crate) authenticator: Arc<dyn Authenticator>,
    /// The rest.
    pub(crate) shared: Arc<Shared>,
}

/// Accepts connections until `shutdown` turns true, then waits for those that are open.
pub(crate) async fn serve(
    listener: TcpListener,
    front: Front,
    mut shutdown: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let for_connections = shutdown.clone();
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut shutdown) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(front.clone().connection(stream, for_connections.clone()));
                }
                // Out of file handles, or a peer that is gone already: neither is a reason to stop.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

impl Front {
    async fn connection(self, stream: TcpStream, mut shutdown: watch::Receiver<bool>) {
        let Ok(address) = stream.peer_addr() else {
            return;
        };
        let _ = stream.set_nodelay(true);
        let handshake = timeout(HANDSHAKE_WITHIN, self.tls.accept(stream));
        let accepted = tokio::select! {
            () = stopped(&mut shutdown) => return,
            accepted = handshake => accepted,
        };
        let reason = match accepted {
            Ok(Ok(stream)) => return self.accepted(stream, address, shutdown).await,
            Ok(Err(e)) => e.to_string(),
            Err(_) => "it took more than 30 s".to_owned(),
        };
        self.shared.broker.events.record(Event {
            at_ms: self.shared.broker.now_ms(),
            client_id: None,
            principal: None,
            kind: EventKind::TlsFailed {
                peer: address.to_string(),
                reason,
            },
        });
    }

    async fn accepted(
        self,
        mut stream: TlsStream<TcpStream>,
        address: std::net::SocketAddr,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let peer = {
            let (_, tls) = stream.get_ref();
            let certificate = tls.peer_certificates().and_then(<[_]>::first);
            Peer {
                address,
                server_name: tls.server_name().map(str::to_owned),
                alpn: tls
                    .alpn_protocol()
                    .map(|name| String::from_utf8_lossy(name).into_owned()),
                certificate: certificate.map(|der| der.to_vec()),
            }
        };
        match self.guest(&peer) {
            Ok((Transport::Mqtt, guest)) => {
                Connection::new(stream, self.shared, guest, shutdown)
                    .run()
                    .await;
            }
            Ok((
                Transport::Http {
                    web_socket,
                    publish,
                },
                guest,
            )) => {
                let offer = https::Offer {
                    web_socket,
                    publish,
                };
                https::serve(stream, self.shared, guest, offer, shutdown).await;
            }
            Err(refused) => {
                if let Some(announcement) = refused.announcement {
                    self.announce(*announcement, &peer, &mut stream, &mut shutdown)
                        .await;
                }
                self.shared
                    .turned_away(refused.certificate_id, refused.reason);
                let _ = timeout(
                    HANDSHAKE_WITHIN,
                    tokio::io::AsyncWriteExt::shutdown(&mut stream),
                )
                .await;
            }
        }
    }

    /// Publishes what there is to say about a peer that is turned away, with the client id that it wants to connect with.
    /// The first packet is waited for until the peer hangs up, at most as long as for a handshake.
    async fn announce(
        &self,
        announcement: Announcement,
        peer: &Peer,
        stream: &mut TlsStream<TcpStream>,
        shutdown: &mut watch::Receiver<bool>,
    ) {
        let client_id = tokio::select! {
            () = stopped(shutdown) => None,
            found = timeout(HANDSHAKE_WITHIN, client_id(stream)) => found.ok().flatten(),
        };
        let principal = Principal {
            credential: Credential::Certificate(announcement.certificate),
            address: peer.address,
            server_name: peer.server_name.clone(),
        };
        let who = Requester {
            client_id: client_id.as_deref(),
            principal: &principal,
        };
        self.shared.broker.inject_about(who, announcement.message);
    }

    /// What the peer will speak, and who it is or claims to be.
    fn guest(&self, peer: &Peer) -> Result<(Transport, Guest), NotAuthentic> {
        let region = &self.registry.scope.region;
        let way = self
            .registry
            .with(|state| entrance(self.port, peer, state, region));
        let (transport, means) = way.map_err(|reason| NotAuthentic {
            certificate_id: None,
            reason,
            announcement: None,
        })?;
        let certificate = || {
            let now = self.shared.broker.now_ms();
            self.authenticator.authenticate(peer, now)
        };
        let guest = match means {
            Means::Certificate => Guest::known(peer, certificate()?),
            Means::Authorizer => Guest::applicant(peer, None),
            Means::Both => Guest::applicant(peer, Some(certificate()?)),
        };
        Ok((transport, guest))
    }
}

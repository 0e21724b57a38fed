//! The accept loop: TCP, TLS, authentication, then a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authenticator::{Authenticator, Peer};
use crate::broker::Broker;
use crate::stop::stopped;
use crate::connection::{Connection, ExclusiveThing};
use crate::events::{Event, EventKind};

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(30);

/// What every connection needs.
#[derive(Clone)]
pub struct Front {
    /// TLS.
    pub tls: TlsAcceptor,
    /// Decides who may speak MQTT.
    pub authenticator: Arc<dyn Authenticator>,
    /// Where messages go.
    pub broker: Arc<Broker>,
    /// For lifecycle messages.
    pub exclusive_thing: ExclusiveThing,
}

/// Accepts connections until `shutdown` turns true, then waits for those that are open.
pub async fn serve(listener: TcpListener, front: Front, mut shutdown: watch::Receiver<bool>) {
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
        let Ok(address) = stream.peer_addr() else { return };
        let _ = stream.set_nodelay(true);
        let handshake = timeout(HANDSHAKE_WITHIN, self.tls.accept(stream));
        let accepted = tokio::select! {
            () = stopped(&mut shutdown) => return,
            accepted = handshake => accepted,
        };
        let reason = match accepted {
            Ok(Ok(stream)) => return self.authenticated(stream, address, shutdown).await,
            Ok(Err(e)) => e.to_string(),
            Err(_) => "it took more than 30 s".to_owned(),
        };
        self.record(None, EventKind::TlsFailed { peer: address.to_string(), reason });
    }

    async fn authenticated(
        self,
        mut stream: TlsStream<TcpStream>,
        address: std::net::SocketAddr,
        shutdown: watch::Receiver<bool>,
    ) {
        let peer = {
            let (_, tls) = stream.get_ref();
            let certificate = tls.peer_certificates().and_then(<[_]>::first);
            Peer {
                address,
                server_name: tls.server_name().map(str::to_owned),
                alpn: tls.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
                certificate: certificate.map(|der| der.to_vec()),
            }
        };
        match self.authenticator.authenticate(&peer, self.broker.now_ms()) {
            Ok(principal) => {
                Connection::new(stream, self.broker, principal, self.exclusive_thing).run(shutdown).await;
            }
            Err(refused) => {
                self.record(refused.certificate_id, EventKind::ConnectRefused { reason: refused.reason });
                let _ = timeout(HANDSHAKE_WITHIN, tokio::io::AsyncWriteExt::shutdown(&mut stream)).await;
            }
        }
    }

    fn record(&self, principal: Option<String>, kind: EventKind) {
        let at_ms = self.broker.now_ms();
        self.broker.events.record(Event { at_ms, client_id: None, principal, kind });
    }
}

//! Everything put together.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::Clock;
use crate::api::Api;
use crate::authenticator::RegisteredCertificates;
use crate::authorizer::Policies;
use crate::broker::Broker;
use crate::events::EventLog;
use crate::listener::{self, Front};
use crate::message::{Inbound, Message};
use crate::registry::{PrincipalType, Registry, Scope};
use crate::stop::stopped;
use crate::tls::ServerTls;

/// How often the clock is asked what has expired. Wall-clock time, whatever the injected clock does.
const TICK: Duration = Duration::from_millis(250);

/// How to start a gateway.
pub struct GatewayConfig {
    /// Epoch milliseconds; certificates, sessions and messages live by it.
    pub clock: Clock,
    /// 12 digits.
    pub account_id: String,
    /// As in `eu-west-1`.
    pub region: String,
    /// Where devices connect to; port 0 takes a free one.
    pub listen: SocketAddr,
    /// More names for the server certificate, besides `localhost` and the loopback addresses.
    pub server_names: Vec<String>,
}

impl GatewayConfig {
    /// Account 123456789012 in eu-west-1 on a free port of 127.0.0.1.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            server_names: Vec::new(),
        }
    }
}

/// Why a gateway does not start.
#[derive(Debug)]
pub enum StartFailed {
    /// Keys or certificates could not be made.
    Crypto(String),
    /// The port could not be opened.
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

impl fmt::Display for StartFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crypto(why) => write!(f, "make keys and certificates: {why}"),
            Self::Listen { address, .. } => write!(f, "listen on {address}; is another gateway running there?"),
        }
    }
}

impl std::error::Error for StartFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Crypto(_) => None,
            Self::Listen { source, .. } => Some(source),
        }
    }
}

/// A running gateway. Dropping it without [`Gateway::shutdown`] ends its connections too, without waiting for them.
pub struct Gateway {
    api: Arc<Api>,
    root_ca_pem: String,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Opens the port and starts serving. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// See [`StartFailed`].
    pub async fn start(config: GatewayConfig, inbound: impl Inbound + 'static) -> Result<Self, StartFailed> {
        let scope = Scope { account_id: config.account_id, region: config.region };
        let registry = Arc::new(Registry::new(scope).map_err(|e| StartFailed::Crypto(e.to_string()))?);
        let tls = ServerTls::generate(&config.server_names).map_err(StartFailed::Crypto)?;
        let failed = |source| StartFailed::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let mqtt_addr = listener.local_addr().map_err(failed)?;

        let authorizer = Policies::new(Arc::clone(&registry));
        let broker = Broker::new(config.clock, Box::new(authorizer), Box::new(inbound));
        let (stop, stopping) = watch::channel(false);
        let front = Front {
            tls: TlsAcceptor::from(tls.config),
            authenticator: Arc::new(RegisteredCertificates(Arc::clone(&registry))),
            broker: Arc::clone(&broker),
            exclusive_thing: {
                let registry = Arc::clone(&registry);
                Arc::new(move |certificate| exclusive_thing(&registry, certificate))
            },
        };
        let tasks = vec![
            tokio::spawn(listener::serve(listener, front, stopping.clone())),
            tokio::spawn(tick(Arc::clone(&broker), stopping)),
        ];
        let api = Arc::new(Api::new(registry, broker, mqtt_addr));
        Ok(Self { api, root_ca_pem: tls.root_ca_pem, stop, tasks })
    }

    /// Where devices connect to.
    #[must_use]
    pub fn mqtt_addr(&self) -> SocketAddr {
        self.api.mqtt_addr
    }

    /// The CA that devices must trust (`--cafile`), PEM.
    #[must_use]
    pub fn root_ca_pem(&self) -> &str {
        &self.root_ca_pem
    }

    /// Answers a request to the service `iot`. Signatures are not checked.
    ///
    /// It runs on a thread for blocking work, because making an RSA key takes a while.
    pub async fn handle_iot(&self, request: Request<Bytes>) -> Response<Bytes> {
        let api = Arc::clone(&self.api);
        answered(tokio::task::spawn_blocking(move || api.iot(request)).await)
    }

    /// Answers a request to the services `iotdata` and `iotdevicegateway`. Signatures are not checked.
    pub async fn handle_iot_data(&self, request: Request<Bytes>) -> Response<Bytes> {
        let api = Arc::clone(&self.api);
        answered(tokio::task::spawn_blocking(move || api.iot_data(request)).await)
    }

    /// Publishes a message without asking a policy, as a rule's republish action does. Subscribers get it, and so does
    /// [`Inbound`], without client and principal.
    pub fn publish(&self, message: Message) {
        self.api.broker.inject(message);
    }

    /// What happened so far.
    #[must_use]
    pub fn events(&self) -> &EventLog {
        &self.api.broker.events
    }

    /// The registry, for set-up without HTTP.
    #[must_use]
    pub fn registry(&self) -> &Arc<Registry> {
        &self.api.registry
    }

    /// How often each operation was asked for that this gateway does not have.
    #[must_use]
    pub fn unsupported(&self) -> BTreeMap<String, u64> {
        self.api.unsupported()
    }

    /// How many messages wait for a client or are not acknowledged; none for a client without session.
    #[must_use]
    pub fn pending(&self, client_id: &str) -> Option<usize> {
        self.api.broker.pending(client_id)
    }

    /// Ends what the injected clock has ended (sessions, waiting wills) now instead of within 250 ms.
    pub fn tick(&self) {
        self.api.broker.tick();
    }

    /// Closes the port, tells every client good-bye and waits for their connections to end.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

async fn tick(broker: Arc<Broker>, mut stopping: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => return,
            _ = interval.tick() => broker.tick(),
        }
    }
}

fn exclusive_thing(registry: &Registry, certificate: &str) -> Option<String> {
    registry.with(|state| {
        let mut things = state.attachments.things_of(certificate);
        things.find(|(_, how)| *how == PrincipalType::Exclusive).map(|(thing, _)| thing.to_owned())
    })
}

fn answered(joined: Result<Response<Bytes>, tokio::task::JoinError>) -> Response<Bytes> {
    joined.unwrap_or_else(|e| {
        let body = format!("{{\"message\":\"the gateway failed: {}\"}}", e.to_string().replace(['"', '\\'], "'"));
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

//! Everything put together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::api::{Api, is_test_invoke};
use crate::authenticator::RegisteredCertificates;
use crate::authorizer::Policies;
use crate::broker::Broker;
use crate::config::{GatewayConfig, StartFailed};
use crate::custom_auth::{CustomAuth, Leases};
use crate::entrance::Port;
use crate::events::EventLog;
use crate::fleet::FleetProvisioning;
use crate::functions::Invoker;
use crate::listener::{self, Front};
use crate::message::{Inbound, Message};
use crate::registry::{PrincipalType, Registry, Scope, managed_domains};
use crate::shared::Shared;
use crate::stop::stopped;
use crate::tls::ServerTls;

/// How often the clock is asked what has expired. Wall-clock time, whatever the injected clock does.
const TICK: Duration = Duration::from_millis(250);

/// A running gateway. Dropping it without [`Gateway::shutdown`] ends its connections too, without waiting for them.
pub struct Gateway {
    api: Arc<Api>,
    leases: Arc<Leases>,
    fleet: Arc<FleetProvisioning>,
    root_ca_pem: String,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Opens the port and starts serving. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// See [`StartFailed`].
    pub async fn start(
        config: GatewayConfig,
        inbound: impl Inbound + 'static,
    ) -> Result<Self, StartFailed> {
        let scope = Scope {
            account_id: config.account_id,
            region: config.region,
        };
        let registry =
            Arc::new(Registry::new(scope).map_err(|e| StartFailed::Crypto(e.to_string()))?);
        let mut names = config.server_names;
        names.push(format!("*.{}", managed_domains(&registry.scope.region)));
        let tls = ServerTls::generate(&names).map_err(StartFailed::Crypto)?;
        let (mqtt, mqtt_addr) = bind(config.listen).await?;
        let (https, https_addr) = bind(config.https_listen).await?;

        let (stop, stopping) = watch::channel(false);
        let authorizer = Policies::new(Arc::clone(&registry));
        let broker = Broker::new(
            Arc::clone(&config.clock),
            Box::new(authorizer),
            Box::new(inbound),
        );
        let invoker = Invoker {
            functions: config.functions,
            time_limit: config.function_time_limit,
        };
        let custom_auth = Arc::new(CustomAuth {
            registry: Arc::clone(&registry),
            invoker: invoker.clone(),
        });
        let fleet = FleetProvisioning::new(
            Arc::clone(&registry),
            Arc::clone(&broker),
            invoker,
            stopping.clone(),
        );
        let leases = Leases::new(Arc::clone(&custom_auth), config.clock, stopping.clone());
        let shared = Arc::new(Shared {
            broker: Arc::clone(&broker),
            custom_auth: Arc::clone(&custom_auth),
            leases: Arc::clone(&leases),
            fleet: Arc::clone(&fleet),
            exclusive_thing: {
                let registry = Arc::clone(&registry);
                Arc::new(move |certificate| exclusive_thing(&registry, certificate))
            },
        });
        let front = |port: Port| Front {
            port,
            tls: TlsAcceptor::from(tls.config(port.application_protocols())),
            registry: Arc::clone(&registry),
            authenticator: Arc::new(RegisteredCertificates(Arc::clone(&registry))),
            shared: Arc::clone(&shared),
        };
        let api = Arc::new(Api::new(
            Arc::clone(&registry),
            Arc::clone(&broker),
            custom_auth,
            mqtt_addr,
            https_addr,
        ));
        let tasks = vec![
            tokio::spawn(listener::serve(mqtt, front(Port::Mqtt), stopping.clone())),
            tokio::spawn(listener::serve(https, front(Port::Https), stopping.clone())),
            tokio::spawn(tick(
                broker,
                Arc::clone(&leases),
                Arc::clone(&fleet),
                stopping,
            )),
        ];
        Ok(Self {
            api,
            leases,
            fleet,
            root_ca_pem: tls.root_ca_pem,
            stop,
            tasks,
        })
    }

    /// Where devices connect to.
    #[must_use]
    pub fn mqtt_addr(&self) -> SocketAddr {
        self.api.mqtt_addr
    }

    /// Where devices connect to with a custom authorizer, and over WebSocket and HTTPS.
    #[must_use]
    pub fn https_addr(&self) -> SocketAddr {
        self.api.https_addr
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
        if is_test_invoke(&request) {
            return self.api.test_invoke_authorizer(request).await;
        }
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

    /// Does what the injected clock has made due now instead of within 250 ms: ends sessions, sends waiting wills,
    /// deletes certificates that fleet provisioning lent, starts the refreshes of custom authorizers' policies and ends their connections, without waiting for either.
    pub fn tick(&self) {
        self.api.broker.tick();
        self.fleet.tick();
        self.leases.tick();
    }

    /// Does what the injected clock has made due, as [`Gateway::tick`], and waits until it is done: policies refreshed,
    /// connections ended, their lifecycle messages and wills published.
    pub async fn settle(&self) {
        self.api.broker.tick();
        self.fleet.tick();
        self.leases.settle().await;
    }

    /// Closes the ports, tells every client good-bye and waits for their connections to end.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartFailed> {
    let failed = |source| StartFailed::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

async fn tick(
    broker: Arc<Broker>,
    leases: Arc<Leases>,
    fleet: Arc<FleetProvisioning>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => return,
            _ = interval.tick() => {
                broker.tick();
                fleet.tick();
                leases.tick();
            }
        }
    }
}

fn exclusive_thing(registry: &Registry, certificate: &str) -> Option<String> {
    registry.with(|state| {
        let mut things = state.attachments.things_of(certificate);
        things
            .find(|(_, how)| *how == PrincipalType::Exclusive)
            .map(|(thing, _)| thing.to_owned())
    })
}

fn answered(joined: Result<Response<Bytes>, tokio::task::JoinError>) -> Response<Bytes> {
    joined.unwrap_or_else(|e| {
        let body = format!(
            "{{\"message\":\"the gateway failed: {}\"}}",
            e.to_string().replace(['"', '\\'], "'")
        );
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

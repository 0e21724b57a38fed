//! Fleet provisioning: a device with a claim gets a certificate of its own, and becomes a thing by a template.
//!
//! Requests are messages on reserved topics and answers go to the connection that asked; neither reaches the broker's
//! routing, other clients or rules. Source: AWS IoT developer guide, "Device provisioning MQTT API".

mod codec;
mod create;
mod hook;
mod register;
mod rejection;
mod topic;

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::watch;

use self::rejection::Rejection;
pub(crate) use self::topic::{Request, is_reserved};
use crate::authorizer::Identity;
use crate::broker::{Addressee, Broker};
use crate::events::EventKind;
use crate::functions::Invoker;
use crate::message::Message;
use crate::registry::Registry;
use crate::stop::stopped;

/// Answers the requests of fleet provisioning.
pub(crate) struct FleetProvisioning {
    registry: Arc<Registry>,
    broker: Arc<Broker>,
    /// For pre-provisioning hooks.
    invoker: Invoker,
    /// Requests run as tasks of their own: a hook takes its time, and a connection that ends does not end them.
    runtime: Handle,
    stopping: watch::Receiver<bool>,
}

impl FleetProvisioning {
    /// Must be called within a Tokio runtime.
    pub(crate) fn new(
        registry: Arc<Registry>,
        broker: Arc<Broker>,
        invoker: Invoker,
        stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            registry,
            broker,
            invoker,
            runtime: Handle::current(),
            stopping,
        })
    }

    /// Takes a request that the policies let pass; its answer comes as a message of its own.
    pub(crate) fn take(self: &Arc<Self>, from: Addressee, request: Request, payload: Bytes) {
        let this = Arc::clone(self);
        let mut stopping = self.stopping.clone();
        self.runtime.spawn(async move {
            tokio::select! {
                () = stopped(&mut stopping) => {}
                () = this.serve(from, request, payload) => {}
            }
        });
    }

    async fn serve(self: Arc<Self>, from: Addressee, request: Request, payload: Bytes) {
        let done = self.perform(&from.identity, &request, &payload).await;
        let (topic, answer) = match done {
            Ok(answer) => (request.accepted, answer),
            Err(rejection) => {
                let kind = EventKind::ProvisioningRejected {
                    operation: request.operation.name(),
                    reason: rejection.to_string(),
                };
                self.broker.note(Some(from.identity.requester()), kind);
                (request.rejected, request.format.write(&rejection.answer()))
            }
        };
        self.broker.answer(&from, Message::new(topic, answer));
    }

    async fn perform(
        self: &Arc<Self>,
        who: &Identity,
        request: &Request,
        payload: &[u8],
    ) -> Result<Vec<u8>, Rejection> {
        use topic::Operation as O;
        let format = request.format;
        match &request.operation {
            O::CreateKeysAndCertificate => {
                format.read_nothing(payload)?;
                Ok(format.write(&self.create_keys(who).await?))
            }
            O::CreateCertificateFromCsr => {
                let created = self.create_from_csr(who, format.read(payload)?).await?;
                Ok(format.write(&created))
            }
            O::RegisterThing { template } => {
                let registered = self
                    .register_thing(who, template, format.read(payload)?)
                    .await?;
                Ok(format.write(&registered))
            }
        }
    }

    /// Deletes what the clock has ended: certificates nobody activated, and claims with their connections.
    pub(crate) fn tick(&self) {
        let now = self.broker.now_ms();
        for certificate_id in self.registry.with(|state| state.expire_provisioning(now)) {
            self.broker.end_sessions_of(&certificate_id);
            self.broker
                .note(None, EventKind::ProvisioningExpired { certificate_id });
        }
    }
}

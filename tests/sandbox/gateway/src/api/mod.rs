//! The HTTP APIs `iot` and `iotdata`, answered from the registry and the broker.

mod authorities;
mod authorization;
mod authorizers;
mod certificates;
mod certificates_of_ca;
mod data;
mod domain_configurations;
mod groups;
mod operations;
mod policies;
mod provisioning_claims;
mod provisioning_templates;
mod request;
mod response;
mod router;
mod test_invoke;
mod thing_types;
mod things;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::broker::Broker;
use crate::custom_auth::CustomAuth;
use crate::registry::{Refusal, Registry};

pub(crate) use data::{published, published_message};
pub(crate) use response::{error, json};
pub(crate) use test_invoke::is_test_invoke;

/// A JSON body, or why there is none.
type Answer = Result<Value, Refusal>;

/// What the operations work on.
pub(crate) struct Api {
    /// Certificates, things, policies.
    pub(crate) registry: Arc<Registry>,
    /// Sessions and retained messages.
    pub(crate) broker: Arc<Broker>,
    /// Asks custom authorizers.
    pub(crate) custom_auth: Arc<CustomAuth>,
    /// Where devices connect to.
    pub(crate) mqtt_addr: SocketAddr,
    /// Where devices connect to with a custom authorizer.
    pub(crate) https_addr: SocketAddr,
    unsupported: Mutex<BTreeMap<String, u64>>,
}

impl Api {
    /// APIs over a registry and a broker.
    #[must_use]
    pub(crate) fn new(
        registry: Arc<Registry>,
        broker: Arc<Broker>,
        custom_auth: Arc<CustomAuth>,
        mqtt_addr: SocketAddr,
        https_addr: SocketAddr,
    ) -> Self {
        Self {
            registry,
            broker,
            custom_auth,
            mqtt_addr,
            https_addr,
            unsupported: Mutex::default(),
        }
    }

    /// How often each operation was asked for that this gateway does not have.
    #[must_use]
    pub(crate) fn unsupported(&self) -> BTreeMap<String, u64> {
        self.unsupported
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn now_ms(&self) -> u64 {
        self.broker.now_ms()
    }

    fn count_unsupported(&self, operation: &str) -> Refusal {
        let mut counts = self
            .unsupported
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *counts.entry(operation.to_owned()).or_default() += 1;
        Refusal::Unsupported(format!("{operation} is not supported by this gateway"))
    }
}

//! The HTTP APIs `iot` and `iotdata`, answered from the registry and the broker.

mod authorization;
mod certificates;
mod data;
mod groups;
mod operations;
mod policies;
mod request;
mod response;
mod router;
mod thing_types;
mod things;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::broker::Broker;
use crate::registry::{Refusal, Registry};

/// A JSON body, or why there is none.
type Answer = Result<Value, Refusal>;

/// What the operations work on.
pub(crate) struct Api {
    /// Certificates, things, policies.
    pub(crate) registry: Arc<Registry>,
    /// Sessions and retained messages.
    pub(crate) broker: Arc<Broker>,
    /// Where devices connect to.
    pub(crate) mqtt_addr: SocketAddr,
    unsupported: Mutex<BTreeMap<String, u64>>,
}

impl Api {
    /// APIs over a registry and a broker.
    #[must_use]
    pub(crate) fn new(registry: Arc<Registry>, broker: Arc<Broker>, mqtt_addr: SocketAddr) -> Self {
        Self {
            registry,
            broker,
            mqtt_addr,
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

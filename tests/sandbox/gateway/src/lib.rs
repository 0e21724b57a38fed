//! A local AWS IoT Core: device registry, certificates and policies behind the real `iot` API, and a message broker that
//! speaks MQTT 3.1.1 and 5 over mutual TLS, or with custom authorizers over TLS and WebSocket, and enforces IoT policies.
//!
//! [`Gateway`] is the whole. Messages that a policy lets pass go to an [`Inbound`], the rule engine.

mod api;
pub mod authenticator;
pub mod authorizer;
mod broker;
mod config;
pub mod connect;
mod connection;
mod custom_auth;
mod entrance;
pub mod events;
mod fleet;
mod functions;
mod gateway;
mod https;
mod issuance;
mod just_in_time;
mod listener;
pub mod message;
mod presence;
pub mod registry;
mod retained;
mod session;
mod shared;
mod stop;
#[cfg(test)]
mod testing;
mod tls;
mod wire;
pub mod x509;

use std::sync::Arc;

pub use config::{GatewayConfig, StartFailed};
pub use events::{Event, EventKind, EventLog};
pub use functions::{Functions, Invocation};
pub use gateway::Gateway;
pub use message::{Inbound, Message, Properties, PublishedMessage, Qos};

/// Epoch milliseconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

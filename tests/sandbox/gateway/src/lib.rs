//! A local AWS IoT Core: device registry, certificates and policies behind the real `iot` API, and a message broker that
//! speaks MQTT 3.1.1 and 5 over mutual TLS and enforces IoT policies.
//!
//! [`Gateway`] is the whole. Messages that a policy lets pass go to an [`Inbound`], the rule engine.

mod api;
pub mod authenticator;
pub mod authorizer;
mod broker;
pub mod connect;
mod connection;
pub mod events;
mod gateway;
mod listener;
pub mod message;
mod presence;
pub mod registry;
mod retained;
mod session;
mod stop;
mod tls;
mod wire;
pub mod x509;

use std::sync::Arc;

pub use events::{Event, EventKind, EventLog};
pub use gateway::{Gateway, GatewayConfig, StartFailed};
pub use message::{Inbound, Message, Properties, PublishedMessage, Qos};

/// Epoch milliseconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

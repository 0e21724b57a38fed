//! Access of devices that carry tokens: what a token's scopes allow one thing to do, and for how long.

mod ports;
mod scope;

pub use ports::{Credential, DeviceKeys, DeviceRecord, KeySource, Revocations, Revoked};
pub use scope::{Scope, Scopes};

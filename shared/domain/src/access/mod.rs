//! Access of devices that carry tokens: what a token's scopes allow one thing to do, and for how long.

mod grant;
mod policy;
mod ports;
mod principal;
mod scope;
mod session;

pub use grant::Grant;
pub use policy::{ArnPrefix, InvalidArnPrefix, PolicyDocument, PolicyTooLarge};
pub use ports::{Credential, DeviceKeys, DeviceRecord, KeySource, Revocations, Revoked};
pub use principal::PrincipalId;
pub use scope::{Scope, Scopes};
pub use session::{InvalidInterval, RefreshInterval, Session};

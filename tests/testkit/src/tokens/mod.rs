//! Tokens of devices, good and bad.

mod renew;
mod test_key;
mod unsigned;

use jsonwebtoken::{Header, encode};
use serde_json::Value;

pub use renew::{map_tokens, renew};
pub use test_key::{DEVICE_CERTIFICATE, DEVICE_JWKS, ISSUER_JWKS, OTHER_DEVICE_JWKS, TestKey};
pub use unsigned::Unsigned;

/// When the tokens in `events/` are presented, in seconds since the epoch: 2026-11-20T14:23:00Z, as every event's time.
pub const NOW: u64 = 1_795_184_580;

/// A token as an issuer would mint it.
///
/// # Panics
/// When `claims` is not an object.
#[must_use]
pub fn mint(key: TestKey, claims: &Value) -> String {
    let header = Header {
        kid: Some(key.kid().to_owned()),
        ..Header::new(key.algorithm())
    };
    assert!(claims.is_object(), "claims are an object");
    encode(&header, claims, &key.encoding()).unwrap()
}

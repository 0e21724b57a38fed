//! The world of `events/jwt-authorizer`: who is believed there, what is revoked, which devices sign for themselves.
//!
//! Texts, so that a test can put them into fakes, or into the settings and the tables of the function as it runs.

mod event;
mod files;

use sci_domain::{
    access::{DeviceRecord, Scopes},
    thing::{PropertyId, ThingName},
};
use serde_json::{Value, json};

use crate::tokens::{DEVICE_JWKS, ISSUER_JWKS, NOW, OTHER_DEVICE_JWKS};

pub use event::AuthorizerEvent;
pub use files::{EventFile, files};

/// The issuer of most tokens.
pub const ISSUER: &str = "https://id.example/iot";
/// Another one, which has the same keys; its key for ES256 is revoked.
pub const PARTNER: &str = "https://partner.example";
/// An issuer that is revoked altogether.
pub const FORMER_PARTNER: &str = "https://former-partner.example";
/// An issuer whose tokens may only grant telemetry.
pub const METERING: &str = "https://metering.example";
/// An issuer whose keys cannot be fetched: nothing listens on port 1 of loopback.
pub const SILENT: &str = "https://silent.example";
/// The issuer of tokens that devices sign themselves.
pub const DEVICES: &str = "urn:sci:devices";
/// The audience of all of them.
pub const AUDIENCE: &str = "sci-iot";

/// The thing of most tokens.
pub const THING: &str = "sci-property-001-environmental-0042";
/// A thing that is revoked.
pub const STOLEN_THING: &str = "sci-property-001-camera-0666";
/// A thing whose device signs its own tokens, with [`TestKey::Device`](crate::tokens::TestKey::Device).
pub const SIGNING_THING: &str = "lock-0007";
/// A thing whose device signs its own tokens, with [`TestKey::OtherDevice`](crate::tokens::TestKey::OtherDevice).
pub const OTHER_SIGNING_THING: &str = "lock-0008";
/// A thing whose record holds no JWK Set.
pub const BROKEN_THING: &str = "lock-0013";
/// The `jti` of a token that is revoked.
pub const REVOKED_JTI: &str = "insecure-revoked-token";
/// Every scope, as a token asks for them.
pub const ALL_SCOPES: &str = "telemetry:publish security:publish commands:subscribe shadow:read shadow:write jobs:execute certificate:rotate";

/// The setting `JWT_ISSUERS`.
#[must_use]
pub fn issuers_setting() -> String {
    let keys: Value = serde_json::from_str(ISSUER_JWKS).unwrap();
    let inline =
        |issuer| json!({ "issuer": issuer, "audience": AUDIENCE, "keys": { "inline": &keys } });
    let mut metering = inline(METERING);
    metering["scopes"] = "telemetry:publish".into();
    json!([
        inline(ISSUER),
        inline(PARTNER),
        inline(FORMER_PARTNER),
        metering,
        { "issuer": SILENT, "audience": AUDIENCE, "keys": { "url": "https://127.0.0.1:1/jwks.json" } },
        { "issuer": DEVICES, "audience": AUDIENCE, "keys": "devices" },
    ])
    .to_string()
}

/// What is revoked, as the keys of the table's items.
#[must_use]
pub fn revoked_subjects() -> Vec<String> {
    vec![
        format!("issuer#{FORMER_PARTNER}"),
        format!("kid#{PARTNER}#insecure-es256"),
        format!("thing#{STOLEN_THING}"),
        format!("jti#{ISSUER}#{REVOKED_JTI}"),
    ]
}

/// Devices that sign their own tokens.
#[must_use]
pub fn device_records() -> Vec<(ThingName, DeviceRecord)> {
    let record = |thing: &str, property: &str, jwks: &str| {
        let record = DeviceRecord {
            jwks: jwks.to_owned(),
            property: PropertyId::parse(property).unwrap(),
            scopes: Scopes::parse("security:publish commands:subscribe").0,
        };
        (ThingName::parse(thing).unwrap(), record)
    };
    vec![
        record(SIGNING_THING, "property-001", DEVICE_JWKS),
        record(OTHER_SIGNING_THING, "property-002", OTHER_DEVICE_JWKS),
        record(BROKEN_THING, "property-001", "[]"),
    ]
}

/// The claims of a good token for [`THING`], issued a minute before [`NOW`] for an hour.
#[must_use]
pub fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": THING,
        "property_id": "property-001",
        "scope": "telemetry:publish",
        "iat": NOW - 60,
        "exp": NOW + 3540,
        "jti": "insecure-token-1",
    })
}

/// The same claims with `changes` in them; null removes one.
#[must_use]
pub fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    let all = claims.as_object_mut().unwrap();
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        match value {
            Value::Null => drop(all.remove(&name)),
            value => drop(all.insert(name, value)),
        }
    }
    claims
}

//! The events and the settings of `jwt-authorizer`. They are made anew for each run: tokens expire.

use std::ops::RangeInclusive;

use aws_lc_rs::error::Unspecified;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sci_domain::{
    access::{ArnPrefix, Grant, PrincipalId, Scopes},
    thing::ThingName,
};
use sci_jwt::Algorithm;
use serde_json::{Value, json};

use crate::{
    cases::{Case, Expected},
    issuer::{AUDIENCE, ISSUER, Issuer, LIFETIME, THING},
    machine,
};

/// The function.
pub const FUNCTION: &str = "jwt-authorizer";
/// The function without its deny list, to be compared with others that have none.
pub const ALONE: &str = "jwt-authorizer-alone";
/// Account and Region of the policies.
pub const ARN_PREFIX: &str = "arn:aws:iot:eu-west-1:123456789012";
/// How long a device may stay while a benchmark runs, in seconds.
pub(crate) const LEFT: RangeInclusive<u64> = 300..=LIFETIME;

/// Everything that there is, and so the token that makes the most work.
#[must_use]
pub fn scope() -> String {
    Scopes::ALL.to_string()
}

/// The setting `JWT_ISSUERS`: the issuer with its keys.
#[must_use]
pub fn issuers(issuer: &Issuer) -> String {
    let keys = json!({ "inline": issuer.jwks() });
    json!([{ "issuer": ISSUER, "audience": AUDIENCE, "keys": keys }]).to_string()
}

/// The event of a device that connects with MQTT over TLS and has `token` as its password.
#[must_use]
pub fn event(token: &str) -> String {
    json!({
        "signatureVerified": false,
        "protocols": ["tls", "mqtt"],
        "protocolData": {
            "tls": { "serverName": "a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com" },
            "mqtt": {
                "username": "?x-amz-customauthorizer-name=sci-devices",
                "password": BASE64.encode(token),
                "clientId": THING,
            },
        },
        "connectionMetadata": { "id": "5d9a3c1e-0a6c-4a52-8a6c-3f3f6f2f7d10" },
    })
    .to_string()
}

/// A good token of each algorithm that all compared functions know, and one with the signature of another.
pub(crate) fn cases(issuer: &Issuer) -> Result<Vec<Case>, Unspecified> {
    let now = machine::epoch_millis() / 1000;
    let token = |algorithm, at| issuer.token(algorithm, &scope(), at);
    let allowed = allowed().ok_or(Unspecified)?;
    let mut cases = Vec::new();
    for (label, algorithm) in [
        ("ES256 token", Algorithm::Es256),
        ("ES384 token", Algorithm::Es384),
        ("RS256 token", Algorithm::Rs256),
        ("EdDSA token", Algorithm::EdDsa),
    ] {
        cases.push(Case {
            label,
            event: event(&token(algorithm, now)?).into(),
            expected: Expected::Allowed(allowed.clone()),
        });
    }
    let (good, earlier) = (
        token(Algorithm::Es256, now)?,
        token(Algorithm::Es256, now.saturating_sub(1))?,
    );
    let (input, _) = good.rsplit_once('.').ok_or(Unspecified)?;
    let (_, signature) = earlier.rsplit_once('.').ok_or(Unspecified)?;
    cases.push(Case {
        label: "forged ES256 token",
        event: event(&format!("{input}.{signature}")).into(),
        expected: Expected::Denied(denied()),
    });
    Ok(cases)
}

fn allowed() -> Option<Value> {
    let thing = ThingName::parse(THING).ok()?;
    let grant = Grant {
        thing: &thing,
        scopes: Scopes::ALL,
    };
    let policies = grant.policies(&ArnPrefix::parse(ARN_PREFIX).ok()?).ok()?;
    Some(json!({
        "isAuthenticated": true,
        "principalId": PrincipalId::of(&thing).as_str(),
        "disconnectAfterInSeconds": null,
        "refreshAfterInSeconds": 300,
        "policyDocuments": policies,
    }))
}

fn denied() -> Value {
    json!({
        "isAuthenticated": false,
        "principalId": "denied",
        "disconnectAfterInSeconds": 300,
        "refreshAfterInSeconds": 300,
        "policyDocuments": [],
    })
}

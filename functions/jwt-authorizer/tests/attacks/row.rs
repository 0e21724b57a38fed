//! One row of the corpus, and what rows are made with.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use testkit::{
    authorizer::{AuthorizerEvent, THING, claims, claims_with},
    tokens::{TestKey, Unsigned, mint},
};

use crate::support::World;

/// An attack, or something that looks like one and is not.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// `<group>/<case>`.
    pub(crate) name: String,
    /// The rule it would break, or the mistake of others that it repeats.
    pub(crate) source: &'static str,
    /// The event.
    pub(crate) event: String,
    /// Around the function.
    pub(crate) world: World,
    /// What must become of it.
    pub(crate) expected: Expected,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Let in as this thing, with these scopes.
    Allow { thing: String, scopes: String },
    /// Turned away for this reason.
    Deny(String),
}

impl Expected {
    pub(crate) fn allow(thing: &str, scopes: &str) -> Self {
        Self::Allow {
            thing: thing.to_owned(),
            scopes: scopes.to_owned(),
        }
    }

    pub(crate) fn deny(code: &str) -> Self {
        Self::Deny(code.to_owned())
    }
}

/// What the tokens of most rows grant.
pub(crate) const TELEMETRY: &str = "telemetry:publish";

fn row(name: impl Into<String>, source: &'static str, event: String, expected: Expected) -> Row {
    Row {
        name: name.into(),
        source,
        event,
        world: World::default(),
        expected,
    }
}

/// A token that must be refused, as the password of its thing.
pub(crate) fn deny(
    name: impl Into<String>,
    source: &'static str,
    code: &str,
    token: impl AsRef<[u8]>,
) -> Row {
    deny_event(name, source, code, password(THING, token))
}

/// An event that must be refused.
pub(crate) fn deny_event(
    name: impl Into<String>,
    source: &'static str,
    code: &str,
    event: impl ToString,
) -> Row {
    row(name, source, event.to_string(), Expected::deny(code))
}

/// A token that is good, however it looks, and grants telemetry.
pub(crate) fn allow(name: impl Into<String>, source: &'static str, token: impl AsRef<[u8]>) -> Row {
    allow_event(name, source, password(THING, token))
}

/// An event that is good and grants telemetry to the usual thing.
pub(crate) fn allow_event(
    name: impl Into<String>,
    source: &'static str,
    event: impl ToString,
) -> Row {
    let expected = Expected::allow(THING, TELEMETRY);
    row(name, source, event.to_string(), expected)
}

impl Row {
    pub(crate) fn within(self, world: World) -> Self {
        Self { world, ..self }
    }

    /// Granted to another thing, or with other scopes.
    pub(crate) fn granting(self, thing: &str, scopes: &str) -> Self {
        let expected = Expected::allow(thing, scopes);
        Self { expected, ..self }
    }
}

/// The most usual event.
pub(crate) fn password(client_id: &str, token: impl AsRef<[u8]>) -> String {
    let event = AuthorizerEvent::mqtt(client_id, "");
    event.password(token.as_ref()).value().to_string()
}

/// A good token.
pub(crate) fn good() -> String {
    mint(TestKey::Es256, &claims())
}

/// A token of the issuer whose claims are changed; null removes one.
pub(crate) fn with_claims(changes: Value) -> String {
    mint(TestKey::Es256, &claims_with(changes))
}

/// The header of a key's tokens.
pub(crate) fn header(key: TestKey) -> Value {
    json!({ "alg": format!("{:?}", key.algorithm()), "kid": key.kid(), "typ": "JWT" })
}

/// A token of the issuer with one more member, or another one, in its header.
pub(crate) fn with_header(name: &str, value: Value) -> String {
    let mut header = header(TestKey::Es256);
    header[name] = value;
    signed(header.to_string(), claims().to_string())
}

/// A token of the issuer with any bytes as header and payload.
pub(crate) fn signed(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    Unsigned::new(header, payload).sign(TestKey::Es256)
}

/// A token of the issuer with any bytes as payload.
pub(crate) fn with_payload(payload: impl AsRef<[u8]>) -> String {
    signed(header(TestKey::Es256).to_string(), payload)
}

/// An object of which one member is given as text, which need be no JSON.
pub(crate) fn raw_member(object: &Value, name: &str, raw: &str) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name);
    let text = object.to_string();
    let open = text.strip_suffix('}').unwrap();
    format!("{open},\"{name}\":{raw}}}")
}

/// A token of the issuer with one claim given as text.
pub(crate) fn raw_claim(name: &str, raw: &str) -> String {
    with_payload(raw_member(&claims(), name, raw))
}

/// A token of the issuer with one member of the header given as text.
pub(crate) fn raw_header(name: &str, raw: &str) -> String {
    let header = raw_member(&header(TestKey::Es256), name, raw);
    signed(header, claims().to_string())
}

/// Good claims under a header with this `alg`, unsigned.
pub(crate) fn unsigned(alg: &str, key: TestKey) -> Unsigned {
    let header = json!({ "alg": alg, "kid": key.kid(), "typ": "JWT" });
    Unsigned::new(header.to_string(), claims().to_string())
}

/// Good claims under the header of `key`, signed by an attacker's key of the same kind.
pub(crate) fn forged(key: TestKey, header: &Value) -> String {
    Unsigned::new(header.to_string(), claims().to_string()).sign_as(key.attacker(), algorithm(key))
}

fn algorithm(key: TestKey) -> Algorithm {
    key.algorithm()
}

//! The table behind `events/jwt-authorizer`. The files are written by `cargo run -p testkit --example mint-events`.

mod allow;
mod deny_claims;
mod deny_events;
mod deny_headers;

use serde_json::{Value, json};

use super::{AuthorizerEvent, THING};
use crate::tokens::{TestKey, Unsigned};

/// One file.
#[derive(Debug, Clone)]
pub struct EventFile {
    /// Its name: `allow-<case>.json`, `deny-<code>.json` or `deny-<code>--<case>.json`.
    pub name: String,
    /// Whether it is for a function with `TOKEN_SIGNING=required`.
    pub signing_required: bool,
    /// What it shows, for people.
    pub shows: &'static str,
    /// The event.
    pub event: String,
}

impl EventFile {
    fn new(name: &str, shows: &'static str, event: String) -> Self {
        Self {
            name: format!("{name}.json"),
            signing_required: false,
            shows,
            event,
        }
    }

    fn shaped(name: &str, shows: &'static str, event: &AuthorizerEvent) -> Self {
        Self::new(name, shows, event.pretty())
    }

    /// The most usual event with this token.
    fn token(name: &str, shows: &'static str, token: &str) -> Self {
        Self::shaped(name, shows, &AuthorizerEvent::mqtt(THING, token))
    }

    /// Its row in `events/README.md`.
    #[must_use]
    pub fn row(&self) -> String {
        let settings = if self.signing_required {
            "`TOKEN_SIGNING=required`"
        } else {
            ""
        };
        format!("| `{}` | {settings} | {} |", self.name, self.shows)
    }

    fn signing_required(self) -> Self {
        Self {
            signing_required: true,
            ..self
        }
    }
}

/// Every file, in the order of `events/README.md`.
#[must_use]
pub fn files() -> Vec<EventFile> {
    [
        allow::files(),
        deny_events::files(),
        deny_headers::files(),
        deny_claims::files(),
    ]
    .concat()
}

/// The header that a token of `key` has.
fn header(key: TestKey) -> Value {
    json!({ "alg": format!("{:?}", key.algorithm()), "kid": key.kid(), "typ": "JWT" })
}

/// A header of the ES256 key with one member set, or removed by null.
fn header_with(name: &str, value: Value) -> String {
    let mut header = header(TestKey::Es256);
    match value {
        Value::Null => drop(header.as_object_mut().unwrap().remove(name)),
        value => header[name] = value,
    }
    header.to_string()
}

/// A token of the ES256 key with any bytes in it.
fn signed(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    Unsigned::new(header, payload).sign(TestKey::Es256)
}

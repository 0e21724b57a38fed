//! The part of the story about devices that carry tokens instead of certificates.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use http::Request;
use iot_gateway::EventKind;
use lambda_host::LogSink;
use serde_json::{Value, json};

use super::{
    day::Presented,
    story::{DemoFailed, Story},
};
use crate::{
    device::{Device, DeviceError, TokenIdentity},
    identity_provider::IdentityProvider,
};

/// The property of all these devices.
const PROPERTY: &str = "property-003";
/// Has a good token, for an hour.
const CAMERA: &str = "sci-property-003-camera-0011";
/// Has a token that expired.
const FORGOTTEN: &str = "sci-property-003-camera-0012";
/// Has the token of another camera.
const BORROWER: &str = "sci-property-003-camera-0013";
/// Has a good token, until it is revoked.
const STOLEN: &str = "sci-property-003-lock-0008";

/// What the functions logged.
#[derive(Clone, Default)]
pub(super) struct Logs(Arc<Mutex<Vec<String>>>);

impl Logs {
    /// Where the functions' lines go.
    pub(super) fn sink(&self) -> LogSink {
        let lines = Arc::clone(&self.0);
        Arc::new(move |_, _, line| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push(line.to_owned());
        })
    }

    fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How often devices were turned away, by reason.
    pub(super) fn denials(&self) -> BTreeMap<String, usize> {
        let mut denials = BTreeMap::new();
        for line in self.lines() {
            let line: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
            if let Some(reason) = line.get("denial.reason").and_then(Value::as_str) {
                *denials.entry(reason.to_owned()).or_default() += 1;
            }
        }
        denials
    }

    /// Whether a line holds the beginning of a token, or of any other JSON in base64.
    pub(super) fn hold_a_token(&self) -> bool {
        self.lines().iter().any(|line| line.contains("eyJ"))
    }
}

impl<W: Write> Story<'_, W> {
    /// A device shows its token, or something is done to one that did.
    pub(super) async fn present(&mut self, what: Presented) -> Result<(), DemoFailed> {
        match what {
            Presented::Good => {
                let token = self.token(CAMERA, "security:publish", 3600)?;
                let mut camera = self.connect(CAMERA, &token).await?;
                let event = json!({
                    "alert_level": 1, "event_type": "motion", "property_id": PROPERTY, "device_type": "camera",
                    "timestamp": self.sandbox.clock.now(),
                });
                let topic = format!("sci/properties/{CAMERA}/security");
                let sent = camera.publish(&topic, event.to_string()).await;
                sent.map_err(|error| DemoFailed::Device(CAMERA, error))?;
                self.published += 1;
                self.with_token.insert(CAMERA, camera);
                self.claim(
                    &format!("{CAMERA} is let in and reports what it sees"),
                    true,
                )
            }
            Presented::BeyondItsScopes => {
                let token = self.token(CAMERA, "security:publish", 3600)?;
                let mut camera = self.connect(CAMERA, &token).await?;
                let topic = format!("sci/properties/{CAMERA}/environmental");
                let refused = camera.publish(&topic, "{}").await;
                self.with_token.remove(CAMERA);
                self.claim(
                    "what its scopes do not name ends its connection",
                    matches!(refused, Err(DeviceError::Refused(_))),
                )
            }
            Presented::Expired => {
                let token = self.token(FORGOTTEN, "security:publish", -3600)?;
                let turned_away = self.turned_away(FORGOTTEN, &token, "expired").await;
                self.claim(
                    &format!("{FORGOTTEN} shows a token that has expired: turned away"),
                    turned_away,
                )
            }
            Presented::OfAnotherThing => {
                let token = self.token(CAMERA, "security:publish", 3600)?;
                let turned_away = self
                    .turned_away(BORROWER, &token, "client-id-mismatch")
                    .await;
                self.claim(
                    &format!("{BORROWER} shows the token of another camera: turned away"),
                    turned_away,
                )
            }
            Presented::Stolen => {
                let token = self.token(STOLEN, "security:publish commands:subscribe", 86_400)?;
                let lock = self.connect(STOLEN, &token).await?;
                self.with_token.insert(STOLEN, lock);
                self.stolen_token = token;
                Ok(())
            }
            Presented::Revoked => self.revoke().await,
            Presented::OutOfTime => {
                let Some(camera) = self.with_token.remove(CAMERA) else {
                    return self.claim("the camera was connected", false);
                };
                let ended = camera.ended().await.is_ok();
                let why = self.disconnected(CAMERA, "CUSTOMAUTH_TTL_EXPIRATION");
                self.claim(
                    "an hour later its token expires, and AWS IoT ends its connection",
                    ended && why,
                )
            }
        }
    }

    /// The procedure of the README: the entry first, so that the device cannot come back, then the connection.
    async fn revoke(&mut self) -> Result<(), DemoFailed> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let entry = HashMap::from([
            ("subject".to_owned(), text(&format!("thing#{STOLEN}"))),
            ("reason".to_owned(), text("stolen")),
            ("revoked_at".to_owned(), text("2026-06-15T19:30:00.000Z")),
        ]);
        self.evidence.put("RevocationsTableName", entry).await?;
        let request = Request::delete(format!("/connections/{STOLEN}"));
        let request = request
            .body(Bytes::new())
            .map_err(|error| DemoFailed::Aws(error.to_string()))?;
        let deleted = self.sandbox.gateway.handle_iot_data(request).await;
        let ended = match self.with_token.remove(STOLEN) {
            Some(lock) => lock.ended().await.is_ok(),
            None => false,
        };
        let why = self.disconnected(STOLEN, "API_INITIATED_DISCONNECT");
        self.claim(
            &format!("{STOLEN} is disconnected at once"),
            deleted.status().is_success() && ended && why,
        )?;
        let token = std::mem::take(&mut self.stolen_token);
        let turned_away = self.turned_away(STOLEN, &token, "thing-revoked").await;
        self.claim(
            "and not let in again, although its token is good",
            turned_away,
        )
    }

    fn token(&self, thing: &str, scope: &str, seconds: i64) -> Result<String, DemoFailed> {
        let claims = self.issuer.claims(thing, PROPERTY, scope, seconds);
        let signed = self.issuer.sign(&claims);
        signed.map_err(|error| DemoFailed::Aws(error.to_string()))
    }

    async fn connect(&self, thing: &'static str, token: &str) -> Result<Device, DemoFailed> {
        let device = self.try_connect(thing, token).await;
        device.map_err(|error| DemoFailed::Device(thing, error))
    }

    async fn try_connect(&self, client_id: &str, token: &str) -> Result<Device, DeviceError> {
        let sandbox = self.sandbox;
        let identity = TokenIdentity {
            client_id: client_id.to_owned(),
            token: token.to_owned(),
            authorizer: Some(sandbox.output("JwtAuthorizerName").to_owned()),
        };
        let root = sandbox.gateway.root_ca_pem();
        Device::connect_with_token(&identity, sandbox.https_port(), root).await
    }

    /// Whether a device is refused, and the log says that this is why.
    async fn turned_away(&self, client_id: &str, token: &str, reason: &str) -> bool {
        let count = || self.logs.denials().get(reason).copied().unwrap_or_default();
        let before = count();
        let refused = self.try_connect(client_id, token).await;
        self.sandbox.quiesce().await;
        matches!(refused, Err(DeviceError::Refused(_))) && count() == before + 1
    }

    fn disconnected(&self, client_id: &str, wanted: &str) -> bool {
        let events = self.sandbox.gateway.events().all();
        events.iter().any(|event| {
            let ended =
                matches!(&event.kind, EventKind::Disconnected { reason, .. } if *reason == wanted);
            ended && event.client_id.as_deref() == Some(client_id)
        })
    }
}

/// The issuer of the story's tokens.
pub(super) async fn issuer() -> Result<IdentityProvider, DemoFailed> {
    let started = IdentityProvider::start().await;
    started.map_err(|error| DemoFailed::Aws(error.to_string()))
}

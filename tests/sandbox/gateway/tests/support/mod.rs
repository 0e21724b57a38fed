//! A gateway with a hand-driven clock, and devices for it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test binary uses its own part"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

pub mod authorizer;
pub mod ca;
pub mod client;
pub mod fleet;
pub mod foreign;
pub mod https;
pub mod mosquitto;
pub mod tls;
pub mod web_socket;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use iot_gateway::{Clock, Event, EventKind, Gateway, GatewayConfig, Inbound, PublishedMessage};
use serde_json::{Value, json};

use authorizer::Script;

/// 2026-03-01T12:00:00Z
pub const NOON: u64 = 1_772_366_400_000;
/// Longer than anything takes; only a broken test waits for it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A policy that allows everything on everything.
pub const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}"#;

#[derive(Clone, Default)]
pub struct Engine(Arc<Mutex<Vec<PublishedMessage>>>);

impl Inbound for Engine {
    fn published(&self, message: PublishedMessage) {
        self.0.lock().unwrap().push(message);
    }
}

impl Engine {
    /// The messages of clients, without those of the service itself.
    pub fn messages(&self) -> Vec<PublishedMessage> {
        let all = self.0.lock().unwrap();
        all.iter()
            .filter(|message| !message.topic.starts_with("$aws/events/"))
            .cloned()
            .collect()
    }

    pub fn all(&self) -> Vec<PublishedMessage> {
        self.0.lock().unwrap().clone()
    }

    pub fn on(&self, topic: &str) -> Vec<PublishedMessage> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|message| message.topic == topic)
            .cloned()
            .collect()
    }

    /// Waits for the first message on a topic.
    pub async fn wait_for(&self, topic: &str) -> PublishedMessage {
        within(async {
            loop {
                if let Some(found) = self.on(topic).into_iter().next() {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
    }
}

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("in time")
}

pub struct World {
    pub gateway: Arc<Gateway>,
    pub engine: Engine,
    time: Arc<AtomicU64>,
}

/// A device certificate with its key.
#[derive(Clone, Debug)]
pub struct Device {
    pub id: String,
    pub arn: String,
    pub certificate_pem: String,
    pub key_pem: String,
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A gateway whose functions are a script.
    pub async fn with(functions: &Script) -> Self {
        let functions = Arc::new(functions.clone());
        Self::start_with(|config| config.functions = Some(functions)).await
    }

    pub async fn start_with(configure: impl FnOnce(&mut GatewayConfig)) -> Self {
        let time = Arc::new(AtomicU64::new(NOON));
        let read = Arc::clone(&time);
        let clock: Clock = Arc::new(move || read.load(Ordering::SeqCst));
        let engine = Engine::default();
        let mut config = GatewayConfig::new(clock);
        configure(&mut config);
        let gateway = Gateway::start(config, engine.clone()).await.unwrap();
        Self {
            gateway: Arc::new(gateway),
            engine,
            time,
        }
    }

    /// Lets time pass without telling the gateway.
    pub fn pass(&self, by: Duration) {
        self.time
            .fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Lets time pass and waits for everything that is due then.
    pub async fn settle_after(&self, by: Duration) {
        self.pass(by);
        within(self.gateway.settle()).await;
    }

    pub fn advance(&self, by: Duration) {
        self.pass(by);
        self.gateway.tick();
    }

    /// Calls the `iot` API; panics unless the answer is 200.
    pub async fn iot(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, code, body) = self.try_iot(method, path, &[], body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {code} {body}");
        body
    }

    pub async fn try_iot(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> (StatusCode, String, Value) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .gateway
            .handle_iot(request.body(Bytes::from(body.to_string())).unwrap())
            .await;
        let code = response
            .headers()
            .get("x-amzn-errortype")
            .map(|v| v.to_str().unwrap().to_owned());
        (
            response.status(),
            code.unwrap_or_default(),
            serde_json::from_slice(response.body()).unwrap(),
        )
    }

    /// An ACTIVE certificate made by CreateCertificateFromCsr (P-256, quick) with a policy of its own.
    pub async fn device(&self, policy: &str) -> Device {
        let key = rcgen::KeyPair::generate().unwrap();
        let csr = rcgen::CertificateParams::default()
            .serialize_request(&key)
            .unwrap()
            .pem()
            .unwrap();
        let made = self
            .iot(
                Method::POST,
                "/certificates?setAsActive=true",
                json!({ "certificateSigningRequest": csr }),
            )
            .await;
        let device = Device::from(&made, &key.serialize_pem());
        self.grant(&device, policy).await;
        device
    }

    /// An ACTIVE certificate whose policy allows everything.
    pub async fn trusted(&self) -> Device {
        self.device(ALLOW_ALL).await
    }

    /// Attaches a new policy.
    pub async fn grant(&self, device: &Device, policy: &str) -> String {
        let name = format!("p-{}", uuid::Uuid::new_v4());
        self.iot(
            Method::POST,
            &format!("/policies/{name}"),
            json!({ "policyDocument": policy }),
        )
        .await;
        self.attach(&name, &device.arn).await;
        name
    }

    pub async fn attach(&self, policy: &str, target: &str) {
        self.iot(
            Method::PUT,
            &format!("/target-policies/{policy}"),
            json!({ "target": target }),
        )
        .await;
    }

    /// A thing attached to the device.
    pub async fn thing(&self, name: &str, device: &Device, how: &str) {
        self.iot(Method::POST, &format!("/things/{name}"), json!({}))
            .await;
        let (status, _, body) = self.attach_thing(name, device, how).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    pub async fn attach_thing(
        &self,
        name: &str,
        device: &Device,
        how: &str,
    ) -> (StatusCode, String, Value) {
        let path = format!("/things/{name}/principals?thingPrincipalType={how}");
        self.try_iot(
            Method::PUT,
            &path,
            &[("x-amzn-principal", &device.arn)],
            json!({}),
        )
        .await
    }

    pub async fn set_status(&self, device: &Device, status: &str) {
        self.iot(
            Method::PUT,
            &format!("/certificates/{}?newStatus={status}", device.id),
            json!({}),
        )
        .await;
    }

    /// Waits for an event.
    pub async fn event(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        within(self.gateway.events().wait_for(wanted)).await
    }

    /// Waits until somebody is refused, and tells why.
    pub async fn refusal(&self) -> String {
        let event = self
            .event(|event| matches!(event.kind, EventKind::ConnectRefused { .. }))
            .await;
        match event.kind {
            EventKind::ConnectRefused { reason } => reason,
            _ => unreachable!(),
        }
    }
}

impl Device {
    pub fn from(made: &Value, key_pem: &str) -> Self {
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self {
            id: text("certificateId"),
            arn: text("certificateArn"),
            certificate_pem: text("certificatePem"),
            key_pem: key_pem.to_owned(),
        }
    }
}

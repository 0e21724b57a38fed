//! A host with one function, a clock set by hand and destinations that remember.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_host::{
    DestinationError, Destinations, FunctionSpec, HostConfig, InvokeOptions, InvokeResult,
    LambdaHost, RetryDelays,
};
use serde_json::Value;

pub const NAME: &str = "fixture";
pub const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:fixture";
pub const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:failures";
pub const START_MS: u64 = 1_700_000_000_000;

#[derive(Default)]
pub struct Remembering {
    pub sent: Mutex<Vec<(String, Value)>>,
}

impl Destinations for Remembering {
    fn send(&self, arn: &str, body: String) -> BoxFuture<'_, Result<(), DestinationError>> {
        let arn = arn.to_owned();
        async move {
            if arn.ends_with("missing") {
                return Err(DestinationError::Unsupported(arn));
            }
            let record = serde_json::from_str(&body).unwrap();
            self.sent.lock().unwrap().push((arn, record));
            Ok(())
        }
        .boxed()
    }
}

/// Request id and text.
pub type Line = (Option<String>, String);

pub struct World {
    pub host: LambdaHost,
    pub clock: Arc<AtomicU64>,
    pub destinations: Arc<Remembering>,
    pub lines: Arc<Mutex<Vec<Line>>>,
}

/// The fixture's binary, which `cargo test` builds with the examples.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples/fixture");
    assert!(
        path.is_file(),
        "no {}: run `cargo build -p lambda-host --example fixture` first",
        path.display()
    );
    path
}

pub fn spec() -> FunctionSpec {
    let mut spec = FunctionSpec::new(NAME, binary());
    // Generous: the machine may be busy. Tests of the timeout set their own.
    spec.timeout = Duration::from_secs(30);
    spec.event_invoke.on_failure = Some(QUEUE.into());
    spec
}

pub fn world(change: impl FnOnce(&mut FunctionSpec)) -> World {
    world_with_delays(RetryDelays::milliseconds(), change)
}

pub fn world_with_delays(delays: RetryDelays, change: impl FnOnce(&mut FunctionSpec)) -> World {
    let clock = Arc::new(AtomicU64::new(START_MS));
    let now = Arc::clone(&clock);
    let mut config = HostConfig::new(Arc::new(move || now.load(Ordering::SeqCst)));
    config.retry_delays = delays;
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    config.log_sink = Arc::new(move |_, id, line| {
        let line = (id.map(str::to_owned), line.to_owned());
        sink.lock().unwrap().push(line);
    });
    let destinations = Arc::new(Remembering::default());
    let host = LambdaHost::start(config, Arc::clone(&destinations) as Arc<dyn Destinations>);
    let mut spec = spec();
    change(&mut spec);
    assert_eq!(host.register(spec).unwrap(), ARN);
    World {
        host,
        clock,
        destinations,
        lines,
    }
}

impl World {
    pub async fn invoke(&self, payload: &str) -> InvokeResult {
        let payload = Bytes::from(payload.to_owned());
        self.host
            .invoke(NAME, payload, InvokeOptions::default())
            .await
            .unwrap()
    }

    /// Puts an event into the queue and waits until nothing is left to do.
    pub async fn event(&self, payload: &str) -> String {
        let payload = Bytes::from(payload.to_owned());
        let accepted = self.host.invoke_async(NAME, payload).unwrap();
        self.host.quiesce().await;
        accepted.request_id
    }

    pub fn records(&self) -> Vec<Value> {
        let sent = self.destinations.sent.lock().unwrap();
        sent.iter().map(|(_, record)| record.clone()).collect()
    }
}

pub fn json(payload: &Bytes) -> Value {
    serde_json::from_slice(payload).unwrap()
}

pub fn pid(result: &InvokeResult) -> u64 {
    json(&result.payload)["pid"].as_u64().unwrap()
}

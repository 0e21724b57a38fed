//! A sandbox of one's own for each scenario, on the template and the real binaries.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write as _,
    path::PathBuf,
    process::{Output, Stdio},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use lambda_host::{Invocation, Outcome};
use sandbox::{
    Options, Sandbox,
    aws::sdk_config,
    binaries,
    device::{Device, Identity},
    fleet::{self, NewDevice},
    options::{ACCOUNT, REGION, workspace},
};
use sandbox_services::{Fault, FaultKind, When};
use serde_json::{Value, json};
use tokio::{process::Command, sync::OnceCell, time::timeout};

pub(crate) const SENSOR: &str = "sci-property-001-environmental-0042";
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The functions are built once for all scenarios.
pub(crate) async fn function_binaries() -> BTreeMap<String, PathBuf> {
    static BUILT: OnceCell<BTreeMap<String, PathBuf>> = OnceCell::const_new();
    let build = || async {
        let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
        let names = sandbox::function_binaries(&template).unwrap();
        binaries::build(&workspace(), &names).await.unwrap()
    };
    BUILT.get_or_init(build).await.clone()
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) iot: aws_sdk_iot::Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(adjust: impl FnOnce(&mut Options)) -> Self {
        let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
        let mut options = Options::new(template, function_binaries().await);
        adjust(&mut options);
        let sandbox = Sandbox::start(options).await.unwrap();
        let config = sdk_config(&sandbox.endpoint(), REGION);
        let world = Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            iot: aws_sdk_iot::Client::new(&config),
            sandbox,
        };
        let policy = world.sandbox.output("DevicePolicyName");
        fleet::attach_policy(&world.iot, policy, &world.group_arn())
            .await
            .unwrap();
        world
    }

    pub(crate) fn group_arn(&self) -> String {
        format!(
            "arn:aws:iot:{REGION}:{ACCOUNT}:thinggroup/{}",
            self.sandbox.output("FleetGroupName")
        )
    }

    pub(crate) async fn register(&self, thing: &str) -> Identity {
        let group = self.sandbox.output("FleetGroupName");
        fleet::register(
            &self.iot,
            NewDevice {
                thing,
                thing_type: None,
                group,
            },
        )
        .await
        .unwrap()
    }

    pub(crate) async fn device(&self, thing: &str) -> Device {
        let identity = self.register(thing).await;
        self.connect(&identity).await
    }

    pub(crate) async fn connect(&self, identity: &Identity) -> Device {
        let root = self.sandbox.gateway.root_ca_pem();
        Device::connect(identity, self.sandbox.mqtt_port(), root)
            .await
            .unwrap()
    }

    /// Publishes a reading of `degrees` now, and waits for everything it causes.
    pub(crate) async fn reads(&self, device: &mut Device, degrees: f64) {
        let payload = json!({
            "temperature": degrees, "humidity": 40, "property_id": "property-001",
            "device_type": "environmental", "timestamp": self.sandbox.clock.now(),
        });
        let topic = format!("sci/properties/{}/environmental", device.thing);
        device.publish(&topic, payload.to_string()).await.unwrap();
        self.sandbox.quiesce().await;
    }

    /// Stops the clock, or moves it on.
    pub(crate) fn later(&self, millis: u64) {
        self.sandbox.clock.set(self.sandbox.clock.now() + millis);
    }

    pub(crate) async fn items(&self, output: &str) -> Vec<Item> {
        let scan = self
            .dynamodb
            .scan()
            .table_name(self.sandbox.output(output))
            .consistent_read(true);
        scan.send().await.unwrap().items.unwrap_or_default()
    }

    /// The one alarm there is.
    pub(crate) async fn alarm(&self) -> Item {
        let mut items = self.items("AlarmsTableName").await;
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }

    /// What people were told: transition and attempt of each message.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let published = self.sandbox.services.published();
        let attribute = |message: &sandbox_services::PublishedMessage, name: &str| {
            message
                .attributes
                .get(name)
                .map(|a| a.value.clone())
                .unwrap_or_default()
        };
        published
            .iter()
            .map(|m| (attribute(m, "transition"), attribute(m, "attempt")))
            .collect()
    }

    /// Answers and errors of the messages' invocations, oldest first.
    pub(crate) fn invocations(&self) -> Vec<Invocation> {
        let history = self.sandbox.lambda.history();
        // Connections and registrations, not messages.
        let asked = ["JwtAuthorizerFunctionName", "ProvisioningHookFunctionName"]
            .map(|output| self.sandbox.output(output));
        history
            .into_iter()
            .filter(|i| !i.payload.starts_with(b"{\"type\":\"sweep\""))
            .filter(|i| !asked.contains(&i.function.as_str()))
            .collect()
    }

    pub(crate) fn outcomes(&self) -> Vec<String> {
        let outcome = |invocation: &Invocation| match &invocation.outcome {
            Outcome::Ok(answer) => {
                let answer: Value = serde_json::from_slice(answer).unwrap();
                answer["outcome"].as_str().unwrap().to_owned()
            }
            Outcome::FunctionError { error_type, .. } => format!("error {error_type}"),
            Outcome::Timeout { .. } => "timeout".to_owned(),
            Outcome::Crash { .. } => "crash".to_owned(),
            Outcome::Throttled => "throttled".to_owned(),
            Outcome::Lost => "lost".to_owned(),
        };
        self.invocations().iter().map(outcome).collect()
    }

    /// Bodies of all messages in the queue that `output` names.
    pub(crate) async fn bodies(&self, output: &str) -> Vec<Value> {
        let mut bodies = Vec::new();
        loop {
            let body =
                json!({ "QueueUrl": self.sandbox.output(output), "MaxNumberOfMessages": 10 });
            let answer = self
                .json_call("sqs", "AmazonSQS.ReceiveMessage", &body)
                .await;
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return bodies;
            }
            bodies.extend(
                messages
                    .iter()
                    .map(|m| serde_json::from_str(m["Body"].as_str().unwrap()).unwrap()),
            );
        }
    }

    pub(crate) async fn query(&self, sql: &str) -> Vec<Value> {
        let answer = self
            .json_call(
                "timestream",
                "Timestream_20181101.Query",
                &json!({ "QueryString": sql }),
            )
            .await;
        answer["Rows"].as_array().cloned().unwrap_or_default()
    }

    pub(crate) async fn json_call(&self, service: &str, target: &str, body: &Value) -> Value {
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let response = self.sandbox.services.handle(service, request).await;
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status().is_success(), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn inject(&self, service: &str, operation: &str, when: When, kind: FaultKind) {
        let fault = Fault {
            service: service.into(),
            operation: operation.into(),
            when,
            kind,
        };
        self.sandbox.services.faults().inject(fault);
    }

    /// Names of the AWS calls that the functions made since the last time.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.sandbox.services.calls();
        self.sandbox.services.clear_calls();
        calls.into_iter().map(|call| call.operation).collect()
    }
}

pub(crate) const ALWAYS: When = When::Probability {
    percent: 100,
    seed: 0,
};

pub(crate) fn text(item: &Item, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        Some(AttributeValue::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

/// Runs a real client. `None`, with a word on stderr, when it is not installed; with `REQUIRE_FOREIGN_CLIENTS` set, as
/// in CI, that is a failure.
pub(crate) async fn foreign(
    program: &str,
    package: &str,
    args: &[&str],
    env: &[(&str, &str)],
) -> Option<Output> {
    let mut command = Command::new(program);
    command
        .args(args)
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match timeout(Duration::from_secs(60), command.output()).await {
        Ok(Ok(output)) => Some(output),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            skipped(program, package);
            None
        }
        Ok(Err(error)) => panic!("{program}: {error}"),
        Err(_) => panic!("{program} did not end within a minute"),
    }
}

/// Says that a part of a test does not run because `what` is not installed, which in CI is a failure.
pub(crate) fn skipped(what: &str, package: &str) {
    assert!(!required(), "{what} is missing: install {package}");
    // Past the test harness, which hides what a passing test prints.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: {what} is missing; install {package} to run this part"
    );
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run")]
fn required() -> bool {
    std::env::var_os("REQUIRE_FOREIGN_CLIENTS").is_some()
}

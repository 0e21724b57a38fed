//! Devices that carry tokens instead of certificates, through the real authorizer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use iot_gateway::EventKind;
use sandbox::{
    device::{Device, DeviceError, TokenIdentity},
    identity_provider::{AUDIENCE, DEVICE_ISSUER, IdentityProvider, SigningKey},
    options::workspace,
};
use sandbox_services::{FaultKind, When};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use sci_domain::timestamp::Timestamp;

use crate::{
    https,
    world::{ALWAYS, World, foreign, skipped, text},
};

const LOCK: &str = "sci-property-001-lock-0003";
const PROPERTY: &str = "property-001";

/// A world that trusts an identity provider.
struct Tokens {
    world: World,
    issuer: IdentityProvider,
    log: Arc<Mutex<Vec<String>>>,
}

impl Tokens {
    async fn start() -> Self {
        Self::start_with(IdentityProvider::start().await.unwrap()).await
    }

    async fn start_with(issuer: IdentityProvider) -> Self {
        let trusted = issuer.issuers_parameter();
        Self::trusting(issuer, &[("JwtIssuers", &trusted)]).await
    }

    async fn trusting(issuer: IdentityProvider, parameters: &[(&str, &str)]) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let world = World::start_with(|options| {
            let parameters = parameters.iter();
            let parameters =
                parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            options.parameters.extend(parameters);
            options.function_roots = issuer.root_ca_pem().to_owned();
            options.log_sink =
                Arc::new(move |_, _, line| lines.lock().unwrap().push(line.to_owned()));
        })
        .await;
        Self { world, issuer, log }
    }

    fn token(&self, thing: &str, scope: &str, seconds: i64) -> String {
        let claims = self.issuer.claims(thing, PROPERTY, scope, seconds);
        self.issuer.sign(&claims).unwrap()
    }

    async fn connect(&self, client_id: &str, token: &str) -> Result<Device, DeviceError> {
        let sandbox = &self.world.sandbox;
        let identity = TokenIdentity {
            client_id: client_id.into(),
            token: token.into(),
            authorizer: Some(sandbox.output("JwtAuthorizerName").into()),
        };
        let root = sandbox.gateway.root_ca_pem();
        Device::connect_with_token(&identity, sandbox.https_port(), root).await
    }

    /// A device is let in.
    async fn let_in(&self, client_id: &str, token: &str) -> Device {
        let connected = self.connect(client_id, token).await;
        connected.unwrap_or_else(|error| panic!("{error}; turned away: {:?}", self.denials()))
    }

    /// A device is refused; says why, which only the log knows.
    async fn refused(&self, client_id: &str, token: &str) -> String {
        let before = self.denials().len();
        let refused = self.connect(client_id, token).await;
        assert!(
            matches!(refused, Err(DeviceError::Refused(_))),
            "{refused:?}"
        );
        self.world.sandbox.quiesce().await;
        let denials = self.denials();
        assert_eq!(denials.len(), before + 1, "{denials:?}");
        denials.last().unwrap().clone()
    }

    fn lines(&self) -> Vec<Value> {
        let lines = self.log.lock().unwrap();
        let json = lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or_default());
        json.collect()
    }

    fn denials(&self) -> Vec<String> {
        let lines = self.lines();
        let reasons = lines
            .iter()
            .filter_map(|line| line["denial.reason"].as_str());
        reasons.map(str::to_owned).collect()
    }

    async fn write(&self, output: &str, item: &[(&str, &str)]) {
        let item = item.iter();
        let item: HashMap<_, _> = item
            .map(|(name, value)| ((*name).to_owned(), AttributeValue::S((*value).to_owned())))
            .collect();
        let put = self.world.dynamodb.put_item().set_item(Some(item));
        let table = self.world.sandbox.output(output);
        put.table_name(table).send().await.unwrap();
    }

    /// Publishes over HTTPS; answers the status.
    async fn post(&self, path: &str, token: &str, body: &Value) -> u16 {
        let sandbox = &self.world.sandbox;
        let authorizer = sandbox.output("JwtAuthorizerName");
        let request = http::Request::post(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {token}"))
            .header("x-amz-customauthorizer-name", authorizer)
            .body(body.to_string());
        let root = sandbox.gateway.root_ca_pem();
        let answer = https::send(sandbox.https_port(), root, request.unwrap()).await;
        answer.unwrap().as_u16()
    }

    /// Whether the connection of a client ended for this reason.
    fn ended(&self, client_id: &str, why: &str) -> bool {
        let events = self.world.sandbox.gateway.events().all();
        events.iter().any(|event| {
            event.client_id.as_deref() == Some(client_id)
                && matches!(&event.kind, EventKind::Disconnected { reason, .. } if *reason == why)
        })
    }

    async fn alert(&self, device: &mut Device) -> Result<(), DeviceError> {
        let payload = json!({
            "alert_level": 5, "event_type": "tamper", "property_id": PROPERTY, "device_type": "lock",
            "timestamp": self.world.sandbox.clock.now(),
        });
        let topic = format!("sci/properties/{LOCK}/security");
        device.publish(&topic, payload.to_string()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_with_a_token_reports_raises_an_alarm() {
    let tokens = Tokens::start().await;
    let token = tokens.token(LOCK, "security:publish", 3600);
    let mut lock = tokens.let_in(LOCK, &token).await;
    tokens.alert(&mut lock).await.unwrap();
    tokens.world.sandbox.quiesce().await;
    let alarm = tokens.world.alarm().await;
    assert_eq!(text(&alarm, "alarm_id"), format!("{LOCK}#tamper"));
    // One decision, one look at what is revoked.
    let calls = tokens.world.calls();
    let looks = calls.iter().filter(|call| *call == "BatchGetItem");
    assert!(looks.count() >= 1, "{calls:?}");
    // What its scopes do not name is not its to do.
    let elsewhere = lock.publish(&format!("sensors/{LOCK}/data"), "{}").await;
    assert!(elsewhere.is_err());
    assert!(
        !tokens
            .log
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.contains("eyJ"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_wrong_open_nothing() {
    let tokens = Tokens::start().await;
    let scope = "security:publish";
    let good = tokens.token(LOCK, scope, 3600);
    let other = tokens.token("sci-property-001-lock-0004", scope, 3600);
    let expired = tokens.token(LOCK, scope, -3600);
    assert_eq!(tokens.refused(LOCK, &expired).await, "expired");
    assert_eq!(tokens.refused(LOCK, &other).await, "client-id-mismatch");
    assert_eq!(
        tokens.refused("sci-property-001-lock", &good).await,
        "client-id-mismatch"
    );
    assert_eq!(tokens.refused(LOCK, "no token").await, "not-three-segments");
    let (rest, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(
        tokens.refused(LOCK, &format!("{rest}.{signature}")).await,
        "signature"
    );
    let stranger = SigningKey::generate("key-1").unwrap();
    let claims = tokens.issuer.claims(LOCK, PROPERTY, scope, 3600);
    assert_eq!(
        tokens.refused(LOCK, &stranger.sign(&claims).unwrap()).await,
        "signature"
    );
    let mut foreign = claims.clone();
    foreign["iss"] = "https://elsewhere.example".into();
    assert_eq!(
        tokens
            .refused(LOCK, &tokens.issuer.sign(&foreign).unwrap())
            .await,
        "unknown-issuer"
    );
    tokens.let_in(LOCK, &good).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_revoked_is_out_at_once_and_stays_out() {
    let tokens = Tokens::start().await;
    let token = tokens.token(LOCK, "security:publish", 3600);
    let lock = tokens.let_in(LOCK, &token).await;
    let subject = format!("thing#{LOCK}");
    tokens
        .write(
            "RevocationsTableName",
            &[("subject", &subject), ("reason", "stolen")],
        )
        .await;
    let request = http::Request::delete(format!("/connections/{LOCK}"));
    let request = request.body(Bytes::new()).unwrap();
    let deleted = tokens.world.sandbox.gateway.handle_iot_data(request).await;
    assert!(deleted.status().is_success());
    lock.ended().await.unwrap();
    assert!(tokens.ended(LOCK, "API_INITIATED_DISCONNECT"));
    assert_eq!(tokens.refused(LOCK, &token).await, "thing-revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_bites_at_the_next_refresh_by_itself() {
    let tokens = Tokens::start().await;
    let claims = tokens
        .issuer
        .claims(LOCK, PROPERTY, "security:publish", 3600);
    let token = tokens.issuer.sign(&claims).unwrap();
    tokens.world.later(0);
    let mut lock = tokens.let_in(LOCK, &token).await;
    let subject = format!(
        "jti#{}#{}",
        tokens.issuer.issuer(),
        claims["jti"].as_str().unwrap()
    );
    tokens
        .write("RevocationsTableName", &[("subject", &subject)])
        .await;
    // Until then the policy of the connection holds.
    tokens.world.later(299_000);
    tokens.world.sandbox.quiesce().await;
    tokens.alert(&mut lock).await.unwrap();
    tokens.world.later(2_000);
    tokens.world.sandbox.quiesce().await;
    lock.ended().await.unwrap();
    assert_eq!(tokens.denials(), ["token-revoked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_its_token() {
    let tokens = Tokens::start().await;
    let token = tokens.token(LOCK, "security:publish", 900);
    tokens.world.later(0);
    let lock = tokens.let_in(LOCK, &token).await;
    tokens.world.later(901_000);
    tokens.world.sandbox.quiesce().await;
    lock.ended().await.unwrap();
    assert!(tokens.ended(LOCK, "CUSTOMAUTH_TTL_EXPIRATION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_key_counts_no_more() {
    let tokens = Tokens::start().await;
    let old = tokens.token(LOCK, "security:publish", 3600);
    tokens.let_in(LOCK, &old).await;
    tokens.issuer.rotate().unwrap();
    let new = tokens.token(LOCK, "security:publish", 3600);
    // The keys were fetched a moment ago: strangers cannot make the function fetch them again so soon.
    assert_eq!(tokens.refused(LOCK, &new).await, "unknown-key");
    assert_eq!(tokens.issuer.fetches(), 1);
    // A new execution environment begins with what is published now.
    let function = tokens.world.sandbox.output("JwtAuthorizerFunctionName");
    let faults = tokens.world.sandbox.lambda.faults();
    faults.kill_after(function, 1, Duration::ZERO);
    assert!(
        tokens.connect(LOCK, &new).await.is_err(),
        "a crash lets nobody in"
    );
    tokens.let_in(LOCK, &new).await;
    assert_eq!(tokens.refused(LOCK, &old).await, "unknown-key");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_or_without_the_list_nobody_is_let_in() {
    let issuer = IdentityProvider::start().await.unwrap();
    issuer.set_down(true);
    let tokens = Tokens::start_with(issuer).await;
    let token = tokens.token(LOCK, "security:publish", 3600);
    assert_eq!(tokens.refused(LOCK, &token).await, "keys-unavailable");

    let tokens = Tokens::start().await;
    let token = tokens.token(LOCK, "security:publish", 3600);
    tokens.world.inject(
        "dynamodb",
        "BatchGetItem",
        ALWAYS,
        FaultKind::InternalBefore,
    );
    assert_eq!(tokens.refused(LOCK, &token).await, "store-failed");
    tokens.world.sandbox.services.faults().clear();
    // One lost answer is not the end: the call is made once more.
    tokens.world.inject(
        "dynamodb",
        "BatchGetItem",
        When::Next(1),
        FaultKind::LostReply,
    );
    tokens.let_in(LOCK, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cold_start_without_network_works_from_the_snapshot_while_it_is_fresh() {
    for (taken_at, seconds) in [("fresh", 0), ("old", 8 * 86_400)] {
        let issuer = IdentityProvider::start().await.unwrap();
        issuer.set_down(true);
        let now = sandbox::clock::system_now();
        let taken = Timestamp::from_millis(now - seconds * 1000).unwrap();
        let trusted = json!([{
            "issuer": issuer.issuer(), "audience": AUDIENCE, "keys": { "url": issuer.jwks_url() },
            "snapshot": { "taken_at": taken.to_string(), "keys": issuer.jwks() },
        }]);
        let trusted = trusted.to_string();
        let tokens = Tokens::trusting(issuer, &[("JwtIssuers", &trusted)]).await;
        let token = tokens.token(LOCK, "security:publish", 3600);
        if taken_at == "fresh" {
            tokens.let_in(LOCK, &token).await;
            assert!(tokens.lines().iter().any(|line| line["SnapshotKeys"] == 1));
        } else {
            assert_eq!(tokens.refused(LOCK, &token).await, "keys-unavailable");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_may_be_in_a_parameter() {
    let issuer = IdentityProvider::start().await.unwrap();
    let trusted = json!([{ "issuer": issuer.issuer(), "audience": AUDIENCE, "keys": "parameter" }]);
    let trusted = trusted.to_string();
    let parameters = [
        ("JwtIssuers", trusted.as_str()),
        ("JwtKeysParameter", "/sci/dev/jwks"),
    ];
    let tokens = Tokens::trusting(issuer, &parameters).await;
    let parameter = json!({
        "Name": "/sci/dev/jwks", "Type": "String", "Value": tokens.issuer.jwks().to_string(),
    });
    tokens
        .world
        .json_call("ssm", "AmazonSSM.PutParameter", &parameter)
        .await;
    let token = tokens.token(LOCK, "security:publish", 3600);
    tokens.let_in(LOCK, &token).await;
    assert_eq!(tokens.issuer.fetches(), 0);
}

/// Over HTTPS there is no client id: the token says who publishes, and the functions take it from the principal.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_may_publish_over_https() {
    let tokens = Tokens::start().await;
    let event = json!({
        "alert_level": 5, "event_type": "tamper", "property_id": PROPERTY, "device_type": "lock",
        "timestamp": tokens.world.sandbox.clock.now(),
    });
    let own = format!("/topics/sci/properties/{LOCK}/security?qos=1");
    let good = tokens.token(LOCK, "security:publish", 3600);
    assert_eq!(tokens.post(&own, &good, &event).await, 200);
    tokens.world.sandbox.quiesce().await;
    assert_eq!(
        text(&tokens.world.alarm().await, "alarm_id"),
        format!("{LOCK}#tamper")
    );
    let other = "/topics/sci/properties/sci-property-001-lock-0004/security?qos=1";
    assert_eq!(tokens.post(other, &good, &event).await, 403);
    let expired = tokens.token(LOCK, "security:publish", -3600);
    assert_eq!(tokens.post(&own, &expired, &event).await, 403);
    assert_eq!(tokens.denials(), ["expired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_signs_its_own_tokens_gets_what_its_record_allows() {
    let tokens = Tokens::start().await;
    let key = SigningKey::generate("own-1").unwrap();
    let token = |scope: &str, thing: &str| {
        let mut claims = tokens.issuer.claims(thing, PROPERTY, scope, 600);
        claims["iss"] = DEVICE_ISSUER.into();
        claims["aud"] = json!(["somebody else", AUDIENCE]);
        key.sign(&claims).unwrap()
    };
    let everything = "telemetry:publish security:publish commands:subscribe";
    assert_eq!(
        tokens.refused(LOCK, &token(everything, LOCK)).await,
        "unknown-device"
    );
    let jwks = json!({ "keys": [key.jwk()] }).to_string();
    let record = [
        ("thing", LOCK),
        ("jwks", &jwks),
        ("property_id", PROPERTY),
        ("scopes", "telemetry:publish"),
    ];
    tokens.write("DeviceKeysTableName", &record).await;
    let mut lock = tokens
        .connect(LOCK, &token(everything, LOCK))
        .await
        .unwrap();
    assert!(
        tokens.alert(&mut lock).await.is_err(),
        "its record does not allow it"
    );
    assert_eq!(
        tokens.refused(LOCK, &token("security:publish", LOCK)).await,
        "no-scope"
    );
    // Its key signs for nobody else.
    let other = "sci-property-001-lock-0004";
    assert_eq!(
        tokens.refused(other, &token(everything, other)).await,
        "unknown-device"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alarms_on_metrics_watch_what_the_function_emits() {
    let tokens = Tokens::start().await;
    assert_eq!(tokens.refused(LOCK, "no token").await, "not-three-segments");
    let name = tokens.world.sandbox.output("JwtAuthorizerFunctionName");
    let lines = tokens.lines();
    let mut decisions = lines.iter().filter(|line| line["Decisions"] == 1);
    let decision = decisions.next().expect("a metric");
    assert_eq!(
        (&decision["function"], &decision["outcome"]),
        (&name.into(), &"deny".into())
    );
    let dimensions = &decision["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
    assert_eq!(dimensions, &json!([["function", "outcome"]]));
}

/// Each of the SDK's builders for custom authorizers that AWS gives Python devices.
#[tokio::test(flavor = "multi_thread")]
async fn the_aws_iot_device_sdk_for_python_connects() {
    let package = "awsiotsdk from PyPI";
    let Some(found) = foreign("python3", package, &["-c", "import awsiot"], &[]).await else {
        return;
    };
    if !found.status.success() {
        return skipped("the AWS IoT Device SDK for Python", package);
    }
    let tokens = Tokens::start().await;
    let sandbox = &tokens.world.sandbox;
    let root = NamedTempFile::new().unwrap();
    std::fs::write(root.path(), sandbox.gateway.root_ca_pem()).unwrap();
    let script = workspace()
        .join("tests/e2e/clients/token_device.py")
        .display()
        .to_string();
    let (port, root) = (
        sandbox.https_port().to_string(),
        root.path().display().to_string(),
    );
    let topic = format!("sci/properties/{LOCK}/security");
    let payload = json!({
        "alert_level": 1, "event_type": "motion", "property_id": PROPERTY, "device_type": "lock",
        "timestamp": sandbox.clock.now(),
    });
    let payload = payload.to_string();
    let authorizer = sandbox.output("JwtAuthorizerName");
    let good = tokens.token(LOCK, "security:publish", 3600);
    let expired = tokens.token(LOCK, "security:publish", -3600);
    let mut recorded = 0;
    for mode in ["direct", "websocket", "mqtt5"] {
        let args = [
            &script, mode, &port, &root, authorizer, LOCK, &topic, &payload,
        ];
        let run = |token: String| async move {
            let env = [("TOKEN", token.as_str())];
            foreign("python3", package, &args, &env).await.unwrap()
        };
        let let_in = run(good.clone()).await;
        let said = String::from_utf8_lossy(&let_in.stderr).into_owned();
        assert!(let_in.status.success(), "{mode}: {said}");
        recorded += 1;
        let turned_away = run(expired.clone()).await;
        assert!(!turned_away.status.success(), "{mode}");
    }
    sandbox.quiesce().await;
    let outcomes = tokens.world.outcomes();
    let kept = outcomes.iter().filter(|outcome| *outcome == "recorded");
    assert_eq!(kept.count(), recorded, "{outcomes:?}");
    assert!(tokens.denials().len() >= 3);
    assert!(tokens.denials().iter().all(|reason| reason == "expired"));
}

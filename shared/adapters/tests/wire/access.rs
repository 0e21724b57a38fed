//! Revocations and device keys.

use sci_adapters::{
    dynamodb_device_keys::DynamoDbDeviceKeys, dynamodb_revocations::DynamoDbRevocations,
};
use sci_domain::{
    access::{Credential, DeviceKeys, DeviceRecord, Revocations, Revoked},
    ports::{FailureKind, PortFailure},
    thing::{PropertyId, ThingName},
};
use serde_json::{Value, json};

use crate::{
    samples::{THING, key, noon, refusal},
    scripted::Scripted,
};

const ISSUER: &str = "https://issuer.example";

fn credential(thing: &ThingName) -> Credential<'_> {
    Credential {
        issuer: ISSUER,
        kid: "k1",
        jti: Some("t1"),
        thing,
        issued_at: noon(),
    }
}

async fn find(server: &Scripted) -> Result<Option<Revoked>, PortFailure> {
    let revocations =
        DynamoDbRevocations::new(server.clients().dynamodb(), "Revocations".to_owned());
    revocations.find(credential(&key().thing), noon()).await
}

fn found(entries: &[Value]) -> Scripted {
    Scripted::start([(
        200,
        json!({ "Responses": { "Revocations": entries } }).to_string(),
    )])
}

#[tokio::test(flavor = "current_thread")]
async fn one_consistent_read_asks_for_every_subject() {
    let server = found(&[]);
    assert_eq!(find(&server).await.unwrap(), None);
    assert_eq!(server.asked()[0].0, "BatchGetItem");
    let asked = &server.json(0)["RequestItems"]["Revocations"];
    assert_eq!(asked["ConsistentRead"], true);
    let subjects: Vec<_> = asked["Keys"].as_array().unwrap().iter().collect();
    let expected = [
        format!("issuer#{ISSUER}"),
        format!("kid#{ISSUER}#k1"),
        format!("thing#{THING}"),
        format!("jti#{ISSUER}#t1"),
    ]
    .map(|subject| json!({ "subject": { "S": subject } }));
    assert_eq!(subjects, expected.iter().collect::<Vec<_>>());

    // A token without an id has one subject less.
    let server = found(&[]);
    let thing = key().thing;
    let nameless = Credential {
        jti: None,
        ..credential(&thing)
    };
    let revocations =
        DynamoDbRevocations::new(server.clients().dynamodb(), "Revocations".to_owned());
    assert_eq!(revocations.find(nameless, noon()).await.unwrap(), None);
    let asked = &server.json(0)["RequestItems"]["Revocations"];
    assert_eq!(asked["Keys"].as_array().unwrap().len(), 3);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn of_several_entries_the_widest_is_told() {
    let entry = |subject: &str| json!({ "subject": { "S": subject } });
    let (jti, kid) = (format!("jti#{ISSUER}#t1"), format!("kid#{ISSUER}#k1"));
    let server = found(&[entry(&jti), entry(&kid)]);
    assert_eq!(find(&server).await.unwrap(), Some(Revoked::Key));
    // One that expired does not count beside one that did not.
    let mut expired = entry(&kid);
    expired["expires_at"] = json!({ "N": "1" });
    let server = found(&[expired.clone(), entry(&jti)]);
    assert_eq!(find(&server).await.unwrap(), Some(Revoked::Token));
    let server = found(&[expired]);
    assert_eq!(find(&server).await.unwrap(), None);
}

#[tokio::test(flavor = "current_thread")]
async fn half_an_answer_is_a_failure() {
    let unread = json!({ "Revocations": { "Keys": [{ "subject": { "S": "thing#x" } }] } });
    for (answer, kind) in [
        (
            json!({ "Responses": { "Revocations": [] }, "UnprocessedKeys": unread }),
            FailureKind::Throttled,
        ),
        // What a proxy in between may answer.
        (json!({}), FailureKind::Unavailable),
        (
            json!({ "Responses": { "Revocations": [{ "reason": { "S": "stolen" } }] } }),
            FailureKind::Misconfigured,
        ),
        (
            json!({ "Responses": { "Revocations": [{ "subject": { "S": "thing#x" } }] } }),
            FailureKind::Misconfigured,
        ),
    ] {
        let server = Scripted::start([(200, answer.to_string())]);
        assert_eq!(find(&server).await.unwrap_err().kind, kind, "{answer}");
        assert_eq!(server.asked().len(), 1, "{answer}");
    }
    let throttled = || refusal("ThrottlingException");
    let server = Scripted::start([throttled(), throttled()]);
    let failure = find(&server).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Throttled);
    let text = format!("{failure}: {}", failure.source);
    assert!(!text.contains("secret") && !text.contains(THING), "{text}");
}

async fn load(item: Value) -> Result<Option<DeviceRecord>, PortFailure> {
    let server = Scripted::start([(200, item.to_string())]);
    let devices = DynamoDbDeviceKeys::new(server.clients().dynamodb(), "Devices".to_owned());
    let loaded = devices.load(&key().thing).await;
    assert_eq!(server.asked()[0].0, "GetItem");
    let asked = server.json(0);
    assert_eq!(asked["TableName"], "Devices");
    assert_eq!(asked["Key"], json!({ "thing": { "S": THING } }));
    assert_eq!(asked["ConsistentRead"], true);
    loaded
}

fn device() -> Value {
    json!({
        "thing": { "S": THING },
        "jwks": { "S": "{\"keys\":[]}" },
        "property_id": { "S": "property-001" },
        "scopes": { "S": "telemetry:publish shadow:fly shadow:read" },
    })
}

#[tokio::test(flavor = "current_thread")]
async fn a_device_is_read_unless_it_is_switched_off() {
    assert_eq!(load(json!({})).await.unwrap(), None);
    let mut item = device();
    let record = load(json!({ "Item": item })).await.unwrap().unwrap();
    assert_eq!(record.jwks, "{\"keys\":[]}");
    assert_eq!(record.property, PropertyId::parse("property-001").unwrap());
    assert_eq!(record.scopes.to_string(), "telemetry:publish shadow:read");
    item["enabled"] = json!({ "BOOL": true });
    assert_eq!(
        load(json!({ "Item": item })).await.unwrap(),
        Some(record.clone())
    );
    // Switched off counts whatever else the item holds.
    let off = json!({ "thing": { "S": THING }, "enabled": { "BOOL": false } });
    assert_eq!(load(json!({ "Item": off })).await.unwrap(), None);
}

#[tokio::test(flavor = "current_thread")]
async fn a_malformed_device_is_a_failure_that_names_the_attribute_only() {
    for (attribute, value) in [
        ("jwks", json!(null)),
        ("jwks", json!({ "M": { "keys": { "L": [] } } })),
        ("property_id", json!({ "S": "a/secret" })),
        ("property_id", json!(null)),
        ("scopes", json!({ "SS": ["secret"] })),
        ("scopes", json!(null)),
        ("enabled", json!({ "S": "secret" })),
        ("enabled", json!({ "NULL": true })),
    ] {
        let mut item = device();
        match value {
            Value::Null => drop(item.as_object_mut().unwrap().remove(attribute)),
            value => item[attribute] = value,
        }
        let failure = load(json!({ "Item": item })).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Misconfigured, "{item}");
        let text = format!("{failure}: {}", failure.source);
        assert!(text.contains(attribute), "{text}");
        assert!(!text.contains("secret") && !text.contains(THING), "{text}");
    }
}

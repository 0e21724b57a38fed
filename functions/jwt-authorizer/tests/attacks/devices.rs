//! Devices that sign their own tokens: what they claim, their record must know.

use sci_domain::{
    access::{DeviceRecord, Scopes},
    thing::{PropertyId, ThingName},
};
use serde_json::{Value, json};
use testkit::{
    Revocation,
    authorizer::{
        ALL_SCOPES, BROKEN_THING, DEVICES, ISSUER, OTHER_SIGNING_THING, SIGNING_THING, THING,
        claims_with,
    },
    tokens::{DEVICE_JWKS, OTHER_DEVICE_JWKS, TestKey, Unsigned, mint},
};

use crate::{
    row::{Row, allow_event, deny_event, password},
    support::World,
};

const RECORDED: &str = "security:publish commands:subscribe";

fn claims(thing: &str, changes: Value) -> Value {
    let mut all = json!({ "iss": DEVICES, "sub": thing, "scope": "security:publish" });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    claims_with(all)
}

fn event(key: TestKey, thing: &str, changes: Value) -> String {
    password(thing, mint(key, &claims(thing, changes)))
}

/// A world in which the record of the thing holds this JWK Set.
fn recorded(jwks: &str) -> World {
    let record = DeviceRecord {
        jwks: jwks.to_owned(),
        property: PropertyId::parse("property-001").unwrap(),
        scopes: Scopes::parse(RECORDED).0,
    };
    World {
        devices: vec![(ThingName::parse(SIGNING_THING).unwrap(), record)],
        ..World::default()
    }
}

pub(crate) fn rows() -> Vec<Row> {
    [claimed(), named(), records()].concat()
}

fn claimed() -> Vec<Row> {
    let source = "a device writes its own claims: they prove nothing by themselves";
    let device = TestKey::Device;
    let own = |changes: Value| event(device, SIGNING_THING, changes);
    vec![
        allow_event("good", "no attack", own(json!({})))
            .granting(SIGNING_THING, "security:publish"),
        allow_event("every-scope", source, own(json!({ "scope": ALL_SCOPES })))
            .granting(SIGNING_THING, RECORDED),
        deny_event(
            "scope-beyond-the-record",
            source,
            "no-scope",
            own(json!({ "scope": "shadow:write jobs:execute" })),
        ),
        deny_event(
            "property-of-others",
            source,
            "property-mismatch",
            own(json!({ "property_id": "property-002" })),
        ),
        deny_event(
            "property-in-another-case",
            source,
            "property-mismatch",
            own(json!({ "property_id": "Property-001" })),
        ),
        deny_event(
            "lifetime-of-a-year",
            source,
            "lifetime-too-long",
            own(json!({ "exp": testkit::tokens::NOW + 31_536_000 })),
        ),
        deny_event(
            "other-audience",
            source,
            "aud-mismatch",
            own(json!({ "aud": "other" })),
        ),
        deny_event(
            "as-the-issuer",
            "RFC 8725 3.8",
            "unknown-key",
            own(json!({ "iss": ISSUER })),
        ),
        deny_event(
            "issuer-one-letter-more",
            "RFC 8725 3.8",
            "unknown-issuer",
            own(json!({ "iss": format!("{DEVICES}x") })),
        ),
        deny_event("revoked", source, "thing-revoked", own(json!({}))).within(World {
            revoked: vec![Revocation::of(format!("thing#{SIGNING_THING}"))],
            ..World::default()
        }),
    ]
}

fn named() -> Vec<Row> {
    let source = "RFC 8725 3.8: the key belongs to one thing";
    let same_kid = OTHER_DEVICE_JWKS.replace("insecure-other-device", "insecure-device");
    let borrowed = |signer: TestKey, kid: &str, thing: &str| {
        let header = json!({ "alg": "ES256", "kid": kid }).to_string();
        let token = Unsigned::new(header, claims(thing, json!({})).to_string()).sign(signer);
        password(thing, token)
    };
    vec![
        deny_event(
            "thing-without-record",
            source,
            "unknown-device",
            event(TestKey::Device, THING, json!({})),
        ),
        deny_event(
            "thing-prefix",
            source,
            "unknown-device",
            event(TestKey::Device, "lock-000", json!({})),
        ),
        deny_event(
            "thing-suffix",
            source,
            "unknown-device",
            event(TestKey::Device, "lock-00071", json!({})),
        ),
        deny_event(
            "thing-in-another-case",
            source,
            "unknown-device",
            event(TestKey::Device, "LOCK-0007", json!({})),
        ),
        deny_event(
            "switched-off",
            "the port answers nothing for it",
            "unknown-device",
            event(TestKey::Device, SIGNING_THING, json!({})),
        )
        .within(World {
            devices: Vec::new(),
            ..World::default()
        }),
        deny_event(
            "as-another-device",
            source,
            "unknown-key",
            event(
                TestKey::Device,
                OTHER_SIGNING_THING,
                json!({ "property_id": "property-002" }),
            ),
        ),
        deny_event(
            "kid-of-another-device",
            source,
            "unknown-key",
            borrowed(TestKey::Device, "insecure-other-device", SIGNING_THING),
        ),
        deny_event(
            "signed-by-another-device",
            source,
            "signature",
            borrowed(TestKey::OtherDevice, "insecure-device", SIGNING_THING),
        ),
        deny_event(
            "signed-by-an-attacker",
            source,
            "signature",
            borrowed(TestKey::AttackerP256, "insecure-device", SIGNING_THING),
        ),
        deny_event(
            "signed-by-the-issuer",
            source,
            "unknown-key",
            borrowed(TestKey::Es256, "insecure-es256", SIGNING_THING),
        ),
        deny_event(
            "same-kid-another-key",
            source,
            "signature",
            event(TestKey::Device, SIGNING_THING, json!({})),
        )
        .within(recorded(&same_kid)),
        deny_event(
            "client-id-of-another",
            source,
            "client-id-mismatch",
            password(
                OTHER_SIGNING_THING,
                mint(TestKey::Device, &claims(SIGNING_THING, json!({}))),
            ),
        ),
    ]
}

fn records() -> Vec<Row> {
    let source = "RFC 7517; RFC 8725 3.4 and 3.5: keys that must not be used";
    let set: Value = serde_json::from_str(DEVICE_JWKS).unwrap();
    let key = &set["keys"][0];
    let changed = |name: &str, value: Value| {
        let mut key = key.clone();
        match value {
            Value::Null => drop(key.as_object_mut().unwrap().remove(name)),
            value => key[name] = value,
        }
        json!({ "keys": [key] }).to_string()
    };
    let own = || event(TestKey::Device, SIGNING_THING, json!({}));
    let mut rows = Vec::new();
    for (name, jwks) in [
        ("no-keys", r#"{"keys":[]}"#.to_owned()),
        ("without-alg", changed("alg", Value::Null)),
        ("other-alg", changed("alg", json!("ES384"))),
        ("for-encryption", changed("use", json!("enc"))),
        ("for-signing", changed("key_ops", json!(["sign"]))),
        ("symmetric", changed("kty", json!("oct"))),
        ("with-a-secret", changed("k", json!("c2VjcmV0"))),
        ("with-its-private-half", changed("d", json!("AQAB"))),
        ("off-the-curve", changed("y", key["x"].clone())),
        ("without-kid", changed("kid", Value::Null)),
        ("other-kid", changed("kid", json!("insecure-devicE"))),
        ("twice", json!({ "keys": [key, key] }).to_string()),
        ("alg-none", changed("alg", json!("none"))),
        ("alg-hs256", changed("alg", json!("HS256"))),
    ] {
        rows.push(
            deny_event(format!("key-{name}"), source, "unknown-key", own()).within(recorded(&jwks)),
        );
    }
    for (name, jwks) in [
        ("empty", String::new()),
        ("no-json", "keys".to_owned()),
        ("null", "null".to_owned()),
        ("a-key-alone", key.to_string()),
        ("keys-twice", r#"{"keys":[],"keys":[]}"#.to_owned()),
        ("cut", DEVICE_JWKS.trim_end()[..100].to_owned()),
        ("65-keys", json!({ "keys": vec![key; 65] }).to_string()),
        (
            "100-kb",
            json!({ "keys": [], "x": "x".repeat(100_000) }).to_string(),
        ),
    ] {
        rows.push(
            deny_event(
                format!("record-{name}"),
                "a record that cannot be read",
                "store-failed",
                own(),
            )
            .within(recorded(&jwks)),
        );
    }
    let good_neighbour = json!({ "keys": [{ "kty": "oct" }, 7, key, { "kid": "x", "kty": "RSA", "alg": "RS256", "n": "AQAB", "e": "AQ" }] });
    rows.extend([
        deny_event(
            "record-broken",
            "a record that cannot be read",
            "store-failed",
            event(TestKey::Device, BROKEN_THING, json!({})),
        ),
        allow_event(
            "bad-neighbours",
            "RFC 7517 5: one bad key does not spoil the set; a published authorizer drops the good ones behind it",
            own(),
        )
        .within(recorded(&good_neighbour.to_string()))
        .granting(SIGNING_THING, "security:publish"),
        deny_event(
            "record-is-a-list",
            "RFC 7517 5: an object",
            "store-failed",
            own(),
        )
        .within(recorded(&json!([[key]]).to_string())),
    ]);
    rows
}

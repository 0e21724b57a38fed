//! Devices that are turned away for what surrounds their token, or for who they are.

use serde_json::{Value, json};

use super::{AuthorizerEvent, EventFile, THING};
use crate::{
    authorizer::{
        BROKEN_THING, DEVICES, FORMER_PARTNER, ISSUER, METERING, OTHER_SIGNING_THING, PARTNER,
        REVOKED_JTI, SIGNING_THING, SILENT, STOLEN_THING, claims, claims_with,
    },
    tokens::{TestKey, mint},
};

pub(super) fn files() -> Vec<EventFile> {
    [events(), issuers_and_keys(), devices(), revoked()].concat()
}

fn with(changes: Value) -> String {
    mint(TestKey::Es256, &claims_with(changes))
}

fn edited(name: &str, shows: &'static str, edit: impl FnOnce(&mut Value)) -> EventFile {
    let good = mint(TestKey::Es256, &claims());
    let mut event = AuthorizerEvent::x509(THING, &good).value();
    edit(&mut event);
    let text = serde_json::to_string_pretty(&event).unwrap() + "\n";
    EventFile::new(name, shows, text)
}

fn events() -> Vec<EventFile> {
    let good = mint(TestKey::Es256, &claims());
    let other = mint(TestKey::EdDsa, &claims());
    let shaped = EventFile::shaped;
    vec![
        EventFile::new("deny-malformed-event", "not an object", "null\n".to_owned()),
        edited(
            "deny-malformed-event--verified-as-text",
            "a text is no truth",
            |event| {
                event["signatureVerified"] = json!("true");
            },
        ),
        shaped(
            "deny-signature-not-verified",
            "AWS IoT must have verified a token signature, and has not; the token is good",
            &AuthorizerEvent::mqtt_token(THING, &good),
        )
        .signing_required(),
        edited("deny-no-token", "nothing but a certificate", |event| {
            event["protocolData"]["mqtt"]["password"] = Value::Null;
        }),
        shaped(
            "deny-tokens-disagree",
            "two good tokens for the same thing are one too many",
            &AuthorizerEvent::mqtt(THING, &good).token(&other),
        ),
        edited("deny-password-unreadable", "no base64", |event| {
            event["protocolData"]["mqtt"]["password"] = json!("{password}");
        }),
        shaped(
            "deny-not-bearer",
            "another scheme, even beside a good token",
            &AuthorizerEvent::websocket_password(THING, &good)
                .header("Authorization", "Basic dTpw"),
        ),
        shaped(
            "deny-client-id-mismatch",
            "a good token of another thing",
            &AuthorizerEvent::mqtt("sci-property-001-environmental-0043", &good),
        ),
        shaped(
            "deny-client-id-mismatch--plus",
            "as client id, `+` would open every topic of a policy with `${iot:ClientId}`",
            &AuthorizerEvent::mqtt("+", &good),
        ),
        edited(
            "deny-invalid-principal",
            "no certificate has such an id",
            |event| {
                event["protocolData"]["tls"]["principalId"] = json!("arn:aws:iot");
            },
        ),
    ]
}

fn issuers_and_keys() -> Vec<EventFile> {
    let token = EventFile::token;
    vec![
        token(
            "deny-unknown-issuer",
            "a stranger",
            &mint(
                TestKey::AttackerP256,
                &claims_with(json!({ "iss": "https://id.example.evil" })),
            ),
        ),
        token(
            "deny-unknown-issuer--slash",
            "the same page for a browser, another issuer for us",
            &with(json!({ "iss": format!("{ISSUER}/") })),
        ),
        token(
            "deny-unknown-key",
            "a key that the issuer does not have",
            &mint(TestKey::AttackerP256, &claims()),
        ),
        token(
            "deny-keys-unavailable",
            "the keys of this issuer cannot be fetched",
            &with(json!({ "iss": SILENT })),
        ),
        token(
            "deny-no-scope",
            "no word of the scope is known",
            &with(json!({ "scope": "admin" })),
        ),
        token(
            "deny-no-scope--issuer",
            "a known scope that this issuer may not grant",
            &with(json!({ "iss": METERING, "scope": "security:publish" })),
        ),
    ]
}

fn devices() -> Vec<EventFile> {
    let signed = |name: &str, shows, key, thing: &str, property: &str| {
        let claims = json!({
            "iss": DEVICES, "sub": thing, "property_id": property, "scope": "security:publish",
        });
        let token = mint(key, &claims_with(claims));
        EventFile::shaped(name, shows, &AuthorizerEvent::mqtt(thing, &token))
    };
    let (device, other) = (TestKey::Device, TestKey::OtherDevice);
    let mut files = vec![
        signed(
            "deny-unknown-device",
            "no device of this name signs its own tokens",
            device,
            THING,
            "property-001",
        ),
        signed(
            "deny-unknown-key--other-device",
            "a device that says to be another one",
            other,
            SIGNING_THING,
            "property-001",
        ),
        signed(
            "deny-property-mismatch--record",
            "a device that says to stand elsewhere",
            device,
            SIGNING_THING,
            "property-002",
        ),
        signed(
            "deny-store-failed",
            "the record of this device is broken",
            device,
            BROKEN_THING,
            "property-001",
        ),
    ];
    let scope = json!({
        "iss": DEVICES, "sub": OTHER_SIGNING_THING, "property_id": "property-002", "scope": "jobs:execute",
    });
    files.push(EventFile::shaped(
        "deny-no-scope--record",
        "a scope that the device's record does not have",
        &AuthorizerEvent::mqtt(OTHER_SIGNING_THING, &mint(other, &claims_with(scope))),
    ));
    files
}

fn revoked() -> Vec<EventFile> {
    let token = EventFile::token;
    vec![
        token(
            "deny-issuer-revoked",
            "an issuer that is believed no more",
            &with(json!({ "iss": FORMER_PARTNER })),
        ),
        token(
            "deny-key-revoked",
            "one of an issuer's keys",
            &with(json!({ "iss": PARTNER })),
        ),
        EventFile::shaped(
            "deny-thing-revoked",
            "a stolen device",
            &AuthorizerEvent::mqtt(STOLEN_THING, &with(json!({ "sub": STOLEN_THING }))),
        ),
        token(
            "deny-token-revoked",
            "one token",
            &with(json!({ "jti": REVOKED_JTI })),
        ),
    ]
}

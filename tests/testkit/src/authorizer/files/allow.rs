//! Devices that are let in.

use serde_json::json;

use super::{AuthorizerEvent, EventFile, THING};
use crate::{
    authorizer::{
        ALL_SCOPES, AUDIENCE, DEVICES, METERING, PARTNER, SIGNING_THING, claims, claims_with,
    },
    tokens::{NOW, TestKey, mint},
};

pub(super) fn files() -> Vec<EventFile> {
    let good = mint(TestKey::Es256, &claims());
    let with = |changes| mint(TestKey::Es256, &claims_with(changes));
    let token = EventFile::token;
    let shaped = EventFile::shaped;
    let mut files: Vec<_> = [
        (
            TestKey::Rs256,
            "allow-rs256",
            "MQTT over TLS, the token as password; signed with RS256",
        ),
        (TestKey::Ps256, "allow-ps256", "the same with PS256"),
        (TestKey::Es256, "allow-es256", "with ES256"),
        (TestKey::Es384, "allow-es384", "with ES384"),
        (TestKey::EdDsa, "allow-eddsa", "with EdDSA"),
    ]
    .into_iter()
    .map(|(key, name, shows)| token(name, shows, &mint(key, &claims())))
    .collect();

    files.extend([
        shaped(
            "allow-mqtt-token",
            "the token in the user name's query, from where AWS IoT takes it",
            &AuthorizerEvent::mqtt_token(THING, &good),
        ),
        shaped(
            "allow-mqtt-token-signed",
            "the same where AWS IoT must have verified a token signature, and has",
            &AuthorizerEvent::mqtt_token(THING, &good).verified(),
        )
        .signing_required(),
        shaped(
            "allow-websocket-header",
            "MQTT over WebSocket; the token in the request that opened it",
            &AuthorizerEvent::websocket(THING, &good),
        ),
        shaped(
            "allow-websocket-password",
            "MQTT over WebSocket; the token as MQTT password",
            &AuthorizerEvent::websocket_password(THING, &good),
        ),
        shaped(
            "allow-https-publish",
            "a message over HTTPS: no MQTT, so no client id",
            &AuthorizerEvent::https(&good),
        ),
        shaped(
            "allow-x509",
            "a certificate and a token: the certificate's id is the principal",
            &AuthorizerEvent::x509(THING, &good),
        ),
        shaped(
            "allow-sources-agree",
            "the same token in three places",
            &AuthorizerEvent::websocket(THING, &good).token(&good).password(good.as_bytes()),
        ),
        EventFile::new("allow-fields-absent", "nothing but what is needed", fields_absent(&good)),
        EventFile::new("allow-fields-null", "null is absence", fields_null(&good)),
        shaped(
            "allow-device-signed",
            "a device that signs its own tokens; of the scopes it claims, its record knows two",
            &AuthorizerEvent::mqtt(SIGNING_THING, &mint(
                TestKey::Device,
                &claims_with(json!({ "iss": DEVICES, "sub": SIGNING_THING, "scope": ALL_SCOPES })),
            )),
        ),
        token("allow-all-scopes", "everything that a token can ask for", &with(json!({ "scope": ALL_SCOPES }))),
        token(
            "allow-unknown-scopes",
            "unknown words grant nothing; the known one does",
            &with(json!({ "scope": "root telemetry:publish shadow:* shadow:delete" })),
        ),
        token(
            "allow-scopes-of-issuer",
            "this issuer may grant telemetry only, whatever its tokens say",
            &with(json!({ "iss": METERING, "scope": ALL_SCOPES })),
        ),
        token(
            "allow-audiences",
            "one of several audiences",
            &with(json!({ "aud": ["https://api.example", AUDIENCE] })),
        ),
        token(
            "allow-other-key-of-partner",
            "one key of this issuer is revoked; this is another one",
            &mint(TestKey::EdDsa, &claims_with(json!({ "iss": PARTNER }))),
        ),
        token(
            "allow-not-before",
            "`nbf` has passed",
            &with(json!({ "nbf": NOW - 30 })),
        ),
        token("allow-without-jti", "a token without a name of its own", &with(json!({ "jti": null }))),
        token(
            "allow-day",
            "the longest lifetime: the session ends with it",
            &with(json!({ "iat": NOW - 600, "exp": NOW - 600 + 86_400 })),
        ),
        token(
            "allow-last-minutes",
            "two minutes are left; a session has at least five, and is asked for again at their end",
            &with(json!({ "exp": NOW + 120 })),
        ),
        shaped(
            "allow-any-name",
            "a thing outside the naming scheme, with every character of a thing's name",
            &AuthorizerEvent::mqtt("Zone:7_a-b", &with(json!({ "sub": "Zone:7_a-b" }))),
        ),
    ]);
    files
}

fn fields_absent(token: &str) -> String {
    let mut event = AuthorizerEvent::mqtt(THING, token).value();
    let members = event.as_object_mut().unwrap();
    members.remove("connectionMetadata");
    members["protocolData"]
        .as_object_mut()
        .unwrap()
        .remove("tls");
    let mqtt = members["protocolData"]["mqtt"].as_object_mut().unwrap();
    mqtt.remove("username");
    mqtt.remove("clientId");
    pretty(&event)
}

fn fields_null(token: &str) -> String {
    let mut event = AuthorizerEvent::mqtt(THING, token).value();
    event["token"] = json!(null);
    event["protocolData"]["http"] = json!(null);
    event["protocolData"]["tls"] =
        json!({ "serverName": null, "x509CertificatePem": null, "principalId": null });
    event["protocolData"]["mqtt"]["username"] = json!(null);
    event["connectionMetadata"]["id"] = json!(null);
    pretty(&event)
}

fn pretty(event: &serde_json::Value) -> String {
    serde_json::to_string_pretty(event).unwrap() + "\n"
}

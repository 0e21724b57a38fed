//! Events that say something odd, or are none.

use serde_json::{Value, json};
use testkit::{
    authorizer::{AuthorizerEvent, DEVICES, SIGNING_THING, THING, claims_with},
    tokens::{TestKey, mint},
};

use crate::{
    event_types,
    row::{Row, allow_event, deny_event, good, unsigned},
    support::World,
};

pub(crate) fn rows() -> Vec<Row> {
    [
        signing(),
        shapes(),
        event_types::rows(),
        surroundings(),
        certificates(),
    ]
    .concat()
}

/// A good event with changes.
pub(crate) fn edited(edit: impl FnOnce(&mut Value)) -> Value {
    let mut event = AuthorizerEvent::x509(THING, &good()).value();
    event["protocolData"]["tls"] = json!({ "serverName": "iot.property.example" });
    edit(&mut event);
    event
}

fn signing_required() -> World {
    World {
        signing_required: true,
        ..World::default()
    }
}

fn signing() -> Vec<Row> {
    let source = "AWS IoT developer guide: token signing; false also means that it is off";
    let forged = unsigned("ES256", TestKey::Es256).sign(TestKey::AttackerP256);
    let verified = |value: Value| edited(|event| event["signatureVerified"] = value);
    let absent = edited(|event| drop(event.as_object_mut().unwrap().remove("signatureVerified")));
    vec![
        deny_event(
            "required-and-false",
            source,
            "signature-not-verified",
            verified(json!(false)),
        )
        .within(signing_required()),
        deny_event(
            "required-and-null",
            source,
            "signature-not-verified",
            verified(Value::Null),
        )
        .within(signing_required()),
        deny_event(
            "required-and-absent",
            source,
            "signature-not-verified",
            &absent,
        )
        .within(signing_required()),
        allow_event("required-and-true", source, verified(json!(true))).within(signing_required()),
        deny_event(
            "verified-instead-of-a-jwt",
            "never instead of the JWT; a published authorizer lets everybody in",
            "signature",
            AuthorizerEvent::mqtt(THING, &forged).verified().value(),
        )
        .within(signing_required()),
        deny_event(
            "verified-without-a-token",
            source,
            "no-token",
            AuthorizerEvent::mqtt(THING, "").verified().value(),
        )
        .within(signing_required()),
        deny_event(
            "verified-where-nobody-asked",
            source,
            "signature",
            AuthorizerEvent::mqtt(THING, &forged).verified().value(),
        ),
        allow_event(
            "not-verified-where-nobody-asked",
            source,
            verified(json!(false)),
        ),
        allow_event("absent-where-nobody-asked", source, absent),
        deny_event(
            "verified-as-text",
            "a text is no truth",
            "malformed-event",
            verified(json!("true")),
        )
        .within(signing_required()),
        deny_event(
            "verified-as-number",
            "a number is no truth",
            "malformed-event",
            verified(json!(1)),
        )
        .within(signing_required()),
        deny_event(
            "verified-as-list",
            "a list is no truth",
            "malformed-event",
            verified(json!([true])),
        )
        .within(signing_required()),
        deny_event(
            "verified-twice",
            "RFC 8259 4",
            "malformed-event",
            verified(json!(false)).to_string().replace(
                "\"signatureVerified\":false",
                "\"signatureVerified\":false,\"signatureVerified\":true",
            ),
        )
        .within(signing_required()),
        deny_event(
            "other-case",
            "names are case-sensitive",
            "signature-not-verified",
            edited(|event| {
                event.as_object_mut().unwrap().remove("signatureVerified");
                event["SignatureVerified"] = json!(true);
            }),
        )
        .within(signing_required()),
    ]
}

fn shapes() -> Vec<Row> {
    let source = "AWS IoT sends an object; everything else is refused without a guess";
    let good = edited(|_| ()).to_string();
    let token = edited(|event| event["token"] = json!("TWICE")).to_string();
    let mut rows = Vec::new();
    for (name, text) in [
        ("null", "null".to_owned()),
        ("true", "true".into()),
        ("number", "1".into()),
        ("text", "\"event\"".into()),
        ("event-as-text", json!(good).to_string()),
        ("nothing", String::new()),
        ("cut", good[..good.len() - 1].into()),
        ("junk-behind", format!("{good}x")),
        ("two", format!("{good}{good}")),
        ("nested-2000", "[".repeat(2000)),
        ("bom", format!("\u{feff}{good}")),
        (
            "trailing-comma",
            good.replacen("{\"connection", "{,\"connection", 1),
        ),
        (
            "token-twice",
            token.replace(
                "\"token\":\"TWICE\"",
                "\"token\":\"a.b.c\",\"token\":\"a.b.d\"",
            ),
        ),
        (
            "data-twice",
            good.replacen(
                "\"protocolData\":",
                "\"protocolData\":{},\"protocolData\":",
                1,
            ),
        ),
        (
            "mqtt-twice",
            good.replacen("\"mqtt\":{", "\"mqtt\":{},\"mqtt\":{", 1),
        ),
        (
            "password-twice",
            good.replacen("\"password\":", "\"password\":\"\",\"password\":", 1),
        ),
        (
            "client-twice",
            good.replacen("\"clientId\":", "\"clientId\":\"b\",\"clientId\":", 1),
        ),
        (
            "token-with-half-a-surrogate",
            token.replace("TWICE", "\\ud800"),
        ),
    ] {
        rows.push(deny_event(
            format!("event-{name}"),
            source,
            "malformed-event",
            text,
        ));
    }
    rows.extend([
        deny_event("event-empty", "nothing in it", "no-token", "{}"),
        deny_event("event-of-another-service", "not for us", "no-token", json!({ "Records": [{ "eventSource": "aws:sqs" }] })),
        deny_event("event-of-api-gateway", "not for us", "malformed-event", json!({ "type": "TOKEN", "authorizationToken": "x", "token": {} })),
        allow_event("event-pretty", source, serde_json::to_string_pretty(&edited(|_| ())).unwrap()),
        allow_event("event-escaped-name", "RFC 8259 7", good.replace("\"password\"", "\"p\\u0061ssword\"")),
        allow_event("unknown-members", "AWS IoT may send more one day", edited(|event| {
            event["context"] = json!({ "a": [1, { "b": null }] });
            event["protocolData"]["coap"] = json!({});
            event["protocolData"]["mqtt"]["version"] = json!(5);
        })),
        allow_event("300-kb-of-junk", "no work on what nobody reads", edited(|event| event["junk"] = json!("x".repeat(300_000)))),
        allow_event("300-kb-of-headers", "no work on what nobody reads", edited(|event| {
            let headers = (0..3000).map(|i| (format!("X-{i}"), json!("x".repeat(90)))).collect();
            event["protocolData"]["http"] = json!({ "headers": Value::Object(headers) });
        })),
        deny_event("300-kb-of-token", "CVE-2025-30204", "too-long", edited(|event| {
            event["token"] = json!("x".repeat(300_000));
            event["protocolData"]["mqtt"]["password"] = Value::Null;
        })),
        deny_event("300-kb-of-header-token", "CVE-2025-30204", "too-long", edited(|event| {
            event["protocolData"]["http"] = json!({ "headers": { "authorization": format!("Bearer {}", ".".repeat(300_000)) } });
            event["protocolData"]["mqtt"]["password"] = Value::Null;
        })),
        allow_event("junk-nested-100", "no work on what nobody reads", good.replacen("{\"", &format!("{{\"junk\":{}{},\"", "[".repeat(100), "]".repeat(100)), 1)),
    ]);
    rows
}

fn surroundings() -> Vec<Row> {
    let source = "`protocols` only says what to expect; the data counts";
    let mut rows = Vec::new();
    for protocols in [
        json!([]),
        json!(["http"]),
        json!(["mqtt", "mqtt"]),
        json!(["coap"]),
        json!("mqtt"),
        json!(null),
        json!([1]),
        json!({}),
    ] {
        rows.push(allow_event(
            format!("protocols-{protocols}"),
            source,
            edited(|event| event["protocols"] = protocols.clone()),
        ));
    }
    let other = "sci-property-001-environmental-0043";
    rows.push(deny_event(
        "protocols-hide-the-client-id",
        source,
        "client-id-mismatch",
        edited(|event| {
            event["protocols"] = json!(["http"]);
            event["protocolData"]["mqtt"]["clientId"] = json!(other);
        }),
    ));
    rows.push(allow_event(
        "no-client-id",
        "only this thing's client id can connect with the policy",
        edited(|event| {
            event["protocolData"]["mqtt"]
                .as_object_mut()
                .unwrap()
                .remove("clientId");
        }),
    ));
    for id in [
        json!("not-a-uuid"),
        json!("${jndi:ldap://127.0.0.1/a}"),
        json!("eyJ0.eyJ1.c2ln\n"),
        json!("e56f08c3-c559-490f-aa9f-7e8427d0f57b\n"),
        json!(""),
    ] {
        rows.push(allow_event(
            format!("connection-{id}"),
            "logs: no text that is no UUID",
            edited(|event| event["connectionMetadata"]["id"] = id.clone()),
        ));
    }
    for name in ["*.example", "evil.example", ""] {
        rows.push(allow_event(
            format!("server-name-{name}"),
            "AWS IoT checked it; nobody here reads it",
            edited(|event| {
                event["protocolData"]["tls"]["serverName"] = json!(name);
            }),
        ));
    }
    rows
}

fn certificates() -> Vec<Row> {
    let source = "AWS IoT developer guide: with a certificate the principal is its id";
    let mut rows = Vec::new();
    let with_id = |id: Value| edited(|event| event["protocolData"]["tls"]["principalId"] = id);
    for id in [
        "",
        "-",
        "a b",
        "a-b",
        "a/b",
        "*",
        "${iot:ClientId}",
        "a\n",
        "ä",
        "a\0",
        "arn:aws:iot:eu-west-1:123456789012:cert/a",
        &"a".repeat(129),
    ] {
        rows.push(deny_event(
            format!("certificate-{id:.16?}"),
            source,
            "invalid-principal",
            with_id(json!(id)),
        ));
    }
    rows.push(allow_event(
        "certificate-128",
        source,
        with_id(json!("a".repeat(128))),
    ));
    rows.push(deny_event(
        "certificate-alone",
        "a certificate is no token",
        "no-token",
        edited(|event| {
            event["protocolData"]["tls"]["principalId"] = json!("ab12");
            event["protocolData"]["mqtt"]["password"] = Value::Null;
        }),
    ));
    let device = mint(
        TestKey::Device,
        &claims_with(json!({ "iss": DEVICES, "sub": SIGNING_THING, "scope": "security:publish" })),
    );
    rows.push(deny_event(
        "certificate-of-another-thing",
        "the token decides, whatever the certificate says",
        "client-id-mismatch",
        AuthorizerEvent::x509(THING, &device).value(),
    ));
    rows
}

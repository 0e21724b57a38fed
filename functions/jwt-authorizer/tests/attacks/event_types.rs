//! Values of another type in the places of an event.

use serde_json::{Value, json};
use testkit::authorizer::THING;

use crate::{
    events::edited,
    row::{Row, deny_event, good},
};

pub(crate) fn rows() -> Vec<Row> {
    [types(), arrays()].concat()
}

fn types() -> Vec<Row> {
    let source = "a value of another type is refused, never guessed at";
    let mut rows = Vec::new();
    let wrong = [json!(1), json!(true), json!(["x"]), json!({ "x": 1 })];
    for value in wrong {
        let places = [
            ("token", "/token"),
            ("password", "/protocolData/mqtt/password"),
            ("client-id", "/protocolData/mqtt/clientId"),
            ("certificate-id", "/protocolData/tls/principalId"),
            ("connection-id", "/connectionMetadata/id"),
            ("header", "/protocolData/http/headers/Authorization"),
            ("other-header", "/protocolData/http/headers/X-Request-ID"),
            ("verified", "/signatureVerified"),
        ];
        for (name, place) in places {
            if name == "verified" && value == json!(true) {
                continue;
            }
            let event = edited(|event| {
                let headers = json!({ "Authorization": "", "X-Request-ID": "" });
                event["protocolData"]["http"] = json!({ "headers": headers });
                event["token"] = Value::Null;
                event["protocolData"]["tls"]["principalId"] = Value::Null;
                *event.pointer_mut(place).unwrap() = value.clone();
            });
            rows.push(deny_event(
                format!("{name}-is-{value}"),
                source,
                "malformed-event",
                event,
            ));
        }
    }
    for (name, place) in [("data", "protocolData"), ("metadata", "connectionMetadata")] {
        for value in [json!("x"), json!(1), json!(true)] {
            let event = edited(|event| event[place] = value.clone());
            rows.push(deny_event(
                format!("{name}-is-{value}"),
                source,
                "malformed-event",
                event,
            ));
        }
    }
    for member in ["mqtt", "http", "tls"] {
        for value in [json!("x"), json!(1), json!(false)] {
            let event = edited(|event| event["protocolData"][member] = value.clone());
            rows.push(deny_event(
                format!("{member}-is-{value}"),
                source,
                "malformed-event",
                event,
            ));
        }
    }
    rows.push(deny_event(
        "headers-are-a-list",
        source,
        "malformed-event",
        edited(|event| {
            event["protocolData"]["http"] =
                json!({ "headers": [["Authorization", format!("Bearer {}", good())]] });
        }),
    ));
    rows.push(deny_event(
        "headers-are-text",
        source,
        "malformed-event",
        edited(|event| {
            event["protocolData"]["http"] = json!({ "headers": "Authorization: Bearer x" });
        }),
    ));
    rows.push(deny_event(
        "header-values-are-lists",
        source,
        "malformed-event",
        edited(|event| {
            event["protocolData"]["http"] =
                json!({ "headers": { "Authorization": [format!("Bearer {}", good())] } });
        }),
    ));
    rows.push(deny_event(
        "data-null",
        "null is absence",
        "malformed-event",
        edited(|event| event["protocolData"] = Value::Null),
    ));
    rows
}

/// serde reads a list as an object whose members stand in the order of the type's fields.
fn arrays() -> Vec<Row> {
    let source = "AWS IoT sends objects: a list has no names to go by";
    let good = good();
    let password = edited(|_| ())["protocolData"]["mqtt"]["password"].clone();
    vec![
        deny_event("list-empty", source, "malformed-event", "[]"),
        deny_event("list-of-a-token", source, "malformed-event", json!([good])),
        deny_event(
            "list-of-everything",
            source,
            "malformed-event",
            json!([good, true, [null, null, [null, THING]], null]),
        ),
        deny_event(
            "data-is-a-list",
            source,
            "malformed-event",
            edited(|event| {
                event["protocolData"] =
                    json!([null, null, { "password": password, "clientId": THING }]);
            }),
        ),
        deny_event(
            "mqtt-is-a-list",
            source,
            "malformed-event",
            edited(|event| {
                event["protocolData"]["mqtt"] = json!([password, THING]);
            }),
        ),
        deny_event(
            "http-is-a-list",
            source,
            "malformed-event",
            edited(|event| {
                event["protocolData"]["http"] =
                    json!([{ "authorization": format!("Bearer {good}") }]);
                event["protocolData"]["mqtt"]["password"] = Value::Null;
            }),
        ),
        deny_event(
            "tls-is-a-list",
            source,
            "malformed-event",
            edited(|event| event["protocolData"]["tls"] = json!([null])),
        ),
        deny_event(
            "metadata-is-a-list",
            source,
            "malformed-event",
            edited(|event| event["connectionMetadata"] = json!([null])),
        ),
    ]
}

//! `sub` and the client id: names that reach policies, topics and logs.

use serde_json::json;

use crate::{
    claims,
    row::{Row, allow_event, deny, deny_event, good, password, raw_claim, with_claims},
};

pub(crate) fn rows() -> Vec<Row> {
    [subjects(), client_ids(), claims::rows()].concat()
}

/// Texts that would mean something in a policy, a topic, a query, a path or a log.
pub(crate) const HOSTILE: [&str; 44] = [
    "",
    "*",
    "?",
    "sci-*",
    "sci-property-001-environmental-004?",
    "+",
    "#",
    "a/b",
    "/",
    "../b",
    "a/#",
    "a/+/b",
    "$aws",
    "$aws/things/b",
    "${iot:ClientId}",
    "${iot:Connection.Thing.ThingName}",
    "${*}",
    "$(*)",
    "a\",\"Resource\":\"*",
    "a\"},{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*",
    "a'b",
    "a\\b",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\0b",
    "a b",
    " a",
    "a ",
    "a.b",
    "a,b",
    "a;b",
    "a=b",
    "a%2fb",
    "a@b",
    "a{b}",
    "<a>",
    "a|b",
    "a&b",
    "ä",
    "ａ",
    "а",
    "a\u{202e}b",
    "a\u{200b}",
];

fn subjects() -> Vec<Row> {
    let source = "RFC 8725 3.10: received claims; AWS IoT API, ThingName";
    let mut rows = Vec::new();
    for sub in HOSTILE {
        let token = with_claims(json!({ "sub": sub }));
        // The device names itself like that too, so that nothing but the name is wrong.
        let event = password(sub, token);
        rows.push(deny_event(
            format!("sub-{sub:?}"),
            source,
            "sub-not-thing-name",
            event,
        ));
    }
    let long = "n".repeat(129);
    rows.push(deny_event(
        "sub-129",
        source,
        "sub-not-thing-name",
        password(&long, with_claims(json!({ "sub": long }))),
    ));
    for raw in [
        "null",
        "true",
        "42",
        "[]",
        r#"["sci-property-001-environmental-0042"]"#,
        r#"{"sub":"a"}"#,
    ] {
        rows.push(deny(
            format!("sub-type-{raw}"),
            source,
            "sub-not-thing-name",
            raw_claim("sub", raw),
        ));
    }
    rows.push(deny(
        "sub-absent",
        "RFC 7519 4.1.2",
        "sub-missing",
        with_claims(json!({ "sub": null })),
    ));
    for sub in [
        "n", "-", ":", "_", "a:b_c-D", "Zs", "true", "sci-", "denied", "0",
    ] {
        let event = password(sub, with_claims(json!({ "sub": sub })));
        rows.push(
            allow_event(format!("sub-{sub}-is-a-name"), source, event)
                .granting(sub, "telemetry:publish"),
        );
    }
    for letter in ["n", "-", "Z", ":"] {
        let sub = letter.repeat(128);
        let event = password(&sub, with_claims(json!({ "sub": sub })));
        rows.push(
            allow_event(format!("sub-128-{letter}"), source, event)
                .granting(&sub, "telemetry:publish"),
        );
    }
    rows
}

fn client_ids() -> Vec<Row> {
    let source = "AWS IoT developer guide: as client id, `+` opens the topics of others";
    let mut rows = Vec::new();
    for client_id in HOSTILE {
        let event = password(client_id, good());
        rows.push(deny_event(
            format!("client-{client_id:?}"),
            source,
            "client-id-mismatch",
            event,
        ));
    }
    for (sub, client_id) in [
        ("dev1", "dev10"),
        ("dev10", "dev1"),
        ("dev1", "Dev1"),
        ("dev1", "dev1 "),
        ("dev1", "dev1\0"),
        ("dev1", "dev1/x"),
        ("dev1", "xdev1"),
        ("dev1", "dev2"),
        ("dev-1", "dev_1"),
        ("a:b", "a"),
        ("dev1", "dеv1"),
        ("n", "denied"),
    ] {
        let event = password(client_id, with_claims(json!({ "sub": sub })));
        rows.push(deny_event(
            format!("client-{client_id:?}-for-{sub}"),
            source,
            "client-id-mismatch",
            event,
        ));
    }
    let long = "n".repeat(129);
    rows.push(deny_event(
        "client-129",
        source,
        "client-id-mismatch",
        password(&long, good()),
    ));
    rows.push(deny_event(
        "client-30000",
        source,
        "client-id-mismatch",
        password(&"n".repeat(30_000), good()),
    ));
    rows
}

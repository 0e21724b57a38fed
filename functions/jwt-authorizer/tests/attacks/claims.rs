//! `property_id`, `jti` and `scope`.

use serde_json::json;
use testkit::{
    authorizer::{ALL_SCOPES, THING},
    tokens::{TestKey, mint},
};

use crate::{
    row::{Row, allow, allow_event, deny, deny_event, password, raw_claim, with_claims},
    subject::HOSTILE,
};

pub(crate) fn rows() -> Vec<Row> {
    [properties(), token_ids(), scopes()].concat()
}

fn properties() -> Vec<Row> {
    let source = "RFC 8725 3.10: received claims";
    let mut rows = Vec::new();
    for property in HOSTILE {
        // A thing whose name says nothing of where it stands.
        let claims = json!({ "sub": "raspi-01", "property_id": property });
        let event = password("raspi-01", with_claims(claims));
        rows.push(deny_event(
            format!("property-{property:?}"),
            source,
            "property-malformed",
            event,
        ));
    }
    for raw in ["null", "1", r#"["property-001"]"#, "{}", "true"] {
        rows.push(deny(
            format!("property-type-{raw}"),
            source,
            "property-malformed",
            raw_claim("property_id", raw),
        ));
    }
    let named = "a thing's name says where it stands; provisioning gave it";
    for property in [
        "property-002",
        "property-00",
        "property-0011",
        "Property-001",
        "property-001-environmental",
        "sci-property-001",
        "n",
    ] {
        rows.push(deny(
            format!("property-{property}-of-another"),
            named,
            "property-mismatch",
            with_claims(json!({ "property_id": property })),
        ));
    }
    rows.extend([
        deny(
            "property-absent",
            source,
            "property-missing",
            with_claims(json!({ "property_id": null })),
        ),
        deny(
            "property-129",
            source,
            "property-malformed",
            with_claims(json!({ "property_id": "p".repeat(129) })),
        ),
        allow_event(
            "property-of-a-thing-outside-the-scheme",
            "only the scheme's names say where they stand",
            password(
                "raspi-01",
                with_claims(json!({ "sub": "raspi-01", "property_id": "p".repeat(128) })),
            ),
        )
        .granting("raspi-01", "telemetry:publish"),
    ]);
    rows
}

fn token_ids() -> Vec<Row> {
    let source = "RFC 7519 4.1.7: a string, here 1 to 128 printable ASCII characters";
    let mut rows = Vec::new();
    for raw in [
        r#""""#,
        r#""a\nb""#,
        r#""\u0000""#,
        r#""é""#,
        "null",
        "1",
        "true",
        "[]",
        r#"["a"]"#,
        "{}",
    ] {
        rows.push(deny(
            format!("jti-{raw}"),
            source,
            "jti-malformed",
            raw_claim("jti", raw),
        ));
    }
    rows.push(deny(
        "jti-129",
        source,
        "jti-malformed",
        with_claims(json!({ "jti": "j".repeat(129) })),
    ));
    for jti in ["#", "jti#x#y", "' OR 1=1", "*", &"j".repeat(128), "../x"] {
        rows.push(allow(
            format!("jti-{jti:.16}-is-a-name"),
            source,
            with_claims(json!({ "jti": jti })),
        ));
    }
    rows
}

fn scopes() -> Vec<Row> {
    let source = "RFC 8693 4.2; RFC 6749 3.3: words between spaces, case-sensitive";
    let mut rows = Vec::new();
    for scope in [
        "",
        " ",
        "admin",
        "*",
        "telemetry:*",
        "*:publish",
        "telemetry",
        "telemetry:publish:x",
        "TELEMETRY:PUBLISH",
        "Telemetry:publish",
        "telemetry:publish,jobs:execute",
        "telemetry:publish\tjobs:execute",
        "telemetry:publish\njobs:execute",
        "telemetry:publish\u{a0}jobs:execute",
        "telemetry:publish\0",
        "telemetry:publish;",
        "\"telemetry:publish\"",
        "telemetry.publish",
        "telemetry%3Apublish",
        "telemetry：publish",
        "ｔelemetry:publish",
        "!telemetry:publish",
        "-telemetry:publish",
        "iot:*",
        "iot:Publish",
        "${iot:ClientId}",
    ] {
        rows.push(deny(
            format!("scope-{scope:?}"),
            source,
            "no-scope",
            with_claims(json!({ "scope": scope })),
        ));
    }
    for raw in [
        "null",
        "1",
        "true",
        "{}",
        "[]",
        r#"["telemetry:publish"]"#,
        r#"[["telemetry:publish"]]"#,
    ] {
        rows.push(deny(
            format!("scope-type-{raw}"),
            "RFC 8693 4.2: a string",
            "scope-not-text",
            raw_claim("scope", raw),
        ));
    }
    rows.extend([
        deny("scope-absent", "RFC 8693 4.2", "scope-missing", with_claims(json!({ "scope": null }))),
        deny("scp", "another name is another claim", "scope-missing", with_claims(json!({ "scope": null, "scp": "telemetry:publish" }))),
        deny("scope-of-5000-unknown-characters", "a bound by the token's size", "no-scope", with_claims(json!({ "scope": "x".repeat(5000) }))),
        allow("scope-5000", "a bound by the token's size", with_claims(json!({ "scope": format!("telemetry:publish {}", "x ".repeat(2500)) }))),
        allow("scope-of-spaces", source, with_claims(json!({ "scope": format!("{0}telemetry:publish{0}", " ".repeat(2000)) }))),
        allow("scope-twice", source, with_claims(json!({ "scope": "telemetry:publish telemetry:publish" }))),
        allow("scope-unknown-too", "unknown words grant nothing", with_claims(json!({ "scope": "iot:* telemetry:publish Jobs:execute jobs:execute\t" }))),
        allow("scope-all", "no attack", with_claims(json!({ "scope": ALL_SCOPES }))).granting(THING, ALL_SCOPES),
        allow("roles-ignored", "unknown claims grant nothing", with_claims(json!({ "roles": ["admin"], "policy": "*", "scp": "jobs:execute", "acl": { "pub": ["#"] } }))),
        allow("good-with-another-key", "no attack", mint(TestKey::Rs256, &testkit::authorizer::claims())),
    ]);
    rows
}

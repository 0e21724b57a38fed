//! Tokens that are refused for their claims, although the issuer signed them.

use serde_json::{Value, json};

use super::{EventFile, header, signed};
use crate::{
    authorizer::{claims, claims_with},
    tokens::{NOW, TestKey, mint},
};

pub(super) fn files() -> Vec<EventFile> {
    [payloads(), malformed(), mismatched()].concat()
}

fn payloads() -> Vec<EventFile> {
    let token = |code: &str, shows, payload: &[u8]| {
        let head = header(TestKey::Es256).to_string();
        EventFile::token(&format!("deny-{code}"), shows, &signed(head, payload))
    };
    let claims = claims().to_string();
    let open = claims.trim_end_matches('}');
    vec![
        token(
            "payload-not-utf8",
            "a byte that is no UTF-8, in a claim that nobody reads",
            &[open.as_bytes(), b",\"x\":\"\xff\"}"].concat(),
        ),
        token(
            "payload-not-json",
            "an array",
            format!("[{claims}]").as_bytes(),
        ),
        token(
            "payload-duplicate-member",
            "`sub` twice: which of the two would count?",
            format!(r#"{open},"sub":"sci-property-001-lock-0001"}}"#).as_bytes(),
        ),
        token(
            "payload-too-deep",
            "nine levels",
            format!(r#"{open},"x":{}{}}}"#, "[".repeat(8), "]".repeat(8)).as_bytes(),
        ),
    ]
}

fn claim(code: &str, shows: &'static str, name: &str, value: Value) -> EventFile {
    let token = mint(TestKey::Es256, &claims_with(json!({ name: value })));
    EventFile::token(&format!("deny-{code}"), shows, &token)
}

fn malformed() -> Vec<EventFile> {
    let absent = Value::Null;
    vec![
        claim("iss-missing", "", "iss", absent.clone()),
        claim(
            "iss-not-text",
            "a list with the issuer in it (CVE-2025-30144)",
            "iss",
            json!(["https://id.example/iot"]),
        ),
        claim("sub-missing", "", "sub", absent.clone()),
        claim(
            "sub-not-thing-name",
            "a wildcard",
            "sub",
            json!("sci-property-001-*"),
        ),
        claim(
            "sub-not-thing-name--variable",
            "a policy variable",
            "sub",
            json!("${iot:ClientId}"),
        ),
        claim("aud-missing", "", "aud", absent.clone()),
        claim(
            "aud-malformed",
            "an object",
            "aud",
            json!({ "sci-iot": true }),
        ),
        claim("exp-missing", "a token for ever", "exp", absent.clone()),
        claim(
            "exp-not-number",
            "the time as text (CVE-2026-25537)",
            "exp",
            json!("1795188120"),
        ),
        claim(
            "exp-out-of-range",
            "after the year 9999",
            "exp",
            json!(1e20),
        ),
        claim(
            "iat-missing",
            "no lifetime can be told",
            "iat",
            absent.clone(),
        ),
        claim(
            "iat-not-number",
            "RFC 3339 instead of a number",
            "iat",
            json!("2026-11-20T14:22:00Z"),
        ),
        claim("iat-out-of-range", "before 1970", "iat", json!(-1)),
        claim("nbf-not-number", "", "nbf", json!(true)),
        claim("nbf-out-of-range", "before 1970", "nbf", json!(-1)),
        claim("jti-malformed", "a number", "jti", json!(17)),
        claim("scope-missing", "", "scope", absent.clone()),
        claim(
            "scope-not-text",
            "a list, as some issuers write it",
            "scope",
            json!(["telemetry:publish"]),
        ),
        claim("property-missing", "", "property_id", absent),
        claim(
            "property-malformed",
            "a path",
            "property_id",
            json!("property-001/../002"),
        ),
    ]
}

fn mismatched() -> Vec<EventFile> {
    let times = |code: &str, shows, times: Value| {
        let token = mint(TestKey::Es256, &claims_with(times));
        EventFile::token(&format!("deny-{code}"), shows, &token)
    };
    vec![
        claim(
            "property-mismatch",
            "the thing's name says where it stands",
            "property_id",
            json!("property-002"),
        ),
        claim(
            "aud-mismatch",
            "a token for another service",
            "aud",
            json!("sci-iot-admin"),
        ),
        times("exp-not-after-iat", "", json!({ "exp": NOW - 60 })),
        times(
            "lifetime-too-long",
            "a day and a second",
            json!({ "exp": NOW - 60 + 86_401 }),
        ),
        times(
            "expired",
            "an hour ago",
            json!({ "iat": NOW - 7200, "exp": NOW - 3600 }),
        ),
        times(
            "not-yet-valid",
            "in ten minutes",
            json!({ "nbf": NOW + 600 }),
        ),
        times(
            "issued-in-future",
            "in ten minutes: somebody's clock is wrong",
            json!({ "iat": NOW + 600 }),
        ),
    ]
}

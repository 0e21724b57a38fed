//! `iss` and `aud`: who says so, and to whom.

use serde_json::json;
use testkit::{
    authorizer::{AUDIENCE, FORMER_PARTNER, ISSUER, PARTNER, THING, claims_with},
    tokens::{TestKey, Unsigned, mint},
};

use crate::row::{Row, allow, deny, header, raw_claim, with_claims};

pub(crate) fn rows() -> Vec<Row> {
    [issuers(), audiences()].concat()
}

fn issuers() -> Vec<Row> {
    let exact = "RFC 8725 3.8; RFC 7519 4.1.1: compared exactly; CVE-2024-53861; a published authorizer compares prefixes";
    let mut rows = Vec::new();
    for (name, iss) in [
        ("prefix", "https://id.example"),
        ("prefix-slash", "https://id.example/"),
        ("one-letter-less", "https://id.example/io"),
        ("one-letter-more", "https://id.example/iott"),
        ("slash", "https://id.example/iot/"),
        ("path-below", "https://id.example/iot/tenant"),
        ("path-beside", "https://id.example/api"),
        ("other-domain", "https://id.example.evil/iot"),
        ("suffix", "https://evil.example/?https://id.example/iot"),
        ("user-info", "https://id.example/iot@evil.example"),
        ("substring", "id.example"),
        ("around", "xhttps://id.example/iotx"),
        ("http", "http://id.example/iot"),
        ("no-scheme", "id.example/iot"),
        ("scheme-case", "HTTPS://id.example/iot"),
        ("host-case", "https://ID.example/iot"),
        ("path-case", "https://id.example/IOT"),
        ("port", "https://id.example:443/iot"),
        ("root-dot", "https://id.example./iot"),
        ("two-slashes", "https://id.example//iot"),
        ("dot-segment", "https://id.example/./iot"),
        ("dot-dot-segment", "https://id.example/x/../iot"),
        ("percent", "https://id.example/%69ot"),
        ("query", "https://id.example/iot?"),
        ("fragment", "https://id.example/iot#"),
        ("homograph", "https://id.exаmple/iot"),
        ("full-width", "https://id.example/ｉot"),
        ("decomposed", "https://id.example/i\u{307}ot"),
        ("zero-width", "https://id.example/iot\u{200b}"),
        ("space-before", " https://id.example/iot"),
        ("space-after", "https://id.example/iot "),
        ("newline-after", "https://id.example/iot\n"),
        ("nul-after", "https://id.example/iot\0"),
        ("nul-and-more", "https://id.example/iot\0.evil"),
        (
            "two-in-one",
            "https://id.example/iot,https://partner.example",
        ),
        ("two-lines", "https://evil.example\nhttps://id.example/iot"),
        ("wildcard", "*"),
        ("pattern", "https://id.example/.*"),
        ("empty", ""),
        ("audience", AUDIENCE),
        ("null-text", "null"),
        ("revocation-key", "https://id.example/iot#insecure-token-1"),
    ] {
        // Signed by the issuer itself: nothing but the comparison can refuse it.
        rows.push(deny(
            name,
            exact,
            "unknown-issuer",
            with_claims(json!({ "iss": iss })),
        ));
    }
    rows.push(deny(
        "absent",
        "RFC 8725 3.8; a published authorizer lets it pass",
        "iss-missing",
        with_claims(json!({ "iss": null })),
    ));
    for raw in [
        r#"["https://id.example/iot"]"#,
        r#"["https://evil.example","https://id.example/iot"]"#,
        "[]",
        r#"{"iss":"https://id.example/iot"}"#,
        "null",
        "true",
        "1",
    ] {
        let source = "RFC 7519 4.1.1: a string; CVE-2025-30144";
        rows.push(deny(
            format!("type-{raw}"),
            source,
            "iss-not-text",
            raw_claim("iss", raw),
        ));
    }
    let mixed = "RFC 8725 3.8: each issuer has its own keys";
    rows.extend([
        allow(
            "escaped",
            "RFC 8259 7",
            raw_claim("iss", r#""https:\/\/id.example\/iot""#),
        ),
        allow(
            "another-issuer-of-ours",
            "no attack",
            mint(TestKey::EdDsa, &claims_with(json!({ "iss": PARTNER }))),
        ),
        deny(
            "of-ours-but-forged",
            mixed,
            "signature",
            Unsigned::new(
                header(TestKey::EdDsa).to_string(),
                claims_with(json!({ "iss": PARTNER })).to_string(),
            )
            .sign(TestKey::AttackerEd25519),
        ),
        deny(
            "device-key-for-the-issuer",
            mixed,
            "unknown-key",
            mint(
                TestKey::Device,
                &claims_with(json!({ "iss": ISSUER, "sub": THING })),
            ),
        ),
        deny(
            "revoked-one",
            "the key is good, the issuer is not",
            "issuer-revoked",
            mint(
                TestKey::EdDsa,
                &claims_with(json!({ "iss": FORMER_PARTNER })),
            ),
        ),
    ]);
    rows
}

fn audiences() -> Vec<Row> {
    let exact = "RFC 8725 3.9; RFC 7519 4.1.3: compared exactly";
    let mut rows = Vec::new();
    for (name, aud) in [
        ("substring", "sci"),
        ("one-letter-less", "sci-io"),
        ("one-letter-more", "sci-iot2"),
        ("around", "xsci-iotx"),
        ("case", "SCI-IOT"),
        ("space-after", "sci-iot "),
        ("nul-after", "sci-iot\0"),
        ("two-in-one-comma", "sci-iot,other"),
        ("two-in-one-space", "sci-iot other"),
        ("url", "https://sci-iot"),
        ("issuer", ISSUER),
        ("wildcard", "*"),
        ("empty", ""),
        ("homograph", "sсi-iot"),
        ("json-in-text", r#"["sci-iot"]"#),
    ] {
        rows.push(deny(
            format!("aud-{name}"),
            exact,
            "aud-mismatch",
            with_claims(json!({ "aud": aud })),
        ));
        rows.push(deny(
            format!("aud-{name}-list"),
            exact,
            "aud-mismatch",
            with_claims(json!({ "aud": [aud, "other"] })),
        ));
    }
    let names = |count: usize, last: &str| {
        let others = (1..count).map(|i| json!(format!("service-{i}")));
        json!(others.chain([json!(last)]).collect::<Vec<_>>())
    };
    let malformed = "RFC 7519 4.1.3: a string or an array of strings; CVE-2020-26160";
    rows.extend([
        deny(
            "aud-absent",
            "RFC 8725 3.9; published authorizers let it pass",
            "aud-missing",
            with_claims(json!({ "aud": null })),
        ),
        deny(
            "aud-no-names",
            malformed,
            "aud-mismatch",
            with_claims(json!({ "aud": [] })),
        ),
        deny(
            "aud-list-without",
            exact,
            "aud-mismatch",
            with_claims(json!({ "aud": names(16, "other") })),
        ),
        allow(
            "aud-list-of-one",
            malformed,
            with_claims(json!({ "aud": [AUDIENCE] })),
        ),
        allow(
            "aud-list-of-16",
            malformed,
            with_claims(json!({ "aud": names(16, AUDIENCE) })),
        ),
        deny(
            "aud-list-of-17",
            "a bound",
            "aud-malformed",
            with_claims(json!({ "aud": names(17, AUDIENCE) })),
        ),
        deny(
            "aud-list-of-600",
            "a bound",
            "aud-malformed",
            with_claims(json!({ "aud": names(400, AUDIENCE) })),
        ),
        allow(
            "aud-twice",
            malformed,
            with_claims(json!({ "aud": [AUDIENCE, AUDIENCE] })),
        ),
    ]);
    for raw in [
        "null",
        "1",
        "true",
        r#"{"sci-iot":true}"#,
        r#"[["sci-iot"]]"#,
        r#"["sci-iot",1]"#,
        r#"[1,"sci-iot"]"#,
        r#"["sci-iot",null]"#,
        r#"[null]"#,
        r#"[{"aud":"sci-iot"}]"#,
        r#"["sci-iot",["sci-iot"]]"#,
        r#"[true]"#,
    ] {
        rows.push(deny(
            format!("aud-type-{raw}"),
            malformed,
            "aud-malformed",
            raw_claim("aud", raw),
        ));
    }
    rows
}

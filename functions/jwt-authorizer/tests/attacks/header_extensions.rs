//! Extensions of the header, and tokens that are another kind of token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};
use testkit::{
    authorizer::claims,
    tokens::{TestKey, Unsigned, mint},
};

use crate::row::{Row, allow, deny, good, header, raw_header, signed, unsigned, with_header};

pub(crate) fn rows() -> Vec<Row> {
    [extensions(), types(), other_kinds()].concat()
}

fn extensions() -> Vec<Row> {
    let mut rows = Vec::new();
    for (code, source, values) in [
        (
            "crit",
            "RFC 7515 4.1.11: what is not understood must be refused",
            [
                json!(["exp"]),
                json!([]),
                json!(["b64"]),
                json!("exp"),
                json!(true),
                json!([1]),
                Value::Null,
            ]
            .as_slice(),
        ),
        (
            "b64",
            "RFC 7797 7: never in a JWT",
            &[
                json!(false),
                json!(true),
                json!("false"),
                json!(0),
                Value::Null,
            ],
        ),
        (
            "zip",
            "RFC 8725 3.6; CVE-2024-33664: nothing is inflated",
            &[
                json!("DEF"),
                json!("none"),
                json!(""),
                json!(["DEF"]),
                Value::Null,
            ],
        ),
        (
            "enc",
            "RFC 7516; CVE-2023-51774: an encrypted token is not a signed one",
            &[json!("A256GCM"), json!("none"), json!(1), Value::Null],
        ),
        (
            "cty",
            "RFC 7519 5.2; RFC 8725 3.3: one layer only",
            &[
                json!("JWT"),
                json!("jwt"),
                json!("application/json"),
                json!(""),
                Value::Null,
            ],
        ),
    ] {
        for value in values {
            rows.push(deny(
                format!("{code}-{value}"),
                source,
                code,
                raw_header(code, &value.to_string()),
            ));
        }
        let escaped: String = code
            .chars()
            .map(|c| format!("\\u{:04x}", c as u32))
            .collect();
        let header = header(TestKey::Es256).to_string();
        let open = header.strip_suffix('}').unwrap();
        let header = format!("{open},\"{escaped}\":[]}}");
        rows.push(deny(
            format!("{code}-escaped"),
            source,
            code,
            signed(header, claims().to_string()),
        ));
        // Another member, as names are compared exactly.
        let upper = code.to_uppercase();
        rows.push(allow(
            format!("{code}-upper-case"),
            "RFC 7515 4: names are case-sensitive",
            with_header(&upper, json!(["x"])),
        ));
    }
    rows.push(deny(
        "crit-and-b64",
        "RFC 7797 6",
        "crit",
        signed(
            json!({ "alg": "ES256", "kid": "insecure-es256", "b64": false, "crit": ["b64"] })
                .to_string(),
            claims().to_string(),
        ),
    ));
    let unencoded = Unsigned::spelled(
        &BASE64URL.encode(
            json!({ "alg": "ES256", "kid": "insecure-es256", "b64": false, "crit": ["b64"] })
                .to_string(),
        ),
        r#"{"iss":"https://id"}"#,
    );
    rows.push(deny(
        "payload-not-encoded",
        "RFC 7797 5.2",
        "base64url",
        unencoded.sign(TestKey::Es256),
    ));
    for (member, value) in [
        ("epk", json!({ "kty": "EC" })),
        ("p2c", json!(2_147_483_647)),
        ("p2s", json!("c2FsdA")),
        ("apu", json!("a")),
        ("iv", json!("a")),
        ("tag", json!("a")),
        ("ppt", json!("shaken")),
        ("nonce", json!("n")),
    ] {
        let source = "RFC 7515 4: members that are not understood are ignored";
        rows.push(allow(
            format!("{member}-ignored"),
            source,
            with_header(member, value),
        ));
    }
    rows
}

fn types() -> Vec<Row> {
    let source = "RFC 8725 3.11: a token for another purpose";
    let mut rows = Vec::new();
    for typ in ["JWT", "jwt", "Jwt", "jWT"] {
        rows.push(allow(
            format!("typ-{typ}"),
            "RFC 7519 5.1; RFC 2045 5.1: any case",
            with_header("typ", json!(typ)),
        ));
    }
    let mut header = header(TestKey::Es256);
    header.as_object_mut().unwrap().remove("typ");
    rows.push(allow(
        "typ-absent",
        "RFC 7519 5.1: optional",
        signed(header.to_string(), claims().to_string()),
    ));
    for typ in [
        json!("at+jwt"),
        json!("application/jwt"),
        json!("application/at+jwt"),
        json!("dpop+jwt"),
        json!("secevent+jwt"),
        json!("logout+jwt"),
        json!("JOSE"),
        json!("JOSE+JSON"),
        json!("JWE"),
        json!("JWT "),
        json!("JWT\0"),
        json!("JWTx"),
        json!("ＪＷＴ"),
        json!(""),
        json!(["JWT"]),
        json!({ "typ": "JWT" }),
        json!(1),
        json!(true),
        json!(null),
    ] {
        let name = format!("typ-{}", typ.to_string().escape_default());
        rows.push(deny(
            name,
            source,
            "typ-not-jwt",
            raw_header("typ", &typ.to_string()),
        ));
    }
    rows
}

fn other_kinds() -> Vec<Row> {
    let good = good();
    let parts: Vec<_> = good.split('.').collect();
    let (protected, payload, signature) = (parts[0], parts[1], parts[2]);
    let head = header(TestKey::Es256).to_string();
    let direct = BASE64URL.encode(r#"{"alg":"dir","enc":"A256GCM","kid":"insecure-es256"}"#);
    let jwe = "RFC 7516 3.1: an encrypted token has five segments";
    let json_form = "RFC 7515 7.2: the JSON serialization; CVE-2022-39227";
    let mut nested = header(TestKey::Es256);
    nested["cty"] = json!("JWT");
    vec![
        deny("jwe-direct", jwe, "not-three-segments", format!("{direct}..aXY.Y2lwaGVy.dGFn")),
        deny("jwe-rsa", jwe, "not-three-segments", format!("{protected}.a2V5.aXY.Y2lwaGVy.dGFn")),
        deny("jwe-cut-to-three", jwe, "enc", format!("{direct}.{payload}.{signature}")),
        deny("jwe-password-based", "CVE-2023-52428: no work by the sender's count", "alg-not-allowed", unsigned("PBES2-HS512+A256KW", TestKey::Es256).sign(TestKey::Es256)),
        deny("nested", "RFC 7519 5.2", "cty", signed(nested.to_string(), &good)),
        deny("nested-without-cty", "RFC 8725 3.3", "payload-not-json", signed(&head, &good)),
        deny("nested-as-text", "RFC 8725 3.3", "payload-not-json", signed(&head, json!(good).to_string())),
        deny("nested-in-base64", "RFC 8725 3.3", "not-three-segments", BASE64URL.encode(&good)),
        deny(
            "json-flattened",
            json_form,
            "not-three-segments",
            json!({ "protected": protected, "payload": payload, "signature": signature }).to_string(),
        ),
        deny(
            "json-general",
            json_form,
            "not-three-segments",
            json!({ "payload": payload, "signatures": [{ "protected": protected, "signature": signature }] }).to_string(),
        ),
        deny(
            "json-unprotected-header",
            json_form,
            "not-three-segments",
            json!({ "header": { "alg": "none" }, "payload": payload, "signature": "" }).to_string(),
        ),
        // The forgery of CVE-2022-39227: one reader sees the JSON, another one the three segments.
        deny(
            "json-and-compact-in-one",
            json_form,
            "base64url",
            format!(r#"{{"  {protected}.{payload}.":"","protected":"{protected}","payload":"e30","signature":"{signature}"}}"#),
        ),
        deny("detached-payload", "RFC 7515 appendix F", "empty-segment", format!("{protected}..{signature}")),
        deny("saml", "another kind of token", "not-three-segments", "<saml:Assertion ID=\"1\"/>"),
        deny("paseto", "another kind of token", "not-three-segments", "v4.public.eyJzdWIiOiJhIn0.eyJraWQiOiJhIn0"),
        deny("opaque", "another kind of token", "not-three-segments", "2YotnFZFEjr1zCsicMWpAA"),
        deny("id-token-of-another-client", "RFC 8725 2.7: substitution", "aud-mismatch", crate::row::with_claims(json!({ "aud": "web-app", "nonce": "n" }))),
        allow("good-of-another-key", "no attack", mint(TestKey::EdDsa, &claims())),
    ]
}

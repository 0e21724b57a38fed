//! Keys in the header, and `kid` as something else than a name.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL},
};
use serde_json::{Value, json};
use testkit::{
    authorizer::{DEVICES, SIGNING_THING, claims, claims_with},
    tokens::{DEVICE_CERTIFICATE, TestKey, Unsigned},
};

use crate::row::{
    Row, allow, deny, deny_event, forged, header, password, raw_header, signed, with_header,
};

/// `canary` is an address where something listens that nobody may call.
pub(crate) fn rows(canary: &str) -> Vec<Row> {
    [embedded(canary), kids(canary)].concat()
}

fn attackers_jwk(key: TestKey) -> Value {
    let public = key.attacker().public();
    let half = |from: usize, to: usize| BASE64URL.encode(&public[from..to]);
    match key {
        TestKey::EdDsa => {
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": half(0, 32) })
        }
        TestKey::Es256 => {
            json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "x": half(1, 33), "y": half(33, 65) })
        }
        TestKey::Es384 => {
            json!({ "kty": "EC", "crv": "P-384", "alg": "ES384", "x": half(1, 49), "y": half(49, 97) })
        }
        // What PKCS#1 puts before and after the modulus of a key of 2,048 bits.
        _ => {
            json!({ "kty": "RSA", "alg": format!("{:?}", key.algorithm()), "n": half(9, 265), "e": "AQAB" })
        }
    }
}

fn embedded(canary: &str) -> Vec<Row> {
    let source =
        "RFC 8725 3.10; RFC 7515 10.3 (keys in the header are the sender's word); CVE-2018-0114";
    let mut rows = Vec::new();
    for key in TestKey::ISSUER {
        let mut header = header(key);
        header["jwk"] = attackers_jwk(key);
        rows.push(deny(
            format!("jwk-{key:?}"),
            source,
            "signature",
            forged(key, &header),
        ));
        // Its own kid too: neither the name nor the key is in any set.
        header["jwk"]["kid"] = json!(key.attacker().kid());
        header["kid"] = json!(key.attacker().kid());
        rows.push(deny(
            format!("jwk-with-its-kid-{key:?}"),
            source,
            "unknown-key",
            forged(key, &header),
        ));
    }
    let certificate: String = DEVICE_CERTIFICATE
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let members = [
        (
            "jwk-symmetric",
            "jwk",
            json!({ "kty": "oct", "k": "c2VjcmV0" }),
        ),
        ("jwk-null", "jwk", Value::Null),
        (
            "jku-http",
            "jku",
            json!(format!("http://{canary}/jwks.json")),
        ),
        (
            "jku-https",
            "jku",
            json!(format!("https://{canary}/jwks.json")),
        ),
        (
            "jku-of-issuer-with-userinfo",
            "jku",
            json!(format!("https://id.example@{canary}/jwks.json")),
        ),
        (
            "jku-fragment",
            "jku",
            json!(format!("http://{canary}/#https://id.example/iot")),
        ),
        ("jku-file", "jku", json!("file:///etc/passwd")),
        (
            "jku-metadata",
            "jku",
            json!("http://169.254.169.254/latest/meta-data/"),
        ),
        (
            "jku-array",
            "jku",
            json!([format!("http://{canary}/jwks.json")]),
        ),
        (
            "x5u-http",
            "x5u",
            json!(format!("http://{canary}/chain.pem")),
        ),
        (
            "x5u-https",
            "x5u",
            json!(format!("https://{canary}/chain.pem")),
        ),
        ("x5c", "x5c", json!([certificate])),
        ("x5c-empty", "x5c", json!([])),
        ("x5t", "x5t", json!(BASE64.encode([7; 20]))),
        ("x5t-s256", "x5t#S256", json!(BASE64URL.encode([7; 32]))),
        ("url", "url", json!(format!("http://{canary}/"))),
    ];
    for (name, member, value) in members {
        let mut header = header(TestKey::Es256);
        header[member] = value.clone();
        rows.push(deny(
            format!("{name}-forged"),
            source,
            "signature",
            forged(TestKey::Es256, &header),
        ));
        rows.push(allow(
            format!("{name}-ignored"),
            source,
            with_header(member, value),
        ));
    }
    rows
}

fn kids(canary: &str) -> Vec<Row> {
    let exact = "RFC 8725 3.10: `kid` is a name, compared exactly, and nothing else";
    let long = "k".repeat(128);
    let jku = format!("http://{canary}/key.pem");
    let unknown = [
        "insecure-es25",
        "insecure-es2566",
        "Insecure-es256",
        "INSECURE-ES256",
        "insecure-es256 ",
        " insecure-es256",
        "insecure_es256",
        "insecure-es256,insecure-rs256",
        "insecure-*",
        "*",
        "?",
        ".*",
        "%",
        "0",
        "null",
        "../../../../../../dev/null",
        "/dev/null",
        "..\\..\\windows\\win.ini",
        "file:///dev/null",
        "insecure-es256/../insecure-rs256",
        "insecure-es256?x=y",
        "insecure-es256#",
        "' OR '1'='1",
        "x' UNION SELECT 'secret' --",
        "\"; DROP TABLE keys; --",
        "$(id)",
        "`id`",
        "; sleep 5",
        "${jndi:ldap://127.0.0.1/a}",
        "{{7*7}}",
        "%00",
        "%2e%2e%2f",
        "insecure-es256\\u0000",
        "__proto__",
        "constructor",
        "kid#https://id.example/iot#insecure-es256",
        jku.as_str(),
        long.as_str(),
    ];
    let named = |kid: Value| {
        let mut header = header(TestKey::Es256);
        header["kid"] = kid;
        forged(TestKey::Es256, &header)
    };
    let mut rows = Vec::new();
    for kid in unknown {
        rows.push(deny(
            format!("kid-{kid:?}"),
            exact,
            "unknown-key",
            named(json!(kid)),
        ));
        // Signed by the issuer: whoever tries its keys in turn, or compares loosely, lets this one pass.
        let signed = with_header("kid", json!(kid));
        rows.push(deny(
            format!("kid-{kid:?}-signed"),
            exact,
            "unknown-key",
            signed,
        ));
    }
    let malformed =
        "RFC 8725 3.10; RFC 7515 4.1.4: a string, here 1 to 128 printable ASCII characters";
    for kid in [
        json!(""),
        json!("k".repeat(129)),
        json!("k".repeat(4000)),
        json!("insecure-es256\0"),
        json!("insecure-es256\n"),
        json!("insecure\u{7f}"),
        json!("insecure-es256é"),
        json!("ｉnsecure-es256"),
        json!("\u{202e}652se-erucesni"),
        json!("\r\nX-Injected: 1"),
        json!("\u{1b}[31m"),
        json!(["insecure-es256"]),
        json!({ "kid": "insecure-es256" }),
        json!(0),
        json!(true),
        json!(null),
    ] {
        let text = kid.to_string();
        let name = format!("kid-{text:.24}-of-{}", text.len());
        rows.push(deny(name, malformed, "kid-malformed", named(kid)));
    }
    let mut header = header(TestKey::Es256);
    header.as_object_mut().unwrap().remove("kid");
    let claims = claims().to_string();
    rows.extend([
        deny(
            "kid-absent",
            "RFC 7515 4.1.4; keys are never tried in turn, as a published broker does",
            "kid-missing",
            signed(header.to_string(), &claims),
        ),
        allow(
            "kid-escaped",
            "RFC 8259 7",
            raw_header("kid", r#""\u0069nsecure-es256""#),
        ),
        deny(
            "kid-of-another-key-of-the-issuer",
            exact,
            "signature",
            Unsigned::new(crate::row::header(TestKey::Es256).to_string(), &claims)
                .sign(TestKey::OtherDevice),
        ),
        deny_event(
            "kid-of-the-issuer-for-a-device",
            "RFC 8725 3.8: each issuer has its own keys",
            "unknown-key",
            password(
                SIGNING_THING,
                signed(
                    crate::row::header(TestKey::Es256).to_string(),
                    claims_with(json!({ "iss": DEVICES, "sub": SIGNING_THING })).to_string(),
                ),
            ),
        ),
    ]);
    rows
}

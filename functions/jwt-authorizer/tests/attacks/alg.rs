//! `alg`: none, public keys as secrets, other algorithms for the same key, other spellings.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL},
};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use testkit::{
    authorizer::claims,
    tokens::{ISSUER_JWKS, TestKey},
};

use crate::row::{Row, allow, deny, forged, header, raw_header, signed, unsigned, with_header};

pub(crate) fn rows() -> Vec<Row> {
    [none(), secrets(), swapped(), spellings()].concat()
}

fn none() -> Vec<Row> {
    let spellings = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "NoNe",
        "none ",
        " none",
        "none\0",
        "nones",
        "ｎｏｎｅ",
        "",
        "null",
        "undefined",
        "unsecured",
        "HS256none",
    ];
    let source = "RFC 8725 2.1; RFC 7518 3.6; CVE-2018-1000531, CVE-2022-23540";
    let mut rows = Vec::new();
    for alg in spellings {
        let token = unsigned(alg, TestKey::Es256);
        rows.push(deny(
            format!("none-{alg:?}-empty"),
            source,
            "empty-segment",
            token.end(""),
        ));
        rows.push(deny(
            format!("none-{alg:?}-any"),
            source,
            "alg-not-allowed",
            token.with(b"none"),
        ));
        // Signed by the issuer itself: `alg` alone is reason enough.
        let signed = token.sign(TestKey::Es256);
        rows.push(deny(
            format!("none-{alg:?}-signed"),
            source,
            "alg-not-allowed",
            signed,
        ));
    }
    for key in TestKey::ISSUER {
        let token = unsigned(&format!("{:?}", key.algorithm()), key).end("");
        rows.push(deny(
            format!("no-signature-{key:?}"),
            "CVE-2020-28042",
            "empty-segment",
            token,
        ));
    }
    rows
}

fn jwk(key: TestKey) -> Value {
    let set: Value = serde_json::from_str(ISSUER_JWKS).unwrap();
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .find(|jwk| jwk["kid"] == key.kid())
        .unwrap()
        .clone()
}

/// A public key in every form in which somebody might hand it to an HMAC.
pub(crate) fn forms(key: TestKey) -> Vec<(&'static str, Vec<u8>)> {
    let spki = key.public_x509();
    let encoded = BASE64.encode(&spki);
    let lines = |ending: &str| {
        let lines: Vec<_> = encoded
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        [
            "-----BEGIN PUBLIC KEY-----",
            &lines.join(ending),
            "-----END PUBLIC KEY-----",
        ]
        .join(ending)
    };
    let jwk = jwk(key);
    let number = jwk["n"].as_str().or(jwk["x"].as_str()).unwrap().to_owned();
    vec![
        ("pem", (lines("\n") + "\n").into_bytes()),
        ("pem-no-newline", lines("\n").into_bytes()),
        ("pem-crlf", (lines("\r\n") + "\r\n").into_bytes()),
        ("pem-body", encoded.clone().into_bytes()),
        ("x509-der", spki),
        ("der", key.public()),
        ("jwk", jwk.to_string().into_bytes()),
        ("jwk-pretty", serde_json::to_vec_pretty(&jwk).unwrap()),
        ("number", BASE64URL.decode(&number).unwrap()),
        ("number-text", number.into_bytes()),
        ("kid", key.kid().into()),
    ]
}

fn secrets() -> Vec<Row> {
    let source = "RFC 8725 2.1 and 3.1; CVE-2015-9235, CVE-2016-5431, CVE-2016-10555, CVE-2017-11424, CVE-2023-48223, CVE-2026-33322";
    let mut rows = Vec::new();
    for key in TestKey::ISSUER {
        for (form, secret) in forms(key) {
            let token = unsigned("HS256", key).mac(&secret, Algorithm::HS256);
            rows.push(deny(
                format!("hs256-{key:?}-{form}"),
                source,
                "alg-not-allowed",
                token,
            ));
        }
        // The header keeps the key's algorithm, so that only the signature can be wrong.
        let (_, pem) = forms(key).swap_remove(0);
        let token = unsigned(&format!("{:?}", key.algorithm()), key).mac(&pem, Algorithm::HS256);
        rows.push(deny(
            format!("mac-as-signature-{key:?}"),
            source,
            "signature",
            token,
        ));
    }
    for (form, secret) in forms(TestKey::Rs256) {
        for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
            let token = unsigned(name, TestKey::Rs256).mac(&secret, algorithm);
            rows.push(deny(
                format!("{name}-{form}"),
                source,
                "alg-not-allowed",
                token,
            ));
        }
    }
    for (name, secret) in [
        ("jwks-file", ISSUER_JWKS),
        ("empty", ""),
        ("secret", "secret"),
    ] {
        let token = unsigned("HS256", TestKey::Rs256).mac(secret.as_bytes(), Algorithm::HS256);
        rows.push(deny(
            format!("hs256-{name}"),
            "CVE-2019-20933; RFC 8725 3.5",
            "alg-not-allowed",
            token,
        ));
    }
    rows
}

fn swapped() -> Vec<Row> {
    let source = "RFC 8725 3.1 and 3.2: the key says with which algorithm it is used";
    let mut rows = Vec::new();
    // The header's algorithm, the key that signs, the key that `kid` names.
    let (rs, ps, es256, es384, ed) = (
        TestKey::Rs256,
        TestKey::Ps256,
        TestKey::Es256,
        TestKey::Es384,
        TestKey::EdDsa,
    );
    for (alg, signer, named) in [
        (Algorithm::PS256, rs, rs),
        (Algorithm::RS256, ps, ps),
        (Algorithm::RS256, rs, ps),
        (Algorithm::PS256, ps, rs),
        (Algorithm::ES256, es256, es384),
        (Algorithm::ES384, es384, es256),
        (Algorithm::ES256, es256, ed),
        (Algorithm::EdDSA, ed, es256),
        (Algorithm::ES256, es256, rs),
        (Algorithm::RS256, rs, es256),
        (Algorithm::EdDSA, ed, rs),
        (Algorithm::EdDSA, TestKey::AttackerEd25519, es256),
        (Algorithm::RS256, TestKey::AttackerRsa, es256),
    ] {
        let token = unsigned(&format!("{alg:?}"), named).sign_as(signer, alg);
        rows.push(deny(
            format!("{alg:?}-of-{signer:?}-for-{named:?}"),
            source,
            "alg-mismatch",
            token,
        ));
    }
    for alg in [
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS384,
        Algorithm::PS512,
    ] {
        let token = unsigned(&format!("{alg:?}"), rs).sign_as(rs, alg);
        rows.push(deny(
            format!("{alg:?}-of-the-right-key"),
            source,
            "alg-not-allowed",
            token,
        ));
    }
    for alg in [
        "ES256K",
        "ES512",
        "Ed25519",
        "Ed448",
        "ES224",
        "RS1",
        "RS224",
        "HS1",
        "MD5",
        "RSA1_5",
        "RSA-OAEP",
        "dir",
        "A128KW",
        "A256GCMKW",
        "ECDH-ES",
        "PBES2-HS256+A128KW",
        "SHA256withRSA",
        "RSA",
        "ECDSA",
        "ML-DSA-65",
    ] {
        let token = unsigned(alg, es256).sign(es256);
        rows.push(deny(
            format!("alg-{alg}"),
            "RFC 8725 3.1: an allow-list",
            "alg-not-allowed",
            token,
        ));
    }
    rows
}

fn spellings() -> Vec<Row> {
    let exact = "RFC 7515 4.1.1: `alg` is case-sensitive, compared exactly";
    let mut rows: Vec<_> = [
        "es256",
        "Es256",
        "eS256",
        "ES256 ",
        " ES256",
        "ES256\0",
        "ES256\n",
        "\tES256",
        "ES-256",
        "ES256,none",
        "ES256none",
        "ＥＳ256",
        "ЕS256",
        "ES２56",
    ]
    .into_iter()
    .map(|alg| {
        deny(
            format!("spelling-{alg:?}"),
            exact,
            "alg-not-allowed",
            with_header("alg", json!(alg)),
        )
    })
    .collect();
    for (key, alg) in [
        (TestKey::EdDsa, "EDDSA"),
        (TestKey::EdDsa, "eddsa"),
        (TestKey::Rs256, "rs256"),
        (TestKey::Ps256, "ps256"),
    ] {
        rows.push(deny(
            format!("spelling-{alg}-signed"),
            exact,
            "alg-not-allowed",
            unsigned(alg, key).sign(key),
        ));
    }
    let missing = "RFC 7515 4.1.1: `alg` is required, a string";
    for raw in [
        r#"["ES256"]"#,
        r#"{"alg":"ES256"}"#,
        "256",
        "true",
        "null",
        "[]",
        r#"["none","ES256"]"#,
    ] {
        rows.push(deny(
            format!("type-{raw}"),
            missing,
            "alg-missing",
            raw_header("alg", raw),
        ));
    }
    let mut header = header(TestKey::Es256);
    header.as_object_mut().unwrap().remove("alg");
    let claims = claims().to_string();
    rows.push(deny(
        "absent",
        missing,
        "alg-missing",
        signed(header.to_string(), &claims),
    ));
    header["Alg"] = json!("ES256");
    rows.push(deny(
        "other-case-of-the-name",
        missing,
        "alg-missing",
        signed(header.to_string(), &claims),
    ));
    rows.extend([
        allow(
            "escaped",
            "RFC 8259 7: an escape is the same text",
            raw_header("alg", r#""\u0045\u0053256""#),
        ),
        allow(
            "none-under-another-name",
            "RFC 7515 4: unknown members are ignored",
            with_header("ALG", json!("none")),
        ),
        deny(
            "forged",
            "RFC 7515 5.2",
            "signature",
            forged(TestKey::Es256, &crate::row::header(TestKey::Es256)),
        ),
    ]);
    rows
}

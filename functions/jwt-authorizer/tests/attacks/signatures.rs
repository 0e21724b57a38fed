//! Signatures that are none, or are another spelling of one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use serde_json::json;
use testkit::{
    authorizer::{claims, claims_with},
    tokens::{TestKey, Unsigned, mint},
};

use crate::{
    row::{Row, allow, deny, header, unsigned},
    rsa, signatures_curves, signatures_rsa,
};

pub(crate) fn rows() -> Vec<Row> {
    [
        every_algorithm(),
        substituted(),
        signatures_curves::rows(),
        signatures_rsa::rows(),
    ]
    .concat()
}

/// A good token's unsigned part and its signature.
pub(crate) fn good(key: TestKey) -> (Unsigned, Vec<u8>) {
    let unsigned = unsigned(&format!("{:?}", key.algorithm()), key);
    let token = unsigned.sign(key);
    let (_, signature) = token.rsplit_once('.').unwrap();
    let signature = BASE64URL.decode(signature).unwrap();
    (unsigned, signature)
}

fn every_algorithm() -> Vec<Row> {
    let source =
        "RFC 7515 5.2 step 8; CVE-2020-14968 (zeros before it), CVE-2024-42459 (its length)";
    let mut rows = Vec::new();
    for key in TestKey::ISSUER {
        let (unsigned, signature) = good(key);
        let length = signature.len();
        let mut refuse = |name: String, bytes: &[u8]| {
            rows.push(deny(
                format!("{name}-{key:?}"),
                source,
                "signature",
                unsigned.with(bytes),
            ));
        };
        for bit in [0, 7, length * 4, length * 8 - 1] {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            refuse(format!("bit-{bit}-flipped"), &flipped);
        }
        refuse("one-byte".into(), &signature[..1]);
        refuse("half".into(), &signature[..length / 2]);
        refuse("last-byte-cut".into(), &signature[..length - 1]);
        refuse("first-byte-cut".into(), &signature[1..]);
        refuse("zero-before".into(), &[&[0], signature.as_slice()].concat());
        refuse("zero-after".into(), &[signature.as_slice(), &[0]].concat());
        refuse("twice".into(), &signature.repeat(2));
        refuse(
            "backwards".into(),
            &signature.iter().rev().copied().collect::<Vec<_>>(),
        );
        refuse(
            "inverted".into(),
            &signature.iter().map(|byte| !byte).collect::<Vec<_>>(),
        );
        refuse("all-zero".into(), &vec![0; length]);
        refuse("all-one".into(), &vec![0xff; length]);
        refuse("one".into(), &[vec![0; length - 1], vec![1]].concat());
        refuse("4000-bytes".into(), &vec![7; 4000]);
        rows.push(allow(
            format!("good-{key:?}"),
            "no attack",
            unsigned.with(&signature),
        ));
    }
    rows
}

fn substituted() -> Vec<Row> {
    let source = "RFC 8725 2.7; RFC 7515 5.2: over exactly these bytes, by exactly this key";
    let mut rows = Vec::new();
    for key in TestKey::ISSUER {
        let head = header(key).to_string();
        let payload = claims().to_string();
        let here = Unsigned::new(&head, &payload);
        let mut refuse = |name: &str, token: String| {
            rows.push(deny(format!("{name}-{key:?}"), source, "signature", token));
        };
        let end_of = |token: String| token.rsplit_once('.').unwrap().1.to_owned();
        refuse("of-attacker", here.sign_as(key.attacker(), key.algorithm()));
        refuse(
            "of-another-token",
            here.end(&end_of(mint(
                key,
                &claims_with(json!({ "jti": "another" })),
            ))),
        );
        refuse(
            "of-another-header",
            here.end(&end_of(
                Unsigned::new(json!({ "alg": "none" }).to_string(), &payload).sign(key),
            )),
        );
        refuse(
            "of-the-payload-alone",
            here.end(&sign(key, payload.as_bytes())),
        );
        refuse(
            "of-the-decoded-text",
            here.end(&sign(key, format!("{head}.{payload}").as_bytes())),
        );
        refuse(
            "of-the-encoded-payload",
            here.end(&sign(key, BASE64URL.encode(&payload).as_bytes())),
        );
        refuse(
            "of-the-digest",
            here.end(&sign(key, &rsa::digest(here.as_str().as_bytes()))),
        );
        refuse("of-nothing", here.end(&sign(key, b"")));
        refuse(
            "with-a-dot-behind",
            here.end(&sign(key, format!("{}.", here.as_str()).as_bytes())),
        );
        let other = claims_with(json!({ "scope": "jobs:execute" })).to_string();
        refuse(
            "claims-changed",
            Unsigned::new(&head, other).end(&end_of(here.sign(key))),
        );
        let spaced = format!("{payload} ");
        refuse(
            "claims-spaced",
            Unsigned::new(&head, spaced).end(&end_of(here.sign(key))),
        );
    }
    for (named, signer) in [
        (TestKey::Rs256, TestKey::AttackerRsa),
        (TestKey::Es256, TestKey::Device),
        (TestKey::Es256, TestKey::OtherDevice),
    ] {
        let token = Unsigned::new(header(named).to_string(), claims().to_string()).sign(signer);
        rows.push(deny(
            format!("of-{signer:?}-for-{named:?}"),
            source,
            "signature",
            token,
        ));
    }
    rows
}

/// The encoded signature over any bytes.
fn sign(key: TestKey, message: &[u8]) -> String {
    jsonwebtoken::crypto::sign(message, &key.encoding(), key.algorithm()).unwrap()
}

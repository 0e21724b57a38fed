//! Raw signatures of each algorithm.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::vectors;
use crate::{Algorithm, jwk};

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).unwrap() as u8;
    let (pairs, []) = hex.as_bytes().as_chunks() else {
        panic!("half a byte");
    };
    pairs
        .iter()
        .map(|[high, low]| digit(*high) << 4 | digit(*low))
        .collect()
}

/// The group's key as a JWK. Some groups of ECDSA vectors have only the point.
fn jwk(algorithm: Algorithm, group: &Value) -> String {
    let jwk = [&group["publicKeyJwk"], &group["keyJwk"]];
    let mut jwk = jwk.into_iter().find(|jwk| jwk.is_object()).map_or_else(
        || {
            let point = bytes(group["publicKey"]["uncompressed"].as_str().unwrap());
            let (x, y) = point[1..].split_at(point.len() / 2);
            let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
            let crv = format!("P-{}", group["publicKey"]["keySize"]);
            json!({ "kty": "EC", "crv": crv, "x": x, "y": y })
        },
        Value::clone,
    );
    jwk["alg"] = algorithm.as_str().into();
    jwk.to_string()
}

/// How many vectors of each result are accepted or refused, by which rule.
fn run(algorithm: Algorithm, file: &str) -> Vec<(String, usize)> {
    let mut outcome = BTreeMap::new();
    for (group, test) in vectors(file) {
        let [message, signature] = ["msg", "sig"].map(|part| bytes(test[part].as_str().unwrap()));
        let verdict = match jwk::read(&jwk(algorithm, &group)) {
            Ok(key) if key.verifies(&message, &signature) => "accepted",
            Ok(_) => "refused",
            Err(defect) => defect.code(),
        };
        let result = test["result"].as_str().unwrap();
        *outcome.entry(format!("{result}: {verdict}")).or_default() += 1;
    }
    outcome.into_iter().collect()
}

fn expect(outcome: &[(String, usize)], expected: &[(&str, usize)]) {
    let outcome: Vec<_> = outcome
        .iter()
        .map(|(what, n)| (what.as_str(), *n))
        .collect();
    assert_eq!(outcome, expected);
}

#[test]
fn es256() {
    let file = include_str!("../../tests/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
    expect(
        &run(Algorithm::Es256, file),
        &[("invalid: refused", 89), ("valid: accepted", 173)],
    );
}

#[test]
fn es384() {
    let file = include_str!("../../tests/wycheproof/ecdsa_secp384r1_sha384_p1363_test.json");
    expect(
        &run(Algorithm::Es384, file),
        &[("invalid: refused", 87), ("valid: accepted", 193)],
    );
}

#[test]
fn eddsa() {
    let file = include_str!("../../tests/wycheproof/ed25519_test.json");
    expect(
        &run(Algorithm::EdDsa, file),
        &[("invalid: refused", 63), ("valid: accepted", 88)],
    );
}

#[test]
fn rs256() {
    let file = include_str!("../../tests/wycheproof/rsa_signature_2048_sha256_test.json");
    let expected = [
        // A DigestInfo without the NULL that RFC 8017, section 9.2, note 1, asks for.
        ("acceptable: refused", 1),
        ("invalid: refused", 249),
        ("valid: accepted", 7),
        // Two keys with exponent 3.
        ("valid: key-rsa-exponent", 2),
    ];
    expect(&run(Algorithm::Rs256, file), &expected);
}

#[test]
fn ps256() {
    let file = include_str!("../../tests/wycheproof/rsa_pss_2048_sha256_mgf1_32_test.json");
    expect(
        &run(Algorithm::Ps256, file),
        &[("invalid: refused", 45), ("valid: accepted", 63)],
    );
}

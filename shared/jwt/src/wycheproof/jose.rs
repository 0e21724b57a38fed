//! Compact JWS with JWK sets: forgeries, and keys that must not be used.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::vectors;
use crate::{KeySet, jws::Jws};

/// Verifies a text as the authorizer does a token, up to its claims: load the keys, read the token, find the key, check the
/// signature. Answers the code of the rule that refuses it.
fn verify(keys: &Value, token: &str) -> Result<(), &'static str> {
    let keys = match keys {
        set if set.get("keys").is_some() => set.clone(),
        key => json!({ "keys": [key] }),
    };
    let loaded = KeySet::load(keys.to_string().as_bytes()).unwrap();
    let jws = Jws::parse(token.as_bytes()).map_err(|rejection| rejection.code())?;
    let Some(key) = loaded.keys.get(&jws.header.kid) else {
        let mut dropped = loaded.dropped.iter();
        let dropped = dropped.find(|key| key.kid.as_ref() == Some(&jws.header.kid));
        return Err(dropped.map_or("unknown-kid", |key| key.defect.code()));
    };
    jws.verify(key).map_err(|rejection| rejection.code())
}

/// What became of a file's vectors.
#[derive(Default)]
struct Outcome {
    accepted: Vec<u64>,
    /// Valid ones that our rules refuse.
    stricter: Vec<(u64, &'static str)>,
    /// How many invalid ones each rule refuses.
    refused: BTreeMap<&'static str, usize>,
}

fn run(file: &str) -> Outcome {
    let mut outcome = Outcome::default();
    for (group, test) in vectors(file) {
        let keys = group.get("public").unwrap_or(&group["private"]);
        let token = test.get("jws").unwrap_or(&test["jwe"]);
        // Some are in the JSON serialization.
        let token = token.as_str().map_or(token.to_string(), str::to_owned);
        let id = test["tcId"].as_u64().unwrap();
        match (test["result"].as_str().unwrap(), verify(keys, &token)) {
            ("valid", Ok(())) => outcome.accepted.push(id),
            ("valid", Err(code)) => outcome.stricter.push((id, code)),
            ("invalid", Err(code)) => *outcome.refused.entry(code).or_default() += 1,
            (result, Ok(())) => panic!("{result} vector {id} is accepted: {}", test["comment"]),
            (result, _) => panic!("vector {id} is {result}"),
        }
    }
    outcome
}

fn expect(
    outcome: &Outcome,
    accepted: &[u64],
    stricter: &[(&str, &[u64])],
    refused: &[(&str, usize)],
) {
    assert_eq!(outcome.accepted, accepted);
    for (code, ids) in stricter {
        let of_code = outcome.stricter.iter().filter(|(_, found)| found == code);
        let found: Vec<_> = of_code.map(|(id, _)| *id).collect();
        assert_eq!(&found, ids, "{code}");
    }
    let listed: usize = stricter.iter().map(|(_, ids)| ids.len()).sum();
    assert_eq!(outcome.stricter.len(), listed, "{:?}", outcome.stricter);
    let counts: Vec<_> = outcome
        .refused
        .iter()
        .map(|(code, n)| (*code, *n))
        .collect();
    assert_eq!(counts, refused);
}

#[test]
fn signatures() {
    let outcome = run(include_str!(
        "../../tests/wycheproof/json_web_signature_test.json"
    ));
    let accepted = [
        18, 33, 260, 261, 262, 263, 273, 274, 275, 287, 288, 345, 349, 378,
    ];
    let stricter: &[(_, &[u64])] = &[
        // HS256, RS384, RS512, PS384, PS512 and `ES521`, as the file spells ES512.
        (
            "alg-not-allowed",
            &[
                1, 265, 266, 267, 269, 270, 271, 321, 322, 323, 326, 327, 328, 346, 347, 348, 350,
                351, 352, 357, 358, 359, 376, 377,
            ],
        ),
        // An empty payload: no JWT.
        ("empty-segment", &[259, 264, 268, 272, 320, 325]),
        // A question mark in the middle, which lenient decoders skip.
        ("base64url", &[372, 373]),
    ];
    let refused = [
        ("alg-not-allowed", 17),
        ("base64url", 12),
        ("empty-segment", 17),
        ("key-alg-not-allowed", 2),
        ("key-without-alg", 4),
        ("not-three-segments", 18),
        ("signature", 283),
        ("unknown-kid", 2),
    ];
    expect(&outcome, &accepted, stricter, &refused);
}

#[test]
fn keys() {
    let outcome = run(include_str!(
        "../../tests/wycheproof/json_web_key_test.json"
    ));
    let stricter: &[(_, &[u64])] = &[("alg-not-allowed", &[2, 13, 14, 15])]; // HMAC
    let refused = [
        ("alg-not-allowed", 11),
        ("empty-segment", 2),
        ("key-alg-not-allowed", 3),
        ("key-curve-mismatch", 1),
        ("key-ec-not-on-curve", 1),
        ("key-kty-mismatch", 1),
        ("key-rsa-roca", 1),
        ("key-use-not-sig", 1),
    ];
    expect(&outcome, &[5], stricter, &refused);
}

#[test]
fn both_and_encryption() {
    let outcome = run(include_str!(
        "../../tests/wycheproof/json_web_crypto_test.json"
    ));
    let stricter: &[(_, &[u64])] = &[
        ("alg-not-allowed", &[1, 48]),     // HMAC
        ("not-three-segments", &[50, 67]), // JWE
    ];
    let refused = [
        ("alg-not-allowed", 6),
        ("empty-segment", 13),
        ("key-rsa-roca", 1),
        ("not-three-segments", 50),
        ("signature", 5),
        ("unknown-kid", 2),
    ];
    expect(&outcome, &[18, 33], stricter, &refused);
}

/// Two defects of keys that tokens with empty payloads hide above.
#[test]
fn weak_keys_are_dropped() {
    let file = include_str!("../../tests/wycheproof/json_web_key_test.json");
    for (comment, code) in [
        ("exponentOne", "key-rsa-exponent"),
        ("keysize_too_small", "key-rsa-size"),
        ("jws_mixedSymmetryKeyset", "key-symmetric"),
        ("jws_duplicate_kid", "key-symmetric"),
    ] {
        let mut vectors = vectors(file).into_iter();
        let (group, _) = vectors
            .find(|(group, _)| group["comment"] == comment)
            .unwrap();
        let keys = group.get("public").unwrap_or(&group["private"]);
        let loaded = KeySet::load(keys.to_string().as_bytes()).unwrap();
        assert_eq!(loaded.dropped[0].defect.code(), code, "{comment}");
    }
}

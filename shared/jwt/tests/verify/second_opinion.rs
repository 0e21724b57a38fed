//! jsonwebtoken as a second opinion: whatever we accept, its strictest settings accept too.

use jsonwebtoken::{DecodingKey, Validation, jwk::Jwk};
use proptest::{
    prelude::*,
    sample::{select, subsequence},
};
use sci_domain::timestamp::Millis;
use sci_jwt::{Algorithm, Expectation};
use serde_json::Value;

use crate::{
    json::Json,
    mint::{Key, claims, expectation, key, now, verify},
};

/// Good and bad values. `exp` lies in the past or far ahead: jsonwebtoken asks the operating system for the time.
const CLAIMS: &[(&str, &str)] = &[
    ("iss", "\"https://issuer.example\""),
    ("iss", "\"https:\\/\\/issuer.example\""),
    ("iss", "\"https://issuer.example/\""),
    ("iss", "[\"https://issuer.example\"]"),
    ("iss", "null"),
    ("aud", "\"iot\""),
    ("aud", "[\"iot\"]"),
    ("aud", "[\"other\",\"\\u0069ot\"]"),
    ("aud", "\"other\""),
    ("aud", "[]"),
    ("aud", "null"),
    ("aud", "5"),
    ("exp", "250000000000"),
    ("exp", "2.5e11"),
    ("exp", "250000000000.75"),
    ("exp", "\"250000000000\""),
    ("exp", "999999000"),
    ("exp", "null"),
    ("exp", "1e300"),
    ("exp", "-1"),
    ("nbf", "999999999"),
    ("nbf", "0.5"),
    ("nbf", "250000000000"),
    ("nbf", "\"0\""),
    ("nbf", "null"),
    ("iat", "999999999.5"),
    ("sub", "\"gateway-1\""),
    ("sub", "\"a/b\""),
    ("sub", "null"),
    ("jti", "5"),
    ("x", "{\"a\":[1,2.5e-3,\"\\ud83d\\ude00\"]}"),
    ("x", "{\"a\":1,\"a\":2}"),
    ("x", "[[[[[[[[[]]]]]]]]]"),
];

/// What we ignore stands here only in the form that jsonwebtoken wants, which reads all of it.
const HEADER: &[(&str, &str)] = &[
    ("typ", "\"jwt\""),
    ("typ", "\"at+jwt\""),
    ("typ", "null"),
    ("crit", "[\"exp\"]"),
    ("zip", "\"DEF\""),
    ("jku", "\"https://evil.example\""),
    ("x5t", "\"AA\""),
    ("x", "\"y\""),
    ("alg", "\"none\""),
    ("alg", "\"HS256\""),
    ("alg", "\"\\u0045S256\""),
    ("kid", "5"),
];

fn changed(object: Json, changes: &[(&str, &str)]) -> Json {
    let change = |object: Json, (name, value): &(&str, &str)| object.set(name, *value);
    changes.iter().fold(object, change)
}

fn expected() -> Expectation {
    Expectation {
        max_lifetime: Millis::new(u64::MAX),
        ..expectation()
    }
}

fn second_opinion(key: &Key, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let jwk: Jwk = serde_json::from_value(key.jwk.clone()).unwrap();
    let mut strict = Validation::new(key.algorithm.as_str().parse().unwrap());
    strict.leeway = 30;
    strict.validate_nbf = true;
    strict.set_audience(&[expected().audience]);
    strict.set_issuer(&[expected().issuer]);
    strict.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let decoded = jsonwebtoken::decode(token, &DecodingKey::from_jwk(&jwk).unwrap(), &strict)?;
    Ok(decoded.claims)
}

/// Compares both verdicts. Answers ours.
fn agree(key: &Key, token: &str) -> bool {
    let Ok(ours) = verify(token, &expected(), now()) else {
        return false;
    };
    let theirs = second_opinion(key, token).unwrap_or_else(|e| panic!("{e}: {token}"));
    assert_eq!(theirs["iss"], ours.issuer());
    assert_eq!(theirs["sub"], ours.thing().as_str());
    assert_eq!(theirs["property_id"], ours.property().as_str());
    let exp = theirs["exp"].as_f64().unwrap();
    assert_eq!((exp * 1000.0) as u64, ours.expires_at().as_millis());
    true
}

fn good_claims() -> Json {
    claims().set("exp", "250000000000")
}

#[test]
fn each_change_alone() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let mut accepted = 0;
        for change in CLAIMS {
            let payload = changed(good_claims(), &[*change]);
            accepted += u32::from(agree(key, &key.sign(key.header().text(), payload.text())));
        }
        for change in HEADER {
            let header = changed(key.header(), &[*change]);
            accepted += u32::from(agree(key, &key.sign(header.text(), good_claims().text())));
        }
        // ES256 is also spelled with an escape above.
        let expected = if algorithm == Algorithm::Es256 {
            18
        } else {
            17
        };
        assert_eq!(accepted, expected, "{algorithm:?}");
    }
}

/// As the library itself writes tokens.
#[test]
fn what_jsonwebtoken_encodes() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let mut header = jsonwebtoken::Header::new(algorithm.as_str().parse().unwrap());
        header.kid = key.jwk["kid"].as_str().map(str::to_owned);
        let claims: Value = serde_json::from_str(&good_claims().text()).unwrap();
        let token = jsonwebtoken::encode(&header, &claims, &key.private).unwrap();
        assert!(agree(key, &token), "{algorithm:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_changes_together(
        algorithm in select(&Algorithm::ALL),
        header in subsequence(HEADER, 0..3),
        payload in subsequence(CLAIMS, 0..6),
        doubled in prop::option::of(select(CLAIMS)),
    ) {
        let key = key(algorithm);
        let mut payload = changed(good_claims(), &payload);
        if let Some((name, value)) = doubled {
            payload = payload.and(name, value);
        }
        agree(key, &key.sign(changed(key.header(), &header).text(), payload.text()));
    }
}

//! What holds of every text and every token.

use proptest::{collection::vec, prelude::*, sample::select};
use sci_domain::timestamp::{Millis, Timestamp};
use sci_jwt::{Algorithm, Expectation, KeySet, UnverifiedToken};

use crate::{
    json::Json,
    mint::{NOW_SECONDS, base64url, claims, expectation, key, now, verify},
};

/// Text that is often JSON.
fn jsonish() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        select(vec![
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\\",
            "\\u00",
            "1",
            "-",
            "e9",
            "null",
            "true",
            " ",
            "\"alg\":",
            "\"EdDSA\"",
            "\"kid\":\"k\"",
            "\"iss\":\"i\"",
            "\"sub\":\"s\"",
            "\"aud\":[\"a\"]",
            "\"exp\":2e9",
            "\"iat\":1e9",
            "\"scope\":\"\"",
            "\"property_id\":\"p\"",
            "\"keys\":[",
            "\"kty\":\"EC\"",
        ])
        .prop_map(str::to_owned),
        ".{0,3}",
    ];
    vec(word, 0..30).prop_map(|words| words.concat())
}

/// Text for an `iss` or `aud`, as JSON.
fn text() -> impl Strategy<Value = String> {
    "\\PC{0,20}|[\\x00-\\x7f]{0,20}"
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..900)) {
        prop_assert!(UnverifiedToken::parse(&bytes).is_err());
        prop_assert!(KeySet::load(&bytes).is_err());
    }

    #[test]
    fn no_json_makes_it_panic(header in jsonish(), payload in jsonish(), signature in vec(any::<u8>(), 1..100)) {
        for header in [&header, "{\"alg\":\"EdDSA\",\"kid\":\"k\"}"] {
            let token = format!("{}.{}.{}", base64url(header), base64url(&payload), base64url(&signature));
            let _ = UnverifiedToken::parse(token.as_bytes());
        }
        let _ = KeySet::load(payload.as_bytes());
        let _ = KeySet::load(format!("{{\"keys\":[{payload}]}}").as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_minted_is_read_back(
        algorithm in select(&Algorithm::ALL),
        issuer in text(),
        (audiences, ours) in vec(text(), 1..=16).prop_flat_map(|all| { let n = all.len(); (Just(all), 0..n) }),
        sub in "[a-zA-Z0-9:_-]{1,128}",
        property in "[a-zA-Z0-9_-]{1,64}",
        jti in prop::option::of("[ -~]{1,128}"),
        age in 0..3_600_000_u64,
        left in 1..3_600_000_u64,
    ) {
        let now = NOW_SECONDS * 1000;
        let seconds = |millis: u64| format!("{}.{:03}", millis / 1000, millis % 1000);
        let audiences: Vec<_> = audiences.iter().map(|aud| json(aud)).collect();
        let mut claims = Json::new([("sub", &*json(&sub)), ("scope", "\"shadow:read x\"")])
            .and("iss", json(&issuer))
            .and("aud", format!("[{}]", audiences.join(",")))
            .and("iat", seconds(now - age))
            .and("exp", seconds(now + left))
            .and("property_id", json(&property));
        if let Some(jti) = &jti {
            claims = claims.and("jti", json(jti));
        }
        let expected = Expectation {
            issuer: issuer.clone(),
            audience: serde_json::from_str(&audiences[ours]).unwrap(),
            max_lifetime: Millis::new(age + left),
        };
        let signer = key(algorithm);
        let token = signer.sign(signer.header().text(), claims.text());
        let verified = verify(&token, &expected, Timestamp::from_millis(now).unwrap()).ok().unwrap();
        prop_assert_eq!(verified.issuer(), issuer);
        prop_assert_eq!(verified.thing().as_str(), sub);
        prop_assert_eq!(verified.property().as_str(), property);
        prop_assert_eq!(verified.jti(), jti.as_deref());
        prop_assert_eq!(verified.unknown_scopes(), 1);
        prop_assert_eq!(verified.issued_at().as_millis(), now - age);
        prop_assert_eq!(verified.expires_at().as_millis(), now + left);
    }

    #[test]
    fn a_changed_byte_is_refused(algorithm in select(&Algorithm::ALL), place in any::<prop::sample::Index>(), byte: u8) {
        let signer = key(algorithm);
        let mut token = signer.sign(signer.header().text(), claims().text()).into_bytes();
        let place = place.index(token.len());
        prop_assume!(token[place] != byte);
        token[place] = byte;
        prop_assert!(!accepted(&token));
    }
}

/// Whether the key that the genuine token named would take this one.
fn accepted(token: &[u8]) -> bool {
    UnverifiedToken::parse(token).is_ok_and(|token| {
        let key = crate::mint::PUBLISHED.get(token.kid());
        key.is_some_and(|key| token.verify(key, &expectation(), now()).is_ok())
    })
}

#[test]
fn every_changed_bit_is_refused_and_so_is_every_lost_or_doubled_byte() {
    for algorithm in Algorithm::ALL {
        let signer = key(algorithm);
        let token = signer
            .sign(signer.header().text(), claims().text())
            .into_bytes();
        assert!(accepted(&token));
        for place in 0..token.len() {
            for bit in 0..8 {
                let mut changed = token.clone();
                changed[place] ^= 1 << bit;
                assert!(
                    !accepted(&changed),
                    "{algorithm:?}, byte {place}, bit {bit}"
                );
            }
            let mut shorter = token.clone();
            shorter.remove(place);
            assert!(!accepted(&shorter), "{algorithm:?}, without byte {place}");
            let mut longer = token.clone();
            longer.insert(place, token[place]);
            assert!(!accepted(&longer), "{algorithm:?}, byte {place} twice");
            assert!(!accepted(&token[..place]), "{algorithm:?}, {place} bytes");
        }
    }
}

//! The test keys: public and private halves belong together, and none can be taken for a real one.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::{fs, path::Path};

use jsonwebtoken::{DecodingKey, Validation, decode, jwk::JwkSet};
use serde_json::Value;
use testkit::{
    authorizer::{AUDIENCE, claims},
    tokens::{DEVICE_JWKS, ISSUER_JWKS, OTHER_DEVICE_JWKS, TestKey, mint},
};

/// Reads with the set what `key` signed.
fn reads(set: &str, key: TestKey) -> bool {
    let set: JwkSet = serde_json::from_str(set).unwrap();
    let Some(jwk) = set.find(key.kid()) else {
        return false;
    };
    let mut validation = Validation::new(key.algorithm());
    validation.set_audience(&[AUDIENCE]);
    // The tokens' time is not today.
    validation.validate_exp = false;
    let token = mint(key, &claims());
    let read = decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation);
    read.unwrap().claims == claims()
}

#[test]
fn each_set_has_the_public_halves_of_its_keys_and_no_other() {
    for key in TestKey::ALL {
        assert_eq!(
            reads(ISSUER_JWKS, key),
            TestKey::ISSUER.contains(&key),
            "{key:?}"
        );
        assert_eq!(reads(DEVICE_JWKS, key), key == TestKey::Device, "{key:?}");
        assert_eq!(
            reads(OTHER_DEVICE_JWKS, key),
            key == TestKey::OtherDevice,
            "{key:?}"
        );
    }
}

#[test]
fn every_key_says_that_it_is_insecure() {
    for key in TestKey::ALL {
        assert!(key.kid().starts_with("insecure-"), "{key:?}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys");
    for file in fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "README.md" || name.starts_with("insecure-"),
            "{name}"
        );
    }
}

//! An issuer with a key of each algorithm. jsonwebtoken signs, so that not the verifier says what a signature is.

use std::sync::LazyLock;

use aws_lc_rs::{
    encoding::AsDer,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use sci_domain::timestamp::{Millis, Timestamp};
use sci_jwt::{Algorithm, Claims, Expectation, KeySet, Rejection, UnverifiedToken};
use serde_json::{Value, json};

use crate::json::Json;

/// 2001-09-09T01:46:40Z, long ago: jsonwebtoken asks the operating system for the time.
pub(crate) const NOW_SECONDS: u64 = 1_000_000_000;

pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    pub(crate) private: EncodingKey,
    pub(crate) jwk: Value,
}

static KEYS: LazyLock<[Key; 5]> = LazyLock::new(|| Algorithm::ALL.map(Key::generate));

/// The issuer's key of this algorithm.
pub(crate) fn key(algorithm: Algorithm) -> &'static Key {
    KEYS.iter().find(|key| key.algorithm == algorithm).unwrap()
}

/// The public keys of the issuer.
pub(crate) static PUBLISHED: LazyLock<KeySet> = LazyLock::new(|| {
    let keys: Vec<_> = KEYS.iter().map(|key| &key.jwk).collect();
    let loaded = KeySet::load(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    assert_eq!(loaded.dropped, []);
    loaded.keys
});

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    fn generate(algorithm: Algorithm) -> Self {
        let (private, mut jwk) = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => rsa(),
            Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            Algorithm::EdDsa => ed25519(),
        };
        jwk["alg"] = algorithm.as_str().into();
        jwk["kid"] = format!("key-{}", algorithm.as_str()).into();
        jwk["use"] = "sig".into();
        Self {
            algorithm,
            private,
            jwk,
        }
    }

    /// The compact JWS of any header and any payload.
    pub(crate) fn sign(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let input = format!("{}.{}", base64url(header), base64url(payload));
        let algorithm = self.algorithm.as_str().parse().unwrap();
        let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &self.private, algorithm);
        format!("{input}.{}", signature.unwrap())
    }

    pub(crate) fn header(&self) -> Json {
        Json::new([
            ("alg", &self.jwk["alg"].to_string()),
            ("kid", &self.jwk["kid"].to_string()),
            ("typ", "\"JWT\""),
        ])
    }
}

/// Claims that are accepted at [`now`].
pub(crate) fn claims() -> Json {
    Json::new([
        ("iss", "\"https://issuer.example\""),
        ("sub", "\"sci-p-1-lock-7\""),
        ("aud", "\"iot\""),
        ("iat", "999999940"),
        ("exp", "1000003600"),
        ("jti", "\"token-1\""),
        ("scope", "\"telemetry:publish shadow:read\""),
        ("property_id", "\"p-1\""),
    ])
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(NOW_SECONDS * 1000).unwrap()
}

pub(crate) fn expectation() -> Expectation {
    Expectation {
        issuer: "https://issuer.example".into(),
        audience: "iot".into(),
        max_lifetime: Millis::from_secs(86_400),
    }
}

/// A token of Ed25519, which is quick, with these claims.
pub(crate) fn token(claims: &Json) -> String {
    let key = key(Algorithm::EdDsa);
    key.sign(key.header().text(), claims.text())
}

/// Verifies with the issuer's published keys.
pub(crate) fn verify(
    token: &str,
    expected: &Expectation,
    now: Timestamp,
) -> Result<Claims, Rejection> {
    let token = UnverifiedToken::parse(token.as_bytes())?;
    let key = PUBLISHED.get(token.kid()).expect("a known kid");
    token.verify(key, expected, now)
}

/// Why a token with these claims is refused now; nothing when it is accepted.
pub(crate) fn refusal(claims: &Json) -> Option<Rejection> {
    verify(&token(claims), &expectation(), now()).err()
}

fn rsa() -> (EncodingKey, Value) {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    // jsonwebtoken wants the RSAPrivateKey that PKCS #8 wraps into 26 bytes; the modulus follows 9 bytes of RSAPublicKey.
    let private = EncodingKey::from_rsa_der(&pair.as_der().unwrap().as_ref()[26..]);
    let modulus = &pair.public_key().as_ref()[9..265];
    (
        private,
        json!({ "kty": "RSA", "n": base64url(modulus), "e": "AQAB" }),
    )
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm, crv: &str) -> (EncodingKey, Value) {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    let point = &pair.public_key().as_ref()[1..];
    let [x, y] = [&point[..point.len() / 2], &point[point.len() / 2..]].map(base64url);
    (private, json!({ "kty": "EC", "crv": crv, "x": x, "y": y }))
}

fn ed25519() -> (EncodingKey, Value) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let private = EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref());
    let x = base64url(pair.public_key().as_ref());
    (private, json!({ "kty": "OKP", "crv": "Ed25519", "x": x }))
}

//! Key sets and signatures.

use std::net::TcpStream;

use aws_lc_rs::{
    hmac,
    signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use num_bigint::BigUint;
use testkit::tokens::TestKey;

use super::{Flaw, Json, Oracle, token::Token};
use crate::{alg, rsa};

/// One usable key of a set.
struct Key {
    kid: String,
    alg: String,
    jwk: Json,
}

/// Whether a key of these sets, the one that the token names, made its signature.
pub(crate) fn verifies(oracle: &Oracle<'_>, sets: &[String], token: &Token) -> bool {
    if oracle.has(Flaw::FetchesKeys)
        && let Some(url) = token.header.get("jku").and_then(Json::text)
        && let Some(address) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next())
        && address.starts_with("127.0.0.1:")
    {
        let _ = TcpStream::connect(address);
    }
    if oracle.has(Flaw::AnySignature)
        || oracle.has(Flaw::SignatureOptional) && token.signature.is_empty()
        || oracle.has(Flaw::NoneAccepted) && token.alg.trim().eq_ignore_ascii_case("none")
    {
        return true;
    }
    if oracle.has(Flaw::KeyFromHeader)
        && let Some(jwk) = token.header.get("jwk")
        && let Some(key) = usable(oracle, jwk, "")
    {
        return verify(oracle, &key, token);
    }
    let mut keys = Vec::new();
    for set in sets {
        let Some(set) = read(oracle, set) else {
            return false;
        };
        keys.extend(set);
    }
    let named = |key: &&Key| {
        key.kid == token.kid
            || oracle.has(Flaw::TriesEveryKey)
            || oracle.has(Flaw::KidInAnyCase) && key.kid.eq_ignore_ascii_case(&token.kid)
            || oracle.has(Flaw::KidByPrefix) && key.kid.starts_with(&token.kid)
    };
    keys.iter()
        .filter(named)
        .any(|key| verify(oracle, key, token))
}

/// The usable keys of a set; nothing if it is none.
fn read(oracle: &Oracle<'_>, set: &str) -> Option<Vec<Key>> {
    if set.len() > 65_536 {
        return None;
    }
    let set: Json = serde_json::from_str(set).ok()?;
    let [keys] = super::once(&set, &["keys"])?;
    let keys = keys?.list()?;
    if keys.len() > 64 {
        return None;
    }
    let kids: Vec<_> = keys
        .iter()
        .map(|key| key.get("kid").and_then(Json::text))
        .collect();
    let shared = |kid: &str| kids.iter().filter(|other| **other == Some(kid)).count() > 1;
    let usable = keys.iter().zip(&kids).filter_map(|(key, kid)| {
        let kid = (*kid)?;
        let alone = !shared(kid) || oracle.has(Flaw::SharedKidsUsed);
        alone.then(|| usable(oracle, key, kid))?
    });
    Some(usable.collect())
}

fn usable(oracle: &Oracle<'_>, jwk: &Json, kid: &str) -> Option<Key> {
    let member = |name: &str| jwk.get(name).and_then(Json::text);
    let alg = member("alg")?;
    let kind = match alg {
        "RS256" | "PS256" => ("RSA", None),
        "ES256" => ("EC", Some("P-256")),
        "ES384" => ("EC", Some("P-384")),
        "EdDSA" => ("OKP", Some("Ed25519")),
        _ => return None,
    };
    let secret = ["k", "d", "p", "q", "dp", "dq", "qi", "oth"]
        .iter()
        .any(|name| jwk.get(name).is_some());
    let for_signatures = jwk
        .get("use")
        .is_none_or(|r#use| r#use.text() == Some("sig"))
        && jwk
            .get("key_ops")
            .is_none_or(|ops| *ops == Json::List(vec![Json::Text("verify".into())]));
    let sound = !secret && for_signatures && !jwk.repeats();
    let right = member("kty") == Some(kind.0) && (kind.1.is_none() || member("crv") == kind.1);
    (right && (sound || oracle.has(Flaw::WeakKeysUsed))).then(|| Key {
        kid: kid.to_owned(),
        alg: alg.to_owned(),
        jwk: jwk.clone(),
    })
}

fn verify(oracle: &Oracle<'_>, key: &Key, token: &Token) -> bool {
    let number =
        |name: &str| -> Option<Vec<u8>> { BASE64URL.decode(key.jwk.get(name)?.text()?).ok() };
    if oracle.has(Flaw::PublicKeyAsSecret) && token.alg == "HS256" {
        let known = TestKey::ISSUER
            .into_iter()
            .find(|known| known.kid() == key.kid);
        let forms = known.map(alg::forms).unwrap_or_default();
        return forms.iter().any(|(_, secret)| {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::verify(&secret, &token.message, &token.signature).is_ok()
        });
    }
    let mut signature = token.signature.clone();
    if oracle.has(Flaw::TrimmedSignatures) {
        signature = trimmed(&signature, &key.alg);
    }
    let same = token.alg == key.alg
        || oracle.has(Flaw::AlgInAnyCase) && token.alg.eq_ignore_ascii_case(&key.alg);
    let alg = match oracle.has(Flaw::AlgFromHeader) {
        true => token.alg.as_str(),
        false if same => key.alg.as_str(),
        false => return false,
    };
    let zero = signature.iter().all(|byte| *byte == 0);
    let message = &token.message;
    let ok = |algorithm: &'static dyn VerificationAlgorithm, key: Vec<u8>| {
        UnparsedPublicKey::new(algorithm, key)
            .verify(message, &signature)
            .is_ok()
    };
    let point = || Some([vec![4], number("x")?, number("y")?].concat());
    let components = || {
        let (n, e) = (number("n")?, number("e")?);
        Some(RsaPublicKeyComponents { n, e })
    };
    let opened = || {
        let (n, e) = (
            BigUint::from_bytes_be(&number("n")?),
            BigUint::from_bytes_be(&number("e")?),
        );
        Some(rsa::padded(
            &BigUint::from_bytes_be(&signature).modpow(&e, &n),
            256,
        ))
    };
    match alg {
        "RS256" if oracle.has(Flaw::PaddingOfPkcs1Unchecked) => {
            opened().is_some_and(|em| rsa::opens_pkcs1_anyhow(&em, message))
        }
        "PS256" if oracle.has(Flaw::AnySalt) => {
            opened().is_some_and(|em| rsa::opens_pss_with_any_salt(&em, message))
        }
        "RS256" => components().is_some_and(|key| {
            key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, &signature)
                .is_ok()
        }),
        "PS256" => components().is_some_and(|key| {
            key.verify(&signature::RSA_PSS_2048_8192_SHA256, message, &signature)
                .is_ok()
        }),
        "ES256" | "ES384" if oracle.has(Flaw::ZeroSignatures) && zero => true,
        "ES256" | "ES384" if oracle.has(Flaw::OnlyLowS) && high_s(&signature) => false,
        "ES256" if oracle.has(Flaw::DerSignatures) && signature.first() == Some(&0x30) => {
            point().is_some_and(|key| ok(&signature::ECDSA_P256_SHA256_ASN1, key))
        }
        "ES256" => point().is_some_and(|key| ok(&signature::ECDSA_P256_SHA256_FIXED, key)),
        "ES384" => point().is_some_and(|key| ok(&signature::ECDSA_P384_SHA384_FIXED, key)),
        "EdDSA" => {
            let signature = match oracle.has(Flaw::ScalarReduced) {
                true => reduced(&signature),
                false => signature.clone(),
            };
            number("x").is_some_and(|key| {
                UnparsedPublicKey::new(&signature::ED25519, key)
                    .verify(message, &signature)
                    .is_ok()
            })
        }
        _ => false,
    }
}

/// Without zeros before and behind, as somebody does who reads a number and not bytes.
fn trimmed(signature: &[u8], alg: &str) -> Vec<u8> {
    let length = match alg {
        "RS256" | "PS256" => 256,
        "ES384" => 96,
        _ => 64,
    };
    let spare = signature.len().saturating_sub(length);
    let (before, after) = signature.split_at(spare);
    if before.iter().all(|byte| *byte == 0) {
        return after.to_vec();
    }
    signature[..length.min(signature.len())].to_vec()
}

/// Whether `s` is in the upper half, as Bitcoin forbids it.
fn high_s(signature: &[u8]) -> bool {
    signature
        .get(signature.len() / 2)
        .is_some_and(|byte| *byte >= 0x80)
}

/// With the scalar modulo the order of the group.
fn reduced(signature: &[u8]) -> Vec<u8> {
    let Some((point, scalar)) = signature.split_at_checked(32) else {
        return signature.to_vec();
    };
    let scalar = BigUint::from_bytes_le(scalar) % rsa::ed25519_order();
    let mut bytes = scalar.to_bytes_le();
    bytes.resize(32, 0);
    [point, &bytes].concat()
}

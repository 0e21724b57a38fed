//! One key of a key set: JWK, RFC 7517, with the members of RFC 7518, section 6, and RFC 8037.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
    VerificationAlgorithm,
};

use sci_domain::rsa_modulus;

use crate::{
    Algorithm, KeyDefect, VerifyingKey, ed25519_points,
    segment::decode,
    strict_json::{Fault, Value, object},
};

/// 65537, the only exponent that is taken.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Reads the key in `json`. Its `kid` is the set's affair.
pub(crate) fn read(json: &str) -> Result<VerifyingKey, KeyDefect> {
    let names = [
        "kty", "alg", "use", "key_ops", "crv", "x", "y", "n", "e", // public
        "k", "d", "p", "q", "dp", "dq", "qi", "oth", // secret
    ];
    let [kty, alg, r#use, key_ops, crv, x, y, n, e, k, secret @ ..] = object(json, &names)
        .map_err(|fault| match fault {
            Fault::NotAnObject => KeyDefect::NotAnObject,
            Fault::Duplicate => KeyDefect::DuplicateMember,
            Fault::TooDeep => KeyDefect::TooDeep,
        })?;

    if k.is_some() || is(&kty, "oct") {
        return Err(KeyDefect::Symmetric);
    }
    if secret.iter().any(Option::is_some) {
        return Err(KeyDefect::Private);
    }
    let alg = alg.and_then(Value::text).ok_or(KeyDefect::AlgMissing)?;
    let algorithm = Algorithm::parse(&alg).ok_or(KeyDefect::AlgNotAllowed)?;
    let (expected_kty, expected_crv) = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => ("RSA", None),
        Algorithm::Es256 => ("EC", Some("P-256")),
        Algorithm::Es384 => ("EC", Some("P-384")),
        Algorithm::EdDsa => ("OKP", Some("Ed25519")),
    };
    if !is(&kty, expected_kty) {
        return Err(KeyDefect::KtyMismatch);
    }
    if r#use.is_some() && !is(&r#use, "sig") {
        return Err(KeyDefect::UseNotSig);
    }
    let verify = [Value::Text("verify".into())];
    if !key_ops.is_none_or(|ops| matches!(ops, Value::List(ops) if ops == verify)) {
        return Err(KeyDefect::KeyOpsNotVerify);
    }
    if expected_crv.is_some_and(|expected| !is(&crv, expected)) {
        return Err(KeyDefect::CurveMismatch);
    }

    let key = match algorithm {
        Algorithm::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256, n, e),
        Algorithm::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256, n, e),
        Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED, 32, x, y),
        Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED, 48, x, y),
        Algorithm::EdDsa => ed25519(x),
    };
    Ok(VerifyingKey::new(algorithm, key?))
}

fn is(value: &Option<Value<'_>>, text: &str) -> bool {
    matches!(value, Some(Value::Text(value)) if value == text)
}

fn number(value: Option<Value<'_>>) -> Result<Vec<u8>, KeyDefect> {
    let text = value.and_then(Value::text).ok_or(KeyDefect::Base64url)?;
    decode(text.as_bytes()).ok_or(KeyDefect::Base64url)
}

fn rsa(
    parameters: &'static RsaParameters,
    n: Option<Value<'_>>,
    e: Option<Value<'_>>,
) -> Result<ParsedPublicKey, KeyDefect> {
    let (n, e) = (number(n)?, number(e)?);
    if n.first() == Some(&0) {
        return Err(KeyDefect::RsaLeadingZero);
    }
    rsa_modulus::check(&n)?;
    if e != EXPONENT {
        return Err(KeyDefect::RsaExponent);
    }
    RsaPublicKeyComponents { n, e }
        .to_parsed_public_key(parameters)
        .map_err(|_| KeyDefect::Unusable)
}

fn ec(
    algorithm: &'static dyn VerificationAlgorithm,
    length: usize,
    x: Option<Value<'_>>,
    y: Option<Value<'_>>,
) -> Result<ParsedPublicKey, KeyDefect> {
    let (x, y) = (number(x)?, number(y)?);
    if x.len() != length || y.len() != length {
        return Err(KeyDefect::EcLength);
    }
    // Uncompressed: SEC 1, section 2.3.3.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    ParsedPublicKey::new(algorithm, point).map_err(|_| KeyDefect::EcNotOnCurve)
}

fn ed25519(x: Option<Value<'_>>) -> Result<ParsedPublicKey, KeyDefect> {
    let point: [u8; 32] = number(x)?
        .try_into()
        .map_err(|_| KeyDefect::Ed25519Length)?;
    ed25519_points::check(&point)?;
    ParsedPublicKey::new(&ED25519, point).map_err(|_| KeyDefect::Unusable)
}

//! An issuer of device tokens: a key of each algorithm, made anew each time, and tokens that are good now. Files cannot hold
//! them: the functions go by the real clock.

use aws_lc_rs::{
    error::Unspecified,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
        ECDSA_P384_SHA384_FIXED_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
        RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use sci_jwt::Algorithm;
use serde_json::{Value, json};

/// The claim `iss`.
pub const ISSUER: &str = "https://tokens.sci.example";
/// The claim `aud`.
pub const AUDIENCE: &str = "sci-iot";
/// The claim `sub`: the thing that every token is for.
pub const THING: &str = "sci-property-001-environmental-0042";
/// How long a token is good, in seconds.
pub(crate) const LIFETIME: u64 = 3600;

/// A private key with the one algorithm that it is for.
struct Key {
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The issuer.
pub struct Issuer(Vec<Key>);

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer")
    }
}

impl Issuer {
    /// An issuer with new keys. RSA has 2048 bits, as most issuers' keys do.
    ///
    /// # Errors
    /// When the crypto library refuses.
    pub fn new() -> Result<Self, Unspecified> {
        let keys = Algorithm::ALL.into_iter().map(Key::new);
        Ok(Self(keys.collect::<Result<_, _>>()?))
    }

    /// The public keys: a JWK Set. The `kid` of each is its algorithm.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.0.iter().map(Key::jwk).collect::<Vec<_>>() })
    }

    /// A token of [`THING`] that is good for an hour from `now`, in seconds since the epoch.
    ///
    /// # Errors
    /// When the crypto library refuses.
    pub fn token(
        &self,
        algorithm: Algorithm,
        scope: &str,
        now: u64,
    ) -> Result<String, Unspecified> {
        let key = self.key(algorithm)?;
        let header = json!({ "alg": algorithm.as_str(), "kid": algorithm.as_str(), "typ": "JWT" });
        let claims = json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": THING,
            "property_id": "property-001",
            "scope": scope,
            "iat": now,
            "exp": now.saturating_add(LIFETIME),
            "jti": "4f6c1d3e-6f0b-4f7d-9a53-7f5b1f6f8e21",
        });
        let encode = |part: Value| BASE64URL.encode(part.to_string());
        let input = format!("{}.{}", encode(header), encode(claims));
        let signature = BASE64URL.encode(key.sign(input.as_bytes())?);
        Ok(format!("{input}.{signature}"))
    }

    /// The public key as aws-lc has it.
    ///
    /// # Errors
    /// When the crypto library refuses.
    pub fn public_key(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, Unspecified> {
        let verification: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
            Algorithm::Es384 => &ECDSA_P384_SHA384_FIXED,
            Algorithm::EdDsa => &ED25519,
        };
        let key = self.key(algorithm)?;
        ParsedPublicKey::new(verification, key.public()).map_err(|_| Unspecified)
    }

    fn key(&self, algorithm: Algorithm) -> Result<&Key, Unspecified> {
        let mut keys = self.0.iter();
        keys.find(|key| key.algorithm == algorithm)
            .ok_or(Unspecified)
    }
}

impl Key {
    fn new(algorithm: Algorithm) -> Result<Self, Unspecified> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            Ok(Pair::Rsa(Box::new(pair), encoding))
        };
        let ec =
            |curve: &'static EcdsaSigningAlgorithm| EcdsaKeyPair::generate(curve).map(Pair::Ec);
        let pair = match algorithm {
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Ok(Self {
            algorithm,
            pair: pair?,
        })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Pair::Ec(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }

    /// RSA: `RSAPublicKey` of RFC 8017, appendix A.1.1, in DER. EC: the point, uncompressed (SEC 1, section 2.3.3).
    fn public(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair, _) => pair.public_key().as_ref(),
            Pair::Ec(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    fn jwk(&self) -> Value {
        let (alg, public) = (self.algorithm.as_str(), self.public());
        let number = |bytes: Option<&[u8]>| BASE64URL.encode(bytes.unwrap_or_default());
        match &self.pair {
            Pair::Rsa(pair, _) => {
                // The modulus is what stands before the exponent, 65537 in five bytes of DER.
                let end = public.len().saturating_sub(5);
                let n = number(public.get(end.saturating_sub(pair.public_modulus_len())..end));
                json!({ "kid": alg, "alg": alg, "use": "sig", "kty": "RSA", "n": n, "e": "AQAB" })
            }
            Pair::Ec(_) => {
                let length = public.len() / 2;
                let crv = if length == 32 { "P-256" } else { "P-384" };
                let (x, y) = (
                    number(public.get(1..=length)),
                    number(public.get(1 + length..)),
                );
                json!({ "kid": alg, "alg": alg, "use": "sig", "kty": "EC", "crv": crv, "x": x, "y": y })
            }
            Pair::Ed25519(_) => {
                let x = number(Some(public));
                json!({ "kid": alg, "alg": alg, "use": "sig", "kty": "OKP", "crv": "Ed25519", "x": x })
            }
        }
    }
}

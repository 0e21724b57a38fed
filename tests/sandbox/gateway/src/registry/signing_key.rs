//! The public keys with which the gateway checks the signatures of tokens.

use std::fmt;

use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Fewest bits of an authorizer's key. Source: AWS IoT developer guide, "Creating and managing custom authorizers".
const MIN_BITS: usize = 2048;

/// An RSA public key of an authorizer.
#[derive(Clone)]
pub struct SigningKey {
    /// As it was given, PEM.
    pub pem: String,
    rsa: Vec<u8>,
}

/// Shows no key material.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Why a text is not a key for signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidSigningKey {
    /// No PEM block `PUBLIC KEY`.
    Pem,
    /// Another kind of key.
    NotRsa,
    /// Fewer bits than AWS demands.
    TooShort(usize),
}

impl fmt::Display for InvalidSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem => f.write_str("not a PEM block `-----BEGIN PUBLIC KEY-----`"),
            Self::NotRsa => f.write_str("not an RSA key"),
            Self::TooShort(bits) => {
                write!(
                    f,
                    "the key has {bits} bits, at least {MIN_BITS} are required"
                )
            }
        }
    }
}

impl std::error::Error for InvalidSigningKey {}

impl SigningKey {
    /// Reads a PEM public key (RFC 7468 section 13).
    ///
    /// # Errors
    /// [`InvalidSigningKey`].
    pub fn parse(pem: &str) -> Result<Self, InvalidSigningKey> {
        let (_, block) =
            x509_parser::pem::parse_x509_pem(pem.as_bytes()).map_err(|_| InvalidSigningKey::Pem)?;
        if block.label != "PUBLIC KEY" {
            return Err(InvalidSigningKey::Pem);
        }
        let (_, key) =
            SubjectPublicKeyInfo::from_der(&block.contents).map_err(|_| InvalidSigningKey::Pem)?;
        let Ok(PublicKey::RSA(rsa)) = key.parsed() else {
            return Err(InvalidSigningKey::NotRsa);
        };
        if rsa.key_size() < MIN_BITS {
            return Err(InvalidSigningKey::TooShort(rsa.key_size()));
        }
        Ok(Self {
            pem: pem.to_owned(),
            rsa: key.subject_public_key.data.to_vec(),
        })
    }

    /// Whether this key's owner signed the message with RSASSA-PKCS1-v1_5 and SHA-256.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        algorithms
            .mapping
            .iter()
            .filter(|(scheme, _)| *scheme == SignatureScheme::RSA_PKCS1_SHA256)
            .flat_map(|(_, algorithms)| algorithms.iter())
            .any(|algorithm| {
                algorithm
                    .verify_signature(&self.rsa, message, signature)
                    .is_ok()
            })
    }
}

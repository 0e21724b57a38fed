//! The keys of `tests/testkit/keys`.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jsonwebtoken::{Algorithm, EncodingKey};

/// The issuer's public keys, a JWK Set.
pub const ISSUER_JWKS: &str = include_str!("../../keys/insecure-issuer-jwks.json");
/// The public key of [`TestKey::Device`], a JWK Set.
pub const DEVICE_JWKS: &str = include_str!("../../keys/insecure-device-jwks.json");
/// The public key of [`TestKey::OtherDevice`], a JWK Set.
pub const OTHER_DEVICE_JWKS: &str = include_str!("../../keys/insecure-other-device-jwks.json");
/// A certificate of [`TestKey::Device`].
pub const DEVICE_CERTIFICATE: &str = include_str!("../../keys/insecure-device-certificate.pem");

/// A private key that everybody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestKey {
    /// The issuer's for RS256.
    Rs256,
    /// The issuer's for PS256.
    Ps256,
    /// The issuer's for ES256.
    Es256,
    /// The issuer's for ES384.
    Es384,
    /// The issuer's for EdDSA.
    EdDsa,
    /// That of a device that signs its own tokens, with ES256.
    Device,
    /// That of another such device.
    OtherDevice,
    /// An attacker's, as all that follow: RSA.
    AttackerRsa,
    /// P-256.
    AttackerP256,
    /// P-384.
    AttackerP384,
    /// Ed25519.
    AttackerEd25519,
}

impl TestKey {
    /// The issuer's keys.
    pub const ISSUER: [Self; 5] = [
        Self::Rs256,
        Self::Ps256,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// All keys.
    pub const ALL: [Self; 11] = [
        Self::Rs256,
        Self::Ps256,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
        Self::Device,
        Self::OtherDevice,
        Self::AttackerRsa,
        Self::AttackerP256,
        Self::AttackerP384,
        Self::AttackerEd25519,
    ];

    /// The key's id. Those of attackers are in no key set.
    #[must_use]
    pub const fn kid(self) -> &'static str {
        match self {
            Self::Rs256 => "insecure-rs256",
            Self::Ps256 => "insecure-ps256",
            Self::Es256 => "insecure-es256",
            Self::Es384 => "insecure-es384",
            Self::EdDsa => "insecure-eddsa",
            Self::Device => "insecure-device",
            Self::OtherDevice => "insecure-other-device",
            Self::AttackerRsa => "insecure-attacker-rsa",
            Self::AttackerP256 => "insecure-attacker-p256",
            Self::AttackerP384 => "insecure-attacker-p384",
            Self::AttackerEd25519 => "insecure-attacker-ed25519",
        }
    }

    /// The algorithm that the key is for.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 | Self::AttackerRsa => Algorithm::RS256,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 | Self::Device | Self::OtherDevice | Self::AttackerP256 => Algorithm::ES256,
            Self::Es384 | Self::AttackerP384 => Algorithm::ES384,
            Self::EdDsa | Self::AttackerEd25519 => Algorithm::EdDSA,
        }
    }

    /// An attacker's key of the same kind.
    #[must_use]
    pub const fn attacker(self) -> Self {
        match self {
            Self::Rs256 | Self::Ps256 | Self::AttackerRsa => Self::AttackerRsa,
            Self::Es256 | Self::Device | Self::OtherDevice | Self::AttackerP256 => {
                Self::AttackerP256
            }
            Self::Es384 | Self::AttackerP384 => Self::AttackerP384,
            Self::EdDsa | Self::AttackerEd25519 => Self::AttackerEd25519,
        }
    }

    /// The private key, PKCS#8 as PEM.
    #[must_use]
    pub const fn pem(self) -> &'static str {
        match self {
            Self::Rs256 => include_str!("../../keys/insecure-issuer-rs256.pem"),
            Self::Ps256 => include_str!("../../keys/insecure-issuer-ps256.pem"),
            Self::Es256 => include_str!("../../keys/insecure-issuer-es256.pem"),
            Self::Es384 => include_str!("../../keys/insecure-issuer-es384.pem"),
            Self::EdDsa => include_str!("../../keys/insecure-issuer-eddsa.pem"),
            Self::Device => include_str!("../../keys/insecure-device.pem"),
            Self::OtherDevice => include_str!("../../keys/insecure-other-device.pem"),
            Self::AttackerRsa => include_str!("../../keys/insecure-attacker-rsa.pem"),
            Self::AttackerP256 => include_str!("../../keys/insecure-attacker-p256.pem"),
            Self::AttackerP384 => include_str!("../../keys/insecure-attacker-p384.pem"),
            Self::AttackerEd25519 => include_str!("../../keys/insecure-attacker-ed25519.pem"),
        }
    }

    /// The private key, PKCS#8 as DER.
    #[must_use]
    pub fn pkcs8(self) -> Vec<u8> {
        let lines = self.pem().lines().filter(|line| !line.starts_with("-----"));
        BASE64.decode(lines.collect::<String>()).unwrap()
    }

    /// The private RSA key, PKCS#1 as DER: what follows the 26 bytes that PKCS#8 puts before a key of 2,048 bits.
    #[must_use]
    pub fn pkcs1(self) -> Vec<u8> {
        self.pkcs8().split_off(26)
    }

    /// The private key for jsonwebtoken.
    #[must_use]
    pub fn encoding(self) -> EncodingKey {
        match self.attacker() {
            Self::AttackerRsa => EncodingKey::from_rsa_der(&self.pkcs1()),
            Self::AttackerEd25519 => EncodingKey::from_ed_der(&self.pkcs8()),
            _ => EncodingKey::from_ec_der(&self.pkcs8()),
        }
    }

    /// The public key: of RSA as PKCS#1 DER, of a curve the point without compression, of Ed25519 its 32 bytes.
    #[must_use]
    pub fn public(self) -> Vec<u8> {
        match self.pair() {
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// The public key as X.509 has it (SubjectPublicKeyInfo), DER.
    #[must_use]
    pub fn public_x509(self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match &self.pair() {
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap(),
            Pair::Ec(pair) => pair.public_key().as_der().unwrap(),
            Pair::Ed(pair) => pair.public_key().as_der().unwrap(),
        };
        der.as_ref().to_vec()
    }

    /// Whether `signature` is this key's over `message`, with an algorithm that may differ from the key's own.
    #[must_use]
    pub fn verifies(self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
            Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::ES384 => &signature::ECDSA_P384_SHA384_FIXED,
            Algorithm::EdDSA => &signature::ED25519,
            _ => return false,
        };
        let key = UnparsedPublicKey::new(algorithm, self.public());
        key.verify(message, signature).is_ok()
    }

    fn pair(self) -> Pair {
        let der = self.pkcs8();
        match self.attacker() {
            Self::AttackerRsa => Pair::Rsa(RsaKeyPair::from_pkcs8(&der).unwrap()),
            Self::AttackerEd25519 => Pair::Ed(Ed25519KeyPair::from_pkcs8(&der).unwrap()),
            curve => {
                let algorithm = match curve {
                    Self::AttackerP384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
                    _ => &ECDSA_P256_SHA256_FIXED_SIGNING,
                };
                Pair::Ec(EcdsaKeyPair::from_pkcs8(algorithm, &der).unwrap())
            }
        }
    }
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

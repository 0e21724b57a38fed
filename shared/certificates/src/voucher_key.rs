//! What a voucher is checked against.

use std::fmt;

use aws_lc_rs::{
    hmac,
    signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey},
};

use sci_domain::reasons;

use crate::{
    der::{Reader, tag},
    pem,
    public_key::PublicKey,
    voucher::Scheme,
};

reasons! {
    /// Why a key for vouchers is not used.
    pub enum InvalidVoucherKey {
        /// Shorter, and it could be guessed; longer, and HMAC would hash it first.
        SecretLength => "voucher-key-secret-length": "the secret of a device must have 32 to 64 bytes",
        /// Not one PEM block `PUBLIC KEY` (RFC 7468, section 13) with an uncompressed point of P-256.
        FactoryKey => "voucher-key-factory-key": "the factory key must be a P-256 public key as one PEM block `PUBLIC KEY`",
    }
}

/// The secret of one device, or the public key of the factory that made it. It knows its scheme, so no voucher can choose another.
pub struct VoucherKey(Kind);

enum Kind {
    /// Its state without the secret itself; aws-lc overwrites that when it is dropped.
    DeviceSecret(Box<hmac::Key>),
    FactoryKey(ParsedPublicKey),
}

impl VoucherKey {
    /// The secret that this one device shares with us, for HMAC-SHA256.
    ///
    /// # Errors
    /// When it has fewer than 32 or more than 64 bytes.
    pub fn device_secret(secret: &[u8]) -> Result<Self, InvalidVoucherKey> {
        if !(32..=64).contains(&secret.len()) {
            return Err(InvalidVoucherKey::SecretLength);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Ok(Self(Kind::DeviceSecret(Box::new(key))))
    }

    /// The public key of the factory, for ES256, as `openssl pkey -pubout` prints it.
    ///
    /// # Errors
    /// When it is anything but a P-256 key in one PEM block `PUBLIC KEY`.
    pub fn factory_key(pem: &str) -> Result<Self, InvalidVoucherKey> {
        let der = pem::decode(pem, "PUBLIC KEY").map_err(|_| InvalidVoucherKey::FactoryKey)?;
        let mut file = Reader::new(&der);
        file.take(tag::SEQUENCE)
            .and_then(PublicKey::read)
            .ok()
            .filter(|_| file.is_empty())
            // Which takes no other kind of key.
            .and_then(|key| ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.bytes).ok())
            .map(|key| Self(Kind::FactoryKey(key)))
            .ok_or(InvalidVoucherKey::FactoryKey)
    }

    pub(crate) const fn scheme(&self) -> Scheme {
        match self.0 {
            Kind::DeviceSecret(_) => Scheme::Hmac,
            Kind::FactoryKey(_) => Scheme::Es256,
        }
    }

    pub(crate) fn verifies(&self, message: &[u8], proof: &[u8]) -> bool {
        match &self.0 {
            // In constant time.
            Kind::DeviceSecret(key) => hmac::verify(key, message, proof).is_ok(),
            Kind::FactoryKey(key) => key.verify_sig(message, proof).is_ok(),
        }
    }
}

/// The scheme alone.
impl fmt::Debug for VoucherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VoucherKey({})", self.scheme().as_str())
    }
}

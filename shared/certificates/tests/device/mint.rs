//! Vouchers as a device and a factory make them: with aws-lc and nothing of the crate under test.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sci_certificates::{Rejected as R, TemplateName, Voucher, VoucherKey};
use sci_domain::admission::{KeyFingerprint, SerialNumber};

use crate::forge::{block, ec_key};

pub(crate) const TEMPLATE: &str = "SCI-Property-Device-Template";
pub(crate) const SECRET: [u8; 32] = *b"published secret of 32 bytes !!!";
pub(crate) const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

pub(crate) fn fingerprint(byte: u8) -> KeyFingerprint {
    KeyFingerprint::from_bytes([byte; 32])
}

pub(crate) fn message(prefix: &str, template: &str, serial: &str, key: u8) -> Vec<u8> {
    format!("{prefix}\n{template}\n{serial}\n{}", fingerprint(key)).into_bytes()
}

pub(crate) fn hmac(secret: &[u8], message: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message);
    format!("v1.hmac.{}", URL_SAFE_NO_PAD.encode(tag))
}

pub(crate) struct Factory(pub(crate) EcdsaKeyPair);

impl Factory {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        block("PUBLIC KEY", &ec_key(P256, self.0.public_key().as_ref()))
    }

    pub(crate) fn key(&self) -> VoucherKey {
        VoucherKey::factory_key(&self.pem()).unwrap()
    }

    pub(crate) fn proof(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.0.sign(&SystemRandom::new(), message).unwrap();
        signature.as_ref().to_vec()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> String {
        es256(&self.proof(message))
    }
}

pub(crate) fn es256(proof: &[u8]) -> String {
    format!("v1.es256.{}", URL_SAFE_NO_PAD.encode(proof))
}

/// Checks a voucher for serial number `SN0042`, the template and the key of fingerprint 7.
pub(crate) fn verify(voucher: &str, against: &VoucherKey) -> Result<(), R> {
    Voucher::parse(voucher)?.verify(
        against,
        &SerialNumber::parse("SN0042").unwrap(),
        &TemplateName::parse(TEMPLATE).unwrap(),
        &fingerprint(7),
    )
}

pub(crate) fn secret() -> VoucherKey {
    VoucherKey::device_secret(&SECRET).unwrap()
}

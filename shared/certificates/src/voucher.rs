//! Vouchers: proofs that a serial number goes with a key.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sci_domain::admission::{KeyFingerprint, SerialNumber};

use crate::{Rejected, TemplateName, VoucherKey};

/// The longest voucher: `v1.es256.` and 64 bytes as base64url.
pub const MAX_VOUCHER_BYTES: usize = 95;

/// A voucher that is well-formed. Nothing in it is believed.
pub struct Voucher {
    scheme: Scheme,
    proof: Vec<u8>,
}

/// How a proof is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// HMAC-SHA256 (RFC 2104).
    Hmac,
    /// ECDSA on P-256 with SHA-256; `r` and `s`, 32 bytes each (RFC 7518, section 3.4).
    Es256,
}

impl Scheme {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Hmac => "hmac",
            Self::Es256 => "es256",
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Hmac => 32,
            Self::Es256 => 64,
        }
    }
}

impl Voucher {
    /// Reads `v1.hmac.<base64url>` or `v1.es256.<base64url>`.
    ///
    /// # Errors
    /// [`Rejected`] for any other text.
    pub fn parse(text: &str) -> Result<Self, Rejected> {
        if text.len() > MAX_VOUCHER_BYTES {
            return Err(Rejected::TooLong);
        }
        let text = text.strip_prefix("v1.").ok_or(Rejected::Version)?;
        let (scheme, proof) = text.split_once('.').ok_or(Rejected::Scheme)?;
        let scheme = [Scheme::Hmac, Scheme::Es256]
            .into_iter()
            .find(|known| known.as_str() == scheme)
            .ok_or(Rejected::Scheme)?;
        let proof = URL_SAFE_NO_PAD
            .decode(proof)
            .map_err(|_| Rejected::Base64url)?;
        if proof.len() != scheme.length() {
            return Err(Rejected::Length);
        }
        Ok(Self { scheme, proof })
    }

    /// Checks that whoever has `against` gave `serial` the device key `key`, for enrolment by `template`.
    ///
    /// # Errors
    /// [`Rejected::OtherScheme`] when `against` is a key of the other scheme, [`Rejected::Wrong`] when the proof is wrong.
    pub fn verify(
        &self,
        against: &VoucherKey,
        serial: &SerialNumber,
        template: &TemplateName,
        key: &KeyFingerprint,
    ) -> Result<(), Rejected> {
        if self.scheme != against.scheme() {
            return Err(Rejected::OtherScheme);
        }
        // No field can hold a line feed, so every message reads in one way only.
        let message = format!("sci-voucher-v1\n{}\n{serial}\n{key}", template.as_str());
        if !against.verifies(message.as_bytes(), &self.proof) {
            return Err(Rejected::Wrong);
        }
        Ok(())
    }
}

/// The scheme alone.
impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Voucher({})", self.scheme.as_str())
    }
}

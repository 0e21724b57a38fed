//! A public key that is fit to verify tokens.

use std::fmt;

use aws_lc_rs::signature::ParsedPublicKey;

use crate::Algorithm;

/// A public key and the one algorithm it serves. It was checked and parsed once; using it costs the signature check alone.
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl VerifyingKey {
    /// `key` must have been parsed for `algorithm`.
    pub(crate) const fn new(algorithm: Algorithm, key: ParsedPublicKey) -> Self {
        Self { algorithm, key }
    }

    /// The algorithm of every signature that this key verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

/// The algorithm alone: aws-lc's own would print the key.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm.as_str())
    }
}

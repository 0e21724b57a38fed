//! Tokens with any content and any spelling: what a library that mints tokens would not let one write.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};

use super::TestKey;

/// `header.payload` of a token, still without a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned(String);

impl Unsigned {
    /// Any bytes as header and payload.
    #[must_use]
    pub fn new(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> Self {
        Self::spelled(&BASE64URL.encode(header), &BASE64URL.encode(payload))
    }

    /// Any texts in the places of the encoded header and payload.
    #[must_use]
    pub fn spelled(header: &str, payload: &str) -> Self {
        Self(format!("{header}.{payload}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Signed as the key signs.
    #[must_use]
    pub fn sign(&self, key: TestKey) -> String {
        self.sign_as(key, key.algorithm())
    }

    /// Signed with another algorithm for the same kind of key.
    ///
    /// # Panics
    /// When the key is no key for it.
    #[must_use]
    pub fn sign_as(&self, key: TestKey, algorithm: Algorithm) -> String {
        self.end(&crypto::sign(self.0.as_bytes(), &key.encoding(), algorithm).unwrap())
    }

    /// With a MAC under `secret`.
    ///
    /// # Panics
    /// When `algorithm` is no HMAC.
    #[must_use]
    pub fn mac(&self, secret: &[u8], algorithm: Algorithm) -> String {
        let secret = EncodingKey::from_secret(secret);
        self.end(&crypto::sign(self.0.as_bytes(), &secret, algorithm).unwrap())
    }

    /// With these bytes as its signature.
    #[must_use]
    pub fn with(&self, signature: &[u8]) -> String {
        self.end(&BASE64URL.encode(signature))
    }

    /// With this text in the place of the encoded signature.
    #[must_use]
    pub fn end(&self, signature: &str) -> String {
        format!("{}.{signature}", self.0)
    }
}

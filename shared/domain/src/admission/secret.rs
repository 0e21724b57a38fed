//! Secrets that pass through the domain without being shown.

use std::fmt;

/// A secret that one device shares with us: 32 to 64 random bytes. It has no text form.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceSecret(Vec<u8>);

/// A secret of another length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSecret;

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a device's secret must have 32 to 64 bytes")
    }
}

impl std::error::Error for InvalidSecret {}

impl DeviceSecret {
    /// From its bytes.
    ///
    /// # Errors
    /// For fewer than 32 or more than 64.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, InvalidSecret> {
        let bytes = bytes.into();
        if !(32..=64).contains(&bytes.len()) {
            return Err(InvalidSecret);
        }
        Ok(Self(bytes))
    }

    /// The bytes, for the check of a voucher.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_length_and_no_text() {
        assert_eq!(DeviceSecret::new([7; 31]), Err(InvalidSecret));
        assert_eq!(DeviceSecret::new([7; 65]), Err(InvalidSecret));
        let secret = DeviceSecret::new([7; 32]).unwrap();
        assert_eq!(secret.expose(), [7; 32]);
        assert_eq!(format!("{secret:?}"), "DeviceSecret");
    }
}

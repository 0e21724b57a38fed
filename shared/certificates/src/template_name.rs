//! The name of a provisioning template.

use std::{error::Error, fmt};

/// The name of a provisioning template. It cannot hold a line feed, which ends it in the message of a voucher.
///
/// Source: AWS IoT API reference, `CreateProvisioningTemplate`, `templateName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateName(String);

/// A text that is no name of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTemplateName;

impl fmt::Display for InvalidTemplateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a template name must match [0-9A-Za-z_-]{1,36}")
    }
}

impl Error for InvalidTemplateName {}

impl TemplateName {
    /// Reads the name.
    ///
    /// # Errors
    /// When the text breaks the pattern.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidTemplateName> {
        let text = text.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !(1..=36).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(InvalidTemplateName);
        }
        Ok(Self(text))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

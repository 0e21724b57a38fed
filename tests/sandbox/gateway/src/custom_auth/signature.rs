//! The signature of a token, which is checked before any function runs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::applicant::SIGNATURE_PARAMETER;
use crate::registry::Authorizer;

/// Longest token in characters. Source: the service model of AWS IoT, `Token`.
pub(crate) const MAX_TOKEN: usize = 6144;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadToken {
    /// There is no token, or it is empty.
    Missing,
    /// It has more than 6,144 characters.
    TooLong,
    /// There is no signature.
    Unsigned,
    /// The signature is not base64.
    NotBase64,
    /// No key of the authorizer made the signature.
    Forged,
}

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the authorizer wants a signed token and there is none"),
            Self::TooLong => write!(f, "the token is longer than {MAX_TOKEN} characters"),
            Self::Unsigned => write!(
                f,
                "the authorizer wants a signed token and there is no {SIGNATURE_PARAMETER}"
            ),
            Self::NotBase64 => write!(
                f,
                "{SIGNATURE_PARAMETER} is not base64; it must be percent-encoded in a query"
            ),
            Self::Forged => {
                f.write_str("no key of the authorizer made the token's signature (RSA, SHA-256)")
            }
        }
    }
}

/// Checks a token and its signature, if the authorizer wants one; answers whether there was something to verify.
///
/// # Errors
/// [`BadToken`].
pub(crate) fn verify(
    authorizer: &Authorizer,
    token: Option<&str>,
    signature: Option<&str>,
) -> Result<bool, BadToken> {
    let token = token.filter(|token| !token.is_empty());
    if token.is_some_and(|token| token.chars().count() > MAX_TOKEN) {
        return Err(BadToken::TooLong);
    }
    if authorizer.signing_disabled {
        return Ok(false);
    }
    let token = token.ok_or(BadToken::Missing)?;
    let signature = signature.ok_or(BadToken::Unsigned)?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| BadToken::NotBase64)?;
    let mut keys = authorizer.keys.values();
    match keys.any(|key| key.verifies(token.as_bytes(), &signature)) {
        true => Ok(true),
        false => Err(BadToken::Forged),
    }
}

//! The tokens with which a device proves to fleet provisioning that a new certificate was made for it.
//!
//! Source: AWS IoT developer guide, "Device provisioning MQTT API".

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// How long a token holds, milliseconds.
pub const TOKEN_LIFE_MS: u64 = 60 * 60 * 1000;

/// What the registry knows of the tokens that hold. Of the tokens themselves it keeps digests only.
#[derive(Debug, Default)]
pub struct Ownerships {
    by_digest: BTreeMap<[u8; 32], Ownership>,
}

#[derive(Debug)]
struct Ownership {
    certificate_id: String,
    principal_id: String,
    expires_ms: u64,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidToken {
    /// It was never given out, its hour is over, or its certificate has been deleted.
    Unknown,
    /// It was given to another principal.
    Foreign,
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => {
                "the certificate ownership token is not known; it holds for one hour and as long as its certificate is there"
            }
            Self::Foreign => {
                "the certificate ownership token was given to another principal; use the claim certificate that asked for it"
            }
        })
    }
}

impl std::error::Error for InvalidToken {}

impl Ownerships {
    /// Makes the token of a new certificate for whoever asked for it.
    pub fn issue(&mut self, certificate_id: &str, principal_id: &str, now_ms: u64) -> String {
        // 244 random bits.
        let (one, two) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let token = format!("{}{}", one.simple(), two.simple());
        let ownership = Ownership {
            certificate_id: certificate_id.to_owned(),
            principal_id: principal_id.to_owned(),
            expires_ms: now_ms.saturating_add(TOKEN_LIFE_MS),
        };
        self.by_digest.insert(digest(&token), ownership);
        token
    }

    /// The certificate that a token stands for.
    ///
    /// # Errors
    /// [`InvalidToken`].
    pub fn certificate(
        &self,
        token: &str,
        principal_id: &str,
        now_ms: u64,
    ) -> Result<&str, InvalidToken> {
        let found = self.by_digest.get(&digest(token));
        let found = found.filter(|it| now_ms < it.expires_ms);
        let found = found.ok_or(InvalidToken::Unknown)?;
        match found.principal_id == principal_id {
            true => Ok(&found.certificate_id),
            false => Err(InvalidToken::Foreign),
        }
    }

    /// Forgets the tokens whose hour is over and answers their certificates.
    pub(super) fn expire(&mut self, now_ms: u64) -> Vec<String> {
        let expired = self
            .by_digest
            .extract_if(.., |_, it| it.expires_ms <= now_ms);
        expired.map(|(_, it)| it.certificate_id).collect()
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

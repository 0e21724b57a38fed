//! Why a device is turned away. It hears nothing of this: the reason goes to the log and to the metrics.

use std::{error::Error, fmt};

use sci_domain::{access::Revoked, ports::PortFailure};
use sci_jwt::Rejection;

/// A reason. Its code names a metric dimension, so it never changes its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The event is none that AWS IoT sends.
    MalformedEvent,
    /// Token signing is required, and AWS IoT did not verify a signature.
    SignatureNotVerified,
    /// No place of the event holds a token.
    NoToken,
    /// Two places of the event hold different tokens.
    TokensDisagree,
    /// The MQTT password is no base64, or longer than any token.
    PasswordUnreadable,
    /// The `Authorization` header has another scheme than `Bearer`.
    NotBearer,
    /// The MQTT client id is not the token's thing.
    ClientIdMismatch,
    /// The token's issuer is not one of the configured ones.
    UnknownIssuer,
    /// The issuer has no key of this id.
    UnknownKey,
    /// No device of this name signs its own tokens.
    UnknownDevice,
    /// The device's record places it in another property.
    PropertyMismatch,
    /// The token grants nothing that this suite, its issuer and the device's record allow.
    NoScope,
    /// The token is wrong.
    Token(Rejection),
    /// The token is good, and revoked.
    Revoked(Revoked),
    /// The certificate's id, which must be the principal, is none that AWS IoT takes.
    InvalidPrincipal,
    /// The issuer's keys cannot be had.
    KeysUnavailable,
    /// A store did not answer, so that nothing can be said.
    StoreFailed,
    /// There was no answer in time.
    TooLate,
    /// The policy would be longer than AWS IoT takes.
    PolicyTooLarge,
}

impl Denial {
    /// The code as it stands in logs and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedEvent => "malformed-event",
            Self::SignatureNotVerified => "signature-not-verified",
            Self::NoToken => "no-token",
            Self::TokensDisagree => "tokens-disagree",
            Self::PasswordUnreadable => "password-unreadable",
            Self::NotBearer => "not-bearer",
            Self::ClientIdMismatch => "client-id-mismatch",
            Self::UnknownIssuer => "unknown-issuer",
            Self::UnknownKey => "unknown-key",
            Self::UnknownDevice => "unknown-device",
            Self::PropertyMismatch => "property-mismatch",
            Self::NoScope => "no-scope",
            Self::Token(rejection) => rejection.code(),
            Self::Revoked(Revoked::Issuer) => "issuer-revoked",
            Self::Revoked(Revoked::Key) => "key-revoked",
            Self::Revoked(Revoked::Thing) => "thing-revoked",
            Self::Revoked(Revoked::Token) => "token-revoked",
            Self::InvalidPrincipal => "invalid-principal",
            Self::KeysUnavailable => "keys-unavailable",
            Self::StoreFailed => "store-failed",
            Self::TooLate => "too-late",
            Self::PolicyTooLarge => "policy-too-large",
        }
    }

    /// Whether it is not the device's doing: then somebody must look after the suite.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::MalformedEvent
                | Self::InvalidPrincipal
                | Self::KeysUnavailable
                | Self::StoreFailed
                | Self::TooLate
                | Self::PolicyTooLarge
        )
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl From<Rejection> for Denial {
    fn from(rejection: Rejection) -> Self {
        Self::Token(rejection)
    }
}

/// A store that failed is logged where it happens; what is left of it is that nothing can be said.
impl From<PortFailure> for Denial {
    fn from(failure: PortFailure) -> Self {
        let mut cause = String::new();
        let mut source = failure.source();
        while let Some(error) = source {
            cause += &format!(": {error}");
            source = error.source();
        }
        tracing::error!("{failure}{cause}");
        Self::StoreFailed
    }
}

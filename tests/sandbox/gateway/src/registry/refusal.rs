//! Why the control plane says no.

use std::fmt;

/// A refusal of the `iot` API, with the operator's text.
///
/// Codes and statuses: the service model of AWS IoT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A parameter breaks a rule of the API.
    InvalidRequest(String),
    /// The named resource does not exist.
    NotFound(String),
    /// A resource of that name exists with other content.
    AlreadyExists {
        /// What exists.
        message: String,
        /// Its id or name.
        id: String,
        /// Its ARN.
        arn: String,
    },
    /// `expectedVersion` is not the current version.
    VersionConflict(String),
    /// What is there contradicts what is asked for.
    Conflict(String),
    /// Something still uses the resource.
    DeleteConflict(String),
    /// The certificate's status does not allow the operation.
    CertificateState(String),
    /// The certificate cannot be used at all.
    CertificateValidation(String),
    /// Several CAs could have signed the certificate.
    CertificateConflict(String),
    /// The verification certificate of a CA names another registration code.
    RegistrationCodeValidation(String),
    /// An authorizer's function failed or answered something that is no answer.
    InvalidResponse(String),
    /// The policy document is not a policy.
    MalformedPolicy(String),
    /// A sixth policy version.
    VersionsLimitExceeded(String),
    /// A quota of AWS IoT is used up.
    LimitExceeded(String),
    /// The sandbox does not do this (yet).
    Unsupported(String),
    /// A defect of the sandbox.
    Internal(String),
}

impl Refusal {
    /// The exception's name in AWS's model.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "InvalidRequestException",
            Self::NotFound(_) => "ResourceNotFoundException",
            Self::AlreadyExists { .. } => "ResourceAlreadyExistsException",
            Self::VersionConflict(_) => "VersionConflictException",
            Self::Conflict(_) => "ConflictingResourceUpdateException",
            Self::DeleteConflict(_) => "DeleteConflictException",
            Self::CertificateState(_) => "CertificateStateException",
            Self::CertificateValidation(_) => "CertificateValidationException",
            Self::CertificateConflict(_) => "CertificateConflictException",
            Self::RegistrationCodeValidation(_) => "RegistrationCodeValidationException",
            Self::InvalidResponse(_) => "InvalidResponseException",
            Self::MalformedPolicy(_) => "MalformedPolicyException",
            Self::VersionsLimitExceeded(_) => "VersionsLimitExceededException",
            Self::LimitExceeded(_) => "LimitExceededException",
            Self::Unsupported(_) => "UnsupportedOperationException",
            Self::Internal(_) => "InternalFailureException",
        }
    }

    /// The HTTP status that goes with [`Self::code`].
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode as S;
        match self {
            Self::InvalidRequest(_)
            | Self::CertificateValidation(_)
            | Self::RegistrationCodeValidation(_)
            | Self::InvalidResponse(_)
            | Self::MalformedPolicy(_)
            | Self::Unsupported(_) => S::BAD_REQUEST,
            Self::NotFound(_) => S::NOT_FOUND,
            Self::CertificateState(_) => S::NOT_ACCEPTABLE,
            Self::AlreadyExists { .. }
            | Self::CertificateConflict(_)
            | Self::VersionConflict(_)
            | Self::Conflict(_)
            | Self::DeleteConflict(_)
            | Self::VersionsLimitExceeded(_) => S::CONFLICT,
            Self::LimitExceeded(_) => S::GONE,
            Self::Internal(_) => S::INTERNAL_SERVER_ERROR,
        }
    }

    /// The text for the operator.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::InvalidRequest(text)
            | Self::NotFound(text)
            | Self::VersionConflict(text)
            | Self::Conflict(text)
            | Self::DeleteConflict(text)
            | Self::CertificateState(text)
            | Self::CertificateValidation(text)
            | Self::CertificateConflict(text)
            | Self::RegistrationCodeValidation(text)
            | Self::InvalidResponse(text)
            | Self::MalformedPolicy(text)
            | Self::VersionsLimitExceeded(text)
            | Self::LimitExceeded(text)
            | Self::Unsupported(text)
            | Self::Internal(text)
            | Self::AlreadyExists { message: text, .. } => text,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for Refusal {}

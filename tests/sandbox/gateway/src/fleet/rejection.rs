//! Why a request is rejected: what the device is told, and what the operator.
//!
//! Of the error codes `InvalidCertificateOwnershipToken` (with 400) has been seen by users of AWS
//! (aws/aws-iot-device-sdk-js-v2 issue 69) and `ACCESS_DENIED` is in the developer guide; the others are unconfirmed.

use std::fmt;

use provisioning_template::EvaluationFailed;
use serde::Serialize;

use super::codec::Malformed;
use crate::registry::{InvalidToken, Refusal};

/// Why a request is rejected.
#[derive(Debug)]
pub(super) enum Rejection {
    /// The payload.
    Malformed(Malformed),
    /// The ownership token is missing.
    NoToken,
    /// The ownership token.
    Token(InvalidToken),
    /// The parameters of the device.
    Parameters(String),
    /// The template cannot be used.
    Template(String),
    /// The template does not work out with these parameters.
    Evaluation(EvaluationFailed),
    /// The hook: it said no, failed, took too long, or answered something else. The device does not learn which.
    Hook {
        /// The template.
        template: String,
        /// What happened.
        why: String,
    },
    /// The registry refused; nothing has been changed.
    Registry(Refusal),
}

/// What the device is told.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    status_code: u16,
    error_code: &'static str,
    error_message: String,
}

impl Rejection {
    /// What the device is told.
    pub(super) fn answer(&self) -> Answer {
        let (status_code, error_code) = match self {
            Self::Malformed(_) => (400, "InvalidPayload"),
            Self::NoToken | Self::Token(_) => (400, "InvalidCertificateOwnershipToken"),
            Self::Parameters(_) | Self::Evaluation(_) => (400, "InvalidParameters"),
            Self::Template(_) => (400, "InvalidTemplate"),
            Self::Hook { .. } => (403, "ACCESS_DENIED"),
            Self::Registry(Refusal::Conflict(_)) => (409, "ResourceConflictsException"),
            Self::Registry(refusal) => (refusal.status().as_u16(), refusal.code()),
        };
        let error_message = match self {
            Self::Hook { .. } => "Access denied".into(),
            Self::Registry(refusal) => refusal.message().into(),
            told => told.to_string(),
        };
        Answer {
            status_code,
            error_code,
            error_message,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => why.fmt(f),
            Self::NoToken => f.write_str("Certificate ownership token cannot be empty."),
            Self::Token(why) => why.fmt(f),
            Self::Parameters(why) | Self::Template(why) => f.write_str(why),
            Self::Evaluation(why) => write!(f, "the template cannot be evaluated: {why}"),
            Self::Hook { template, why } => {
                write!(f, "the hook of provisioning template {template}: {why}")
            }
            Self::Registry(refusal) => refusal.fmt(f),
        }
    }
}

impl From<Malformed> for Rejection {
    fn from(why: Malformed) -> Self {
        Self::Malformed(why)
    }
}

impl From<InvalidToken> for Rejection {
    fn from(why: InvalidToken) -> Self {
        Self::Token(why)
    }
}

impl From<Refusal> for Rejection {
    fn from(why: Refusal) -> Self {
        Self::Registry(why)
    }
}

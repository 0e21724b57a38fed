//! What an authorizer's function answers.
//!
//! Source: AWS IoT developer guide, "Defining your Lambda function". Its samples give the policy documents as objects; an
//! older revision ("Custom Authorizer Workflow") gave them as texts, and both are read.

use std::fmt;
use std::sync::Arc;

use iot_policy::Policy;
use iot_policy::effective::{self, InvalidAnswer as InvalidDocuments};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Fewest and most seconds of both intervals.
const SECONDS: std::ops::RangeInclusive<u64> = 300..=86_400;
/// `disconnectAfterInSeconds` if the answer has none.
const DEFAULT_DISCONNECT: u64 = 86_400;

/// An answer that lets a peer in.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `[a-zA-Z0-9]{1,128}`.
    pub(crate) principal_id: String,
    /// At most ten.
    pub(crate) policies: Vec<Arc<Policy>>,
    /// Their texts.
    pub(crate) documents: Vec<String>,
    /// 300 to 86,400.
    pub(crate) disconnect_after_seconds: u64,
    /// 300 to 86,400.
    pub(crate) refresh_after_seconds: u64,
}

/// Why an answer lets nobody in.
#[derive(Debug)]
pub(crate) enum InvalidAnswer {
    /// The function does not know the peer.
    NotAuthenticated,
    /// No JSON object with members of the right types.
    Json(String),
    /// A member is missing.
    Missing(&'static str),
    /// `principalId` has other characters than letters and digits, or not 1 to 128 of them.
    PrincipalId,
    /// `principalId` is not the certificate's id.
    OtherPrincipal,
    /// An interval is out of range.
    Interval {
        /// The member.
        name: &'static str,
        /// Its value.
        seconds: u64,
    },
    /// The policy documents.
    Documents(InvalidDocuments),
}

impl fmt::Display for InvalidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAuthenticated => f.write_str("its answer has isAuthenticated false"),
            Self::Json(why) => write!(f, "its answer cannot be read: {why}"),
            Self::Missing(name) => write!(f, "its answer has no {name}"),
            Self::PrincipalId => {
                f.write_str("its answer's principalId must be 1 to 128 letters and digits")
            }
            Self::OtherPrincipal => f.write_str(
                "its answer's principalId must be the certificate's id (protocolData.tls.principalId)",
            ),
            Self::Interval { name, seconds } => write!(
                f,
                "its answer's {name} {seconds} must be between {} and {}",
                SECONDS.start(),
                SECONDS.end()
            ),
            Self::Documents(why) => write!(f, "its answer: {why}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    is_authenticated: bool,
    principal_id: Option<String>,
    policy_documents: Option<Vec<Box<RawValue>>>,
    disconnect_after_in_seconds: Option<u64>,
    refresh_after_in_seconds: Option<u64>,
}

/// Reads an answer; `certificate_id` is that of the client's certificate where the endpoint wants both.
///
/// # Errors
/// [`InvalidAnswer`].
pub(crate) fn read(answer: &[u8], certificate_id: Option<&str>) -> Result<Answer, InvalidAnswer> {
    let wire: Wire =
        serde_json::from_slice(answer).map_err(|e| InvalidAnswer::Json(e.to_string()))?;
    if !wire.is_authenticated {
        return Err(InvalidAnswer::NotAuthenticated);
    }
    let principal_id = wire
        .principal_id
        .ok_or(InvalidAnswer::Missing("principalId"))?;
    let right_length = (1..=128).contains(&principal_id.len());
    if !right_length || !principal_id.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(InvalidAnswer::PrincipalId);
    }
    if certificate_id.is_some_and(|id| id != principal_id) {
        return Err(InvalidAnswer::OtherPrincipal);
    }
    let documents = match wire.policy_documents {
        // The certificate's own policies may be all there is.
        None if certificate_id.is_some() => Vec::new(),
        None => return Err(InvalidAnswer::Missing("policyDocuments")),
        Some(documents) => documents.iter().map(|it| text(it)).collect(),
    };
    let policies = effective::of_authorizer(&documents).map_err(InvalidAnswer::Documents)?;
    let disconnect = wire
        .disconnect_after_in_seconds
        .unwrap_or(DEFAULT_DISCONNECT);
    // AWS documents no default for it: an answer without it is more likely a slip than a wish.
    let refresh = wire
        .refresh_after_in_seconds
        .ok_or(InvalidAnswer::Missing("refreshAfterInSeconds"))?;
    Ok(Answer {
        principal_id,
        policies: policies.into_iter().map(Arc::new).collect(),
        documents,
        disconnect_after_seconds: in_range("disconnectAfterInSeconds", disconnect)?,
        refresh_after_seconds: in_range("refreshAfterInSeconds", refresh)?,
    })
}

/// A document given as an object is its text as it was sent; one given as a text is what the text says.
fn text(document: &RawValue) -> String {
    serde_json::from_str(document.get()).unwrap_or_else(|_| document.get().to_owned())
}

fn in_range(name: &'static str, seconds: u64) -> Result<u64, InvalidAnswer> {
    match SECONDS.contains(&seconds) {
        true => Ok(seconds),
        false => Err(InvalidAnswer::Interval { name, seconds }),
    }
}

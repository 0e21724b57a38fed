//! The pre-provisioning hook: what it is asked and what it answers.
//!
//! Source: AWS IoT developer guide, "Pre-provisioning hooks", payload version 2020-04-01.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question<'a> {
    /// The certificate of the claim, or what a custom authorizer calls its principal.
    pub(super) claim_certificate_id: &'a str,
    /// The new certificate.
    pub(super) certificate_id: &'a str,
    pub(super) certificate_pem: &'a str,
    pub(super) template_arn: &'a str,
    pub(super) client_id: &'a str,
    /// As the device sent them.
    pub(super) parameters: &'a BTreeMap<String, String>,
}

impl Question<'_> {
    /// As JSON.
    pub(super) fn event(&self) -> Bytes {
        // Texts and a map of texts: nothing that JSON cannot say.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    allow_provisioning: bool,
    parameter_overrides: Option<BTreeMap<String, String>>,
}

/// Reads an answer that allows the registration: the parameters to override.
///
/// # Errors
/// Why it does not, for the operator.
pub(super) fn read(answer: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let answer: Answer =
        serde_json::from_slice(answer).map_err(|e| format!("its answer cannot be read: {e}"))?;
    if !answer.allow_provisioning {
        return Err("its answer has allowProvisioning false".into());
    }
    Ok(answer.parameter_overrides.unwrap_or_default())
}

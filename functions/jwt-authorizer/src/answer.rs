//! What AWS IoT is told.
//!
//! Source: AWS IoT developer guide, "Defining your Lambda function" (custom authentication).

use sci_domain::access::{PolicyDocument, PrincipalId, Session};
use serde::Serialize;

/// The authorizer's answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    is_authenticated: bool,
    principal_id: String,
    disconnect_after_in_seconds: u32,
    refresh_after_in_seconds: u32,
    policy_documents: Vec<PolicyDocument>,
}

impl Answer {
    /// Lets a device in.
    #[must_use]
    pub fn allow(principal: &PrincipalId, session: Session, policies: Vec<PolicyDocument>) -> Self {
        Self {
            is_authenticated: true,
            principal_id: principal.as_str().to_owned(),
            disconnect_after_in_seconds: session.disconnect_after,
            refresh_after_in_seconds: session.refresh_after,
            policy_documents: policies,
        }
    }

    /// Turns a device away, in the same words whatever the reason. Complete, so that it is never taken for a broken answer,
    /// which AWS IoT would report as an error of the function.
    #[must_use]
    pub fn deny() -> Self {
        Self {
            is_authenticated: false,
            principal_id: "denied".to_owned(),
            disconnect_after_in_seconds: 300,
            refresh_after_in_seconds: 300,
            policy_documents: Vec::new(),
        }
    }
}

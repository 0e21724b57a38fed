//! Provisioning claims: the certificates of five minutes that a trusted user hands to a device.
//!
//! Source: AWS IoT developer guide, "Provisioning by trusted user".

use std::collections::BTreeMap;
use std::sync::Arc;

use iot_policy::{Policy, PolicyDocument};
use serde_json::json;

use super::{Refusal, Scope};

/// How long a claim lives, milliseconds.
pub const CLAIM_LIFE_MS: u64 = 5 * 60 * 1000;

/// The claims that live, by their certificate's id.
#[derive(Debug, Default)]
pub struct Claims {
    by_certificate: BTreeMap<String, Claim>,
}

#[derive(Debug)]
struct Claim {
    expires_ms: u64,
    policy: Arc<Policy>,
}

impl Claims {
    /// Adds the claim that a certificate is: it may provision by this template and do nothing else.
    ///
    /// # Errors
    /// [`Refusal::Internal`] if that cannot be said as a policy.
    pub fn add(
        &mut self,
        certificate_id: String,
        template: &str,
        scope: &Scope,
        expires_ms: u64,
    ) -> Result<(), Refusal> {
        let arn = format!("arn:aws:iot:{}:{}", scope.region, scope.account_id);
        let on = |kind: &str| {
            [
                format!("{arn}:{kind}/$aws/certificates/create/*"),
                format!("{arn}:{kind}/$aws/certificates/create-from-csr/*"),
                format!("{arn}:{kind}/$aws/provisioning-templates/{template}/provision/*"),
            ]
        };
        let document = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": "iot:Connect", "Resource": format!("{arn}:client/*") },
                { "Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": on("topic") },
                { "Effect": "Allow", "Action": "iot:Subscribe", "Resource": on("topicfilter") },
            ],
        });
        let document = PolicyDocument::parse(&document.to_string())
            .map_err(|e| Refusal::Internal(format!("the policy of a claim: {e}")))?;
        let name = format!("(provisioning claim of {template})");
        let claim = Claim {
            expires_ms,
            policy: Arc::new(Policy::new(name, document)),
        };
        self.by_certificate.insert(certificate_id, claim);
        Ok(())
    }

    /// What a certificate may do for being a claim.
    #[must_use]
    pub fn policy_of(&self, certificate_id: &str) -> Option<&Arc<Policy>> {
        let claim = self.by_certificate.get(certificate_id);
        claim.map(|claim| &claim.policy)
    }

    /// Forgets the claims whose time is over and answers their certificates.
    pub(super) fn expire(&mut self, now_ms: u64) -> Vec<String> {
        let expired = self
            .by_certificate
            .extract_if(.., |_, it| it.expires_ms <= now_ms);
        expired.map(|(id, _)| id).collect()
    }
}

//! CreateProvisioningClaim.

use provisioning_template::Kind;
use serde_json::json;

use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::claims::CLAIM_LIFE_MS;
use crate::registry::issuer::DeviceKeys;
use crate::registry::{CertificateStatus, Refusal};

impl Api {
    /// POST /provisioning-templates/{templateName}/provisioning-claim
    pub(super) fn create_provisioning_claim(&self, name: &str) -> Answer {
        let now = self.now_ms();
        // A certificate counts in whole seconds.
        let expires_ms = now.saturating_add(CLAIM_LIFE_MS) / 1000 * 1000;
        let keys = DeviceKeys::generate()?;
        let issued = self.registry.issuer.for_claim(&keys, now, expires_ms)?;
        let scope = &self.registry.scope;
        let account = scope.account_id.clone();
        let claim = issued.into_certificate(CertificateStatus::Active, account, now)?;
        let (id, pem) = (claim.id.clone(), claim.pem.clone());
        self.registry.with(|state| {
            if state.provisioning_templates.get(name)?.kind != Kind::FleetProvisioning {
                return Err(Refusal::InvalidRequest(format!(
                    "provisioning template {name} is of type JITP, which has no claims"
                )));
            }
            let claims = &mut state.claims;
            claims.add(id.clone(), name, scope, expires_ms)?;
            state.certificates.add(claim, scope.certificate(&id))
        })?;
        Ok(json!({
            "certificateId": id,
            "certificatePem": pem,
            "keyPair": { "PublicKey": keys.public_pem, "PrivateKey": keys.private_pem },
            "expiration": timestamp(expires_ms),
        }))
    }
}

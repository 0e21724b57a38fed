//! CreateKeysAndCertificate and CreateCertificateFromCsr.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::FleetProvisioning;
use super::rejection::Rejection;
use crate::authorizer::Identity;
use crate::registry::issuer::{DeviceKeys, Issued};
use crate::registry::{CertificateStatus, Refusal};

/// The payload of CreateCertificateFromCsr.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FromCsr {
    certificate_signing_request: String,
}

/// The answer to both operations. No `Debug`: it holds the private key and the ownership token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    certificate_id: String,
    certificate_pem: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<String>,
    certificate_ownership_token: String,
}

impl FleetProvisioning {
    pub(super) async fn create_keys(
        self: &Arc<Self>,
        who: &Identity,
    ) -> Result<Created, Rejection> {
        let now = self.broker.now_ms();
        let this = Arc::clone(self);
        let (issued, key) = blocking(move || {
            let keys = DeviceKeys::generate()?;
            let issued = this.registry.issuer.for_keys(&keys, now)?;
            Ok((issued, keys.private_pem))
        })
        .await?;
        self.lend(who, issued, Some(key), now)
    }

    pub(super) async fn create_from_csr(
        self: &Arc<Self>,
        who: &Identity,
        request: FromCsr,
    ) -> Result<Created, Rejection> {
        let now = self.broker.now_ms();
        let this = Arc::clone(self);
        let csr = request.certificate_signing_request;
        let issued = blocking(move || this.registry.issuer.for_csr(&csr, now)).await?;
        self.lend(who, issued, None, now)
    }

    /// Registers a certificate as PENDING_ACTIVATION, together with the token that may register a thing with it.
    fn lend(
        &self,
        who: &Identity,
        issued: Issued,
        private_key: Option<String>,
        now_ms: u64,
    ) -> Result<Created, Rejection> {
        let scope = &self.registry.scope;
        let status = CertificateStatus::PendingActivation;
        let certificate = issued.into_certificate(status, scope.account_id.clone(), now_ms)?;
        let (id, pem) = (certificate.id.clone(), certificate.pem.clone());
        let token = self.registry.with(|state| {
            let arn = scope.certificate(&id);
            state.certificates.add(certificate, arn)?;
            let principal = who.principal.id();
            Ok::<_, Refusal>(state.ownerships.issue(&id, principal, now_ms))
        })?;
        Ok(Created {
            certificate_id: id,
            certificate_pem: pem,
            private_key,
            certificate_ownership_token: token,
        })
    }
}

/// Keys and signatures take a while.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|e| Err(Refusal::Internal(format!("the work was not done: {e}"))))
}

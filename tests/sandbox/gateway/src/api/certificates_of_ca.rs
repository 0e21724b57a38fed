//! Operations on device certificates that a registered CA signed.

use serde::Deserialize;
use serde_json::json;

use super::request::Request;
use super::{Answer, Api};
use crate::registry::certificates::{Certificate, CertificateStatus};
use crate::registry::{Refusal, names};
use crate::{issuance, x509};

impl Api {
    /// GET /certificates-by-ca/{caCertificateId}. A CA that is not registered has no certificates: AWS's model has no
    /// exception for it.
    pub(super) fn list_certificates_by_ca(&self, id: &str, request: &Request) -> Answer {
        names::certificate_id(id)?;
        let ascending = request.flag("isAscendingOrder")?;
        let mut all: Vec<_> = self.registry.with(|state| {
            let all = state.certificates.list().into_iter();
            all.filter(|certificate| certificate.ca_certificate_id.as_deref() == Some(id))
                .map(|certificate| self.summary(certificate))
                .collect()
        });
        if !ascending {
            all.reverse();
        }
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "certificates": page, "nextMarker": next }))
    }

    /// POST /certificate/register?setAsActive
    pub(super) fn register_certificate(&self, request: &Request) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            certificate_pem: String,
            ca_certificate_pem: Option<String>,
            status: Option<String>,
        }
        let body: Body = request.json()?;
        let status = match body.status.as_deref() {
            None if request.flag("setAsActive")? => CertificateStatus::Active,
            None => CertificateStatus::Inactive,
            Some(text) => CertificateStatus::parse(text)?,
        };
        if matches!(
            status,
            CertificateStatus::PendingTransfer | CertificateStatus::PendingActivation
        ) {
            return Err(Refusal::InvalidRequest(format!(
                "a certificate cannot be registered as {status}"
            )));
        }
        let invalid =
            |why: String| Refusal::CertificateValidation(format!("certificatePem: {why}"));
        let der = issuance::from_pem(&body.certificate_pem).map_err(invalid)?;
        let facts = x509::read(&der).map_err(invalid)?;
        let named = match &body.ca_certificate_pem {
            Some(pem) => Some(x509::certificate_id(&issuance::from_pem(pem).map_err(
                |why| Refusal::CertificateValidation(format!("caCertificatePem: {why}")),
            )?)),
            None => None,
        };
        let (ca, mode) = self.registry.with(|state| {
            let mut signers = state.authorities.signers(&der).map_err(invalid)?;
            signers.retain(|it| named.as_ref().is_none_or(|id| *id == it.id));
            match signers.as_slice() {
                [] => Err(invalid("not signed by a registered CA".into())),
                [ca] if !ca.settings.active => Err(Refusal::CertificateState(format!(
                    "CA certificate {} is INACTIVE; activate it first",
                    ca.id
                ))),
                [ca] => Ok((ca.id.clone(), ca.mode)),
                _ => Err(Refusal::CertificateConflict(
                    "several registered CAs have this subject and key; pass caCertificatePem"
                        .into(),
                )),
            }
        })?;
        let now = self.now_ms();
        self.register(Certificate {
            id: x509::certificate_id(&der),
            pem: body.certificate_pem,
            facts: facts.into(),
            status,
            owned_by: self.registry.scope.account_id.clone(),
            ca_certificate_id: Some(ca),
            mode,
            created_ms: now,
            modified_ms: now,
            customer_version: 1,
        })
    }
}

//! Operations on device certificates.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::certificates::{Certificate, CertificateStatus};
use crate::registry::issuer::{DeviceKeys, Issued};
use crate::registry::{CertificateMode, Refusal, names};
use crate::{issuance, x509};

impl Api {
    /// POST /keys-and-certificate
    pub(super) fn create_keys_and_certificate(&self, request: &Request) -> Answer {
        let active = request.flag("setAsActive")?;
        let keys = DeviceKeys::generate()?;
        let issued = self.registry.issuer.for_keys(&keys, self.now_ms())?;
        let mut answer = self.register_issued(issued, active)?;
        if let Some(answer) = answer.as_object_mut() {
            let pair = json!({ "PublicKey": keys.public_pem, "PrivateKey": keys.private_pem });
            answer.insert("keyPair".into(), pair);
        }
        Ok(answer)
    }

    /// POST /certificates
    pub(super) fn create_certificate_from_csr(&self, request: &Request) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            certificate_signing_request: String,
        }
        let body: Body = request.json()?;
        let issued = self
            .registry
            .issuer
            .for_csr(&body.certificate_signing_request, self.now_ms())?;
        self.register_issued(issued, request.flag("setAsActive")?)
    }

    /// POST /certificate/register-no-ca
    pub(super) fn register_certificate_without_ca(&self, request: &Request) -> Answer {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            certificate_pem: String,
            status: Option<String>,
        }
        let body: Body = request.json()?;
        let status = match body.status.as_deref() {
            None => CertificateStatus::Inactive,
            Some(text) => CertificateStatus::parse(text)?,
        };
        if !matches!(
            status,
            CertificateStatus::Active | CertificateStatus::Inactive
        ) {
            return Err(Refusal::InvalidRequest(format!(
                "a certificate cannot be registered as {status}"
            )));
        }
        let invalid =
            |why: String| Refusal::CertificateValidation(format!("certificatePem: {why}"));
        let der = issuance::from_pem(&body.certificate_pem).map_err(invalid)?;
        let facts = x509::read(&der).map_err(invalid)?;
        let now = self.now_ms();
        self.register(Certificate {
            id: x509::certificate_id(&der),
            pem: body.certificate_pem,
            facts: facts.into(),
            status,
            owned_by: self.registry.scope.account_id.clone(),
            ca_certificate_id: None,
            mode: CertificateMode::SniOnly,
            created_ms: now,
            modified_ms: now,
            customer_version: 1,
        })
    }

    /// GET /certificates/{certificateId}
    pub(super) fn describe_certificate(&self, id: &str) -> Answer {
        names::certificate_id(id)?;
        self.registry.with(|state| {
            let certificate = state.certificates.get(id)?;
            let mut description = self.summary(certificate);
            if let Some(map) = description.as_object_mut() {
                map.insert("certificatePem".into(), certificate.pem.clone().into());
                map.insert("ownedBy".into(), certificate.owned_by.clone().into());
                map.insert(
                    "lastModifiedDate".into(),
                    timestamp(certificate.modified_ms),
                );
                map.insert(
                    "customerVersion".into(),
                    certificate.customer_version.into(),
                );
                map.insert("generationId".into(), certificate.id.clone().into());
                let facts = &certificate.facts;
                let validity = json!({
                    "notBefore": timestamp(facts.not_before_ms),
                    "notAfter": timestamp(facts.not_after_ms),
                });
                map.insert("validity".into(), validity);
                if let Some(id) = &certificate.ca_certificate_id {
                    map.insert("caCertificateId".into(), id.clone().into());
                }
            }
            Ok(json!({ "certificateDescription": description }))
        })
    }

    /// GET /certificates
    pub(super) fn list_certificates(&self, request: &Request) -> Answer {
        let ascending = request.flag("isAscendingOrder")?;
        let mut all: Vec<_> = self.registry.with(|state| {
            let all = state.certificates.list().into_iter();
            // AWS does not list the certificates of provisioning claims.
            all.filter(|it| state.claims.policy_of(&it.id).is_none())
                .map(|certificate| self.summary(certificate))
                .collect()
        });
        if !ascending {
            all.reverse();
        }
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "certificates": page, "nextMarker": next }))
    }

    /// PUT /certificates/{certificateId}?newStatus
    pub(super) fn update_certificate(&self, id: &str, request: &Request) -> Answer {
        names::certificate_id(id)?;
        let text = request.query("newStatus");
        let text = text.ok_or_else(|| Refusal::InvalidRequest("newStatus is missing".into()))?;
        let status = CertificateStatus::parse(text)?;
        let now = self.now_ms();
        let withdrawn = self
            .registry
            .with(|state| state.certificates.set_status(id, status, now))?;
        if withdrawn {
            self.broker.end_sessions_of(id);
        }
        Ok(json!({}))
    }

    /// DELETE /certificates/{certificateId}?forceDelete
    pub(super) fn delete_certificate(&self, id: &str, request: &Request) -> Answer {
        names::certificate_id(id)?;
        let force = request.flag("forceDelete")?;
        self.registry
            .with(|state| state.delete_certificate(id, force))?;
        Ok(json!({}))
    }

    fn register_issued(&self, issued: Issued, active: bool) -> Answer {
        let status = if active {
            CertificateStatus::Active
        } else {
            CertificateStatus::Inactive
        };
        let pem = issued.pem.clone();
        let account = self.registry.scope.account_id.clone();
        let mut answer =
            self.register(issued.into_certificate(status, account, self.now_ms())?)?;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("certificatePem".into(), pem.into());
        }
        Ok(answer)
    }

    pub(super) fn register(&self, certificate: Certificate) -> Answer {
        let id = certificate.id.clone();
        let arn = self.registry.scope.certificate(&id);
        self.registry
            .with(|state| state.certificates.add(certificate, arn.clone()))?;
        Ok(json!({ "certificateArn": arn, "certificateId": id }))
    }

    pub(super) fn summary(&self, certificate: &Certificate) -> Value {
        json!({
            "certificateArn": self.registry.scope.certificate(&certificate.id),
            "certificateId": certificate.id,
            "status": certificate.status.as_str(),
            "certificateMode": certificate.mode.as_str(),
            "creationDate": timestamp(certificate.created_ms),
        })
    }
}

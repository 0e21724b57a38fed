//! What becomes of a certificate of a registered CA that nobody has activated yet: just-in-time registration, or
//! provisioning where the CA has a template. Either way the connection that showed it ends; the device comes back.
//!
//! Source: AWS IoT developer guide, "Just-in-time registration" and "Just-in-time provisioning".

use std::collections::BTreeMap;
use std::sync::Arc;

use iot_policy::certificate::NameAttribute;
use mqtt_topic::TopicName;
use provisioning_template::{CERTIFICATE_ID, SUBJECT_PARAMETERS, Template};
use serde_json::json;

use crate::authenticator::{Announcement, ClientCertificate, NotAuthentic, check_validity};
use crate::issuance;
use crate::message::Message;
use crate::registry::{
    Authority, Certificate, CertificateMode, CertificateStatus, Registration, Registry, State,
};
use crate::x509::{self, Facts};

/// A certificate that is unknown or `PENDING_ACTIVATION`, on a connection whose peer holds its key.
pub(crate) struct Newcomer<'a> {
    /// SHA-256 of the DER, 64 hexadecimal digits.
    pub(crate) id: &'a str,
    /// The certificate.
    pub(crate) der: &'a [u8],
    /// Whether the peer named an endpoint (SNI).
    pub(crate) server_name: bool,
    /// Epoch milliseconds.
    pub(crate) now_ms: u64,
}

/// What the operator learns, and what is published.
struct Outcome {
    reason: String,
    announcement: Option<Box<Announcement>>,
}

impl Newcomer<'_> {
    /// Registers or provisions the certificate if a CA wants that, and turns the peer away.
    pub(crate) fn turned_away(&self, registry: &Registry) -> NotAuthentic {
        let account = &registry.scope.account_id;
        let outcome = registry.with(|state| self.outcome(state, account));
        let outcome = outcome.unwrap_or_else(|reason| Outcome {
            reason,
            announcement: None,
        });
        NotAuthentic {
            certificate_id: Some(self.id.to_owned()),
            reason: outcome.reason,
            announcement: outcome.announcement,
        }
    }

    fn outcome(&self, state: &mut State, account: &str) -> Result<Outcome, String> {
        let id = self.id;
        let known = state.certificates.get(id).ok().cloned();
        let so_far = match &known {
            Some(certificate) => format!("certificate {id} is {}", certificate.status),
            None => format!("certificate {id} is not registered"),
        };
        let no = |why: String| format!("{so_far}, and {why}");
        let is_new = known.is_none();
        let authority = self.authority(state, is_new).map_err(no)?;
        let ca = &authority.id;
        let certificate = match known {
            Some(certificate) => certificate,
            None => self.certificate(&authority, account).map_err(no)?,
        };
        check_validity(&certificate.facts, self.now_ms).map_err(|why| no(format!("it {why}")))?;
        if certificate.mode == CertificateMode::SniOnly && !self.server_name {
            return Err(no(format!(
                "its CA {ca} is SNI_ONLY; the device must send SNI"
            )));
        }
        if is_new {
            let added = state.certificates.add(certificate.clone(), String::new());
            added.map_err(|refusal| no(refusal.to_string()))?;
        }
        let Some(registration) = &authority.settings.registration else {
            return Ok(Outcome {
                reason: format!(
                    "{so_far}; its CA {ca} has it registered as PENDING_ACTIVATION, so that the device may connect once it is ACTIVE"
                ),
                announcement: self.announcement(certificate, ca),
            });
        };
        match self.provision(state, registration, &certificate.facts) {
            Ok(status) => Ok(Outcome {
                reason: format!(
                    "{so_far}; the template of its CA {ca} has provisioned it, it is {status} when the device comes back"
                ),
                announcement: None,
            }),
            Err(why) => {
                if is_new {
                    state.certificates.remove(id);
                }
                Err(no(format!(
                    "the template of its CA {ca} cannot be applied, nothing was made: {why}"
                )))
            }
        }
    }

    /// The CA whose key signed the certificate and that registers new ones.
    fn authority(&self, state: &State, is_new: bool) -> Result<Authority, String> {
        let mut why = match is_new {
            true => "no registered CA has signed it; register it or use one that is",
            false => "only ACTIVE ones may connect",
        }
        .to_owned();
        for authority in state.authorities.signers(self.der)? {
            match authority.registers(self.now_ms) {
                Ok(()) => return Ok(authority.clone()),
                Err(refusal) => why = refusal,
            }
        }
        Err(why)
    }

    fn certificate(&self, authority: &Authority, account: &str) -> Result<Certificate, String> {
        Ok(Certificate {
            id: self.id.to_owned(),
            pem: issuance::to_pem(self.der),
            facts: Arc::new(x509::read(self.der)?),
            status: CertificateStatus::PendingActivation,
            owned_by: account.to_owned(),
            ca_certificate_id: Some(authority.id.clone()),
            mode: authority.mode,
            created_ms: self.now_ms,
            modified_ms: self.now_ms,
            customer_version: 1,
        })
    }

    /// Source of the payload: AWS IoT developer guide, "Just-in-time registration"; there the registration's time is text.
    fn announcement(&self, about: Certificate, ca: &str) -> Option<Box<Announcement>> {
        let topic = TopicName::parse(format!("$aws/events/certificates/registered/{ca}")).ok()?;
        let payload = json!({
            "certificateId": about.id,
            "caCertificateId": ca,
            "timestamp": self.now_ms,
            "certificateStatus": about.status.as_str(),
            "awsAccountId": about.owned_by,
            "certificateRegistrationTimestamp": about.created_ms.to_string(),
        });
        Some(Box::new(Announcement {
            message: Message::new(topic, payload.to_string()),
            certificate: ClientCertificate {
                id: about.id,
                pem: about.pem,
                facts: about.facts,
            },
        }))
    }

    fn provision(
        &self,
        state: &mut State,
        registration: &Registration,
        facts: &Facts,
    ) -> Result<CertificateStatus, String> {
        let template = state.template_of(registration);
        let template = template.map_err(|refusal| refusal.to_string())?;
        let parameters = self.parameters(&template, facts)?;
        let wanted = template
            .evaluate(&parameters)
            .map_err(|why| why.to_string())?;
        let provisioned = state
            .provision(&wanted, self.now_ms)
            .and_then(|_| state.certificates.get(self.id));
        match provisioned {
            Ok(certificate) => Ok(certificate.status),
            Err(refusal) => Err(refusal.to_string()),
        }
    }

    /// What the template may know: the certificate's id and its subject.
    fn parameters(
        &self,
        template: &Template,
        facts: &Facts,
    ) -> Result<BTreeMap<String, String>, String> {
        let subject = &facts.for_policies.subject.attributes;
        let mut parameters = BTreeMap::new();
        for (name, attribute) in SUBJECT_PARAMETERS.into_iter().zip(ATTRIBUTES) {
            match subject.get(&attribute).map_or(&[][..], Vec::as_slice) {
                [] => {}
                [value] => {
                    parameters.insert(name.to_owned(), value.clone());
                }
                several if template.parameters().any(|(declared, _)| declared == name) => {
                    return Err(format!(
                        "the subject has {} values of {name}, and AWS does not say which one counts",
                        several.len()
                    ));
                }
                _ => {}
            }
        }
        parameters.insert(CERTIFICATE_ID.to_owned(), self.id.to_owned());
        Ok(parameters)
    }
}

/// In the order of [`SUBJECT_PARAMETERS`].
const ATTRIBUTES: [NameAttribute; SUBJECT_PARAMETERS.len()] = [
    NameAttribute::Country,
    NameAttribute::Organization,
    NameAttribute::OrganizationalUnit,
    NameAttribute::DistinguishedNameQualifier,
    NameAttribute::State,
    NameAttribute::CommonName,
    NameAttribute::SerialNumber,
];

//! Registered CAs: whose device certificates are let in, and what becomes of one that is seen for the first time.
//!
//! Source: AWS IoT developer guide, "Manage your CA certificates", "Just-in-time registration" and "Just-in-time
//! provisioning".

use std::collections::BTreeMap;
use std::sync::Arc;

use provisioning_template::{Kind, Template};

use super::{CertificateMode, ProvisioningTemplate, Refusal, State};
use crate::issuance;

/// Most CAs of one subject. Source: AWS IoT Core quotas.
const MAX_OF_ONE_SUBJECT: usize = 10;

/// A registered CA.
#[derive(Debug, Clone)]
pub struct Authority {
    /// SHA-256 of the DER, 64 hexadecimal digits.
    pub id: String,
    /// The certificate as PEM.
    pub pem: String,
    /// The certificate.
    pub der: Arc<[u8]>,
    /// Its subject, DER: the issuer of the certificates it signs.
    pub subject: Vec<u8>,
    /// First and last second of its validity, epoch milliseconds.
    pub validity_ms: (u64, u64),
    /// Whether its owner had to prove that he holds the key, and whether devices must send SNI.
    pub mode: CertificateMode,
    /// How things stand, as an operator can change it.
    pub settings: AuthoritySettings,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// Epoch milliseconds.
    pub modified_ms: u64,
    /// Grows with each change.
    pub customer_version: u32,
}

/// What an operator can change about a CA.
#[derive(Debug, Clone)]
pub struct AuthoritySettings {
    /// `ACTIVE` rather than `INACTIVE`.
    pub active: bool,
    /// Whether a device certificate that is seen for the first time is registered.
    pub auto_registration: bool,
    /// What is made for such a certificate; nothing but itself without.
    pub registration: Option<Registration>,
}

/// A CA's `registrationConfig`.
#[derive(Debug, Clone)]
pub struct Registration {
    /// What to make.
    pub template: RegistrationTemplate,
    /// The role in whose name AWS would make it; nobody is asked here.
    pub role_arn: Option<String>,
}

/// Where the template is.
#[derive(Debug, Clone)]
pub enum RegistrationTemplate {
    /// Here.
    Body(String, Arc<Template>),
    /// With the provisioning templates, of type `JITP`.
    Name(String),
}

impl Authority {
    /// Whether device certificates of this CA are registered when they are seen for the first time.
    ///
    /// # Errors
    /// The reason for the operator.
    pub fn registers(&self, now_ms: u64) -> Result<(), String> {
        let id = &self.id;
        if !self.settings.active {
            return Err(format!(
                "its CA {id} is INACTIVE; only an ACTIVE one registers new certificates"
            ));
        }
        if !self.settings.auto_registration {
            return Err(format!(
                "its CA {id} has auto-registration disabled; enable it or call RegisterCertificate"
            ));
        }
        self.valid(now_ms)
    }

    /// Whether the CA's own certificate is within its validity.
    ///
    /// # Errors
    /// The reason for the operator.
    pub fn valid(&self, now_ms: u64) -> Result<(), String> {
        let (from, until) = self.validity_ms;
        if now_ms < from || now_ms > until.saturating_add(999) {
            return Err(format!(
                "CA {} is valid from {from} ms to {until} ms only",
                self.id
            ));
        }
        Ok(())
    }
}

/// All CAs.
#[derive(Debug, Default)]
pub struct Authorities {
    by_id: BTreeMap<String, Authority>,
}

impl Authorities {
    /// Adds a CA.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], or [`Refusal::LimitExceeded`] for an eleventh CA of one subject.
    pub fn add(&mut self, authority: Authority, arn: String) -> Result<(), Refusal> {
        if self.by_id.contains_key(&authority.id) {
            return Err(Refusal::AlreadyExists {
                message: format!("CA certificate {} is registered already", authority.id),
                id: authority.id,
                arn,
            });
        }
        let all = self.by_id.values();
        if all.filter(|it| it.subject == authority.subject).count() == MAX_OF_ONE_SUBJECT {
            return Err(Refusal::LimitExceeded(format!(
                "{MAX_OF_ONE_SUBJECT} CAs of this subject are registered; delete one first"
            )));
        }
        self.by_id.insert(authority.id.clone(), authority);
        Ok(())
    }

    /// Finds a CA.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, id: &str) -> Result<&Authority, Refusal> {
        self.by_id.get(id).ok_or_else(|| unknown(id))
    }

    /// All of them in the order of creation.
    #[must_use]
    pub fn list(&self) -> Vec<&Authority> {
        let mut all: Vec<_> = self.by_id.values().collect();
        all.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
        all
    }

    /// Those whose subject is a device certificate's issuer and whose key signed it.
    ///
    /// # Errors
    /// A fragment of text when the certificate cannot be read or has a key that AWS IoT does not take.
    pub fn signers(&self, der: &[u8]) -> Result<Vec<&Authority>, String> {
        let issuer = issuance::issuer(der)?;
        let of_issuer = self.by_id.values().filter(|it| it.subject == issuer);
        Ok(of_issuer
            .filter(|it| issuance::check_signature(der, &it.der).is_ok())
            .collect())
    }

    /// Changes what can be changed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn update(
        &mut self,
        id: &str,
        now_ms: u64,
        change: impl FnOnce(&mut AuthoritySettings),
    ) -> Result<(), Refusal> {
        let authority = self.by_id.get_mut(id).ok_or_else(|| unknown(id))?;
        change(&mut authority.settings);
        authority.modified_ms = now_ms;
        authority.customer_version += 1;
        Ok(())
    }

    /// Deletes a CA. The device certificates it signed stay.
    ///
    /// # Errors
    /// [`Refusal::CertificateState`] while ACTIVE, [`Refusal::NotFound`].
    pub fn remove(&mut self, id: &str) -> Result<(), Refusal> {
        if self.get(id)?.settings.active {
            return Err(Refusal::CertificateState(format!(
                "CA certificate {id} is ACTIVE; set it to INACTIVE first"
            )));
        }
        self.by_id.remove(id);
        Ok(())
    }
}

impl State {
    /// Finds a provisioning template that a CA can name.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`Refusal::InvalidRequest`] if it is not of type `JITP`.
    pub fn just_in_time_template(&self, name: &str) -> Result<&ProvisioningTemplate, Refusal> {
        let template = self.provisioning_templates.get(name)?;
        if template.kind != Kind::Jitp {
            return Err(Refusal::InvalidRequest(format!(
                "provisioning template {name} is not of type JITP, and a template cannot change its type"
            )));
        }
        Ok(template)
    }

    /// The template that a CA's registration means, as it is now.
    ///
    /// # Errors
    /// As [`State::just_in_time_template`], and [`Refusal::InvalidRequest`] for one that is disabled.
    pub fn template_of(&self, registration: &Registration) -> Result<Arc<Template>, Refusal> {
        match &registration.template {
            RegistrationTemplate::Body(_, template) => Ok(Arc::clone(template)),
            RegistrationTemplate::Name(name) => {
                let template = self.just_in_time_template(name)?;
                if !template.settings.enabled {
                    return Err(Refusal::InvalidRequest(format!(
                        "provisioning template {name} is disabled"
                    )));
                }
                Ok(Arc::clone(&template.in_force()?.parsed))
            }
        }
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::NotFound(format!("CA certificate {id} is not registered"))
}

//! Device certificates and their life cycle.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Refusal;
use crate::x509::Facts;

/// Whether a certificate may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStatus {
    /// May connect.
    Active,
    /// Switched off; may be switched on again.
    Inactive,
    /// Withdrawn for ever.
    Revoked,
    /// Being moved to another account.
    PendingTransfer,
    /// Registered by a first connection or by fleet provisioning, not yet switched on.
    PendingActivation,
}

impl CertificateStatus {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Revoked => "REVOKED",
            Self::PendingTransfer => "PENDING_TRANSFER",
            Self::PendingActivation => "PENDING_ACTIVATION",
        }
    }

    /// Reads AWS's spelling. `REGISTER_INACTIVE` (deprecated) is read as `INACTIVE`.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] names the statuses there are.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(match text {
            "ACTIVE" => Self::Active,
            "INACTIVE" | "REGISTER_INACTIVE" => Self::Inactive,
            "REVOKED" => Self::Revoked,
            "PENDING_TRANSFER" => Self::PendingTransfer,
            "PENDING_ACTIVATION" => Self::PendingActivation,
            _ => {
                return Err(Refusal::InvalidRequest(format!(
                    "status `{text}` must be ACTIVE, INACTIVE, REVOKED, PENDING_TRANSFER or PENDING_ACTIVATION"
                )));
            }
        })
    }
}

impl fmt::Display for CertificateStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the CA of a certificate is known, and what that asks of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateMode {
    /// The CA's owner proved that he holds its key.
    Default,
    /// Nobody proved anything; devices say with SNI whose endpoint they want.
    SniOnly,
}

impl CertificateMode {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::SniOnly => "SNI_ONLY",
        }
    }
}

/// A registered certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// SHA-256 of the DER, 64 hexadecimal digits.
    pub id: String,
    /// The certificate as PEM.
    pub pem: String,
    /// What its X.509 fields say.
    pub facts: Arc<Facts>,
    /// Whether it may be used.
    pub status: CertificateStatus,
    /// The account that owns it.
    pub owned_by: String,
    /// The CA that issued it, when the registry knows it.
    pub ca_certificate_id: Option<String>,
    /// That of its CA.
    pub mode: CertificateMode,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// Epoch milliseconds.
    pub modified_ms: u64,
    /// Grows with each change.
    pub customer_version: u32,
}

/// All certificates.
#[derive(Debug, Default)]
pub struct Certificates {
    by_id: BTreeMap<String, Certificate>,
}

impl Certificates {
    /// Adds a certificate.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] for a certificate that is registered already, whatever its status.
    pub fn add(&mut self, certificate: Certificate, arn: String) -> Result<(), Refusal> {
        if self.by_id.contains_key(&certificate.id) {
            return Err(Refusal::AlreadyExists {
                message: format!("certificate {} is registered already", certificate.id),
                id: certificate.id,
                arn,
            });
        }
        self.by_id.insert(certificate.id.clone(), certificate);
        Ok(())
    }

    /// Finds a certificate.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, id: &str) -> Result<&Certificate, Refusal> {
        self.by_id.get(id).ok_or_else(|| unknown(id))
    }

    /// All of them in the order of creation.
    #[must_use]
    pub fn list(&self) -> Vec<&Certificate> {
        let mut all: Vec<_> = self.by_id.values().collect();
        all.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
        all
    }

    /// Changes the status; the same status again is fine. Answers whether the certificate left `ACTIVE`.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for the service's own states, [`Refusal::CertificateState`] for a way back from
    /// `REVOKED` (AWS says revocation prevents any future use; that this is refused is unconfirmed).
    pub fn set_status(
        &mut self,
        id: &str,
        to: CertificateStatus,
        now_ms: u64,
    ) -> Result<bool, Refusal> {
        use CertificateStatus as S;
        let certificate = self.by_id.get_mut(id).ok_or_else(|| unknown(id))?;
        if matches!(to, S::PendingTransfer | S::PendingActivation) {
            return Err(Refusal::InvalidRequest(format!(
                "{to} is set by the service only; ask for ACTIVE, INACTIVE or REVOKED"
            )));
        }
        let from = certificate.status;
        if from == S::Revoked && to != S::Revoked {
            return Err(Refusal::CertificateState(format!(
                "certificate {id} is REVOKED for ever; issue a new one"
            )));
        }
        if from == S::PendingTransfer {
            return Err(Refusal::CertificateState(format!(
                "certificate {id} is being transferred; cancel the transfer first"
            )));
        }
        if from != to {
            certificate.status = to;
            certificate.modified_ms = now_ms;
            certificate.customer_version += 1;
        }
        Ok(from == S::Active && to != S::Active)
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.by_id.remove(id);
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::NotFound(format!("certificate {id} is not registered"))
}

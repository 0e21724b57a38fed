//! Who is at the other end: the step between the TLS handshake and CONNECT.

use std::net::SocketAddr;
use std::sync::Arc;

pub use crate::custom_auth::Permit;
use crate::just_in_time::Newcomer;
use crate::message::Message;
use crate::registry::{CertificateMode, CertificateStatus, Registry};
use crate::x509::{self, Facts};

const NO_CERTIFICATE: &str = "no client certificate was presented; pass --cert and --key, or the like (custom authentication is on the gateway's other port)";

/// What the TLS handshake says about a peer.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The name it asked for (SNI).
    pub server_name: Option<String>,
    /// The application protocol that was agreed on (ALPN).
    pub alpn: Option<String>,
    /// The certificate it holds the key of, DER.
    pub certificate: Option<Vec<u8>>,
}

/// An authenticated peer.
#[derive(Debug, Clone)]
pub struct Principal {
    /// What it is trusted for.
    pub credential: Credential,
    /// Its address.
    pub address: SocketAddr,
    /// The name it asked for (SNI).
    pub server_name: Option<String>,
}

/// What a peer is trusted for.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A registered client certificate.
    Certificate(ClientCertificate),
    /// The answer of a custom authorizer.
    Permit(Arc<Permit>),
    /// Both, as `CUSTOM_AUTH_X509` demands.
    Both(ClientCertificate, Arc<Permit>),
}

/// A registered client certificate.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// SHA-256 of the DER, 64 hexadecimal digits.
    pub id: String,
    /// The certificate as PEM.
    pub pem: String,
    /// What it says.
    pub facts: Arc<Facts>,
}

impl Principal {
    /// Its certificate, if it has one.
    #[must_use]
    pub fn certificate(&self) -> Option<&ClientCertificate> {
        match &self.credential {
            Credential::Certificate(certificate) | Credential::Both(certificate, _) => {
                Some(certificate)
            }
            Credential::Permit(_) => None,
        }
    }

    /// The id of its certificate, else the authorizer's `principalId`. AWS documents neither what lifecycle messages say
    /// of custom authentication nor what `principal()` is in rule SQL (unconfirmed).
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.credential {
            Credential::Certificate(certificate) | Credential::Both(certificate, _) => {
                &certificate.id
            }
            Credential::Permit(permit) => &permit.principal_id,
        }
    }
}

/// Decides whether a peer's certificate may be used at all.
pub trait Authenticator: Send + Sync {
    /// Finds the certificate of a peer.
    ///
    /// # Errors
    /// The reason for the operator, and the certificate's id if there is one.
    fn authenticate(&self, peer: &Peer, now_ms: u64) -> Result<ClientCertificate, NotAuthentic>;
}

/// What the service publishes about a certificate whose peer is turned away.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// What.
    pub message: Message,
    /// About which certificate.
    pub certificate: ClientCertificate,
}

/// Why a peer is turned away.
#[derive(Debug, Clone)]
pub struct NotAuthentic {
    /// The id of the certificate it presented.
    pub certificate_id: Option<String>,
    /// What to do about it.
    pub reason: String,
    /// What is to be published because of it.
    pub announcement: Option<Box<Announcement>>,
}

/// Accepts the registry's ACTIVE certificates within their validity. One that nobody has activated yet is for just-in-time
/// registration.
pub struct RegisteredCertificates(pub Arc<Registry>);

impl Authenticator for RegisteredCertificates {
    fn authenticate(&self, peer: &Peer, now_ms: u64) -> Result<ClientCertificate, NotAuthentic> {
        let Some(der) = &peer.certificate else {
            return Err(NotAuthentic {
                certificate_id: None,
                reason: NO_CERTIFICATE.into(),
                announcement: None,
            });
        };
        let id = x509::certificate_id(der);
        let found = self.0.with(|state| state.certificates.get(&id).cloned());
        let certificate = match found {
            Ok(found) if found.status != CertificateStatus::PendingActivation => found,
            _ => {
                let newcomer = Newcomer {
                    id: &id,
                    der,
                    server_name: peer.server_name.is_some(),
                    now_ms,
                };
                return Err(newcomer.turned_away(&self.0));
            }
        };
        let usable = match certificate.status {
            CertificateStatus::Active => check_validity(&certificate.facts, now_ms),
            status => Err(format!("is {status}; only ACTIVE ones may connect")),
        };
        let usable = usable.and_then(|()| match certificate.mode {
            CertificateMode::SniOnly if peer.server_name.is_none() => {
                Err("is SNI_ONLY; the device must send SNI".into())
            }
            _ => Ok(()),
        });
        match usable {
            Ok(()) => Ok(ClientCertificate {
                id,
                pem: certificate.pem,
                facts: certificate.facts,
            }),
            Err(why) => Err(NotAuthentic {
                reason: format!("certificate {id} {why}"),
                certificate_id: Some(id),
                announcement: None,
            }),
        }
    }
}

/// Whether a certificate is within its validity.
///
/// # Errors
/// A fragment of text that goes on after the certificate's name.
pub(crate) fn check_validity(facts: &Facts, now_ms: u64) -> Result<(), String> {
    if now_ms < facts.not_before_ms {
        return Err(format!("is not valid before {} ms", facts.not_before_ms));
    }
    if now_ms > facts.not_after_ms.saturating_add(999) {
        return Err(format!("expired at {} ms", facts.not_after_ms));
    }
    Ok(())
}

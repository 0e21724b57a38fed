//! Who is at the other end: the step between the TLS handshake and CONNECT.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::registry::{CertificateStatus, Registry};
use crate::x509::{self, Facts};

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
    /// The id of its certificate.
    pub certificate_id: String,
    /// What the certificate says.
    pub facts: Arc<Facts>,
    /// Its address.
    pub address: SocketAddr,
    /// The name it asked for (SNI).
    pub server_name: Option<String>,
}

/// Decides whether a peer may speak MQTT at all. Just-in-time registration and custom authorizers attach here.
pub trait Authenticator: Send + Sync {
    /// Turns a peer into a principal.
    ///
    /// # Errors
    /// The reason for the operator, and the certificate's id if there is one.
    fn authenticate(&self, peer: &Peer, now_ms: u64) -> Result<Principal, NotAuthentic>;
}

/// Why a peer is turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAuthentic {
    /// The id of the certificate it presented.
    pub certificate_id: Option<String>,
    /// What to do about it.
    pub reason: String,
}

/// Accepts the registry's ACTIVE certificates within their validity.
pub struct RegisteredCertificates(pub Arc<Registry>);

impl Authenticator for RegisteredCertificates {
    fn authenticate(&self, peer: &Peer, now_ms: u64) -> Result<Principal, NotAuthentic> {
        let Some(der) = &peer.certificate else {
            return Err(NotAuthentic {
                certificate_id: None,
                reason: "no client certificate was presented; pass --cert and --key, or the like".into(),
            });
        };
        let id = x509::certificate_id(der);
        let no = |reason: String| NotAuthentic { certificate_id: Some(id.clone()), reason };
        let found = self.0.with(|state| {
            state.certificates.get(&id).map(|found| (found.status, Arc::clone(&found.facts)))
        });
        let Ok((status, facts)) = found else {
            return Err(no(format!("certificate {id} is not registered; register it or use one that is")));
        };
        if status != CertificateStatus::Active {
            return Err(no(format!("certificate {id} is {status}; only ACTIVE ones may connect")));
        }
        if now_ms < facts.not_before_ms {
            return Err(no(format!("certificate {id} is not valid before {} ms", facts.not_before_ms)));
        }
        if now_ms > facts.not_after_ms.saturating_add(999) {
            return Err(no(format!("certificate {id} expired at {} ms", facts.not_after_ms)));
        }
        Ok(Principal { certificate_id: id, facts, address: peer.address, server_name: peer.server_name.clone() })
    }
}

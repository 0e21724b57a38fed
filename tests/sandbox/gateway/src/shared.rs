//! What every connection works with.

use std::sync::Arc;

use crate::authenticator::{ClientCertificate, Credential, Peer, Principal};
use crate::broker::Broker;
use crate::custom_auth::{Applicant, CustomAuth, Leases};
use crate::events::{Event, EventKind};
use crate::fleet::FleetProvisioning;

/// Says which thing owns a certificate exclusively; only for the text of lifecycle messages.
pub(crate) type ExclusiveThing = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What every connection works with.
pub(crate) struct Shared {
    /// Where messages go.
    pub(crate) broker: Arc<Broker>,
    /// Asks custom authorizers.
    pub(crate) custom_auth: Arc<CustomAuth>,
    /// Connections that live by an authorizer's answer.
    pub(crate) leases: Arc<Leases>,
    /// Answers the requests of fleet provisioning.
    pub(crate) fleet: Arc<FleetProvisioning>,
    /// For lifecycle messages.
    pub(crate) exclusive_thing: ExclusiveThing,
}

impl Shared {
    /// Notes that a peer was turned away before anybody knew its client id.
    pub(crate) fn turned_away(&self, principal: Option<String>, reason: String) {
        self.broker.events.record(Event {
            at_ms: self.broker.now_ms(),
            client_id: None,
            principal,
            kind: EventKind::ConnectRefused { reason },
        });
    }
}

/// Who is at the other end of a connection.
pub(crate) enum Guest {
    /// Somebody whom a certificate proves.
    Known(Principal),
    /// Somebody whom a custom authorizer has to judge.
    Applicant(Box<Applicant>),
}

impl Guest {
    /// Somebody whom a certificate proves.
    pub(crate) fn known(peer: &Peer, certificate: ClientCertificate) -> Self {
        Self::Known(Principal {
            credential: Credential::Certificate(certificate),
            address: peer.address,
            server_name: peer.server_name.clone(),
        })
    }

    /// Somebody whom a custom authorizer has to judge, with a certificate where the endpoint wants both.
    pub(crate) fn applicant(peer: &Peer, certificate: Option<ClientCertificate>) -> Self {
        Self::Applicant(Box::new(Applicant {
            connection_id: uuid::Uuid::new_v4().to_string(),
            address: peer.address,
            server_name: peer.server_name.clone(),
            certificate,
            http: None,
            mqtt: None,
        }))
    }

    /// The id of its certificate, if it showed one that counts.
    pub(crate) fn certificate_id(&self) -> Option<&str> {
        let certificate = match self {
            Self::Known(principal) => principal.certificate(),
            Self::Applicant(applicant) => applicant.certificate.as_ref(),
        };
        certificate.map(|it| it.id.as_str())
    }
}

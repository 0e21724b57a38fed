//! CONNECT: the rules, the policies, the answer.

use std::time::Duration;

use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, ConnectReturnCode};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Connection, Established, Step, shutting_down};
use crate::authenticator::Principal;
use crate::authorizer::Identity;
use crate::broker::{ConnectRefused, Departure};
use crate::connect::{ConnectRequest, Protocol, Unacceptable};
use crate::custom_auth::{Admission, Applicant};
use crate::events::{Event, EventKind};
use crate::shared::Guest;
use crate::stop::stopped;
use crate::wire;

/// Why a CONNECT leads nowhere.
enum NotAdmitted {
    /// The authorizer, or what the client sent for it; the event log has the reason.
    Refused,
    /// The gateway ends before the authorizer has answered.
    ShuttingDown,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) async fn connect(
        &mut self,
        protocol: Protocol,
        request: Result<ConnectRequest, Unacceptable>,
    ) -> Step {
        let mut request = match request {
            Ok(request) => request,
            Err(unacceptable) => return self.refuse(protocol, unacceptable).await,
        };
        let assigned = request
            .client_id
            .is_empty()
            .then(|| uuid::Uuid::new_v4().to_string());
        if let Some(id) = &assigned {
            request.client_id.clone_from(id);
        }
        let (principal, admission) = match self.principal(&request).await {
            Ok(known) => known,
            Err(NotAdmitted::ShuttingDown) => return Err(shutting_down()),
            Err(NotAdmitted::Refused) => return self.unauthorized(protocol).await,
        };
        let exclusive_thing = principal
            .certificate()
            .and_then(|it| (self.shared.exclusive_thing)(&it.id));
        let identity = Identity {
            client_id: request.client_id.clone(),
            principal,
        };
        let broker = &self.shared.broker;
        let arrival = match broker.connect(identity, &request, exclusive_thing) {
            Ok(arrival) => arrival,
            Err(ConnectRefused(_)) => return self.unauthorized(protocol).await,
        };
        let leases = &self.shared.leases;
        self.lease = admission.map(|admission| leases.begin(admission, arrival.ender));
        self.established = Some(Established {
            client: arrival.client,
            wake: arrival.wake,
            control: arrival.control,
            keep_alive: Duration::from_secs(request.effective_keep_alive().into()) * 3 / 2,
            window: request.receive_maximum.into(),
            in_flight: 0,
        });
        self.send(wire::accepted(
            &request,
            arrival.session_present,
            assigned.as_deref(),
        ))
        .await?;
        self.alive();
        if let Some(established) = &self.established {
            self.shared.broker.announce_connected(&established.client);
        }
        Ok(())
    }

    /// Who is connecting; a custom authorizer's answer comes with the terms on which it holds.
    async fn principal(
        &mut self,
        request: &ConnectRequest,
    ) -> Result<(Principal, Option<Admission>), NotAdmitted> {
        let applicant = match &self.guest {
            Guest::Known(principal) => return Ok((principal.clone(), None)),
            Guest::Applicant(applicant) => Applicant {
                mqtt: Some(request.login.clone()),
                ..Applicant::clone(applicant)
            },
        };
        let custom_auth = &self.shared.custom_auth;
        let admitted = async {
            let vetted = custom_auth.vet(&applicant)?;
            custom_auth.admit(&applicant, vetted).await
        };
        let admitted = tokio::select! {
            () = stopped(&mut self.shutdown) => return Err(NotAdmitted::ShuttingDown),
            admitted = admitted => admitted,
        };
        match admitted {
            Ok(admission) => Ok((admission.principal.clone(), Some(admission))),
            Err(refused) => {
                let broker = &self.shared.broker;
                broker.events.record(Event {
                    at_ms: broker.now_ms(),
                    client_id: Some(request.client_id.clone()),
                    principal: self.guest.certificate_id().map(str::to_owned),
                    kind: EventKind::ConnectRefused {
                        reason: refused.to_string(),
                    },
                });
                Err(NotAdmitted::Refused)
            }
        }
    }

    /// The same for whatever reason: AWS IoT Core hangs up on MQTT 3.1.1 clients without CONNACK, and so do we. The event
    /// log has the reason already, hence the empty detail.
    async fn unauthorized(&mut self, protocol: Protocol) -> Step {
        if protocol == Protocol::V5 {
            self.send(wire::refused_v5(ConnectReasonCode::NotAuthorized))
                .await?;
        }
        Err(Departure::new("AUTH_ERROR", ""))
    }

    async fn refuse(&mut self, protocol: Protocol, unacceptable: Unacceptable) -> Step {
        let answer = match protocol {
            Protocol::V3 => match unacceptable {
                Unacceptable::ClientId(_) => {
                    Some(wire::refused_v3(ConnectReturnCode::IdentifierRejected))
                }
                _ => None,
            },
            Protocol::V5 => Some(wire::refused_v5(match unacceptable {
                Unacceptable::ClientId(_) => ConnectReasonCode::ClientIdentifierNotValid,
                Unacceptable::WillTopic(_) => ConnectReasonCode::TopicNameInvalid,
                Unacceptable::WillQos => ConnectReasonCode::QosNotSupported,
                Unacceptable::WillTooLarge => ConnectReasonCode::PacketTooLarge,
            })),
        };
        if let Some(answer) = answer {
            self.send(answer).await?;
        }
        Err(Departure::new("CLIENT_ERROR", unacceptable.reason()))
    }
}

//! CONNECT: the rules, the policies, the answer.

use std::time::Duration;

use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, ConnectReturnCode};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Connection, Established, Step};
use crate::authorizer::Identity;
use crate::broker::{ConnectRefused, Departure};
use crate::connect::{ConnectRequest, Protocol, Unacceptable};
use crate::wire;

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
        let assigned = request.client_id.is_empty().then(|| uuid::Uuid::new_v4().to_string());
        if let Some(id) = &assigned {
            request.client_id.clone_from(id);
        }
        let identity = Identity { client_id: request.client_id.clone(), principal: self.principal.clone() };
        let exclusive_thing = (self.exclusive_thing)(&self.principal.certificate_id);
        let arrival = match self.broker.connect(identity, &request, exclusive_thing) {
            Ok(arrival) => arrival,
            // AWS IoT Core hangs up on MQTT 3.1.1 clients without CONNACK, and so do we. An empty detail: the broker
            // has recorded the refusal already.
            Err(ConnectRefused(_)) => {
                if protocol == Protocol::V5 {
                    self.send(wire::refused_v5(ConnectReasonCode::NotAuthorized)).await?;
                }
                return Err(Departure::new("AUTH_ERROR", ""));
            }
        };
        self.established = Some(Established {
            client: arrival.client,
            wake: arrival.wake,
            control: arrival.control,
            keep_alive: Duration::from_secs(request.effective_keep_alive().into()) * 3 / 2,
            window: request.receive_maximum.into(),
            in_flight: 0,
        });
        self.send(wire::accepted(&request, arrival.session_present, assigned.as_deref())).await?;
        self.alive();
        if let Some(established) = &self.established {
            self.broker.announce_connected(&established.client);
        }
        Ok(())
    }

    async fn refuse(&mut self, protocol: Protocol, unacceptable: Unacceptable) -> Step {
        let answer = match protocol {
            Protocol::V3 => match unacceptable {
                Unacceptable::ClientId(_) => Some(wire::refused_v3(ConnectReturnCode::IdentifierRejected)),
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

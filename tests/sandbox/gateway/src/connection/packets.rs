//! What each packet of a client does.

use mqtt_protocol_core::mqtt::packet::{
    Packet, Property, Qos as WireQos, RetainHandling, SubEntry, v5_0,
};
use mqtt_protocol_core::mqtt::result_code::{
    DisconnectReasonCode, PubackReasonCode, SubackReasonCode, UnsubackReasonCode,
};
use mqtt_topic::TopicName;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Connection, Step};
use crate::broker::{Departure, PublishRefused, SendRetained, SubscribeRefused, Wanted};
use crate::connect::{ConnectRequest, Protocol, SESSION_EXPIRY_MS};
use crate::events::EventKind;
use crate::fleet;
use crate::message::{Message, Properties, Qos};
use crate::wire;

/// Most entries of a SUBSCRIBE. Source: AWS IoT Core quotas, "Maximum subscriptions per subscribe request".
const MAX_SUBSCRIBE_ENTRIES: usize = 8;

/// PUBLISH of both versions.
struct Incoming {
    topic: String,
    payload: Vec<u8>,
    qos: WireQos,
    retain: bool,
    packet_id: Option<u16>,
    properties: Properties,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) async fn handle(&mut self, packet: Packet) -> Step {
        match packet {
            Packet::V3_1_1Connect(connect) => {
                self.connect(Protocol::V3, ConnectRequest::from_v3(&connect))
                    .await
            }
            Packet::V5_0Connect(connect) => {
                self.connect(Protocol::V5, ConnectRequest::from_v5(&connect))
                    .await
            }
            Packet::V3_1_1Publish(publish) => {
                self.publish(Incoming {
                    topic: publish.topic_name().to_owned(),
                    payload: publish.payload().as_slice().to_vec(),
                    qos: publish.qos(),
                    retain: publish.retain(),
                    packet_id: publish.packet_id(),
                    properties: Properties::default(),
                })
                .await
            }
            Packet::V5_0Publish(publish) => {
                self.publish(Incoming {
                    topic: publish.topic_name().to_owned(),
                    payload: publish.payload().as_slice().to_vec(),
                    qos: publish.qos(),
                    retain: publish.retain(),
                    packet_id: publish.packet_id(),
                    properties: wire::read_properties(publish.props()),
                })
                .await
            }
            Packet::V3_1_1Subscribe(subscribe) => {
                self.subscribe(subscribe.packet_id(), subscribe.entries(), false)
                    .await
            }
            Packet::V5_0Subscribe(subscribe) => {
                let with_id =
                    |property: &Property| matches!(property, Property::SubscriptionIdentifier(_));
                let with_id = subscribe.props().iter().any(with_id);
                self.subscribe(subscribe.packet_id(), subscribe.entries(), with_id)
                    .await
            }
            Packet::V3_1_1Unsubscribe(unsubscribe) => {
                let filters = unsubscribe
                    .entries()
                    .iter()
                    .map(|filter| filter.as_str().to_owned())
                    .collect();
                self.unsubscribe(unsubscribe.packet_id(), filters).await
            }
            Packet::V5_0Unsubscribe(unsubscribe) => {
                let filters = unsubscribe
                    .entries()
                    .iter()
                    .map(|filter| filter.as_str().to_owned())
                    .collect();
                self.unsubscribe(unsubscribe.packet_id(), filters).await
            }
            Packet::V3_1_1Puback(puback) => self.acknowledged(puback.packet_id()).await,
            Packet::V5_0Puback(puback) => self.acknowledged(puback.packet_id()).await,
            Packet::V3_1_1Disconnect(_) => Err(goodbye()),
            Packet::V5_0Disconnect(disconnect) => Err(goodbye_v5(&disconnect)),
            Packet::V3_1_1Pingreq(_) | Packet::V5_0Pingreq(_) => Ok(()),
            Packet::V5_0Auth(_) => Err(Departure::new(
                "CLIENT_ERROR",
                "AUTH: enhanced authentication is not supported",
            )),
            _ => Err(Departure::new(
                "CLIENT_ERROR",
                "a packet that only a server may send, or one of QoS 2",
            )),
        }
    }

    async fn publish(&mut self, incoming: Incoming) -> Step {
        let Some(established) = &self.established else {
            return Err(before_connect());
        };
        let protocol = established.client.protocol;
        let identity = established.client.identity.clone();
        let note = |reason: String| {
            let topic = incoming.topic.clone();
            self.shared.broker.note(
                Some(identity.requester()),
                EventKind::PublishDenied { topic, reason },
            );
        };
        let qos = match incoming.qos {
            WireQos::AtMostOnce => Qos::AtMostOnce,
            WireQos::AtLeastOnce => Qos::AtLeastOnce,
            WireQos::ExactlyOnce => {
                note("QoS 2, which AWS IoT Core does not have; use QoS 1".into());
                self.say_goodbye(DisconnectReasonCode::QosNotSupported)
                    .await;
                return Err(Departure::new("CLIENT_ERROR", "a message with QoS 2"));
            }
        };
        let topic = match TopicName::parse(incoming.topic.as_str()) {
            Ok(topic) => topic,
            Err(e) => {
                note(e.to_string());
                return self
                    .refuse_publish(
                        incoming.packet_id,
                        PubackReasonCode::TopicNameInvalid,
                        format!("a message to an invalid topic: {e}"),
                    )
                    .await;
            }
        };
        let message = Message {
            topic,
            payload: incoming.payload.into(),
            qos,
            retain: incoming.retain,
            properties: incoming.properties,
        };
        let broker = &self.shared.broker;
        let taken = match fleet::Request::of(&message.topic) {
            None => broker.publish(identity.requester(), message),
            Some(request) => {
                let may = broker.may_publish(identity.requester(), &message);
                may.map(|()| {
                    let from = established.client.addressee();
                    self.shared.fleet.take(from, request, message.payload);
                })
            }
        };
        match taken {
            Ok(()) => match incoming.packet_id {
                Some(id) => {
                    self.send(wire::puback(protocol, id, PubackReasonCode::Success))
                        .await
                }
                None => Ok(()),
            },
            Err(PublishRefused::NotAuthorized(reason)) => {
                self.refuse_publish(incoming.packet_id, PubackReasonCode::NotAuthorized, reason)
                    .await
            }
            Err(PublishRefused::TooLarge(reason)) => {
                self.say_goodbye(DisconnectReasonCode::PacketTooLarge).await;
                Err(Departure::new("CLIENT_ERROR", reason))
            }
        }
    }

    /// MQTT 5 with QoS 1 gets its reason in the PUBACK and stays connected; every other client is disconnected.
    async fn refuse_publish(
        &mut self,
        packet_id: Option<u16>,
        code: PubackReasonCode,
        reason: String,
    ) -> Step {
        let protocol = self
            .established
            .as_ref()
            .map(|established| established.client.protocol);
        if let (Some(Protocol::V5), Some(id)) = (protocol, packet_id) {
            return self.send(wire::puback(Protocol::V5, id, code)).await;
        }
        let (code, word) = match code {
            PubackReasonCode::NotAuthorized => (DisconnectReasonCode::NotAuthorized, "AUTH_ERROR"),
            _ => (DisconnectReasonCode::TopicNameInvalid, "CLIENT_ERROR"),
        };
        self.say_goodbye(code).await;
        Err(Departure::new(word, reason))
    }

    async fn subscribe(&mut self, packet_id: u16, entries: &[SubEntry], with_id: bool) -> Step {
        let Some(established) = &self.established else {
            return Err(before_connect());
        };
        let protocol = established.client.protocol;
        if with_id {
            self.say_goodbye(DisconnectReasonCode::SubscriptionIdentifiersNotSupported)
                .await;
            return Err(Departure::new(
                "CLIENT_ERROR",
                "subscription identifiers, which AWS IoT Core does not have",
            ));
        }
        if entries.len() > MAX_SUBSCRIBE_ENTRIES {
            self.say_goodbye(DisconnectReasonCode::QuotaExceeded).await;
            let detail = format!(
                "a SUBSCRIBE with {} entries, at most {MAX_SUBSCRIBE_ENTRIES} are allowed",
                entries.len()
            );
            return Err(Departure::new("CLIENT_ERROR", detail));
        }
        let wanted = entries.iter().map(wanted).collect();
        let results = self.shared.broker.subscribe(&established.client, wanted);
        let codes = results.into_iter().map(|result| match result {
            Ok(Qos::AtMostOnce) => SubackReasonCode::GrantedQos0,
            Ok(Qos::AtLeastOnce) => SubackReasonCode::GrantedQos1,
            Err(SubscribeRefused::InvalidFilter) => SubackReasonCode::TopicFilterInvalid,
            Err(SubscribeRefused::NotAuthorized) => SubackReasonCode::NotAuthorized,
            Err(SubscribeRefused::Shared) => SubackReasonCode::SharedSubscriptionsNotSupported,
            Err(SubscribeRefused::Quota) => SubackReasonCode::QuotaExceeded,
        });
        self.send(wire::suback(protocol, packet_id, codes.collect()))
            .await
    }

    async fn unsubscribe(&mut self, packet_id: u16, filters: Vec<String>) -> Step {
        let Some(established) = &self.established else {
            return Err(before_connect());
        };
        let gone = self
            .shared
            .broker
            .unsubscribe(&established.client, &filters);
        let codes = gone.into_iter().map(|gone| match gone {
            true => UnsubackReasonCode::Success,
            false => UnsubackReasonCode::NoSubscriptionExisted,
        });
        self.send(wire::unsuback(
            established.client.protocol,
            packet_id,
            codes.collect(),
        ))
        .await
    }

    async fn acknowledged(&mut self, packet_id: u16) -> Step {
        let Some(established) = &mut self.established else {
            return Err(before_connect());
        };
        established.in_flight = established.in_flight.saturating_sub(1);
        self.shared
            .broker
            .acknowledged(&established.client, packet_id);
        self.deliver().await
    }
}

fn wanted(entry: &SubEntry) -> Wanted {
    let options = entry.sub_opts();
    Wanted {
        filter: entry.topic_filter().to_owned(),
        qos: match options.qos() {
            WireQos::AtMostOnce => Qos::AtMostOnce,
            // QoS 2 is granted as QoS 1, the best there is.
            WireQos::AtLeastOnce | WireQos::ExactlyOnce => Qos::AtLeastOnce,
        },
        no_local: options.nl(),
        retain_as_published: options.rap(),
        send_retained: match options.rh() {
            RetainHandling::SendRetained => SendRetained::Always,
            RetainHandling::SendRetainedIfNotExists => SendRetained::IfNew,
            RetainHandling::DoNotSendRetained => SendRetained::Never,
        },
    }
}

fn before_connect() -> Departure {
    Departure::new("CLIENT_ERROR", "a packet before CONNECT was accepted")
}

fn goodbye() -> Departure {
    Departure {
        send_will: false,
        ..Departure::new("CLIENT_INITIATED_DISCONNECT", "the client sent DISCONNECT")
    }
}

fn goodbye_v5(disconnect: &v5_0::Disconnect) -> Departure {
    let expiry_ms = disconnect
        .props()
        .iter()
        .flatten()
        .find_map(|property| match property {
            Property::SessionExpiryInterval(seconds) => {
                Some((u64::from(seconds.val()) * 1000).min(SESSION_EXPIRY_MS))
            }
            _ => None,
        });
    let with_will =
        disconnect.reason_code() == Some(DisconnectReasonCode::DisconnectWithWillMessage);
    Departure {
        send_will: with_will,
        expiry_ms,
        ..goodbye()
    }
}

//! CONNECT of both protocol versions as one request, and the rules it must keep.

use bytes::Bytes;
use mqtt_protocol_core::mqtt::packet::{Property, Qos as WireQos, v3_1_1, v5_0};
use mqtt_topic::TopicName;

use crate::custom_auth::Login;
use crate::message::{MAX_PAYLOAD_BYTES, Message, Qos};
use crate::wire;

/// Longest client id in bytes. Source: AWS IoT Core quotas, "Client ID size".
pub const MAX_CLIENT_ID_BYTES: usize = 128;
/// How long a persistent session outlives its connection, milliseconds. Source: AWS IoT Core quotas.
pub const SESSION_EXPIRY_MS: u64 = 3_600_000;
/// Most unacknowledged QoS 1 messages towards a client. Source: AWS IoT Core quotas.
pub const MAX_IN_FLIGHT: u16 = 100;

/// The protocol a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// MQTT 3.1.1
    V3,
    /// MQTT 5
    V5,
}

impl Protocol {
    /// For the event log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3 => "3.1.1",
            Self::V5 => "5",
        }
    }
}

/// A message to publish when the connection ends badly.
#[derive(Debug, Clone)]
pub struct Will {
    /// The message.
    pub message: Message,
    /// How long to wait for the client to come back, milliseconds.
    pub delay_ms: u64,
}

/// A CONNECT.
#[derive(Debug, Clone)]
pub struct ConnectRequest {
    /// Which version.
    pub protocol: Protocol,
    /// May be empty in MQTT 5 only.
    pub client_id: String,
    /// Forget an earlier session.
    pub clean_start: bool,
    /// How long the session is to outlive the connection, milliseconds.
    pub expiry_ms: u64,
    /// What the client asked for, seconds.
    pub keep_alive: u16,
    /// Most unacknowledged messages the client takes.
    pub receive_maximum: u16,
    /// The will.
    pub will: Option<Will>,
    /// What a custom authorizer sees of it.
    pub login: Login,
}

/// Why a CONNECT cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unacceptable {
    /// The client id.
    ClientId(String),
    /// The will's topic.
    WillTopic(String),
    /// The will's QoS 2.
    WillQos,
    /// The will's payload.
    WillTooLarge,
}

impl Unacceptable {
    /// For the event log.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::ClientId(why) | Self::WillTopic(why) => why.clone(),
            Self::WillQos => {
                "the will asks for QoS 2, which AWS IoT Core does not have; use QoS 1".into()
            }
            Self::WillTooLarge => "the will's payload is longer than 128 KB".into(),
        }
    }
}

impl ConnectRequest {
    /// Reads an MQTT 3.1.1 CONNECT.
    ///
    /// # Errors
    /// See [`Unacceptable`].
    pub fn from_v3(packet: &v3_1_1::Connect) -> Result<Self, Unacceptable> {
        let will = match packet.will_topic() {
            None => None,
            Some(topic) => {
                let payload = packet.will_payload().unwrap_or_default();
                let message = will(topic, payload, packet.will_qos(), packet.will_retain())?;
                Some(Will {
                    message,
                    delay_ms: 0,
                })
            }
        };
        if packet.client_id().is_empty() {
            return Err(Unacceptable::ClientId(
                "the client id is empty; MQTT 3.1.1 clients must send one, best the thing name"
                    .into(),
            ));
        }
        check_client_id(packet.client_id())?;
        Ok(Self {
            protocol: Protocol::V3,
            client_id: packet.client_id().to_owned(),
            clean_start: packet.clean_session(),
            expiry_ms: if packet.clean_session() {
                0
            } else {
                SESSION_EXPIRY_MS
            },
            keep_alive: packet.keep_alive(),
            receive_maximum: MAX_IN_FLIGHT,
            will,
            login: login(packet.user_name(), packet.password(), packet.client_id()),
        })
    }

    /// Reads an MQTT 5 CONNECT.
    ///
    /// # Errors
    /// See [`Unacceptable`].
    pub fn from_v5(packet: &v5_0::Connect) -> Result<Self, Unacceptable> {
        let (mut expiry_ms, mut receive_maximum) = (0, MAX_IN_FLIGHT);
        for property in packet.props() {
            match property {
                Property::SessionExpiryInterval(seconds) => {
                    expiry_ms = (u64::from(seconds.val()) * 1000).min(SESSION_EXPIRY_MS);
                }
                Property::ReceiveMaximum(most) => receive_maximum = receive_maximum.min(most.val()),
                _ => {}
            }
        }
        let will = match packet.will_topic() {
            None => None,
            Some(topic) => {
                let payload = packet.will_payload().unwrap_or_default();
                let mut message = will(topic, payload, packet.will_qos(), packet.will_retain())?;
                message.properties = wire::read_properties(packet.will_props());
                let delay = packet
                    .will_props()
                    .iter()
                    .find_map(|property| match property {
                        Property::WillDelayInterval(seconds) => {
                            Some(u64::from(seconds.val()) * 1000)
                        }
                        _ => None,
                    });
                Some(Will {
                    message,
                    delay_ms: delay.unwrap_or(0),
                })
            }
        };
        if !packet.client_id().is_empty() {
            check_client_id(packet.client_id())?;
        }
        Ok(Self {
            protocol: Protocol::V5,
            client_id: packet.client_id().to_owned(),
            clean_start: packet.clean_start(),
            expiry_ms,
            keep_alive: packet.keep_alive(),
            receive_maximum,
            will,
            login: login(packet.user_name(), packet.password(), packet.client_id()),
        })
    }

    /// The keep-alive in force, seconds: 1,200 for 0 or more than that, at least 30.
    /// Source: AWS IoT Core quotas, "Maximum/minimum keep-alive interval".
    #[must_use]
    pub fn effective_keep_alive(&self) -> u16 {
        match self.keep_alive {
            0 => 1200,
            asked => asked.clamp(30, 1200),
        }
    }
}

fn login(user_name: Option<&str>, password: Option<&[u8]>, client_id: &str) -> Login {
    Login {
        user_name: user_name.map(str::to_owned),
        password: password.map(Bytes::copy_from_slice),
        client_id: (!client_id.is_empty()).then(|| client_id.to_owned()),
    }
}

fn will(topic: &str, payload: &[u8], qos: WireQos, retain: bool) -> Result<Message, Unacceptable> {
    let topic = TopicName::parse(topic)
        .map_err(|e| Unacceptable::WillTopic(format!("the will's topic: {e}")))?;
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(Unacceptable::WillTooLarge);
    }
    let qos = match qos {
        WireQos::AtMostOnce => Qos::AtMostOnce,
        WireQos::AtLeastOnce => Qos::AtLeastOnce,
        WireQos::ExactlyOnce => return Err(Unacceptable::WillQos),
    };
    Ok(Message {
        qos,
        retain,
        ..Message::new(topic, payload.to_vec())
    })
}

/// Refuses ids that could widen a policy or a topic: AWS warns of `+` in ids with `${iot:ClientId}`; the sandbox is
/// stricter and refuses every character with a meaning in policies or topics.
fn check_client_id(id: &str) -> Result<(), Unacceptable> {
    if id.len() > MAX_CLIENT_ID_BYTES {
        let why = format!(
            "the client id has {} bytes, at most {MAX_CLIENT_ID_BYTES} are allowed",
            id.len()
        );
        return Err(Unacceptable::ClientId(why));
    }
    match id.chars().find(|c| "*?$+#/".contains(*c) || c.is_control()) {
        Some(hostile) => Err(Unacceptable::ClientId(format!(
            "the client id {id:?} holds {hostile:?}, which has a meaning in policies or topics; use the thing name"
        ))),
        None => Ok(()),
    }
}

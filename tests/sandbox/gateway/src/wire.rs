//! Packets for both protocol versions from the broker's types, and back.

use mqtt_protocol_core::mqtt::packet::{
    self as p, ContentType, CorrelationData, MaximumPacketSize, MaximumQos, MessageExpiryInterval, Packet,
    PayloadFormat, PayloadFormatIndicator, Property, ReceiveMaximum, ResponseTopic, RetainAvailable,
    ServerKeepAlive, SessionExpiryInterval, SharedSubscriptionAvailable, SubscriptionIdentifierAvailable,
    TopicAliasMaximum, UserProperty, v3_1_1, v5_0,
};
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, ConnectReturnCode, DisconnectReasonCode, MqttError, PubackReasonCode,
    SubackReasonCode, SubackReturnCode, UnsubackReasonCode,
};

use bytes::Bytes;

use crate::connect::{ConnectRequest, MAX_IN_FLIGHT, Protocol};
use crate::message::{Properties, Qos};
use crate::session::Delivery;

/// Largest MQTT 5 packet in bytes. Source: AWS IoT Core quotas (146 KB).
pub const MAX_PACKET_BYTES: u32 = 146 * 1024;
/// Topic aliases a client may use. Source: AWS IoT developer guide, "MQTT 5 supported features" (8).
const TOPIC_ALIASES: u16 = 8;

type Built = Result<Packet, MqttError>;

/// Reads the properties that are passed on.
#[must_use]
pub fn read_properties(wire: &[Property]) -> Properties {
    let mut read = Properties::default();
    for property in wire {
        match property {
            Property::ContentType(text) => read.content_type = Some(text.val().to_owned()),
            Property::ResponseTopic(text) => read.response_topic = Some(text.val().to_owned()),
            Property::CorrelationData(bytes) => {
                read.correlation_data = Some(Bytes::copy_from_slice(bytes.val()));
            }
            Property::PayloadFormatIndicator(format) => read.payload_is_utf8 = Some(format.val() == 1),
            Property::MessageExpiryInterval(seconds) => read.expiry_seconds = Some(seconds.val()),
            Property::UserProperty(pair) => read.user.push((pair.key().to_owned(), pair.val().to_owned())),
            _ => {}
        }
    }
    read
}

fn write_properties(properties: &Properties, expiry_seconds: Option<u32>) -> Result<p::Properties, MqttError> {
    let mut wire = p::Properties::new();
    if let Some(utf8) = properties.payload_is_utf8 {
        let format = if utf8 { PayloadFormat::String } else { PayloadFormat::Binary };
        wire.push(PayloadFormatIndicator::new(format)?.into());
    }
    if let Some(seconds) = expiry_seconds {
        wire.push(MessageExpiryInterval::new(seconds)?.into());
    }
    if let Some(text) = &properties.content_type {
        wire.push(ContentType::new(text)?.into());
    }
    if let Some(text) = &properties.response_topic {
        wire.push(ResponseTopic::new(text)?.into());
    }
    if let Some(bytes) = &properties.correlation_data {
        wire.push(CorrelationData::new(bytes.to_vec())?.into());
    }
    for (name, value) in &properties.user {
        wire.push(UserProperty::new(name, value)?.into());
    }
    Ok(wire)
}

/// PUBLISH towards a client.
///
/// # Errors
/// When the message cannot be written as MQTT.
pub fn publish(protocol: Protocol, delivery: &Delivery, packet_id: Option<u16>, now_ms: u64) -> Built {
    let message = &delivery.message;
    let qos = match delivery.qos {
        Qos::AtMostOnce => p::Qos::AtMostOnce,
        Qos::AtLeastOnce => p::Qos::AtLeastOnce,
    };
    let duplicate = delivery.sent_as.is_some();
    match protocol {
        Protocol::V3 => {
            let mut builder = v3_1_1::Publish::builder()
                .topic_name(message.topic.as_str())?
                .qos(qos)
                .retain(delivery.retain)
                .dup(duplicate)
                .payload(message.payload.to_vec());
            if let Some(id) = packet_id {
                builder = builder.packet_id(id);
            }
            Ok(builder.build()?.into())
        }
        Protocol::V5 => {
            let left = delivery.expires_ms.map(|end| {
                u32::try_from(end.saturating_sub(now_ms).div_ceil(1000)).unwrap_or(u32::MAX)
            });
            let mut builder = v5_0::Publish::builder()
                .topic_name(message.topic.as_str())?
                .qos(qos)
                .retain(delivery.retain)
                .dup(duplicate)
                .props(write_properties(&message.properties, left)?)
                .payload(message.payload.to_vec());
            if let Some(id) = packet_id {
                builder = builder.packet_id(id);
            }
            Ok(builder.build()?.into())
        }
    }
}

/// CONNACK of an accepted connection, with AWS IoT Core's limits in MQTT 5.
///
/// # Errors
/// Never, as long as the constants are in range.
pub fn accepted(request: &ConnectRequest, session_present: bool, assigned: Option<&str>) -> Built {
    if request.protocol == Protocol::V3 {
        return Ok(v3_1_1::Connack::builder()
            .session_present(session_present)
            .return_code(ConnectReturnCode::Accepted)
            .build()?
            .into());
    }
    let expiry = u32::try_from(request.expiry_ms / 1000).unwrap_or(u32::MAX);
    let mut properties: p::Properties = vec![
        SessionExpiryInterval::new(expiry)?.into(),
        ReceiveMaximum::new(MAX_IN_FLIGHT)?.into(),
        MaximumQos::new(1)?.into(),
        RetainAvailable::new(1)?.into(),
        MaximumPacketSize::new(MAX_PACKET_BYTES)?.into(),
        TopicAliasMaximum::new(TOPIC_ALIASES)?.into(),
        SubscriptionIdentifierAvailable::new(0)?.into(),
        SharedSubscriptionAvailable::new(0)?.into(),
        ServerKeepAlive::new(request.effective_keep_alive())?.into(),
    ];
    if let Some(id) = assigned {
        properties.push(p::AssignedClientIdentifier::new(id)?.into());
    }
    let connack = v5_0::Connack::builder()
        .session_present(session_present)
        .reason_code(ConnectReasonCode::Success)
        .props(properties);
    Ok(connack.build()?.into())
}

/// CONNACK of a refused MQTT 3.1.1 connection.
///
/// # Errors
/// Never.
pub fn refused_v3(code: ConnectReturnCode) -> Built {
    Ok(v3_1_1::Connack::builder().session_present(false).return_code(code).build()?.into())
}

/// CONNACK of a refused MQTT 5 connection.
///
/// # Errors
/// Never.
pub fn refused_v5(code: ConnectReasonCode) -> Built {
    Ok(v5_0::Connack::builder().session_present(false).reason_code(code).build()?.into())
}

/// PUBACK; MQTT 3.1.1 knows no reason code.
///
/// # Errors
/// Never.
pub fn puback(protocol: Protocol, packet_id: u16, code: PubackReasonCode) -> Built {
    match protocol {
        Protocol::V3 => Ok(v3_1_1::Puback::builder().packet_id(packet_id).build()?.into()),
        Protocol::V5 => {
            let mut builder = v5_0::Puback::builder().packet_id(packet_id);
            if code != PubackReasonCode::Success {
                builder = builder.reason_code(code);
            }
            Ok(builder.build()?.into())
        }
    }
}

/// SUBACK; in MQTT 3.1.1 every refusal is 0x80.
///
/// # Errors
/// Never.
pub fn suback(protocol: Protocol, packet_id: u16, codes: Vec<SubackReasonCode>) -> Built {
    match protocol {
        Protocol::V5 => Ok(v5_0::Suback::builder().packet_id(packet_id).reason_codes(codes).build()?.into()),
        Protocol::V3 => {
            let codes = codes.into_iter().map(|code| match code {
                SubackReasonCode::GrantedQos0 => SubackReturnCode::SuccessMaximumQos0,
                SubackReasonCode::GrantedQos1 => SubackReturnCode::SuccessMaximumQos1,
                _ => SubackReturnCode::Failure,
            });
            Ok(v3_1_1::Suback::builder().packet_id(packet_id).return_codes(codes.collect()).build()?.into())
        }
    }
}

/// UNSUBACK.
///
/// # Errors
/// Never.
pub fn unsuback(protocol: Protocol, packet_id: u16, codes: Vec<UnsubackReasonCode>) -> Built {
    match protocol {
        Protocol::V3 => Ok(v3_1_1::Unsuback::builder().packet_id(packet_id).build()?.into()),
        Protocol::V5 => Ok(v5_0::Unsuback::builder().packet_id(packet_id).reason_codes(codes).build()?.into()),
    }
}

/// DISCONNECT from the server, which only MQTT 5 knows.
#[must_use]
pub fn disconnect(protocol: Protocol, code: DisconnectReasonCode) -> Option<Packet> {
    match protocol {
        Protocol::V3 => None,
        Protocol::V5 => Some(v5_0::Disconnect::builder().reason_code(code).build().ok()?.into()),
    }
}

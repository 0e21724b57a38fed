//! Messages as the broker routes them and as it hands them to the rule engine.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use mqtt_topic::TopicName;

/// Longest payload in bytes. Source: AWS IoT Core quotas, "Maximum publish message size".
pub const MAX_PAYLOAD_BYTES: usize = 128 * 1024;

/// Delivery promise; AWS IoT Core has no QoS 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Qos {
    /// QoS 0.
    #[default]
    AtMostOnce,
    /// QoS 1.
    AtLeastOnce,
}

impl Qos {
    /// 0 or 1.
    #[must_use]
    pub fn level(self) -> u8 {
        match self {
            Self::AtMostOnce => 0,
            Self::AtLeastOnce => 1,
        }
    }
}

/// MQTT 5 properties of a message that are passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    /// MIME type or any text.
    pub content_type: Option<String>,
    /// Where an answer is expected.
    pub response_topic: Option<String>,
    /// What an answer must repeat.
    pub correlation_data: Option<Bytes>,
    /// `true` for UTF-8 text, `false` for unspecified bytes.
    pub payload_is_utf8: Option<bool>,
    /// Seconds for which the message is worth delivering.
    pub expiry_seconds: Option<u32>,
    /// Names and values in the publisher's order, repeated names included.
    pub user: Vec<(String, String)>,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub topic: TopicName,
    /// What.
    pub payload: Bytes,
    /// The publisher's promise.
    pub qos: Qos,
    /// Keep it for later subscribers.
    pub retain: bool,
    /// MQTT 5 properties.
    pub properties: Properties,
}

impl Message {
    /// A QoS 0 message without properties.
    #[must_use]
    pub fn new(topic: TopicName, payload: impl Into<Bytes>) -> Self {
        Self {
            topic,
            payload: payload.into(),
            qos: Qos::AtMostOnce,
            retain: false,
            properties: Properties::default(),
        }
    }
}

/// A message that was authorised, as the rule engine sees it.
#[derive(Debug, Clone)]
pub struct PublishedMessage {
    /// The whole topic, the Basic Ingest prefix included.
    pub topic: String,
    /// At most 128 KB.
    pub payload: Bytes,
    /// The MQTT client; none for messages of the service, of a rule or of the HTTP API.
    pub client_id: Option<String>,
    /// The certificate's id or the custom authorizer's `principalId`; none where the publisher is no client.
    pub principal: Option<String>,
    /// The publisher's address.
    pub source_ip: Option<IpAddr>,
    /// Epoch milliseconds of the injected clock.
    pub received_at_ms: u64,
    /// A UUID of its own for each message.
    pub trace_id: String,
    /// The publisher's promise.
    pub qos: Qos,
    /// The publisher's RETAIN flag.
    pub retain: bool,
    /// MQTT 5 properties.
    pub properties: Properties,
    /// The rule of a Basic Ingest topic `$aws/rules/<rule>/…`: only that rule gets the message.
    pub basic_ingest_rule: Option<String>,
}

/// Where authorised messages go besides the subscribers: the rule engine.
pub trait Inbound: Send + Sync {
    /// Takes a message. The publisher gets its acknowledgement when this returns, so an implementation must have put the
    /// message into safe hands by then. It is called without any lock held and may call [`crate::Gateway::publish`].
    fn published(&self, message: PublishedMessage);
}

/// Drops everything.
impl Inbound for () {
    fn published(&self, _: PublishedMessage) {}
}

impl<T: Inbound + ?Sized> Inbound for Arc<T> {
    fn published(&self, message: PublishedMessage) {
        (**self).published(message);
    }
}

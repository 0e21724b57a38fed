//! What AWS IoT asks: the authorizer's event, as far as a decision needs it.
//!
//! Own types instead of `aws_lambda_events`: there, a password that is `null` or no base64, or a missing
//! `signatureVerified`, is an error of the function instead of a refusal with its reason. The contract tests read the same
//! files with both.
//!
//! Source: AWS IoT developer guide, "Defining your Lambda function" (custom authentication).

use std::{borrow::Cow, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Someone who wants to connect, publish over HTTPS, or stay connected.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'e> {
    /// What stood under the authorizer's `tokenKeyName`.
    #[serde(borrow, default)]
    pub token: Option<Cow<'e, str>>,
    /// True only if token signing is enabled and AWS IoT found the signature good.
    #[serde(default)]
    pub signature_verified: Option<bool>,
    /// One member for each protocol of the connection.
    #[serde(borrow, default, deserialize_with = "object")]
    pub protocol_data: ProtocolData<'e>,
    /// The connection.
    #[serde(borrow, default, deserialize_with = "optional_object")]
    pub connection_metadata: Option<ConnectionMetadata<'e>>,
}

/// What each protocol of the connection said.
#[derive(Deserialize, Default)]
pub struct ProtocolData<'e> {
    /// TLS.
    #[serde(borrow, default, deserialize_with = "optional_object")]
    pub tls: Option<Tls<'e>>,
    /// The HTTPS request, or the one that became a WebSocket.
    #[serde(borrow, default, deserialize_with = "optional_object")]
    pub http: Option<Http<'e>>,
    /// MQTT's CONNECT.
    #[serde(borrow, default, deserialize_with = "optional_object")]
    pub mqtt: Option<Mqtt<'e>>,
}

/// The TLS handshake.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls<'e> {
    /// The id of the client's certificate, where the authorizer comes on top of one.
    #[serde(borrow, default)]
    pub principal_id: Option<Cow<'e, str>>,
}

/// An HTTP request.
#[derive(Deserialize)]
pub struct Http<'e> {
    /// The headers.
    #[serde(borrow, default)]
    pub headers: Headers<'e>,
}

/// MQTT's CONNECT.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mqtt<'e> {
    /// The password in base64.
    #[serde(borrow, default)]
    pub password: Option<Cow<'e, str>>,
    /// The client id, if the device sent one.
    #[serde(borrow, default)]
    pub client_id: Option<Cow<'e, str>>,
}

/// The connection.
#[derive(Deserialize)]
pub struct ConnectionMetadata<'e> {
    /// A UUID.
    #[serde(borrow, default)]
    pub id: Option<Cow<'e, str>>,
}

/// HTTP headers in their order: a name may come twice, and in any case.
#[derive(Default)]
pub struct Headers<'e>(Vec<(Cow<'e, str>, Cow<'e, str>)>);

impl Headers<'_> {
    /// The values of every header of this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self
            .0
            .iter()
            .filter(move |(its, _)| its.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }
}

impl<'de: 'e, 'e> Deserialize<'de> for Headers<'e> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Headers<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Text(name), Text(value))) = map.next_entry()? {
                    pairs.push((name, value));
                }
                Ok(Headers(pairs))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Headers::default())
            }
        }
        deserializer.deserialize_any(Pairs)
    }
}

/// An object and nothing else: serde would take a list for one, its elements for the members in their order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| value)
}

fn optional_object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let found = Option::<Object<T>>::deserialize(deserializer)?;
    Ok(found.map(|Object(value)| value))
}

/// A text that is borrowed where the JSON has it without escapes.
#[derive(Deserialize)]
struct Text<'e>(#[serde(borrow)] Cow<'e, str>);

impl<'e> Event<'e> {
    /// Reads an event. Nothing if it is not one: AWS IoT sends no such thing, so nobody is to be told more.
    #[must_use]
    pub fn read(json: &'e str) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let event = object(&mut reader).ok()?;
        reader.end().ok()?;
        Some(event)
    }

    /// The MQTT client id, if there is one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.protocol_data.mqtt.as_ref()?.client_id.as_deref()
    }

    /// The id of the certificate that the client holds, if there is one.
    #[must_use]
    pub fn certificate_id(&self) -> Option<&str> {
        self.protocol_data.tls.as_ref()?.principal_id.as_deref()
    }

    /// The id of the connection, if it is a UUID: for logs.
    #[must_use]
    pub fn connection_id(&self) -> Option<&str> {
        let id = self.connection_metadata.as_ref()?.id.as_deref()?;
        let like_a_uuid = id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        like_a_uuid.then_some(id)
    }
}

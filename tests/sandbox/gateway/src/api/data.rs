//! The data plane over HTTP: service names `iotdata` and `iotdevicegateway`.
//!
//! Source of paths and parameters: the service model of AWS IoT Data Plane, as in aws-sdk-iotdataplane 1.120.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use mqtt_topic::TopicName;
use serde_json::{Value, json};

use super::request::Request;
use super::{Api, response};
use crate::message::{MAX_PAYLOAD_BYTES, Message, Properties, Qos};
use crate::registry::Refusal;
use crate::retained::Retained;

impl Api {
    /// Answers a request to the data plane.
    #[must_use]
    pub(crate) fn iot_data(&self, request: http::Request<Bytes>) -> Response<Bytes> {
        let request = Request::new(request);
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        let answer = match (request.method.as_str(), path.as_slice()) {
            ("POST", ["topics", topic @ ..]) if request.body.len() > MAX_PAYLOAD_BYTES => {
                let message = format!("the payload for {} is longer than 128 KB", topic.join("/"));
                let body = json!({ "message": message });
                return response::error(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLargeException",
                    &body,
                );
            }
            ("POST", ["topics", topic @ ..]) => self.publish(&topic.join("/"), &request),
            ("GET", ["retainedMessage"]) => self.list_retained_messages(&request),
            ("GET", ["retainedMessage", topic @ ..]) => self.get_retained_message(&topic.join("/")),
            ("DELETE", ["connections", client_id]) => self.delete_connection(client_id, &request),
            (method, path) => Err(self.count_unsupported(&missing(method, path))),
        };
        match answer {
            Ok(body) => response::json(StatusCode::OK, &body),
            Err(refusal) => response::refusal(&refusal),
        }
    }

    fn publish(&self, topic: &str, request: &Request) -> super::Answer {
        self.broker.inject(message(topic, request)?);
        Ok(published())
    }

    fn list_retained_messages(&self, request: &Request) -> super::Answer {
        let all: Vec<_> = self.broker.retained().iter().map(summary).collect();
        let (page, next) = request.page(all, "nextToken", "maxResults", 100)?;
        Ok(json!({ "retainedTopics": page, "nextToken": next }))
    }

    fn get_retained_message(&self, topic: &str) -> super::Answer {
        let kept = self.broker.retained_on(topic);
        let kept =
            kept.ok_or_else(|| Refusal::NotFound(format!("no message is retained on {topic}")))?;
        let mut answer = summary(&kept);
        if let Some(map) = answer.as_object_mut() {
            map.remove("payloadSize");
            map.insert(
                "payload".into(),
                STANDARD.encode(&kept.message.payload).into(),
            );
            let user = &kept.message.properties.user;
            if !user.is_empty() {
                let pairs: Vec<_> = user
                    .iter()
                    .map(|(name, value)| json!({ name: value }))
                    .collect();
                map.insert(
                    "userProperties".into(),
                    STANDARD.encode(Value::from(pairs).to_string()).into(),
                );
            }
        }
        Ok(answer)
    }

    fn delete_connection(&self, client_id: &str, request: &Request) -> super::Answer {
        if client_id.starts_with('$') {
            return Err(Refusal::InvalidRequest(
                "a client id must not begin with `$`".into(),
            ));
        }
        let (clean, prevent) = (
            request.flag("cleanSession")?,
            request.flag("preventWillMessage")?,
        );
        match self.broker.end_client(client_id, clean, prevent) {
            true => Ok(json!({})),
            false => Err(Refusal::NotFound(format!(
                "client {client_id} is not connected"
            ))),
        }
    }
}

/// The message of a `POST /topics/<topic>`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub(crate) fn published_message(request: http::Request<Bytes>) -> Result<Message, Refusal> {
    let request = Request::new(request);
    let topic = request.path.iter().skip(1).map(String::as_str);
    message(&topic.collect::<Vec<_>>().join("/"), &request)
}

/// The answer to a message that was taken.
#[must_use]
pub(crate) fn published() -> Value {
    json!({ "message": "OK", "traceId": uuid::Uuid::new_v4().to_string() })
}

fn message(topic: &str, request: &Request) -> Result<Message, Refusal> {
    let topic =
        TopicName::parse(topic).map_err(|e| Refusal::InvalidRequest(format!("topic: {e}")))?;
    let qos = match request.number("qos")? {
        None | Some(0) => Qos::AtMostOnce,
        Some(1) => Qos::AtLeastOnce,
        Some(other) => {
            return Err(Refusal::InvalidRequest(format!(
                "qos {other} must be 0 or 1"
            )));
        }
    };
    Ok(Message {
        topic,
        payload: request.body.clone(),
        qos,
        retain: request.flag("retain")?,
        properties: properties(request)?,
    })
}

fn summary(kept: &Retained) -> Value {
    json!({
        "topic": kept.message.topic.as_str(),
        "payloadSize": kept.message.payload.len(),
        "qos": kept.message.qos.level(),
        "lastModifiedTime": kept.stored_ms,
    })
}

fn properties(request: &Request) -> Result<Properties, Refusal> {
    let invalid = |what: &str| Refusal::InvalidRequest(format!("{what} cannot be read"));
    let expiry = request
        .number("messageExpiry")?
        .map(u32::try_from)
        .transpose();
    let correlation_data = match request.header("x-amz-mqtt5-correlation-data") {
        None => None,
        Some(text) => Some(
            STANDARD
                .decode(text)
                .map_err(|_| invalid("correlationData"))?
                .into(),
        ),
    };
    let user = match request.header("x-amz-mqtt5-user-properties") {
        None => Vec::new(),
        Some(text) => {
            let bytes = STANDARD
                .decode(text)
                .map_err(|_| invalid("userProperties"))?;
            let pairs: Vec<std::collections::BTreeMap<String, String>> =
                serde_json::from_slice(&bytes).map_err(|_| invalid("userProperties"))?;
            pairs.into_iter().flatten().collect()
        }
    };
    Ok(Properties {
        content_type: request.query("contentType").map(str::to_owned),
        response_topic: request.query("responseTopic").map(str::to_owned),
        correlation_data,
        payload_is_utf8: match request.header("x-amz-mqtt5-payload-format-indicator") {
            None => None,
            Some("UTF8_DATA") => Some(true),
            Some("UNSPECIFIED_BYTES") => Some(false),
            Some(_) => return Err(invalid("payloadFormatIndicator")),
        },
        expiry_seconds: expiry.map_err(|_| invalid("messageExpiry"))?,
        user,
    })
}

fn missing(method: &str, path: &[&str]) -> String {
    match (method, path) {
        ("GET", ["things", _, "shadow"]) => "iotdata:GetThingShadow".into(),
        ("POST", ["things", _, "shadow"]) => "iotdata:UpdateThingShadow".into(),
        ("DELETE", ["things", _, "shadow"]) => "iotdata:DeleteThingShadow".into(),
        ("GET", ["api", "things", "shadow", "ListNamedShadowsForThing", _]) => {
            "iotdata:ListNamedShadowsForThing".into()
        }
        ("GET", ["connections", _]) => "iotdata:GetConnection".into(),
        ("GET", ["connections", _, "subscriptions"]) => "iotdata:ListSubscriptions".into(),
        (_, path) => format!("the iotdata operation behind {method} /{}", path.join("/")),
    }
}

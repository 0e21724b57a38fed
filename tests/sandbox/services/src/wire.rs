//! The two wire protocols: AWS JSON (1.0 and 1.1) and AWS query with XML answers.

mod params;
mod xml;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) use params::Params;
pub(crate) use xml::Xml;

use crate::api_error::ApiError;

pub(crate) const JSON_1_0: &str = "application/x-amz-json-1.0";
pub(crate) const JSON_1_1: &str = "application/x-amz-json-1.1";

/// How a service words its answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    /// AWS JSON, operation in `X-Amz-Target`.
    Json {
        /// [`JSON_1_0`] or [`JSON_1_1`].
        content_type: &'static str,
        /// Stands before `#` in `__type`; empty for none.
        namespace: &'static str,
        /// `message` or `Message`.
        message_key: &'static str,
        /// Repeat the code in `x-amzn-query-error`, as a service that came from the query protocol does.
        query_compatible: bool,
    },
    /// `application/x-www-form-urlencoded` in, XML out.
    Query {
        /// Namespace of the answer's root element.
        xmlns: &'static str,
    },
}

pub(crate) const DYNAMODB: Protocol = Protocol::Json {
    content_type: JSON_1_0,
    namespace: "com.amazonaws.dynamodb.v20120810",
    message_key: "message",
    query_compatible: false,
};
pub(crate) const SQS: Protocol = Protocol::Json {
    content_type: JSON_1_0,
    namespace: "com.amazonaws.sqs",
    message_key: "message",
    query_compatible: true,
};
pub(crate) const SSM: Protocol = Protocol::Json {
    content_type: JSON_1_1,
    namespace: "",
    message_key: "message",
    query_compatible: false,
};
pub(crate) const TIMESTREAM: Protocol = Protocol::Json {
    content_type: JSON_1_0,
    namespace: "com.amazonaws.timestream.v20181101",
    message_key: "Message",
    query_compatible: false,
};
pub(crate) const SNS: Protocol = Protocol::Query {
    xmlns: "http://sns.amazonaws.com/doc/2010-03-31/",
};
pub(crate) const STS: Protocol = Protocol::Query {
    xmlns: "https://sts.amazonaws.com/doc/2011-06-15/",
};

impl Protocol {
    /// The protocol an unknown service most likely speaks.
    pub(crate) fn guess(headers: &HeaderMap) -> Self {
        if headers.contains_key("x-amz-target") {
            Self::Json {
                content_type: JSON_1_0,
                namespace: "",
                message_key: "message",
                query_compatible: false,
            }
        } else {
            Self::Query { xmlns: "" }
        }
    }

    /// An error answer.
    pub(crate) fn error(self, error: &ApiError) -> Response<Bytes> {
        match self {
            Self::Json {
                content_type,
                namespace,
                message_key,
                query_compatible,
            } => {
                let shape = if query_compatible {
                    shape_name(&error.code)
                } else {
                    &error.code
                };
                let kind = if namespace.is_empty() {
                    shape.to_owned()
                } else {
                    format!("{namespace}#{shape}")
                };
                let mut body = Map::new();
                body.insert("__type".to_owned(), Value::String(kind));
                body.insert(message_key.to_owned(), Value::String(error.message.clone()));
                body.extend(error.members.clone());
                let body = Value::Object(body).to_string();
                let mut response = answer(error.status, content_type, &request_id(), body);
                if query_compatible {
                    let fault = if error.status < 500 {
                        "Sender"
                    } else {
                        "Receiver"
                    };
                    if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", error.code)) {
                        response.headers_mut().insert("x-amzn-query-error", value);
                    }
                }
                response
            }
            Self::Query { xmlns } => {
                let mut xml = Xml::new("ErrorResponse", xmlns);
                xml.open("Error");
                xml.text(
                    "Type",
                    if error.status < 500 {
                        "Sender"
                    } else {
                        "Receiver"
                    },
                );
                xml.text("Code", &error.code);
                xml.text("Message", &error.message);
                xml.close();
                let id = request_id();
                xml.text("RequestId", &id);
                answer(error.status, "text/xml", &id, xml.finish())
            }
        }
    }

    /// A query answer: `<OpResponse><OpResult>…</OpResult><ResponseMetadata>…`.
    pub(crate) fn result(
        xmlns: &'static str,
        operation: &str,
        fill: impl FnOnce(&mut Xml),
    ) -> Response<Bytes> {
        let mut xml = Xml::new(&format!("{operation}Response"), xmlns);
        xml.open(&format!("{operation}Result"));
        fill(&mut xml);
        xml.close();
        xml.open("ResponseMetadata");
        let id = request_id();
        xml.text("RequestId", &id);
        xml.close();
        answer(200, "text/xml", &id, xml.finish())
    }
}

/// The JSON shape of an error code of the former query protocol.
fn shape_name(code: &str) -> &str {
    match code {
        "AWS.SimpleQueueService.NonExistentQueue" => "QueueDoesNotExist",
        "QueueAlreadyExists" => "QueueNameExists",
        code => code.rsplit_once('.').map_or(code, |(_, shape)| shape),
    }
}

/// A JSON answer.
pub(crate) fn json_response(status: u16, body: String) -> Response<Bytes> {
    answer(status, JSON_1_0, &request_id(), body)
}

/// An answer in JSON 1.1.
pub(crate) fn json_1_1_response(status: u16, body: String) -> Response<Bytes> {
    answer(status, JSON_1_1, &request_id(), body)
}

/// Reads a JSON request; an unknown member is refused by name.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        if text.starts_with("unknown field") {
            ApiError::unsupported(
                "ValidationException",
                format!("a member of the request: {text}"),
            )
        } else {
            ApiError::validation(text)
        }
    })
}

fn answer(
    status: u16,
    content_type: &'static str,
    request_id: &str,
    body: String,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// A fresh request id.
pub(crate) fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// The operation a request asks for: after the dot of `X-Amz-Target`, or the form's `Action`. Empty if it names none.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        let target = target.to_str().unwrap_or_default();
        return target
            .rsplit_once('.')
            .map_or(target, |(_, operation)| operation)
            .to_owned();
    }
    let query = request.uri().query().unwrap_or_default().as_bytes();
    form_urlencoded::parse(request.body())
        .chain(form_urlencoded::parse(query))
        .find_map(|(key, value)| (key == "Action").then(|| value.into_owned()))
        .unwrap_or_default()
}

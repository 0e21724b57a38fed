//! Refusals over HTTP.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::api;
use crate::registry::Refusal;

/// Why a request is not served, as the client is told.
#[derive(Debug)]
pub(super) struct Rejection {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Whether the connection ends with it.
    closes: bool,
}

impl Rejection {
    /// With a status of HTTP and an operator's text.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            closes: false,
        }
    }

    /// The same for every reason that has to do with who the client is: it is told no other.
    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden")
    }

    /// The connection ends with it.
    pub(super) fn closing(self) -> Self {
        Self {
            closes: true,
            ..self
        }
    }

    /// The answer.
    pub(super) fn response(&self) -> Response<Bytes> {
        let trace = uuid::Uuid::new_v4().to_string();
        let body = json!({ "message": self.message, "traceId": trace });
        let mut response = api::error(self.status, self.code, &body);
        let headers = response.headers_mut();
        if self.closes {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status == StatusCode::UPGRADE_REQUIRED {
            let version = HeaderValue::from_static("13");
            headers.insert(header::SEC_WEBSOCKET_VERSION, version);
        }
        response
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status(), refusal.code(), refusal.message())
    }
}

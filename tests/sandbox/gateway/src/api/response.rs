//! Answers of a REST API.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::registry::Refusal;

/// A JSON answer.
#[must_use]
pub fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let request_id = uuid::Uuid::new_v4().to_string();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    response
}

/// A refusal with the code in the header `x-amzn-ErrorType`, as AWS IoT sends it.
#[must_use]
pub fn refusal(refusal: &Refusal) -> Response<Bytes> {
    error(refusal.status(), refusal.code(), &error_body(refusal))
}

/// An error with any code and body.
#[must_use]
pub fn error(status: StatusCode, code: &'static str, body: &Value) -> Response<Bytes> {
    let mut response = json(status, body);
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}

fn error_body(refusal: &Refusal) -> Value {
    match refusal {
        Refusal::AlreadyExists { message, id, arn } => {
            json!({ "message": message, "resourceId": id, "resourceArn": arn })
        }
        other => json!({ "message": other.message() }),
    }
}

/// Epoch seconds with fractions, as AWS's JSON has timestamps.
#[must_use]
pub fn timestamp(ms: u64) -> Value {
    // Exact up to the year 287396, where f64 runs out of whole milliseconds.
    Value::from(ms as f64 / 1000.0)
}

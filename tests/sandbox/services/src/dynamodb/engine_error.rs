//! The engine's errors in the shape all services share.
//!
//! The engine's readers mark the error class in the text of a serde error; these are the marks its own HTTP server
//! resolves. They must never reach a caller.

use dynoxide::DynoxideError;
use serde_json::{Map, Value};

use crate::api_error::ApiError;

/// Turns an engine error into the answer `operation` gives.
pub(crate) fn translate(operation: &str, error: DynoxideError) -> ApiError {
    let error = match error {
        DynoxideError::EnvelopedValidation(text)
            if matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem") =>
        {
            DynoxideError::ValidationException(format!("1 validation error detected: {text}"))
        }
        error => error,
    };
    let status = error.status_code();
    let mut members: Map<String, Value> =
        serde_json::from_str(&error.to_json()).unwrap_or_default();
    let kind = members
        .remove("__type")
        .and_then(|kind| kind.as_str().map(str::to_owned))
        .unwrap_or_default();
    let code = kind
        .rsplit_once('#')
        .map_or(kind.as_str(), |(_, code)| code)
        .to_owned();
    let message = ["message", "Message"]
        .iter()
        .find_map(|key| members.remove(*key));
    let message = message
        .and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or_else(|| error.to_string());
    if matches!(error, DynoxideError::UnsupportedCapability(_)) {
        return ApiError::unsupported("ValidationException", message);
    }
    ApiError {
        status,
        code,
        message,
        members,
        unsupported: false,
    }
}

/// Makes an error of one class from its text.
type Class = fn(String) -> DynoxideError;

/// A request the engine could not read.
pub(crate) fn unreadable(operation: &str, error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    let marks: [(&str, Class, bool); 5] = [
        (
            "SERIALIZATION_AS_READ:",
            DynoxideError::SerializationException,
            false,
        ),
        (
            "VALIDATION_AS_READ:",
            DynoxideError::ValidationException,
            false,
        ),
        (
            "SERIALIZATION:",
            DynoxideError::SerializationException,
            true,
        ),
        (
            "VALIDATION_REQUEST:",
            DynoxideError::EnvelopedValidation,
            true,
        ),
        ("VALIDATION:", DynoxideError::ValidationException, true),
    ];
    for (mark, class, positioned) in marks {
        if let Some(rest) = text.strip_prefix(mark) {
            let rest = if positioned {
                without_position(rest)
            } else {
                rest
            };
            return translate(operation, class(rest.to_owned()));
        }
    }
    let validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ];
    let class = if validation.iter().any(|part| text.contains(part)) {
        DynoxideError::ValidationException
    } else {
        DynoxideError::SerializationException
    };
    translate(operation, class(without_position(&text).to_owned()))
}

/// serde_json appends ` at line 1 column 2`.
fn without_position(text: &str) -> &str {
    text.rsplit_once(" at line ").map_or(text, |(text, _)| text)
}

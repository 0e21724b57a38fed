//! Why an invocation was not accepted, and how the Lambda API says so.

use std::error::Error;
use std::fmt;

use http::StatusCode;

/// Why an invocation was refused before or lost after the function ran. A function that fails is not an
/// error of the invocation: see [`Outcome`](crate::Outcome).
#[derive(Debug)]
#[non_exhaustive]
pub enum InvokeError {
    /// No such function, or a qualifier other than `$LATEST`.
    FunctionNotFound {
        /// What was looked for.
        arn: String,
    },
    /// The text is neither a function name nor an ARN of one.
    InvalidFunctionName(String),
    /// A header or parameter has a value Lambda refuses.
    InvalidParameter(String),
    /// All instances the function may have are busy.
    Throttled,
    /// The payload is above the limit in bytes.
    RequestTooLarge {
        /// 6,291,456 for synchronous, 1,048,576 for asynchronous invocations.
        limit: usize,
    },
    /// The payload is not JSON.
    InvalidRequestContent(serde_json::Error),
    /// The function ran, but its answer was lost on purpose ([`Faults::lose_response`](crate::Faults::lose_response)).
    ResponseLost,
    /// The host is shutting down.
    ShuttingDown,
    /// An operation of the Lambda API that the sandbox does not offer.
    UnsupportedOperation(String),
}

impl InvokeError {
    /// HTTP status, error code, and whether AWS spells the member `Message` rather than `message`.
    pub(crate) fn wire(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::FunctionNotFound { .. } => (
                StatusCode::NOT_FOUND,
                "ResourceNotFoundException",
                "Message",
            ),
            Self::InvalidFunctionName(_) => {
                (StatusCode::BAD_REQUEST, "ValidationException", "message")
            }
            Self::InvalidParameter(_) => (
                StatusCode::BAD_REQUEST,
                "InvalidParameterValueException",
                "message",
            ),
            Self::Throttled => (
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                "message",
            ),
            Self::RequestTooLarge { .. } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                "message",
            ),
            Self::InvalidRequestContent(_) => (
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                "message",
            ),
            Self::ResponseLost | Self::ShuttingDown => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "ServiceException",
                "Message",
            ),
            Self::UnsupportedOperation(_) => (
                StatusCode::BAD_REQUEST,
                "SandboxUnsupportedOperation",
                "message",
            ),
        }
    }
}

impl fmt::Display for InvokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FunctionNotFound { arn } => write!(f, "Function not found: {arn}"),
            Self::InvalidFunctionName(name) => write!(
                f,
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: \
                 Member must be a function name, name:qualifier or function ARN"
            ),
            Self::InvalidParameter(message) => f.write_str(message),
            Self::Throttled => f.write_str("Rate Exceeded."),
            Self::RequestTooLarge { limit } => write!(
                f,
                "Request must be smaller than {limit} bytes for the InvokeFunction operation"
            ),
            Self::InvalidRequestContent(source) => {
                write!(f, "Could not parse request body into json: {source}")
            }
            Self::ResponseLost => {
                f.write_str("the function's response was lost (fault injected by the sandbox)")
            }
            Self::ShuttingDown => f.write_str("the sandbox is shutting down"),
            Self::UnsupportedOperation(what) => write!(
                f,
                "the sandbox's Lambda offers Invoke, ListFunctions and GetFunctionConfiguration, not {what}"
            ),
        }
    }
}

impl Error for InvokeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::InvalidRequestContent(source) => Some(source),
            _ => None,
        }
    }
}

//! One reading of the SDK's errors: what failed, and whether trying again can help. What a service answers is cut down
//! to its code and request id, because its messages and bodies may repeat what was sent.

use std::{error::Error, fmt};

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ConnectorError, DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use sci_domain::ports::{FailureKind, PortFailure};

/// Codes that mean "slower". Sources: the services' API references, "Common Errors" and the operations' errors.
const THROTTLES: [&str; 13] = [
    "InternalServerErrorThrottled",
    "KMSThrottling",
    "KMSThrottlingException",
    "KmsThrottled",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "Throttled",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
];

/// Codes below HTTP status 500 that pass by themselves.
const PASSING: [&str; 8] = [
    "ExpiredTokenException",
    "InternalServerError",
    "InvalidEndpointException",
    "ReplicatedWriteConflictException",
    "RequestTimeout",
    "RequestTimeoutException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Codes whose messages name only principals, actions and resources, and which nobody can repair without them.
const SPEAKING: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "NotFound",
    "ResourceNotFoundException",
];

/// What a call to AWS came to.
#[derive(Debug)]
enum CallFailure {
    /// The service answered with an error.
    Answered {
        code: String,
        status: u16,
        request_id: String,
        message: Option<String>,
    },
    /// No answer, or none that could be read.
    NotAnswered(&'static str, Option<String>),
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered {
                code,
                status,
                request_id,
                message,
            } => {
                write!(
                    f,
                    "the service answered {code} (status {status}, request {request_id})"
                )?;
                message
                    .as_ref()
                    .map_or(Ok(()), |message| write!(f, ": {message}"))
            }
            Self::NotAnswered(what, why) => {
                f.write_str(what)?;
                why.as_ref().map_or(Ok(()), |why| write!(f, ": {why}"))
            }
        }
    }
}

impl Error for CallFailure {}

/// Whether trying again can help, by the code of a service's answer and its HTTP status.
pub(crate) fn kind_of(code: &str, status: u16) -> FailureKind {
    if THROTTLES.contains(&code) {
        FailureKind::Throttled
    } else if PASSING.contains(&code) || status >= 500 {
        FailureKind::Unavailable
    } else {
        FailureKind::Misconfigured
    }
}

/// Turns an SDK error into a port's failure.
pub fn failure<E>(operation: &'static str, error: SdkError<E>) -> PortFailure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    SdkError<E, HttpResponse>: RequestId,
{
    let request_id = error.request_id().unwrap_or("unknown").to_owned();
    let (kind, source) = match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let code = context.err().code().unwrap_or("no error code").to_owned();
            let speaks = SPEAKING.contains(&code.as_str());
            let message = context.err().message().filter(|_| speaks);
            let answered = CallFailure::Answered {
                message: message.map(ToOwned::to_owned),
                code: code.clone(),
                status,
                request_id,
            };
            (kind_of(&code, status), answered)
        }
        SdkError::TimeoutError(_) => (
            FailureKind::Unavailable,
            CallFailure::NotAnswered("no answer in time", None),
        ),
        SdkError::DispatchFailure(dispatch) => {
            let connector = dispatch.as_connector_error();
            // A wrong endpoint, as opposed to a network that fails.
            let user = connector.is_some_and(ConnectorError::is_user);
            let kind = if user {
                FailureKind::Misconfigured
            } else {
                FailureKind::Unavailable
            };
            let why = connector.map(|error| DisplayErrorContext(error).to_string());
            (kind, CallFailure::NotAnswered("no connection", why))
        }
        SdkError::ResponseError(_) => (
            FailureKind::Unavailable,
            CallFailure::NotAnswered("an answer that cannot be read", None),
        ),
        SdkError::ConstructionFailure(_) => (
            FailureKind::Misconfigured,
            CallFailure::NotAnswered(
                "the request could not be built: check region, credentials and endpoint",
                None,
            ),
        ),
        _ => (
            FailureKind::Unavailable,
            CallFailure::NotAnswered("an unknown error", None),
        ),
    };
    PortFailure {
        operation,
        kind,
        source: Box::new(source),
    }
}

/// A failure that the call itself did not report.
pub fn other(
    operation: &'static str,
    kind: FailureKind,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> PortFailure {
    PortFailure {
        operation,
        kind,
        source: source.into(),
    }
}

/// A failure that somebody must repair.
pub fn misconfigured(
    operation: &'static str,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> PortFailure {
    other(operation, FailureKind::Misconfigured, source)
}

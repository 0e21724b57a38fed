//! The composition: one entry for every request, with faults, counting and the call log around it.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};

use crate::{
    api_error::ApiError,
    calls::{self, Call, CallLog},
    config::Config,
    dynamodb::DynamoDb,
    faults::{FaultKind, Faults},
    sns::{PublishedMessage, Sns},
    sqs::Sqs,
    ssm::Ssm,
    sts,
    timestream::Timestream,
    unsupported::Unsupported,
    wire::{self, Protocol},
};

/// Marks, as an extension of the answer, that the reply is lost: a listener closes the connection instead of
/// sending it. A listener that does not look sends an HTTP 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLost;

/// Why the services could not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// `endpoint_base` is not usable; the text says how it must look.
    EndpointBase(String),
    /// An embedded database could not be opened.
    Storage(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndpointBase(text) => f.write_str(text),
            Self::Storage(_) => f.write_str("open an embedded in-memory database"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::EndpointBase(_) => None,
            Self::Storage(source) => Some(source.as_ref()),
        }
    }
}

/// The running services. Clones share everything.
#[derive(Clone)]
pub struct Services(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) dynamodb: DynamoDb,
    pub(crate) sqs: Arc<Sqs>,
    pub(crate) sns: Sns,
    pub(crate) ssm: Ssm,
    pub(crate) timestream: Timestream,
    config: Arc<Config>,
    faults: Faults,
    calls: CallLog,
    unsupported: Unsupported,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

impl Services {
    /// Starts empty services. Queues need a tokio runtime, so requests must be handled inside one.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(config: Config) -> Result<Self, StartError> {
        let (host, port) = config.host_and_port().map_err(StartError::EndpointBase)?;
        let config = Arc::new(config);
        let sqs = Arc::new(Sqs::new(&config, host, port));
        Ok(Self(Arc::new(Parts {
            dynamodb: DynamoDb::new(Arc::clone(&config))
                .map_err(|error| StartError::Storage(error.into()))?,
            sns: Sns::new(Arc::clone(&config), Arc::clone(&sqs)),
            ssm: Ssm::new(Arc::clone(&config)),
            timestream: Timestream::new(Arc::clone(&config))
                .map_err(|error| StartError::Storage(error.into()))?,
            sqs,
            config,
            faults: Faults::default(),
            calls: CallLog::default(),
            unsupported: Unsupported::default(),
        })))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// Answers a request. `service` is the service name of its credential scope: `dynamodb`, `sqs`, `sns`,
    /// `ssm`, `timestream` (write and query) or `sts`. Signatures are not checked.
    ///
    /// Never fails and never panics on input: what is wrong or unsupported is an error answer in the service's own
    /// format.
    pub async fn handle(&self, service: &str, request: Request<Bytes>) -> Response<Bytes> {
        let parts = self.parts();
        let operation = wire::operation(&request);
        let mut call = Call {
            at_ms: parts.config.now_ms(),
            service: service.to_owned(),
            operation: operation.clone(),
            status: 0,
            fault: None,
            user_agent: calls::user_agent(request.headers()),
            access_key_id: calls::access_key_id(request.headers()),
        };
        let protocol = protocol(service).unwrap_or_else(|| Protocol::guess(request.headers()));
        let fault = parts.faults.next(service, &operation);
        call.fault = fault.as_ref().map(FaultKind::name);
        let outcome = parts
            .under_fault(service, &operation, request.into_body(), fault.as_ref())
            .await;
        let mut response = outcome.unwrap_or_else(|error| {
            if error.unsupported {
                parts.unsupported.count(service, &operation);
            }
            protocol.error(&error)
        });
        if fault == Some(FaultKind::LostReply) {
            response = protocol.error(&internal_error(service));
            response.extensions_mut().insert(ConnectionLost);
        }
        call.status = response.status().as_u16();
        parts.calls.push(call);
        response
    }

    /// Injects and withdraws faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.0.faults.clone()
    }

    /// Every request answered so far, in the order of their answers.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.list()
    }

    /// Empties the call log.
    pub fn clear_calls(&self) {
        self.0.calls.clear();
    }

    /// What callers asked for and the sandbox does not have: service, operation, count.
    #[must_use]
    pub fn unsupported(&self) -> Vec<(String, String, u64)> {
        self.0.unsupported.list()
    }

    /// Every message a topic accepted, in order.
    #[must_use]
    pub fn published(&self) -> Vec<PublishedMessage> {
        self.0.sns.published()
    }

    /// Deletes DynamoDB items whose time to live has passed by the injected clock, and says how many. Nothing does
    /// so by itself; AWS does it some time within days.
    ///
    /// # Errors
    /// The engine's storage error, as text.
    pub fn sweep_time_to_live(&self) -> Result<usize, crate::ServiceError> {
        let swept = self.0.dynamodb.sweep_time_to_live();
        swept.map_err(|error| crate::ServiceError::refused("dynamodb", "TimeToLiveSweep", error))
    }
}

impl Parts {
    async fn under_fault(
        &self,
        service: &str,
        operation: &str,
        body: Bytes,
        fault: Option<&FaultKind>,
    ) -> Result<Response<Bytes>, ApiError> {
        let mut reject: &[usize] = &[];
        match fault {
            None | Some(FaultKind::LostReply) => {}
            Some(FaultKind::Throttle) => return Err(throttle(service)),
            Some(FaultKind::InternalBefore) => return Err(internal_error(service)),
            Some(FaultKind::Error {
                code,
                message,
                status,
            }) => return Err(ApiError::new(*status, code, message.as_str())),
            Some(FaultKind::RejectRecords(indices)) => reject = indices,
            Some(FaultKind::Delay(ms)) => tokio::time::sleep(Duration::from_millis(*ms)).await,
        }
        match service {
            "dynamodb" => self.dynamodb.handle(operation, &body),
            "sqs" => self.sqs.handle(operation, body).await,
            "sns" => self.sns.handle(operation, &body).await,
            "ssm" => self.ssm.handle(operation, &body),
            "timestream" => self.timestream.handle(operation, &body, reject),
            "sts" => sts::handle(&self.config, operation, &body),
            _ => Err(ApiError::unsupported(
                "UnknownOperationException",
                format!("the service `{service}`"),
            )),
        }
    }
}

fn protocol(service: &str) -> Option<Protocol> {
    match service {
        "dynamodb" => Some(wire::DYNAMODB),
        "sqs" => Some(wire::SQS),
        "sns" => Some(wire::SNS),
        "ssm" => Some(wire::SSM),
        "timestream" => Some(wire::TIMESTREAM),
        "sts" => Some(wire::STS),
        _ => None,
    }
}

/// The throttling error of a service.
///
/// Source: the API references' error lists; SNS and STS use the query protocol's common `Throttling`.
fn throttle(service: &str) -> ApiError {
    match service {
        "dynamodb" => ApiError::new(
            400,
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
             provisioning level with the UpdateTable API.",
        ),
        "sqs" => ApiError::new(
            403,
            "RequestThrottled",
            "The request was denied due to request throttling.",
        ),
        "sns" | "sts" => ApiError::new(400, "Throttling", "Rate exceeded"),
        _ => ApiError::new(400, "ThrottlingException", "Rate exceeded"),
    }
}

/// The internal error of a service.
fn internal_error(service: &str) -> ApiError {
    let code = match service {
        "dynamodb" | "ssm" => "InternalServerError",
        "sqs" | "sns" => "InternalError",
        "timestream" => "InternalServerException",
        _ => "InternalFailure",
    };
    ApiError::new(500, code, "injected by the sandbox")
}

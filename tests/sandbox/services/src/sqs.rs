//! SQS: the `rustack` queues called in process.

pub(crate) mod resource;

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt;
use rustack_sqs_core::{config::SqsConfig, handler::RustackSqsHandler, provider::RustackSqs};
use rustack_sqs_http::dispatch::SqsHandler;
use rustack_sqs_model::{error::SqsError, operations::SqsOperation};
use serde_json::{Map, Value, json};

use crate::{api_error::ApiError, config::Config};

/// Operations the queues answer but do not do: they record permissions nobody checks.
const HOLLOW: &[&str] = &["AddPermission", "RemovePermission"];

/// The service's state.
pub(crate) struct Sqs {
    provider: Arc<RustackSqs>,
    handler: RustackSqsHandler,
}

/// A message attribute to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    /// `String`, `Number` or `Binary`.
    pub(crate) data_type: String,
    /// Text, or base64 of a binary value.
    pub(crate) value: String,
}

impl Attribute {
    /// A `String` attribute.
    pub(crate) fn string(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            data_type: "String".to_owned(),
            value: value.to_owned(),
        }
    }
}

impl Sqs {
    /// No queues yet; their URLs will start with `http://host:port`.
    pub(crate) fn new(config: &Config, host: String, port: u16) -> Self {
        let provider = Arc::new(RustackSqs::new(SqsConfig {
            skip_signature_validation: true,
            default_region: config.region.clone(),
            account_id: config.account_id.clone(),
            host,
            port,
        }));
        Self {
            handler: RustackSqsHandler::new(Arc::clone(&provider)),
            provider,
        }
    }

    /// Answers one operation.
    ///
    /// # Errors
    /// The service's own error, or one that names what is not supported.
    pub(crate) async fn handle(
        &self,
        operation: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, ApiError> {
        let known = SqsOperation::from_name(operation).filter(|_| !HOLLOW.contains(&operation));
        let Some(known) = known else {
            return Err(ApiError::unsupported(
                "UnsupportedOperation",
                format!("the SQS operation `{operation}`"),
            ));
        };
        let response = self
            .handler
            .handle_operation(known, body)
            .await
            .map_err(translate)?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| ApiError::new(500, "InternalError", error.to_string()))?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    /// Whether a queue exists.
    pub(crate) async fn has_queue(&self, arn: &str) -> bool {
        let Some((_, name)) = arn.rsplit_once(':') else {
            return false;
        };
        let body = json!({"QueueName": name}).to_string();
        self.provider.queue_url_for_arn(arn).is_ok()
            && self.handle("GetQueueUrl", body.into()).await.is_ok()
    }

    /// Puts a message on the queue with this ARN.
    ///
    /// # Errors
    /// The service's own error.
    pub(crate) async fn send(
        &self,
        arn: &str,
        body: &str,
        attributes: &[Attribute],
    ) -> Result<(), ApiError> {
        let url = self.provider.queue_url_for_arn(arn).map_err(translate)?;
        let attributes: Map<String, Value> = attributes
            .iter()
            .map(|attribute| {
                let key = if attribute.data_type.starts_with("Binary") {
                    "BinaryValue"
                } else {
                    "StringValue"
                };
                (
                    attribute.name.clone(),
                    json!({"DataType": attribute.data_type, key: attribute.value}),
                )
            })
            .collect();
        let request =
            json!({"QueueUrl": url, "MessageBody": body, "MessageAttributes": attributes});
        self.handle("SendMessage", request.to_string().into())
            .await
            .map(drop)
    }
}

/// The engine puts the query protocol's codes into `__type`; the JSON protocol uses the shape names.
fn translate(error: SqsError) -> ApiError {
    let code = error.code.error_type();
    ApiError::new(error.code.status_code().as_u16(), code, error.message)
}

//! The Lambda API over HTTP: Invoke, ListFunctions, GetFunctionConfiguration.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::InvokeError;
use crate::host::{InvokeOptions, LambdaHost};
use crate::outcome::Kind;
use crate::pool::Function;
use crate::timestamp;

/// Largest client context in bytes after decoding.
const MAX_CLIENT_CONTEXT: usize = 3583;

impl LambdaHost {
    /// Answers a request to the Lambda API; signatures are not looked at.
    ///
    /// # Source
    /// `lambda/latest/api/API_Invoke`, `API_ListFunctions`, `API_GetFunctionConfiguration`.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.route(request)
            .await
            .unwrap_or_else(|error| error_response(&error))
    }

    async fn route(&self, request: Request<Bytes>) -> Result<Response<Bytes>, InvokeError> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let segments: Vec<String> = path
            .trim_matches('/')
            .split('/')
            .map(|s| percent_decode_str(s).decode_utf8_lossy().into_owned())
            .collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let qualifier = query_parameter(parts.uri.query(), "Qualifier");
        match (&parts.method, segments.as_slice()) {
            (&Method::POST, ["2015-03-31", "functions", name, "invocations"]) => {
                self.invoke_request(name, qualifier, &parts.headers, body)
                    .await
            }
            (&Method::GET, ["2015-03-31", "functions"]) => {
                let all: Vec<Value> = self.inner.list().iter().map(|f| describe(f)).collect();
                Ok(json_response(
                    StatusCode::OK,
                    &json!({ "Functions": all, "NextMarker": null }),
                ))
            }
            (&Method::GET, ["2015-03-31", "functions", name, "configuration"]) => {
                let (function, _) = self.inner.find(name, qualifier)?;
                Ok(json_response(StatusCode::OK, &describe(&function)))
            }
            (method, _) => Err(InvokeError::UnsupportedOperation(format!(
                "{method} {path}"
            ))),
        }
    }

    async fn invoke_request(
        &self,
        name: &str,
        qualifier: Option<String>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, InvokeError> {
        for unsupported in ["x-amz-durable-execution-name", "x-amz-tenant-id"] {
            if headers.contains_key(unsupported) {
                return Err(InvokeError::UnsupportedOperation(format!(
                    "the header {unsupported}"
                )));
            }
        }
        let tail = one_of(headers, "x-amz-log-type", "logType", &["None", "Tail"])? == "Tail";
        let types = ["RequestResponse", "Event", "DryRun"];
        let invocation_type = one_of(headers, "x-amz-invocation-type", "invocationType", &types)?;
        let options = InvokeOptions {
            qualifier,
            client_context: client_context(headers)?,
        };
        match invocation_type {
            "Event" => {
                let accepted = self.invoke_async_with(name, body, options)?;
                Ok(empty(StatusCode::ACCEPTED, &accepted.request_id))
            }
            "DryRun" => {
                let limit = crate::MAX_SYNC_PAYLOAD;
                let call = self.inner.call(name, body, options, Kind::Sync, limit)?;
                Ok(empty(StatusCode::NO_CONTENT, &call.request_id))
            }
            _ => {
                let result = self.invoke(name, body, options).await?;
                let mut response = Response::new(result.payload);
                set(&mut response, "content-type", "application/json");
                set(&mut response, "x-amzn-requestid", &result.request_id);
                set(&mut response, "x-amz-executed-version", "$LATEST");
                if result.function_error {
                    set(&mut response, "x-amz-function-error", "Unhandled");
                }
                if tail {
                    let log = BASE64_STANDARD.encode(&result.log_tail);
                    set(&mut response, "x-amz-log-result", &log);
                }
                Ok(response)
            }
        }
    }
}

/// The members of `FunctionConfiguration` that the host knows.
fn describe(function: &Function) -> Value {
    let spec = &function.spec;
    json!({
        "FunctionName": spec.name,
        "FunctionArn": function.arn,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "PackageType": "Zip",
        "Timeout": spec.timeout.as_millis().div_ceil(1000),
        "MemorySize": spec.memory_mb,
        "LastModified": timestamp::rfc3339(function.registered_ms).replace('Z', "+0000"),
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Environment": { "Variables": spec.environment },
    })
}

/// The header's value if it is one of `allowed`; the first of them when the header is absent.
fn one_of<'a>(
    headers: &HeaderMap,
    header: &str,
    member: &str,
    allowed: &[&'a str],
) -> Result<&'a str, InvokeError> {
    let value = match headers.get(header) {
        None => return Ok(allowed.first().copied().unwrap_or_default()),
        Some(value) => String::from_utf8_lossy(value.as_bytes()),
    };
    allowed.iter().copied().find(|a| *a == value).ok_or_else(|| {
        InvokeError::InvalidParameter(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
             Member must satisfy enum value set: [{}]",
            allowed.join(", ")
        ))
    })
}

/// The client context as JSON on one line, so that it fits into a header of the Runtime API.
fn client_context(headers: &HeaderMap) -> Result<Option<String>, InvokeError> {
    let Some(header) = headers.get("x-amz-client-context") else {
        return Ok(None);
    };
    let invalid = || {
        InvokeError::InvalidParameter(format!(
            "Client context must be a valid Base64-encoded JSON object of at most {MAX_CLIENT_CONTEXT} bytes."
        ))
    };
    let decoded = BASE64_STANDARD
        .decode(header.as_bytes())
        .map_err(|_| invalid())?;
    match serde_json::from_slice::<Value>(&decoded) {
        Ok(object @ Value::Object(_)) if decoded.len() <= MAX_CLIENT_CONTEXT => {
            Ok(Some(object.to_string()))
        }
        _ => Err(invalid()),
    }
}

fn query_parameter(query: Option<&str>, name: &str) -> Option<String> {
    query?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
    })
}

fn error_response(error: &InvokeError) -> Response<Bytes> {
    let (status, code, member) = error.wire();
    let kind = if status.is_server_error() {
        "Service"
    } else {
        "User"
    };
    let mut body = json!({ "Type": kind });
    if let Some(object) = body.as_object_mut() {
        object.insert(member.into(), error.to_string().into());
        if matches!(error, InvokeError::Throttled) {
            object.insert(
                "Reason".into(),
                "ReservedFunctionConcurrentInvocationLimitExceeded".into(),
            );
        }
    }
    let mut response = json_response(status, &body);
    set(&mut response, "x-amzn-errortype", code);
    response
}

fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE.as_str(), "application/json");
    set(
        &mut response,
        "x-amzn-requestid",
        &Uuid::new_v4().to_string(),
    );
    response
}

fn empty(status: StatusCode, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    set(&mut response, "x-amzn-requestid", request_id);
    response
}

fn set(response: &mut Response<Bytes>, name: &str, value: &str) {
    // Not refused: ids, codes and Base64 are plain ASCII.
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().insert(name, value);
    }
}

//! The invocation record a destination receives.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::attempt::Call;
use crate::outcome::Outcome;
use crate::timestamp;

/// Why an event left the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    version: &'static str,
    timestamp: String,
    request_context: RequestContext<'a>,
    request_payload: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_payload: Option<Payload<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: &'a str,
    function_arn: String,
    condition: &'static str,
    approximate_invoke_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseContext {
    status_code: u16,
    executed_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'a> {
    Json(&'a RawValue),
    Text(String),
}

/// The record of an event. `last` is the outcome of the last attempt the function saw.
///
/// # Source
/// `lambda/latest/dg/invocation-async-retain-records`.
pub(crate) fn record(
    call: &Call,
    condition: Condition,
    invokes: u32,
    last: Option<&Outcome>,
    now_ms: u64,
) -> Result<String, serde_json::Error> {
    let response = last.and_then(Outcome::payload);
    serde_json::to_string(&Record {
        version: "1.0",
        timestamp: timestamp::rfc3339(now_ms),
        request_context: RequestContext {
            request_id: &call.request_id,
            function_arn: format!("{}:$LATEST", call.function.arn),
            condition: match condition {
                Condition::Success => "Success",
                Condition::RetriesExhausted => "RetriesExhausted",
                Condition::EventAgeExceeded => "EventAgeExceeded",
            },
            approximate_invoke_count: invokes,
        },
        request_payload: serde_json::from_slice(&call.payload).ok(),
        response_context: last.map(|outcome| ResponseContext {
            status_code: 200,
            executed_version: "$LATEST",
            function_error: outcome.is_function_error().then_some("Unhandled"),
        }),
        response_payload: response.map(|body| match serde_json::from_slice(body) {
            Ok(json) => Payload::Json(json),
            Err(_) => Payload::Text(String::from_utf8_lossy(body).into_owned()),
        }),
    })
}

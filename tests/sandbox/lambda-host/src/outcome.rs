//! What became of one attempt to run a function.

use bytes::Bytes;
use serde_json::{Value, json};

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The caller (`RequestResponse`).
    Sync,
    /// Nobody; the event came out of the asynchronous queue (`Event`).
    Async,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function answered.
    Ok(Bytes),
    /// The function reported an error, during init or the invocation, or its answer was too large.
    FunctionError {
        /// `errorType` of the report.
        error_type: String,
        /// The report as the caller sees it.
        payload: Bytes,
    },
    /// The function was killed at its timeout.
    Timeout {
        /// The error as the caller sees it.
        payload: Bytes,
    },
    /// The process ended without an answer.
    Crash {
        /// The error as the caller sees it.
        payload: Bytes,
    },
    /// No instance was free; the function did not see the event.
    Throttled,
    /// The function answered and the answer was thrown away by a fault.
    Lost,
}

impl Outcome {
    /// What the caller receives as payload; `None` when the function did not run or the answer was lost.
    #[must_use]
    pub fn payload(&self) -> Option<&Bytes> {
        match self {
            Self::Ok(payload)
            | Self::FunctionError { payload, .. }
            | Self::Timeout { payload }
            | Self::Crash { payload } => Some(payload),
            Self::Throttled | Self::Lost => None,
        }
    }

    /// Whether the function ran and failed: AWS's "function error", which timeouts and crashes are too.
    #[must_use]
    pub fn is_function_error(&self) -> bool {
        matches!(
            self,
            Self::FunctionError { .. } | Self::Timeout { .. } | Self::Crash { .. }
        )
    }

    pub(crate) fn reported(body: Bytes, header_type: Option<String>) -> Self {
        let parsed: Option<Value> = serde_json::from_slice(&body).ok();
        let body_type = parsed
            .as_ref()
            .and_then(|v| v.get("errorType")?.as_str())
            .map(str::to_owned);
        let error_type = body_type
            .or(header_type)
            .unwrap_or_else(|| "Runtime.Unknown".into());
        let payload = match parsed {
            Some(_) => body,
            None => error_body(&error_type, &String::from_utf8_lossy(&body)),
        };
        Self::FunctionError {
            error_type,
            payload,
        }
    }

    pub(crate) fn timeout(request_id: &str, timeout: std::time::Duration) -> Self {
        let message = format!(
            "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
            timeout.as_secs_f64()
        );
        Self::Timeout {
            payload: error_body("Sandbox.Timedout", &message),
        }
    }

    pub(crate) fn crash(request_id: &str, error_type: &str, reason: &str) -> Self {
        Self::Crash {
            payload: error_body(
                error_type,
                &format!("RequestId: {request_id} Error: {reason}"),
            ),
        }
    }

    pub(crate) fn response_too_large() -> Self {
        let error_type = "Function.ResponseSizeTooLarge";
        Self::FunctionError {
            error_type: error_type.into(),
            payload: error_body(
                error_type,
                "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            ),
        }
    }
}

fn error_body(error_type: &str, message: &str) -> Bytes {
    json!({ "errorType": error_type, "errorMessage": message })
        .to_string()
        .into()
}

/// One finished attempt.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Function name.
    pub function: String,
    /// The same for all attempts and duplicates of one event.
    pub request_id: String,
    /// Who waited.
    pub kind: Kind,
    /// Counted from 1; throttled attempts have the number of the attempt they would have been.
    pub attempt: u32,
    /// What the function received.
    pub payload: Bytes,
    /// How it ended.
    pub outcome: Outcome,
    /// When the attempt began, on the host's clock.
    pub started_ms: u64,
    /// Real time from the attempt's beginning to its end, init included.
    pub duration_ms: u64,
    /// Process that ran it; `None` when throttled or not started.
    pub pid: Option<u32>,
    /// Real time of the cold start, when there was one.
    pub init_ms: Option<u64>,
    /// CPU time the process used for it, without init; Linux only, absent after a crash.
    pub cpu_us: Option<u64>,
}

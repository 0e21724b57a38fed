//! The asynchronous queue: each accepted event is a task that tries, waits and tries again.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::time::sleep;

use crate::attempt::{Call, attempt};
use crate::inner::Inner;
use crate::outcome::Outcome;
use crate::record::{Condition, record};

/// Where records of finished events go.
pub trait Destinations: Send + Sync {
    /// Sends an invocation record to a queue, topic, function or bus.
    ///
    /// # Errors
    /// When the destination does not exist or refuses. The record is then gone and counted, as on AWS.
    fn send(&self, arn: &str, body: String) -> BoxFuture<'_, Result<(), DestinationError>>;
}

/// Why a destination did not take a record.
#[derive(Debug)]
#[non_exhaustive]
pub enum DestinationError {
    /// There is no such destination, or none of its kind.
    Unsupported(String),
    /// The destination refused.
    Refused(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for DestinationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(arn) => write!(f, "no destination {arn}"),
            Self::Refused(_) => f.write_str("the destination refused the record"),
        }
    }
}

impl Error for DestinationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unsupported(_) => None,
            Self::Refused(source) => Some(source.as_ref()),
        }
    }
}

/// Takes one event through its attempts.
///
/// # Source
/// `lambda/latest/dg/invocation-async-error-handling`.
pub(crate) async fn deliver(host: &Arc<Inner>, call: Call, accepted_ms: u64) {
    let settings = &call.function.spec.event_invoke;
    let delays = &host.config.retry_delays;
    let max_age = settings.max_event_age.as_millis();
    let mut invokes = 0_u32;
    let mut throttles = 0_u32;
    let mut last = None;
    let condition = loop {
        let age = host.config.now_ms().saturating_sub(accepted_ms);
        if u128::from(age) >= max_age {
            break Condition::EventAgeExceeded;
        }
        let outcome = attempt(host, &call, invokes + 1, throttles)
            .await
            .invocation
            .outcome;
        match outcome {
            Outcome::Throttled | Outcome::Lost => {
                // Not the function's fault: no retry is used up.
                sleep(delays.throttle_scattered(throttles)).await;
                throttles += 1;
            }
            Outcome::Ok(_) => {
                invokes += 1;
                last = Some(outcome);
                break Condition::Success;
            }
            _ => {
                let retry = invokes;
                invokes += 1;
                throttles = 0;
                last = Some(outcome);
                if retry >= u32::from(settings.max_retry_attempts) {
                    break Condition::RetriesExhausted;
                }
                let [first, second] = delays.function_error;
                sleep(if retry == 0 { first } else { second }).await;
            }
        }
    };
    finish(host, &call, condition, invokes, last.as_ref()).await;
}

async fn finish(
    host: &Inner,
    call: &Call,
    condition: Condition,
    invokes: u32,
    last: Option<&Outcome>,
) {
    let settings = &call.function.spec.event_invoke;
    host.ledger.count(|totals| match condition {
        Condition::Success => totals.succeeded += 1,
        Condition::RetriesExhausted => totals.retries_exhausted += 1,
        Condition::EventAgeExceeded => totals.age_exceeded += 1,
    });
    let destination = match condition {
        Condition::Success => settings.on_success.as_deref(),
        _ => settings.on_failure.as_deref(),
    };
    let Some(arn) = destination else {
        if condition != Condition::Success {
            host.ledger.count(|totals| totals.dropped += 1);
        }
        return;
    };
    let sent = match record(call, condition, invokes, last, host.config.now_ms()) {
        Ok(body) => host.destinations.send(arn, body).await,
        Err(error) => Err(DestinationError::Refused(error.into())),
    };
    match sent {
        Ok(()) => host.ledger.count(|totals| totals.sent += 1),
        Err(error) => {
            host.ledger.count(|totals| totals.destination_failures += 1);
            let cause = error
                .source()
                .map_or_else(String::new, |s| format!(": {s}"));
            (host.config.log_sink)(
                &call.function.spec.name,
                Some(&call.request_id),
                &format!("[sandbox] failed to send the invocation record to {arn}: {error}{cause}"),
            );
        }
    }
}

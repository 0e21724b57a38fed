//! The loop of a function: events in, answers out, each counted and logged once.

use std::future::Future;

use lambda_runtime::{LambdaEvent, service_fn};
use sci_domain::ports::PortFailure;
use serde_json::value::RawValue;

use crate::{
    answer::Answer,
    diagnostic::Failed,
    metrics::{Count, emit},
    system_clock,
};

/// A function's handler.
pub trait Handle {
    /// Handles one event, given as the JSON text that Lambda sent.
    ///
    /// # Errors
    /// When infrastructure fails. What is wrong with the event itself is an answer.
    fn handle(&self, event: &str) -> impl Future<Output = Result<Answer, PortFailure>> + Send;
}

/// Handles events until Lambda stops the function.
///
/// # Errors
/// When Lambda's Runtime API fails.
pub async fn run(function: &str, handler: impl Handle) -> Result<(), lambda_runtime::Error> {
    let handler = &handler;
    lambda_runtime::run(service_fn(
        // Raw, so that an event that is no valid message still reaches the handler and is kept.
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let result = handler.handle(event.payload.get()).await;
            report(function, &result);
            result.map_err(Failed)
        },
    ))
    .await
}

fn report(function: &str, result: &Result<Answer, PortFailure>) {
    let counts = match result {
        Ok(answer) => {
            if let Some(invalid) = &answer.invalid_override {
                tracing::error!(
                    setting.name = invalid.name,
                    "{invalid}: a property's item breaks this rule, so the stage's settings were used"
                );
            }
            tracing::info!(
                message.outcome = answer.outcome.as_str(),
                message.reason = answer.reason,
                message.trace_id = answer.trace_id,
                thing = answer.thing,
                alarm.transition = answer.transition,
                alarm.severity = answer.severity,
                notification.id = answer.notification_id,
                "{}",
                answer.outcome.as_str()
            );
            Count::of_answer(answer)
        }
        Err(failure) => Count::of_failure(failure.kind),
    };
    emit(function, &counts, system_clock::now());
}

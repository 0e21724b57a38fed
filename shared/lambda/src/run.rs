//! The loop of a function: events in, answers out, each counted and logged once.

use std::future::Future;

use lambda_runtime::{LambdaEvent, service_fn};
use sci_domain::ports::PortFailure;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    diagnostic::Failed,
    metrics::{Count, emit},
    system_clock,
};

/// A function's handler.
pub trait Handle {
    /// What it answers.
    type Answer: Reported;

    /// Handles one event, given as the JSON text that Lambda sent.
    ///
    /// # Errors
    /// When infrastructure fails. What is wrong with the event itself is an answer.
    fn handle(&self, event: &str)
    -> impl Future<Output = Result<Self::Answer, PortFailure>> + Send;

    /// What a failure counts as.
    fn counts_of_failure(&self, failure: &PortFailure) -> Vec<Count> {
        Count::of_failure(failure.kind)
    }
}

/// An answer that can be told of.
pub trait Reported: Serialize + Send {
    /// Writes its log line.
    fn log(&self);

    /// What it counts as.
    fn counts(&self) -> Vec<Count>;
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
            report(function, handler, &result);
            result.map_err(Failed)
        },
    ))
    .await
}

fn report<H: Handle>(function: &str, handler: &H, result: &Result<H::Answer, PortFailure>) {
    let counts = match result {
        Ok(answer) => {
            answer.log();
            answer.counts()
        }
        Err(failure) => handler.counts_of_failure(failure),
    };
    emit(function, &counts, system_clock::now());
}

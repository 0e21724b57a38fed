//! The loop of the function: events in, answers out.

use lambda_runtime::{LambdaEvent, service_fn};
use sci_domain::{admission::AdmissionStore, timestamp::Timestamp};
use sci_lambda::{
    metrics::{Count, emit},
    system_clock,
};
use serde_json::value::RawValue;

use crate::{answer::Answer, event::Event, handler::Handler, report};

/// Handles events until Lambda stops the function. It always answers: an error of the function would turn the device away
/// as well, but it would look like a defect and not say why.
///
/// # Errors
/// When Lambda's Runtime API fails.
pub async fn run<Store, Clock>(
    function: &str,
    handler: Handler<Store, Clock>,
) -> Result<(), lambda_runtime::Error>
where
    Store: AdmissionStore + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    let handler = &handler;
    lambda_runtime::run(service_fn(
        // Raw, so that an event that is none still gets a refusal and its log line.
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let (answer, counts) = answer(handler, event.payload.get()).await;
            emit(function, &counts, system_clock::now());
            Ok::<_, lambda_runtime::Error>(answer)
        },
    ))
    .await
}

/// Decides about one event, given as JSON text, logs why, and says what to count.
pub async fn answer<Store, Clock>(
    handler: &Handler<Store, Clock>,
    event: &str,
) -> (Answer, Vec<Count>)
where
    Store: AdmissionStore + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    let event = Event::read(event);
    let decision = handler.decide(event.as_ref()).await;
    report::log(&decision);
    let counts = report::counts(&decision.settled);
    let answer = match (&decision.settled.outcome, &decision.serial) {
        (Ok(admitted), Some(serial)) => Answer::allow(admitted, serial),
        _ => Answer::deny(),
    };
    (answer, counts)
}

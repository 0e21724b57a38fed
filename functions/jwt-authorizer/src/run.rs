//! The loop of the function: events in, answers out.

use lambda_runtime::{LambdaEvent, service_fn};
use sci_domain::{
    access::{DeviceKeys, KeySource, Revocations},
    timestamp::Timestamp,
};
use sci_lambda::{
    metrics::{Count, emit},
    system_clock,
};
use serde_json::value::RawValue;

use crate::{answer::Answer, denial::Denial, event::Event, handler::Handler, report};

/// Handles events until Lambda stops the function. It always answers: an error of the function would turn the device away
/// as well, but it would look like a defect and not say why.
///
/// # Errors
/// When Lambda's Runtime API fails.
pub async fn run<List, Devices, Source, Clock>(
    function: &str,
    handler: Handler<List, Devices, Source, Clock>,
) -> Result<(), lambda_runtime::Error>
where
    List: Revocations + Sync,
    Devices: DeviceKeys + Sync,
    Source: KeySource + Send + Sync + 'static,
    Clock: Fn() -> Timestamp + Sync,
{
    // Here a new execution environment has a whole processor for a while, and nobody waits for an answer.
    handler.prime().await;
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
pub async fn answer<List, Devices, Source, Clock>(
    handler: &Handler<List, Devices, Source, Clock>,
    event: &str,
) -> (Answer, Vec<Count>)
where
    List: Revocations + Sync,
    Devices: DeviceKeys + Sync,
    Source: KeySource + Send + Sync + 'static,
    Clock: Fn() -> Timestamp + Sync,
{
    let event = Event::read(event);
    let decision = match &event {
        Some(event) => handler.decide(event).await,
        None => Err(Denial::MalformedEvent),
    };
    report::log(event.as_ref(), &decision);
    let mut counts = report::counts(&decision);
    counts.extend(handler.key_counts());
    let answer = match decision {
        Ok(admitted) => Answer::allow(&admitted.principal, admitted.session, admitted.policies),
        Err(_) => Answer::deny(),
    };
    (answer, counts)
}

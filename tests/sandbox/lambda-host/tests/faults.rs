//! Faults: kills in the middle, late, lost and doubled deliveries.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{NAME, json, pid, world};
use futures_util::FutureExt;
use lambda_host::{InvokeError, InvokeOptions, Kind, Outcome};
use tokio::sync::Notify;
use tokio::time::Instant;

#[tokio::test]
async fn the_nth_invocation_is_killed_in_the_middle() {
    let world = world(|_| {});
    world
        .host
        .faults()
        .kill_after(NAME, 2, Duration::from_millis(50));
    let first = world.invoke("{}").await;
    let killed = world.invoke(r#"{"do":"sleep","ms":60000}"#).await;
    assert!(killed.function_error);
    let message = json(&killed.payload)["errorMessage"].to_string();
    assert!(message.contains("signal: killed"), "{message}");
    let third = world.invoke("{}").await;
    assert!(!third.function_error);
    assert_ne!(pid(&first), pid(&third));
}

#[tokio::test]
async fn a_callback_decides_when_to_kill_and_the_event_is_retried() {
    let world = world(|_| {});
    let effect = Arc::new(Notify::new());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (trigger, ids) = (Arc::clone(&effect), Arc::clone(&seen));
    world.host.faults().kill_when(
        NAME,
        Arc::new(move |id| {
            ids.lock().unwrap().push(id.to_owned());
            let effect = Arc::clone(&trigger);
            async move { effect.notified().await }.boxed()
        }),
    );
    let event = r#"{"do":"sleep","ms":400}"#.into();
    let id = world.host.invoke_async(NAME, event).unwrap().request_id;
    effect.notify_one();
    world.host.quiesce().await;
    let outcomes: Vec<_> = world
        .host
        .history()
        .into_iter()
        .map(|i| i.outcome)
        .collect();
    assert!(matches!(
        outcomes[..],
        [Outcome::Crash { .. }, Outcome::Ok(_)]
    ));
    assert_eq!(*seen.lock().unwrap(), [id.clone(), id]);
    world.host.faults().clear();
}

#[tokio::test]
async fn the_delay_of_a_kill_begins_when_the_function_has_its_event() {
    let world = world(|_| {});
    // Not when the cold start begins: the function sees and logs its event.
    world
        .host
        .faults()
        .kill_after(NAME, 1, Duration::from_millis(200));
    let killed = world
        .invoke(r#"{"do":"sleep","ms":60000,"say":"here"}"#)
        .await;
    assert!(killed.function_error);
    let log = String::from_utf8_lossy(&killed.log_tail).into_owned();
    assert!(log.contains("got here\n"), "{log}");
}

#[tokio::test]
async fn a_delayed_answer_arrives_late_but_whole() {
    let world = world(|spec| spec.timeout = Duration::from_secs(5));
    world.invoke("{}").await;
    let delay = Duration::from_millis(300);
    world.host.faults().delay_response(NAME, 1, delay);
    let begun = Instant::now();
    assert!(!world.invoke("{}").await.function_error);
    assert!(begun.elapsed() >= delay);
}

#[tokio::test]
async fn a_lost_answer_is_a_service_error_or_another_delivery() {
    let world = world(|spec| spec.event_invoke.max_retry_attempts = 0);
    world.host.faults().lose_response(NAME, 1);
    let lost = world
        .host
        .invoke(NAME, "{}".into(), InvokeOptions::default())
        .await;
    assert!(matches!(lost, Err(InvokeError::ResponseLost)));

    world.host.faults().lose_response(NAME, 1);
    let id = world.event("{}").await;
    let history = world.host.history();
    let of_event: Vec<_> = history.iter().filter(|i| i.request_id == id).collect();
    assert_eq!(of_event.len(), 2);
    assert_eq!(of_event[0].outcome, Outcome::Lost);
    assert!(matches!(of_event[1].outcome, Outcome::Ok(_)));
    assert!(of_event.iter().all(|i| i.kind == Kind::Async));
    assert_eq!(world.host.totals().succeeded, 1);
}

//! Asynchronous events: retries, age, destinations, throttling, duplicates.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{ARN, NAME, QUEUE, START_MS, json, world, world_with_delays};
use lambda_host::{InvokeError, InvokeOptions, Kind, MAX_ASYNC_PAYLOAD, Outcome, RetryDelays};
use serde_json::json as value;
use tokio::time::Instant;

#[tokio::test]
async fn an_event_that_succeeds_runs_once_and_tells_the_on_success_destination() {
    let world = world(|spec| spec.event_invoke.on_success = Some(QUEUE.into()));
    let id = world.event(r#"{"n":1.0}"#).await;
    let history = world.host.history();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].kind, history[0].attempt), (Kind::Async, 1));
    assert_eq!(history[0].request_id, id);

    let record = &world.records()[0];
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert_eq!(
        record["responseContext"],
        value!({ "statusCode": 200, "executedVersion": "$LATEST" })
    );
    assert_eq!(record["responsePayload"]["request_id"], id);
    let totals = world.host.totals();
    assert_eq!((totals.accepted, totals.succeeded, totals.sent), (1, 1, 1));
}

#[tokio::test]
async fn an_event_that_fails_is_tried_three_times_and_its_record_goes_to_the_failure_destination() {
    let delays = RetryDelays {
        function_error: [Duration::from_millis(150), Duration::from_millis(300)],
        ..RetryDelays::milliseconds()
    };
    let world = world_with_delays(delays, |_| {});
    let begun = Instant::now();
    let id = world
        .event(r#"{"do":"error","big":12345678901234567890}"#)
        .await;
    assert!(begun.elapsed() >= Duration::from_millis(450));

    let history = world.host.history();
    let attempts: Vec<_> = history
        .iter()
        .map(|i| (i.attempt, i.request_id.as_str()))
        .collect();
    assert_eq!(attempts, [(1, id.as_str()), (2, &id), (3, &id)]);
    assert_eq!(world.destinations.sent.lock().unwrap()[0].0, QUEUE);
    assert_eq!(
        world.records(),
        [value!({
            "version": "1.0",
            "timestamp": "2023-11-14T22:13:20.000Z",
            "requestContext": {
                "requestId": id,
                "functionArn": format!("{ARN}:$LATEST"),
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": { "do": "error", "big": 12_345_678_901_234_567_890_u64 },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
            "responsePayload": { "errorType": "TestError", "errorMessage": "as asked" },
        })]
    );
}

#[tokio::test]
async fn crashes_and_timeouts_are_function_errors_too() {
    let world = world(|spec| {
        spec.timeout = Duration::from_millis(1000);
        spec.event_invoke.max_retry_attempts = 1;
    });
    world.event(r#"{"do":"exit","code":3}"#).await;
    world.event(r#"{"do":"sleep","ms":60000}"#).await;
    let records = world.records();
    assert_eq!(records.len(), 2);
    assert_eq!(
        records[0]["responsePayload"]["errorType"],
        "Runtime.ExitError"
    );
    assert_eq!(records[0]["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(
        records[1]["responsePayload"]["errorType"],
        "Sandbox.Timedout"
    );
    assert_eq!(records[1]["responseContext"]["functionError"], "Unhandled");
}

#[tokio::test]
async fn without_retries_or_destination_a_failure_is_dropped_and_counted() {
    let world = world(|spec| {
        spec.event_invoke.max_retry_attempts = 0;
        spec.event_invoke.on_failure = None;
    });
    world.event(r#"{"do":"error"}"#).await;
    let totals = world.host.totals();
    assert_eq!(world.host.history().len(), 1);
    assert_eq!(
        (totals.retries_exhausted, totals.dropped, totals.sent),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a_destination_that_refuses_is_counted_and_logged() {
    let world = world(|spec| {
        spec.event_invoke.max_retry_attempts = 0;
        spec.event_invoke.on_failure = Some("missing".into());
    });
    let id = world.event(r#"{"do":"error"}"#).await;
    assert_eq!(world.host.totals().destination_failures, 1);
    let lines = world.lines.lock().unwrap();
    let logged = lines
        .iter()
        .any(|(of, line)| of.as_ref() == Some(&id) && line.contains("no destination missing"));
    assert!(logged, "{lines:?}");
}

#[tokio::test]
async fn an_event_too_old_for_its_retry_is_given_up_with_its_last_answer() {
    let delays = RetryDelays {
        function_error: [Duration::from_millis(400); 2],
        ..RetryDelays::milliseconds()
    };
    let world = world_with_delays(delays, |spec| {
        spec.event_invoke.max_event_age = Duration::from_secs(60);
    });
    let mut finished = world.host.subscribe();
    world
        .host
        .invoke_async(NAME, r#"{"do":"error"}"#.into())
        .unwrap();
    assert_eq!(finished.recv().await.unwrap().attempt, 1);
    world.clock.store(START_MS + 60_000, Ordering::SeqCst);
    world.host.quiesce().await;

    assert_eq!(world.host.history().len(), 1);
    let record = &world.records()[0];
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(record["responsePayload"]["errorType"], "TestError");
    assert_eq!(world.host.totals().age_exceeded, 1);
}

#[tokio::test]
async fn an_event_that_never_found_an_instance_has_no_response_in_its_record() {
    let world = world(|spec| {
        spec.max_concurrency = 0;
        spec.event_invoke.max_event_age = Duration::from_secs(60);
    });
    let mut finished = world.host.subscribe();
    world.host.invoke_async(NAME, r#"{"n":1}"#.into()).unwrap();
    assert_eq!(finished.recv().await.unwrap().outcome, Outcome::Throttled);
    while world.host.totals().throttles < 3 {
        tokio::task::yield_now().await;
    }
    world.clock.store(START_MS + 60_000, Ordering::SeqCst);
    world.host.quiesce().await;
    let record = &world.records()[0];
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(world.host.history().len(), 1);
    assert_eq!(record["requestPayload"], value!({ "n": 1 }));
    assert!(record.get("responseContext").is_none());
    assert!(record.get("responsePayload").is_none());
}

#[tokio::test]
async fn throttled_events_wait_in_the_queue_and_use_no_retry() {
    let world = world(|spec| {
        spec.max_concurrency = 1;
        spec.event_invoke.max_retry_attempts = 0;
    });
    for _ in 0..5 {
        world
            .host
            .invoke_async(NAME, r#"{"do":"sleep","ms":30}"#.into())
            .unwrap();
    }
    world.host.quiesce().await;
    let totals = world.host.totals();
    assert_eq!(totals.succeeded, 5);
    assert!(totals.throttles > 0);
    let pids: BTreeSet<_> = world.host.history().iter().filter_map(|i| i.pid).collect();
    assert_eq!(pids.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_pressure_each_event_succeeds_once_on_few_processes() {
    let world = world(|spec| spec.max_concurrency = 3);
    for n in 0..200 {
        let event = format!(r#"{{"n":{n}}}"#);
        world.host.invoke_async(NAME, event.into()).unwrap();
    }
    world.host.quiesce().await;
    let mut ran: Vec<_> = world.host.history();
    ran.retain(|i| i.outcome != Outcome::Throttled);
    let seen: BTreeSet<_> = ran.iter().map(|i| i.payload.clone()).collect();
    assert_eq!((ran.len(), seen.len()), (200, 200));
    assert!(ran.iter().all(|i| matches!(i.outcome, Outcome::Ok(_))));
    let pids: BTreeSet<_> = ran.iter().filter_map(|i| i.pid).collect();
    assert!(pids.len() <= 3, "{pids:?}");
}

#[tokio::test]
async fn a_duplicate_has_the_same_request_id_and_payload() {
    let world = world(|_| {});
    world.host.faults().duplicate(NAME, 2);
    let first = world.event(r#"{"n":1}"#).await;
    let second = world.event(r#"{"n":2}"#).await;
    let history = world.host.history();
    let count = |id: &str| history.iter().filter(|i| i.request_id == id).count();
    assert_eq!((count(&first), count(&second)), (1, 2));
    assert_eq!(history[1].payload, history[2].payload);
    let totals = world.host.totals();
    assert_eq!(
        (totals.accepted, totals.duplicated, totals.succeeded),
        (2, 1, 3)
    );
}

#[tokio::test]
async fn events_may_be_put_from_any_thread_and_have_a_limit() {
    let world = world(|_| {});
    let host = &world.host;
    std::thread::scope(|scope| {
        scope.spawn(|| host.invoke_async(ARN, "[1,2]".into()).unwrap());
    });
    host.quiesce().await;
    let answer = world.host.history()[0].outcome.payload().map(json).unwrap();
    assert_eq!(answer["event"], value!([1, 2]));

    let payload = format!("\"{}\"", "x".repeat(MAX_ASYNC_PAYLOAD));
    assert!(matches!(
        host.invoke_async(NAME, payload.into()),
        Err(InvokeError::RequestTooLarge {
            limit: MAX_ASYNC_PAYLOAD
        })
    ));
    assert!(matches!(
        host.invoke_async(NAME, "not json".into()),
        Err(InvokeError::InvalidRequestContent(_))
    ));
    assert!(matches!(
        host.invoke_async("nobody", "1".into()),
        Err(InvokeError::FunctionNotFound { .. })
    ));
    let late = host
        .invoke(NAME, "1".into(), InvokeOptions::default())
        .await;
    assert!(late.is_ok());
}

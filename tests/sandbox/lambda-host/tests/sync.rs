//! Synchronous invocations of a real process: reuse, concurrency, timeouts, crashes, limits.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{ARN, NAME, json, pid, world};
use lambda_host::{InvokeError, InvokeOptions, MAX_SYNC_PAYLOAD, Outcome};

#[tokio::test]
async fn a_warm_instance_is_used_again() {
    let world = world(|_| {});
    let first = world.invoke(r#"{"n":1}"#).await;
    let second = world.invoke(r#"{"n":2}"#).await;
    assert_eq!(pid(&first), pid(&second));
    let answer = json(&second.payload);
    assert_eq!(answer["event"]["n"], 2);
    assert_eq!(answer["request_id"], second.request_id);
    assert_eq!(answer["arn"], ARN);
    assert!(answer["trace"].as_str().unwrap().starts_with("Root=1-"));
    let left = answer["left_ms"].as_f64().unwrap();
    assert!(left > 0.0 && left <= 30_000.0, "{left} ms left of 30 s");

    let history = world.host.history();
    assert!(history[0].init_ms.is_some() && history[1].init_ms.is_none());
    assert_eq!(history[1].started_ms, common::START_MS);
    assert_eq!(history[1].outcome, Outcome::Ok(second.payload));
}

#[tokio::test]
async fn reported_errors_and_panics_keep_the_instance() {
    let world = world(|_| {});
    let error = world.invoke(r#"{"do":"error"}"#).await;
    assert!(error.function_error);
    let report = json(&error.payload);
    assert_eq!(report["errorType"], "TestError");
    assert_eq!(report["errorMessage"], "as asked");

    let panic = world.invoke(r#"{"do":"panic"}"#).await;
    assert!(panic.function_error);
    let message = json(&panic.payload)["errorMessage"].to_string();
    assert!(message.contains("as asked"), "{message}");

    world.invoke("{}").await;
    let pids: Vec<_> = world.host.history().iter().map(|i| i.pid).collect();
    assert!(pids[0].is_some() && pids[0] == pids[1] && pids[1] == pids[2]);
}

#[tokio::test]
async fn a_process_that_exits_is_reported_and_replaced() {
    let world = world(|_| {});
    let before = world.invoke("{}").await;
    for (code, reason) in [
        (3, "Runtime exited with error: exit status 3"),
        (0, "Runtime exited without providing a reason"),
    ] {
        let crash = world
            .invoke(&format!(r#"{{"do":"exit","code":{code}}}"#))
            .await;
        assert!(crash.function_error);
        let report = json(&crash.payload);
        assert_eq!(report["errorType"], "Runtime.ExitError");
        assert_eq!(
            report["errorMessage"],
            format!("RequestId: {} Error: {reason}", crash.request_id)
        );
    }
    let after = world.invoke("{}").await;
    assert_ne!(pid(&before), pid(&after));
    assert!(matches!(
        world.host.history()[1].outcome,
        Outcome::Crash { .. }
    ));
}

#[tokio::test]
async fn an_instance_that_dies_while_idle_is_replaced_unnoticed() {
    let world = world(|_| {});
    let before = pid(&world.invoke("{}").await);
    kill(before);
    let after = world.invoke("{}").await;
    assert!(!after.function_error);
    assert_ne!(before, pid(&after));
}

fn kill(pid: u64) {
    let status = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
    // The signal is delivered a moment later; then the process waits as a zombie for its parent to look.
    let gone = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    };
    while !gone() {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn the_timeout_kills_the_process_and_the_next_invocation_gets_a_new_one() {
    let world = world(|spec| spec.timeout = Duration::from_millis(1500));
    let before = pid(&world.invoke("{}").await);
    let timeout = world.invoke(r#"{"do":"sleep","ms":60000}"#).await;
    assert!(timeout.function_error);
    let report = json(&timeout.payload);
    assert_eq!(report["errorType"], "Sandbox.Timedout");
    assert_eq!(
        report["errorMessage"],
        format!(
            "RequestId: {} Error: Task timed out after 1.50 seconds",
            timeout.request_id
        )
    );
    assert!(!std::path::Path::new(&format!("/proc/{before}")).exists());
    assert_ne!(before, pid(&world.invoke("{}").await));
}

#[tokio::test]
async fn more_than_max_concurrency_is_throttled_and_instances_run_side_by_side() {
    let world = world(|spec| spec.max_concurrency = 2);
    let sleep = r#"{"do":"sleep","ms":700}"#;
    let call = || {
        world
            .host
            .invoke(NAME, Bytes::from(sleep), InvokeOptions::default())
    };
    let (a, b, c) = tokio::join!(call(), call(), call());
    let results = [a, b, c];
    let pids: Vec<u64> = results.iter().flatten().map(pid).collect();
    assert_eq!(pids.len(), 2);
    assert_ne!(pids[0], pids[1]);
    let refused = results
        .iter()
        .filter(|r| matches!(r, Err(InvokeError::Throttled)));
    assert_eq!(refused.count(), 1);
    assert_eq!(world.host.totals().throttles, 1);

    // Both are warm now: two further calls start nothing.
    let (a, b) = tokio::join!(call(), call());
    let mut again = [pid(&a.unwrap()), pid(&b.unwrap())];
    again.sort_unstable();
    let mut pids = pids;
    pids.sort_unstable();
    assert_eq!(pids, again);
}

#[tokio::test]
async fn the_environment_is_lambdas_and_the_functions_and_nothing_else() {
    let world = world(|spec| {
        spec.environment
            .insert("STORE_THRESHOLD".into(), "30".into());
        spec.memory_mb = 256;
    });
    let answer = json(&world.invoke(r#"{"do":"environment"}"#).await.payload);
    let variables = answer["variables"].as_object().unwrap();
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_XRAY_CONTEXT_MISSING",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "PATH",
            "STORE_THRESHOLD",
            "TZ",
            "_HANDLER",
            // Set by the runtime itself for each invocation.
            "_X_AMZN_TRACE_ID",
        ]
    );
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert_eq!(variables["LAMBDA_TASK_ROOT"], answer["folder"]);
    let stream = variables["AWS_LAMBDA_LOG_STREAM_NAME"].as_str().unwrap();
    assert!(stream.starts_with("2023/11/14/[$LATEST]"), "{stream}");
}

#[tokio::test]
async fn payloads_and_answers_have_limits() {
    let world = world(|_| {});
    let invoke = |payload: String| {
        world
            .host
            .invoke(NAME, payload.into(), InvokeOptions::default())
    };
    let (head, end) = (r#"{"do":"sleep","pad":""#, r#""}"#);
    let pad = "x".repeat(MAX_SYNC_PAYLOAD - head.len() - end.len());
    let largest = format!("{head}{pad}{end}");
    assert!(matches!(
        invoke(format!("{largest} ")).await,
        Err(InvokeError::RequestTooLarge {
            limit: MAX_SYNC_PAYLOAD
        })
    ));
    assert!(
        !invoke(r#"{"do":"big","bytes":6291556}"#.into())
            .await
            .unwrap()
            .function_error
    );
    let too_large = invoke(r#"{"do":"big","bytes":6291557}"#.into())
        .await
        .unwrap();
    assert!(too_large.function_error);
    assert_eq!(
        json(&too_large.payload)["errorType"],
        "Function.ResponseSizeTooLarge"
    );
    // The instance survives both.
    assert!(!invoke(largest).await.unwrap().function_error);
    assert!(
        world
            .host
            .history()
            .iter()
            .skip(1)
            .all(|i| i.init_ms.is_none())
    );
}

#[tokio::test]
async fn output_belongs_to_its_invocation_and_the_tail_is_complete() {
    let world = world(|_| {});
    let result = world.invoke(r#"{"do":"print","lines":3}"#).await;
    let tail = String::from_utf8(result.log_tail.to_vec()).unwrap();
    let lines: Vec<&str> = tail.lines().collect();
    assert!(lines[0].starts_with("START RequestId: "));
    assert_eq!(
        lines[1..6],
        ["got ", "line 0", "line 1", "line 2", "last line"]
    );
    assert!(lines[6].starts_with("END RequestId: "));
    assert!(lines[7].starts_with("REPORT RequestId: ") && lines[7].contains("Init Duration: "));

    let long = world.invoke(r#"{"do":"print","lines":2000}"#).await;
    assert_eq!(long.log_tail.len(), 4096);
    assert!(
        long.log_tail.ends_with(b"MB\t\n"),
        "the end is what is kept"
    );

    let seen = world.lines.lock().unwrap();
    let of_first = seen
        .iter()
        .filter(|(id, _)| id.as_ref() == Some(&result.request_id));
    assert_eq!(of_first.count(), 5);
    let of_second = seen
        .iter()
        .filter(|(id, _)| id.as_ref() == Some(&long.request_id));
    assert_eq!(of_second.count(), 2002);
}

#[tokio::test]
async fn the_function_runs_on_when_the_caller_goes_away() {
    let world = world(|_| {});
    let mut finished = world.host.subscribe();
    let call = world.invoke(r#"{"do":"sleep","ms":300}"#);
    let waited = tokio::time::timeout(Duration::from_millis(50), call).await;
    assert!(waited.is_err());
    let invocation = finished.recv().await.unwrap();
    assert!(matches!(invocation.outcome, Outcome::Ok(_)));
    assert_eq!(world.host.history().len(), 1);
}

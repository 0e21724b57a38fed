//! Functions that do not come up, and hosts that go away.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::time::Duration;

use common::{NAME, binary, json, pid, spec, world};
use lambda_host::{FunctionSpec, InvokeError, InvokeOptions, Outcome, RegisterError};

#[tokio::test]
async fn a_process_that_exits_before_its_first_poll_is_an_exit_error() {
    let world = world(|spec| {
        spec.environment.insert("INIT".into(), "exit".into());
    });
    let result = world.invoke("{}").await;
    assert!(result.function_error);
    let report = json(&result.payload);
    assert_eq!(report["errorType"], "Runtime.ExitError");
    assert_eq!(
        report["errorMessage"],
        format!(
            "RequestId: {} Error: Runtime exited with error: exit status 7",
            result.request_id
        )
    );
}

#[tokio::test]
async fn an_init_that_fails_once_is_repeated_within_the_invocation() {
    let folder = std::env::temp_dir().join(format!("lambda-host-{}", std::process::id()));
    let marker = folder.with_extension("marker");
    let _ = std::fs::remove_file(&marker);
    let world = world(|spec| {
        let marker = marker.display().to_string();
        spec.environment.insert("INIT".into(), marker);
    });
    assert!(!world.invoke("{}").await.function_error);
    assert_eq!(world.host.history().len(), 1);
    std::fs::remove_file(&marker).unwrap();
}

#[tokio::test]
async fn an_init_that_hangs_ends_at_ten_seconds_and_then_at_the_functions_timeout() {
    let world = world(|spec| {
        spec.environment.insert("INIT".into(), "hang".into());
        spec.timeout = Duration::from_millis(200);
    });
    let result = world.invoke("{}").await;
    assert_eq!(json(&result.payload)["errorType"], "Sandbox.Timedout");
    let history = world.host.history();
    assert!(
        history[0].duration_ms >= 10_200,
        "{}",
        history[0].duration_ms
    );
    assert!(matches!(history[0].outcome, Outcome::Timeout { .. }));
}

#[tokio::test]
async fn a_file_that_cannot_be_run_is_an_invalid_entrypoint() {
    let world = world(|_| {});
    let text = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    world
        .host
        .register(FunctionSpec::new("text", text))
        .unwrap();
    let result = world
        .host
        .invoke("text", "{}".into(), InvokeOptions::default())
        .await
        .unwrap();
    assert_eq!(
        json(&result.payload)["errorType"],
        "Runtime.InvalidEntrypoint"
    );
}

#[tokio::test]
async fn what_aws_would_not_accept_is_not_registered() {
    let world = world(|_| {});
    let refused = |change: fn(&mut FunctionSpec)| {
        let mut spec = FunctionSpec {
            name: "other".into(),
            ..spec()
        };
        change(&mut spec);
        world.host.register(spec).unwrap_err()
    };
    type Change = fn(&mut FunctionSpec);
    let ranges: [(&str, Change); 4] = [
        ("timeout", |s| s.timeout = Duration::from_secs(901)),
        ("memory_mb", |s| s.memory_mb = 64),
        ("max_retry_attempts", |s| {
            s.event_invoke.max_retry_attempts = 3
        }),
        ("max_event_age", |s| {
            s.event_invoke.max_event_age = Duration::from_secs(59)
        }),
    ];
    for (field, change) in ranges {
        assert!(matches!(refused(change), RegisterError::OutOfRange(f, _) if f == field));
    }
    assert!(matches!(
        refused(|s| s.name = "a b".into()),
        RegisterError::Name(_)
    ));
    assert!(matches!(
        refused(|s| s.binary = "/nowhere/bootstrap".into()),
        RegisterError::BinaryMissing(_)
    ));
    assert!(matches!(
        refused(|s| {
            s.environment.insert("AWS_REGION".into(), "x".into());
        }),
        RegisterError::ReservedVariable(_)
    ));
    assert!(matches!(
        refused(|s| s.name = NAME.into()),
        RegisterError::AlreadyRegistered(_)
    ));
    assert!(
        world
            .host
            .register(FunctionSpec::new("other", binary()))
            .is_ok()
    );
}

fn exists(pid: u64) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn shutdown_kills_idle_and_busy_processes_and_refuses_more() {
    let world = world(|_| {});
    let mut finished = world.host.subscribe();
    let idle = pid(&world.invoke("{}").await);
    finished.recv().await.unwrap();
    // Takes the idle instance; the retry of the second waits for a minute of real time otherwise.
    world
        .host
        .invoke_async(NAME, r#"{"do":"sleep","ms":60000}"#.into())
        .unwrap();
    assert!(exists(idle));
    world.host.shutdown().await;
    assert!(!exists(idle));
    let refused = world
        .host
        .invoke(NAME, "{}".into(), InvokeOptions::default())
        .await;
    assert!(matches!(refused, Err(InvokeError::ShuttingDown)));
}

#[tokio::test]
async fn dropping_the_host_kills_its_processes() {
    let world = world(|_| {});
    let idle = pid(&world.invoke("{}").await);
    drop(world);
    // The kernel and the runtime's reaper need a moment.
    tokio::time::timeout(Duration::from_secs(20), async {
        while exists(idle) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

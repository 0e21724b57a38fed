//! The fakes keep the ports' contracts.

use sci_domain::{ports::FailureKind, timestamp::Timestamp};
use testkit::{
    Fakes, Fault, MemoryAlarmStore, MemoryTelemetryStore, When, log_scan::LogScan, port_contracts,
};

fn day() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-20T08:00:00Z").unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn the_fakes_keep_the_contracts() {
    let store = MemoryAlarmStore::default();
    port_contracts::alarm_store(&store, day()).await;
    port_contracts::outbox(&store, day()).await;
    port_contracts::telemetry_store(&MemoryTelemetryStore::default(), day()).await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_lost_reply_leaves_its_effect() {
    use sci_domain::{
        ports::RefusedMessages,
        refusal::{Reason, Refusal},
    };
    let fakes = Fakes::default();
    let refusal = Refusal::new(Reason::WrongType, "temperature must be a number");
    for (nth, when) in [(0, When::BeforeEffect), (1, When::AfterEffect)] {
        fakes.faults.plan(Fault {
            nth,
            kind: FailureKind::Unavailable,
            when,
        });
        let kept = fakes.refused.keep(&refusal, "{}").await;
        assert_eq!(kept.unwrap_err().kind, FailureKind::Unavailable);
    }
    assert_eq!(fakes.refused.kept().len(), 1);
    assert_eq!(fakes.faults.calls(), ["refused.keep"; 2]);
}

#[test]
#[should_panic(expected = "the logs hold \"eyJ\"")]
fn the_log_scan_sees_secrets() {
    let logs = LogScan::start();
    tracing::debug!(thing = "raspi-01", "stored");
    logs.assert_clean(&["payload"]);
    tracing::trace!("a token: eyJhbGciOi");
    logs.assert_clean(&[]);
}

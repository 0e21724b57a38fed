//! The fakes keep the ports' contracts.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use sci_domain::{ports::FailureKind, timestamp::Timestamp};
use testkit::{
    Fakes, Fault, Faults, MemoryAlarmStore, MemoryDeviceKeys, MemoryKeySource, MemoryRevocations,
    MemoryTelemetryStore, When, log_scan::LogScan, port_contracts,
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
    let list = MemoryRevocations::default();
    port_contracts::revocations(&list, async |entry| list.revoke(entry), day()).await;
    let devices = MemoryDeviceKeys::default();
    port_contracts::device_keys(
        &devices,
        async |thing, record, enabled| devices.write(thing, record.clone(), enabled),
        async |thing| devices.remove(thing),
    )
    .await;
    let source = MemoryKeySource::default();
    port_contracts::key_source(&source, async |jwks| source.publish(jwks)).await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_ports_of_access_fail_on_demand() {
    use sci_domain::{
        access::{Credential, DeviceKeys, KeySource, Revocations},
        thing::ThingName,
    };
    let faults = Faults::default();
    let source = MemoryKeySource::new(faults.clone());
    let nothing = source.fetch().await.unwrap_err();
    assert_eq!(nothing.kind, FailureKind::Misconfigured, "nothing there");
    source.publish("{}");
    for call in ["keys.fetch", "devices.load", "revocations.find"] {
        faults.take_down(call, FailureKind::Throttled);
    }
    let thing = ThingName::parse("raspi-01").unwrap();
    let credential = Credential {
        issuer: "https://issuer.example",
        kid: "k",
        jti: None,
        thing: &thing,
        issued_at: day(),
    };
    let list = MemoryRevocations::new(faults.clone());
    let devices = MemoryDeviceKeys::new(faults.clone());
    for failure in [
        source.fetch().await.unwrap_err(),
        devices.load(&thing).await.unwrap_err(),
        list.find(credential, day()).await.unwrap_err(),
    ] {
        assert_eq!(failure.kind, FailureKind::Throttled);
    }
    faults.heal();
    assert_eq!(source.fetch().await.unwrap(), b"{}");
    assert_eq!(
        faults.calls(),
        [
            "keys.fetch",
            "keys.fetch",
            "devices.load",
            "revocations.find",
            "keys.fetch"
        ]
    );
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

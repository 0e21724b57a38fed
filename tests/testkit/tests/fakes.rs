//! The fakes keep the ports' contracts.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::sync::atomic::{AtomicU8, Ordering};

use sci_domain::{
    admission::{
        AdmissionStore, Admitted, CertificateId, Certificates, Commit, Committed, Introducer,
        IntroducerId, Registered, RegisteredAuthority, RegisteredStatus, Registry as _,
        SerialNumber, Subject,
        audit::{Fact, Happened, Head, Record, append},
    },
    ports::FailureKind,
    thing::ThingName,
    timestamp::Timestamp,
};
use testkit::{
    Fakes, Fault, Faults, MemoryAdmissionStore, MemoryAlarmStore, MemoryCertificates,
    MemoryDeviceKeys, MemoryKeySource, MemoryRegistry, MemoryRevocations, MemoryTelemetryStore,
    When,
    just_in_time::{self, MAKER},
    log_scan::LogScan,
    port_contracts,
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

#[tokio::test(flavor = "multi_thread")]
async fn the_fakes_of_admission_keep_the_contracts() {
    let store = MemoryAdmissionStore::default();
    let write = async |introducer: &Introducer| store.write_introducer(introducer.clone());
    port_contracts::admission_store(&store, write, day()).await;
    port_contracts::registration_budget(&store, day()).await;

    let registry = MemoryCertificates::default();
    let issued = AtomicU8::new(0);
    let issue = async || {
        let id = CertificateId::from_bytes([issued.fetch_add(1, Ordering::Relaxed); 32]);
        registry.issue(id);
        id
    };
    let attach = async |id, thing: &ThingName| registry.attach(id, thing);
    let is_active = async |id| registry.is_active(id);
    port_contracts::certificates(&registry, issue, attach, is_active).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fake_of_the_registry_keeps_the_contracts() {
    let ca = just_in_time::authority(MAKER);
    let registry = MemoryRegistry::default();
    let certificate = RegisteredAuthority {
        pem: just_in_time::pem("ca-maker"),
        active: true,
    };
    registry.register_authority(ca, certificate);
    let registered = AtomicU8::new(0);
    let register = |status| {
        let number = registered.fetch_add(1, Ordering::Relaxed);
        let id = CertificateId::from_bytes([number; 32]);
        let pem = format!("certificate {number}");
        let described = Registered {
            pem: pem.clone(),
            status,
            authority: Some(ca),
        };
        registry.register(id, described, day());
        (id, pem)
    };
    let present = async || register(RegisteredStatus::Pending);
    let standing = async |id| registry.standing(id);
    port_contracts::registry(&registry, ca, present, standing, day()).await;
}

#[tokio::test(flavor = "current_thread")]
async fn each_step_of_the_registry_fails_on_demand() {
    let faults = Faults::default();
    let registry = just_in_time::registry(faults.clone(), day());
    let id = just_in_time::certificate("register-serial-number");
    let serial = SerialNumber::parse("0061").unwrap();
    let device = Admitted {
        thing: ThingName::parse("sci-property-001-environmental-0061").unwrap(),
        thing_type: "SCI-Environmental-Sensor",
        property: "property-001".to_owned(),
    };
    for nth in 0..4 {
        let (kind, when) = (FailureKind::Unavailable, When::BeforeEffect);
        faults.forget_calls();
        faults.plan(Fault { nth, kind, when });
        assert!(registry.enrol(&device, &serial, id).await.is_err());
        assert_eq!(faults.calls().len(), nth + 1);
        let standing = registry.standing(id).unwrap();
        assert_eq!(standing.status, RegisteredStatus::Pending);
        assert_eq!(standing.owner.is_some(), nth == 3);
        faults.heal();
    }
    registry.enrol(&device, &serial, id).await.unwrap();
    let calls = faults.calls().split_off(4);
    assert_eq!(
        calls,
        [
            "registry.create-thing",
            "registry.join-fleet",
            "registry.attach",
            "registry.activate"
        ]
    );
}

/// Every port of admission fails on demand, before its effect and after it.
#[tokio::test(flavor = "current_thread")]
async fn the_ports_of_admission_fail_on_demand() {
    let faults = Faults::default();
    let store = MemoryAdmissionStore::new(faults.clone());
    let registry = MemoryCertificates::new(faults.clone());
    let introducer = IntroducerId::Claim(CertificateId::from_bytes([1; 32]));
    let subject = Subject::introducer(introducer);
    let thing = ThingName::parse("sci-property-001-lock-0042").unwrap();
    let certificate = CertificateId::from_bytes([2; 32]);
    registry.issue(certificate);
    let serial = SerialNumber::parse("0042").unwrap();
    let record = record(&subject);
    let commit = Commit {
        entry: None,
        charge: None,
        record: &record,
    };
    for (round, when) in [When::BeforeEffect, When::AfterEffect].iter().enumerate() {
        for nth in 0..6 {
            faults.plan(Fault {
                nth: round * 6 + nth,
                kind: FailureKind::Unavailable,
                when: *when,
            });
        }
        assert!(store.load(None, introducer).await.is_err());
        assert!(store.device(&serial).await.is_err());
        assert!(store.commit(commit.clone()).await.is_err());
        assert!(store.due(day(), 1).await.is_err());
        assert!(store.history(&subject).await.is_err());
        assert!(registry.retire(&thing, certificate).await.is_err());
        assert_eq!((store.entries().len(), store.records().len()), (0, round));
        assert_eq!(registry.is_active(certificate).is_some(), round == 0);
    }
    assert_eq!(
        faults.calls()[..6],
        [
            "admission.load",
            "admission.device",
            "admission.commit",
            "admission.due",
            "admission.history",
            "certificates.retire"
        ]
    );
    // Whoever did not learn that it was written learns it when it tries again.
    assert_eq!(store.commit(commit).await.unwrap(), Committed::Conflict);
}

fn record(subject: &Subject) -> Record {
    let fact = Fact {
        at: day(),
        happened: Happened::Denied,
        reason: "unknown-serial".to_owned(),
        serial: None,
        introducer: None,
        certificate: None,
        key: None,
        client: None,
        by: None,
    };
    append(subject, Head::EMPTY, fact).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn the_ports_of_access_fail_on_demand() {
    use sci_domain::access::{Credential, DeviceKeys, KeySource, Revocations};
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

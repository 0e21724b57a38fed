//! Whole enrolments: the hook, AWS IoT, the device and the confirmer, with a fault at every call, and with every mishap that a
//! device can have. No serial number is burnt, no device is half enrolled for longer than its lease, and no certificate is
//! left behind.
use std::time::Duration;

use enrolment_confirmer::answer::Outcome;
use provisioning_hook::run::answer;
use sci_domain::{
    admission::{CertificateId, Command, State},
    ports::FailureKind,
    thing::ThingName,
    timestamp::Millis,
};
use sci_lambda::Handle as _;
use serde_json::{Value, json};
use testkit::{Fault, When, event_files, killed, onboarding::LEASE};

use crate::world::World;

const SWEEP: &str = r#"{"type":"sweep"}"#;

/// A device with one key, and what it was given.
struct Device {
    event: Value,
    certificate: CertificateId,
    thing: ThingName,
}

impl Device {
    fn of(file: &str) -> Self {
        let event = event_files::event("provisioning-hook", file);
        let event: Value = serde_json::from_str(&event).unwrap();
        let serial = event["parameters"]["SerialNumber"].as_str().unwrap();
        Self {
            certificate: CertificateId::parse(event["certificateId"].as_str().unwrap()).unwrap(),
            thing: ThingName::parse(format!("sci-property-001-environmental-{serial}")).unwrap(),
            event,
        }
    }

    /// The same device with another certificate of the same key: it lost the first one.
    fn with_another_certificate(mut self, number: u8) -> Self {
        self.certificate = CertificateId::from_bytes([number; 32]);
        self.event["certificateId"] = json!(self.certificate.to_string());
        self
    }

    /// Asks once; AWS IoT activates the certificate and attaches it when the hook says yes. Says whether it did.
    async fn register(&self, world: &World) -> bool {
        let event = self.event.to_string();
        let asked = killed(answer(&world.hook, &event)).await;
        let allowed = asked.is_some_and(|(answer, _)| {
            serde_json::to_value(answer).unwrap()["allowProvisioning"] == true
        });
        if allowed {
            world.certificates.issue(self.certificate);
            world.certificates.attach(self.certificate, &self.thing);
        }
        allowed
    }

    /// Connects with its certificate and says so. Lambda tries the event again until it is handled.
    async fn confirm(&self, world: &World) -> Option<Outcome> {
        world
            .certificates
            .is_active(self.certificate)
            .filter(|active| *active)?;
        let event = world.commit(&self.thing, self.certificate);
        retried(world, &event).await
    }
}

/// Lambda's asynchronous invocation: three tries.
async fn retried(world: &World, event: &str) -> Option<Outcome> {
    for _ in 0..3 {
        if let Some(Ok(answer)) = killed(world.confirmer.handle(event)).await {
            return Some(answer.outcome);
        }
    }
    None
}

async fn sweep(world: &World) {
    assert_eq!(retried(world, SWEEP).await, Some(Outcome::Swept));
}

/// A device that asks until it is let in, comes back, and says so; with a sweep each minute.
async fn enrol(world: &World, device: &Device) {
    for _ in 0..5 {
        if device.register(world).await {
            break;
        }
        world.pass(Millis::from_secs(60));
        sweep(world).await;
    }
    device.confirm(world).await;
    world.pass(Millis::from_secs(60));
    sweep(world).await;
}

/// Nothing is half done any more.
async fn is_enrolled(world: &World, device: &Device, case: &str) {
    world.faults.heal();
    let serial = device.event["parameters"]["SerialNumber"].as_str().unwrap();
    let entry = world.entry(serial);
    let live = entry
        .live()
        .unwrap_or_else(|| panic!("{case}: {:?}", entry.state));
    assert!(
        matches!(entry.state, State::Enrolled(_)),
        "{case}: {:?}",
        entry.state
    );
    assert_eq!(live.certificate, device.certificate, "{case}");
    assert_eq!(
        world.certificates.is_active(device.certificate),
        Some(true),
        "{case}"
    );
    assert!(entry.retiring.is_empty(), "{case}");
    world.facts().await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_call_burns_no_serial_number() {
    let device = Device::of("allow-voucher.json");
    let calls = {
        let world = World::new().await;
        enrol(&world, &device).await;
        let calls = world.faults.calls().len();
        is_enrolled(&world, &device, "without a fault").await;
        calls
    };
    assert!(calls >= 5, "{calls}");
    let mut cases = 0;
    for nth in 0..calls {
        for when in [When::BeforeEffect, When::AfterEffect, When::Killed] {
            for kind in [FailureKind::Throttled, FailureKind::Misconfigured] {
                let world = World::new().await;
                world.faults.plan(Fault { nth, kind, when });
                enrol(&world, &device).await;
                is_enrolled(&world, &device, &format!("call {nth} {when:?} {kind:?}")).await;
                cases += 1;
            }
        }
    }
    assert_eq!(cases, calls * 6);
}

#[tokio::test(start_paused = true)]
async fn two_faults_at_any_two_calls_burn_no_serial_number() {
    let device = Device::of("allow-voucher.json");
    for first in 0..6 {
        for second in first + 1..8 {
            for (a, b) in [
                (When::AfterEffect, When::AfterEffect),
                (When::Killed, When::AfterEffect),
                (When::BeforeEffect, When::Killed),
            ] {
                let world = World::new().await;
                let kind = FailureKind::Unavailable;
                world.faults.plan(Fault {
                    nth: first,
                    kind,
                    when: a,
                });
                world.faults.plan(Fault {
                    nth: second,
                    kind,
                    when: b,
                });
                enrol(&world, &device).await;
                is_enrolled(&world, &device, &format!("{first} {a:?}, {second} {b:?}")).await;
            }
        }
    }
}

/// The device never comes back: the lease ends, its certificate is taken out of use, and another one may come.
#[tokio::test(start_paused = true)]
async fn a_device_that_does_not_come_back_leaves_nothing_behind() {
    let lost = Device::of("allow-voucher.json");
    let calls_of_a_sweep = 12;
    for nth in 0..calls_of_a_sweep {
        for when in [When::BeforeEffect, When::AfterEffect, When::Killed] {
            let world = World::new().await;
            assert!(lost.register(&world).await);
            world.pass(LEASE);
            world.faults.forget_calls();
            let kind = FailureKind::Unavailable;
            world.faults.plan(Fault { nth, kind, when });
            for _ in 0..3 {
                let _ = retried(&world, SWEEP).await;
                world.pass(Millis::from_secs(60));
            }
            let entry = world.entry("0042");
            let case = format!("call {nth} {when:?}");
            assert_eq!(
                (entry.state, entry.retiring.len()),
                (State::Allowed, 0),
                "{case}"
            );
            assert_eq!(
                world.certificates.is_active(lost.certificate),
                None,
                "{case}"
            );
            // Its word comes too late; asking again does not.
            let event = world.commit(&lost.thing, lost.certificate);
            assert_eq!(
                retried(&world, &event).await,
                Some(Outcome::Ignored),
                "{case}"
            );
            let again = Device::of("allow-voucher.json").with_another_certificate(2);
            enrol(&world, &again).await;
            is_enrolled(&world, &again, &case).await;
        }
    }
}

/// The device lost its new certificate before it stored it, and comes with another one of the same key: the first one ends.
#[tokio::test(start_paused = true)]
async fn a_device_that_lost_its_certificate_gets_another_one() {
    let world = World::new().await;
    let first = Device::of("allow-voucher.json");
    assert!(first.register(&world).await);
    let second = Device::of("allow-voucher.json").with_another_certificate(2);
    enrol(&world, &second).await;
    is_enrolled(&world, &second, "another certificate").await;
    assert_eq!(world.certificates.is_active(first.certificate), None);
}

/// A clone: the live device works on, operators are told once, and each of their decisions does what it says.
#[tokio::test(start_paused = true)]
async fn a_second_key_waits_for_operators() {
    for (command, clone_gets_in, live_stays) in [
        (None, false, true),
        (Some(Command::Keep), false, true),
        (Some(Command::Replace), true, false),
        (Some(Command::Block), false, false),
    ] {
        let world = World::new().await;
        let live = Device::of("allow-no-voucher-wanted.json");
        enrol(&world, &live).await;
        is_enrolled(&world, &live, "live").await;

        // Another key for the same serial number.
        let mut clone = Device::of("allow-factory-voucher.json");
        clone.event["parameters"] = live.event["parameters"].clone();
        clone.event["claimCertificateId"] = live.event["claimCertificateId"].clone();
        clone.thing = live.thing.clone();
        for _ in 0..3 {
            assert!(!clone.register(&world).await);
            sweep(&world).await;
        }
        let told = world.operators.told();
        assert_eq!(told.len(), 1, "{told:?}");
        let text = told[0].text();
        for part in [
            live.thing.as_str(),
            &live.certificate.to_string(),
            &clone.certificate.to_string(),
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(told[0].subject().len() < 100);
        is_enrolled(&world, &live, "with a case").await;

        if let Some(command) = command {
            let event = json!({"type": "command", "serial_number": "0043", "command": command.as_str(), "by": "Ana"});
            assert_eq!(
                retried(&world, &event.to_string()).await,
                Some(Outcome::Commanded)
            );
        }
        assert_eq!(clone.register(&world).await, clone_gets_in, "{command:?}");
        sweep(&world).await;
        if clone_gets_in {
            // Both work until the new one has proved itself.
            assert_eq!(world.certificates.is_active(live.certificate), Some(true));
            assert_eq!(clone.confirm(&world).await, Some(Outcome::Confirmed));
            sweep(&world).await;
        }
        let active = world.certificates.is_active(live.certificate) == Some(true);
        assert_eq!(active, live_stays, "{command:?}");
        world.facts().await;
    }
}

/// A minute is long enough for a sweep's work, whatever hangs.
#[tokio::test(start_paused = true)]
async fn a_sweep_goes_on_after_a_device_that_fails() {
    let world = World::new().await;
    for file in [
        "allow-voucher.json",
        "allow-no-voucher-wanted.json",
        "allow-factory-voucher.json",
    ] {
        assert!(Device::of(file).register(&world).await);
    }
    world.pass(LEASE);
    // The first certificate cannot be retired: the others are.
    world.faults.forget_calls();
    let calls_before = 3;
    let (kind, when) = (FailureKind::Misconfigured, When::BeforeEffect);
    world.faults.plan(Fault {
        nth: calls_before,
        kind,
        when,
    });
    let failed = tokio::time::timeout(Duration::from_secs(60), world.confirmer.handle(SWEEP)).await;
    assert!(failed.unwrap().is_err());
    let waiting = ["0042", "0043", "0049", "0044", "0045"]
        .iter()
        .filter(|serial| !world.entry(serial).retiring.is_empty())
        .count();
    assert_eq!(waiting, 1);
    world.faults.heal();
    // It waits for a minute, which the others need not.
    let all_retired = || {
        let entries = world.store.entries();
        entries.iter().all(|entry| entry.retiring.is_empty())
    };
    sweep(&world).await;
    assert!(!all_retired());
    world.pass(Millis::from_secs(60));
    sweep(&world).await;
    assert!(all_retired());
}

/// An operator blocks a device: its certificate ends at once, although another one of it cannot be retired.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_retired_keeps_no_other_certificate_in_use() {
    for nth in [2, 4] {
        let world = World::new().await;
        let first = Device::of("allow-voucher.json");
        assert!(first.register(&world).await);
        let second = Device::of("allow-voucher.json").with_another_certificate(2);
        assert!(second.register(&world).await);
        let block =
            json!({"type": "command", "serial_number": "0042", "command": "block", "by": "Ana"});
        assert_eq!(
            retried(&world, &block.to_string()).await,
            Some(Outcome::Commanded)
        );
        assert_eq!(world.entry("0042").retiring.len(), 2);
        world.faults.forget_calls();
        // `due`, the device, and then its certificates: whichever fails, the other one ends.
        let (kind, when) = (FailureKind::Misconfigured, When::BeforeEffect);
        world.faults.plan(Fault { nth, kind, when });
        assert!(world.confirmer.handle(SWEEP).await.is_err());
        assert_eq!(world.entry("0042").retiring.len(), 1, "{nth}");
        let active = [first.certificate, second.certificate]
            .map(|certificate| world.certificates.is_active(certificate));
        assert_eq!(active.iter().flatten().count(), 1, "{nth}");
        world.faults.heal();
        world.pass(Millis::from_secs(60));
        sweep(&world).await;
        assert!(world.entry("0042").retiring.is_empty());
        world.facts().await;
    }
}

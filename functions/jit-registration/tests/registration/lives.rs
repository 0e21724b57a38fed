//! Whole registrations with a fault at every call, and with every mishap that a device can have: one active certificate of one
//! thing of the fleet, and never an active one that is not a thing's.

use enrolment_confirmer::answer::Outcome as Confirmed;
use jit_registration::answer::Outcome;
use sci_domain::{
    admission::{RegisteredStatus, State},
    ports::FailureKind,
    timestamp::Millis,
};
use sci_lambda::Handle as _;
use serde_json::json;
use testkit::{
    Fault, When,
    just_in_time::{certificate, present},
    killed,
    onboarding::LEASE,
};

use crate::world::{SWEEP, World};

const DEVICE: &str = "register-serial-number";
const THING: &str = "sci-property-001-environmental-0061";

/// The device connects, again and again as devices do, until its certificate is active; then it says that it has it. A minute
/// passes each time, with a sweep of the confirmer.
async fn enrol(world: &World) {
    for _ in 0..6 {
        present(&world.registry, DEVICE, world.now());
        let standing = world.registry.standing(certificate(DEVICE)).unwrap();
        if standing.status == RegisteredStatus::Active {
            confirm(world).await;
        } else {
            world.deliver(DEVICE).await;
        }
        world.nothing_is_active_too_early(DEVICE, "while enrolling");
        world.pass(Millis::from_secs(60));
        sweep(world).await;
    }
}

async fn confirm(world: &World) -> Option<Confirmed> {
    let event = json!({
        "type": "commit", "thing": THING, "client_id": THING,
        "principal": certificate(DEVICE).to_string(), "received_at": world.now().as_millis(),
    });
    confirmer(world, &event.to_string()).await
}

async fn sweep(world: &World) {
    confirmer(world, SWEEP).await;
}

async fn confirmer(world: &World, event: &str) -> Option<Confirmed> {
    for _ in 0..3 {
        if let Some(Ok(answer)) = killed(world.confirmer.handle(event)).await {
            return Some(answer.outcome);
        }
    }
    None
}

async fn is_enrolled(world: &World, case: &str) {
    world.faults.heal();
    world.is_whole(DEVICE, THING, case);
    let entry = world.entry("0061");
    assert!(
        matches!(entry.state, State::Enrolled(_)),
        "{case}: {:?}",
        entry.state
    );
    let live = entry.live().unwrap();
    assert_eq!(live.certificate, certificate(DEVICE), "{case}");
    assert!(entry.retiring.is_empty(), "{case}");
    world.facts().await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_call_leaves_nothing_half_done() {
    let calls = {
        let world = World::new().await;
        enrol(&world).await;
        is_enrolled(&world, "without a fault").await;
        world.faults.calls().len()
    };
    assert!(calls >= 12, "{calls}");
    for nth in 0..calls {
        for when in [When::BeforeEffect, When::AfterEffect, When::Killed] {
            for kind in [FailureKind::Throttled, FailureKind::Misconfigured] {
                let world = World::new().await;
                world.faults.plan(Fault { nth, kind, when });
                enrol(&world).await;
                is_enrolled(&world, &format!("call {nth} {when:?} {kind:?}")).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_faults_leave_nothing_half_done() {
    for first in 0..10 {
        for second in first + 1..14 {
            for (a, b) in [
                (When::AfterEffect, When::AfterEffect),
                (When::Killed, When::AfterEffect),
                (When::BeforeEffect, When::Killed),
            ] {
                let world = World::new().await;
                let kind = FailureKind::Unavailable;
                for (nth, when) in [(first, a), (second, b)] {
                    world.faults.plan(Fault { nth, kind, when });
                }
                enrol(&world).await;
                is_enrolled(&world, &format!("{first} {a:?}, {second} {b:?}")).await;
            }
        }
    }
}

/// Every try of Lambda dies at the same step: what is half done waits for the device, or its lease ends it.
#[tokio::test(start_paused = true)]
async fn a_crash_after_each_step_is_repaired_or_undone() {
    for step in [
        "registry.create-thing",
        "registry.join-fleet",
        "registry.attach",
        "registry.activate",
    ] {
        for comes_back in [true, false] {
            let case = format!("{step}, {comes_back}");
            let world = World::new().await;
            world.faults.take_down(step, FailureKind::Unavailable);
            assert_eq!(world.deliver(DEVICE).await, None, "{case}");
            let standing = world.registry.standing(certificate(DEVICE)).unwrap();
            assert_eq!(standing.status, RegisteredStatus::Pending, "{case}");
            world.faults.heal();
            if comes_back {
                let answer = world.deliver(DEVICE).await.unwrap();
                assert_eq!(answer.outcome, Outcome::Registered, "{case}");
                assert_eq!(confirm(&world).await, Some(Confirmed::Confirmed), "{case}");
                is_enrolled(&world, &case).await;
            } else {
                world.pass(LEASE);
                sweep(&world).await;
                let entry = world.entry("0061");
                assert_eq!(
                    (entry.state, entry.retiring.len()),
                    (State::Allowed, 0),
                    "{case}"
                );
                assert_eq!(world.registry.standing(certificate(DEVICE)), None, "{case}");
                // A year later.
                enrol(&world).await;
                is_enrolled(&world, &case).await;
            }
        }
    }
}

/// A device that was let in, went away before it said so, and comes back with the only certificate that it ever has.
#[tokio::test(start_paused = true)]
async fn a_device_that_comes_back_after_its_lease_is_let_in_again() {
    for swept in [true, false] {
        let world = World::new().await;
        assert_eq!(
            world.deliver(DEVICE).await.unwrap().outcome,
            Outcome::Registered
        );
        world.pass(LEASE);
        if swept {
            sweep(&world).await;
            assert_eq!(world.registry.standing(certificate(DEVICE)), None);
        }
        enrol(&world).await;
        is_enrolled(&world, &format!("swept: {swept}")).await;
    }
}

/// The event is repeated, and delivered twice at once.
#[tokio::test]
async fn repeats_change_nothing() {
    let world = World::new().await;
    let event = testkit::event_files::event(crate::world::NAME, "register-serial-number.json");
    let (one, two) = tokio::join!(world.function.handle(&event), world.function.handle(&event));
    // One may have to try again, because the other one wrote.
    assert!(one.is_ok() || two.is_ok());
    for _ in 0..5 {
        let answer = world.deliver(DEVICE).await.unwrap();
        assert_eq!(answer.outcome, Outcome::Already);
        world.is_whole(DEVICE, THING, "again");
    }
    assert_eq!(confirm(&world).await, Some(Confirmed::Confirmed));
    is_enrolled(&world, "repeated").await;
}

/// The event is there before the certificate is.
#[tokio::test]
async fn an_event_that_is_faster_than_the_registry_is_tried_again() {
    let world = World::new().await;
    let event = json!({
        "type": "registered", "certificateId": "ab".repeat(32),
        "caCertificateId": testkit::just_in_time::authority("maker").to_string(),
        "ca_certificate_id": testkit::just_in_time::authority("maker").to_string(),
    });
    let failure = world.function.handle(&event.to_string()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert_eq!(world.facts().await, []);
    let counts = format!("{:?}", world.function.counts_of_failure(&failure));
    assert!(
        counts.contains("\"fail\"") && counts.contains("\"unavailable\""),
        "{counts}"
    );
}

/// A store that is down, or busy, is nobody's refusal.
#[tokio::test]
async fn what_cannot_be_looked_up_or_written_is_tried_again() {
    for call in [
        "admission.load",
        "admission.commit",
        "budget.spend",
        "registry.describe",
        "registry.authority",
    ] {
        let world = World::new().await;
        world.faults.take_down(call, FailureKind::Throttled);
        assert_eq!(world.deliver(DEVICE).await, None, "{call}");
        let standing = world.registry.standing(certificate(DEVICE)).unwrap();
        assert_eq!(standing.status, RegisteredStatus::Pending, "{call}");
    }
    // A refusal that cannot be written is a refusal, and counted.
    let world = World::new().await;
    world
        .faults
        .take_down("admission.commit", FailureKind::Throttled);
    let denied = world.deliver("deny-unknown-serial").await.unwrap();
    assert_eq!(
        (denied.reason, denied.unrecorded),
        (Some("unknown-serial"), true)
    );
    let unfit = world.deliver("deny-wrong-authority--forged").await.unwrap();
    assert_eq!(
        (unfit.detail, unfit.unrecorded),
        (Some("ca-signature"), true)
    );
}

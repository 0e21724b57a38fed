//! What stays pending is deleted, of the CAs of the list and of no other.

use jit_registration::answer::Outcome;
use sci_domain::{
    admission::{RegisteredStatus, pending::DISCARDS},
    ports::FailureKind,
    timestamp::Millis,
};
use sci_lambda::{Handle as _, Reported as _};
use testkit::{
    Fault, When,
    just_in_time::{self, certificate},
};

use crate::world::{SWEEP, World};

const DAY: Millis = Millis::from_secs(86_400);

impl World {
    fn is_there(&self, file: &str) -> bool {
        self.registry.standing(certificate(file)).is_some()
    }

    /// Sweeps as often as a sweep finds something, and counts it.
    async fn sweep_until_done(&self) -> usize {
        let mut discarded = 0;
        loop {
            let answer = self.retried(SWEEP).await.unwrap();
            match answer.swept.unwrap().discarded {
                0 => return discarded,
                more => discarded += more,
            }
        }
    }
}

#[tokio::test]
async fn old_pending_certificates_of_listed_cas_go_and_come_again() {
    let world = World::new().await;
    world.deliver("register-serial-number").await.unwrap();
    world.pass(Millis::from_secs(7 * 86_400));
    just_in_time::present(&world.registry, "register-serial-number", world.now());
    let none = world.retried(SWEEP).await.unwrap();
    // Of the nine that are on the list, AWS IoT does not know `gone` any more.
    assert_eq!(
        none.swept.map(|swept| (swept.authorities, swept.discarded)),
        Some((8, 0))
    );

    world.pass(Millis::new(1));
    let discarded = world.sweep_until_done().await;
    for file in [
        "deny-unknown-serial",
        "deny-introducer-suspended",
        "deny-budget-exhausted",
    ] {
        assert!(!world.is_there(file), "{file}");
    }
    // Another's CA, what is in use, and what people decided.
    for file in [
        "deny-unknown-introducer",
        "already-active",
        "register-serial-number",
        "deny-not-pending--revoked",
    ] {
        assert!(world.is_there(file), "{file}");
    }
    assert!(discarded > 20, "{discarded}");

    // The device comes back: it is registered as on its first day.
    just_in_time::present(&world.registry, "register-thing-name", world.now());
    let answer = world.deliver("register-thing-name").await.unwrap();
    assert_eq!(answer.outcome, Outcome::Registered);
}

#[tokio::test]
async fn a_sweep_goes_on_after_a_failure_and_reports_it() {
    let pending = |world: &World| {
        let files = [
            "deny-unknown-serial",
            "deny-blocked",
            "deny-quota-exhausted",
            "deny-introducer-suspended",
        ];
        files.iter().filter(|file| world.is_there(file)).count()
    };
    let calls = {
        let world = World::new().await;
        world.pass(Millis::from_secs(8 * 86_400));
        world.retried(SWEEP).await.unwrap();
        let calls = world.faults.calls().len();
        world.sweep_until_done().await;
        assert_eq!(pending(&world), 0);
        calls
    };
    for nth in 1..calls {
        let world = World::new().await;
        world.pass(Millis::from_secs(8 * 86_400));
        let (kind, when) = (FailureKind::Misconfigured, When::BeforeEffect);
        world.faults.plan(Fault { nth, kind, when });
        let failed = world.function.handle(SWEEP).await;
        failed.unwrap_err();
        // At most one CA was left out.
        assert!(pending(&world) <= 2, "{nth}");
        world.sweep_until_done().await;
        assert_eq!(pending(&world), 0, "{nth}");
    }
}

/// A device that is just being let in, after a week: whichever is first, it ends well.
#[tokio::test]
async fn a_certificate_that_is_active_by_now_stays() {
    use sci_domain::admission::Registry as _;
    let world = World::new().await;
    world.pass(DAY);
    world.deliver("register-serial-number").await.unwrap();
    let id = certificate("register-serial-number");
    assert!(!world.registry.discard(id).await.unwrap());
    let standing = world.registry.standing(id).unwrap();
    assert_eq!(standing.status, RegisteredStatus::Active);
}

/// One CA has more than a sweep deletes: the others have their share all the same.
#[tokio::test]
async fn a_heap_of_one_ca_leaves_none_of_another() {
    use sci_domain::admission::{CertificateId, Registered};
    let world = World::new().await;
    let flooded = just_in_time::authority("flooded");
    for number in 0..10_000_u64 {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        let registered = Registered {
            pem: String::new(),
            status: RegisteredStatus::Pending,
            authority: Some(flooded),
        };
        world
            .registry
            .register(CertificateId::from_bytes(bytes), registered, world.now());
    }
    world.pass(Millis::from_secs(8 * 86_400));
    let before = world.faults.calls().len();
    let swept = world.retried(SWEEP).await.unwrap();
    let counted = format!("{:?}", swept.counts());
    let discarded = swept.swept.unwrap().discarded;
    assert!(
        counted.contains(&format!("\"PendingDiscarded\", value: {discarded}")),
        "{counted}"
    );
    assert!(discarded <= DISCARDS, "{discarded}");
    assert!(world.faults.calls().len() - before <= 1 + 200 + 2 * DISCARDS);
    for file in [
        "deny-introducer-suspended",
        "deny-quota-exhausted",
        "deny-authority-not-valid--expired",
    ] {
        assert!(!world.is_there(file), "{file}");
    }
}

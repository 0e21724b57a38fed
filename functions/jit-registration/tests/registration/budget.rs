//! A flood of one CA: its budget holds, and nobody else notices.

use futures_util::future::join_all;
use jit_registration::answer::Outcome;
use sci_domain::timestamp::Millis;
use sci_lambda::Handle as _;
use testkit::{
    event_files,
    just_in_time::{EVENTS_PER_HOUR, certificate},
};

use crate::world::{NAME, World};

#[tokio::test]
async fn ten_thousand_events_of_one_ca_cost_its_budget_and_nobody_elses() {
    let world = World::new().await;
    // Whoever has a CA's key makes any number of certificates: each event is about another one, which says 0061.
    let event = event_files::event(NAME, "deny-subject-mismatch--serial-number.json");
    let flood = join_all((0..10_000).map(|_| world.function.handle(&event))).await;
    let answers: Vec<_> = flood.into_iter().map(Result::unwrap).collect();
    let of = |reason: &str| {
        let denied = answers
            .iter()
            .filter(|answer| answer.reason == Some(reason));
        denied.count() as u64
    };
    assert_eq!(of("subject-mismatch"), EVENTS_PER_HOUR);
    assert_eq!(of("budget-exhausted"), 10_000 - EVENTS_PER_HOUR);
    let calls = world.faults.calls();
    let of = |name: &str| calls.iter().filter(|call| call.starts_with(name)).count() as u64;
    assert_eq!(
        (of("registry.describe"), of("registry.authority")),
        (EVENTS_PER_HOUR, EVENTS_PER_HOUR)
    );
    assert_eq!(of("admission.commit"), EVENTS_PER_HOUR);
    assert!(world.facts().await.len() as u64 <= EVENTS_PER_HOUR);

    // The maker's honest devices wait, as they are: the certificate stays pending, and is taken an hour later.
    let honest = world.deliver("register-serial-number").await.unwrap();
    assert_eq!(
        (honest.outcome, honest.reason),
        (Outcome::Denied, Some("budget-exhausted"))
    );
    // Devices of another CA do not.
    let other = world.deliver("deny-quota-exhausted").await.unwrap();
    assert_eq!(other.reason, Some("quota-exhausted"));
    world.pass(Millis::from_secs(3600));
    let honest = world.deliver("register-serial-number").await.unwrap();
    assert_eq!(honest.outcome, Outcome::Registered);
    world.is_whole(
        "register-serial-number",
        "sci-property-001-environmental-0061",
        "later",
    );
    assert!(
        world
            .registry
            .standing(certificate("deny-budget-exhausted"))
            .is_some()
    );
}

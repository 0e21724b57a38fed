//! Every file of `events/jit-registration` on fakes.

use std::collections::BTreeSet;

use sci_domain::admission::{Reason, audit::Happened, audit::hashed};
use sci_lambda::{Handle as _, Reported as _};
use testkit::{event_files, just_in_time::authority, log_scan::LogScan};

use crate::world::{NAME, World};

/// The outcome and the reason that a file's name promises.
fn promised(file: &str) -> (&'static str, Option<&str>) {
    let stem = file.strip_suffix(".json").unwrap();
    let (prefix, rest) = stem.split_once('-').unwrap();
    let reason = Some(rest.split("--").next().unwrap());
    match prefix {
        "register" => ("registered", None),
        "already" => ("already", None),
        "deny" => ("denied", reason),
        "refuse" => ("refused", reason),
        "malformed" => ("refused", Some("malformed-event")),
        "sweep" => ("swept", None),
        _ => panic!("{file}"),
    }
}

fn files() -> Vec<String> {
    let rows = event_files::rows(NAME);
    let file = |row: &String| row.split('`').nth(1).unwrap().to_owned();
    rows.iter().map(file).collect()
}

#[tokio::test]
async fn every_file_does_what_its_name_says() {
    let mut outcomes = BTreeSet::new();
    for file in files() {
        let event = event_files::event(NAME, &file);
        let world = World::new().await;
        let before = world.store.entries();
        let logs = LogScan::start();
        let answered = world.function.handle(&event).await.unwrap();
        answered.log();
        logs.assert_clean(&[]);
        let answer = serde_json::to_value(&answered).unwrap();
        let (outcome, reason) = promised(&file);
        assert_eq!(answer["outcome"], outcome, "{file}: {answer}");
        let given = answer.get("reason").and_then(|reason| reason.as_str());
        assert_eq!(given, reason, "{file}: {answer}");
        outcomes.insert(outcome);

        let kept = world.refused.kept();
        if outcome == "refused" {
            assert_eq!(kept.len(), 1, "{file}");
            assert_eq!(
                (kept[0].0.reason.code(), &kept[0].1),
                (reason.unwrap(), &event)
            );
            assert_eq!(world.faults.calls(), ["refused.keep"], "{file}");
        } else {
            assert!(kept.is_empty(), "{file}");
        }
        let registered = outcome == "registered";
        assert_eq!(
            world.registry.things().len(),
            usize::from(registered),
            "{file}"
        );
        if registered {
            let thing = answer["thing"].as_str().unwrap();
            let file = file.strip_suffix(".json").unwrap();
            let of = match file {
                "register-nothing-believed" | "register-without-client-id" => {
                    "register-serial-number"
                }
                file => file,
            };
            world.is_whole(of, thing, file);
        }
        // Only devices that are let in change, and one whose clone came.
        let changes = registered || reason == Some("clone-suspected");
        assert_eq!(world.store.entries() != before, changes, "{file}");
        assert_records(&world, &file, outcome, reason).await;
    }
    assert_eq!(outcomes.len(), 5);
}

/// Every decision that was paid for has its record, and nothing else has one.
async fn assert_records(world: &World, file: &str, outcome: &str, reason: Option<&str>) {
    let unpaid = [
        Reason::UnknownIntroducer,
        Reason::IntroducerSuspended,
        Reason::IntroducerExpired,
        Reason::BudgetExhausted,
    ];
    let unpaid = unpaid.iter().any(|unpaid| Some(unpaid.code()) == reason);
    let facts = world.facts().await;
    let recorded = match outcome {
        "registered" => true,
        "denied" => !unpaid,
        _ => false,
    };
    assert_eq!(facts.len(), usize::from(recorded), "{file}: {facts:?}");
    if unpaid {
        let asked = world.faults.calls();
        assert!(
            asked.iter().all(|call| !call.starts_with("registry")),
            "{file}: {asked:?}"
        );
    }
    if let Some((_, fact)) = facts.first() {
        let happened = match outcome {
            "registered" => Happened::Admitted,
            _ => Happened::Denied,
        };
        assert_eq!(
            (fact.happened, fact.reason.as_str()),
            (happened, reason.unwrap_or(""))
        );
        assert!(fact.certificate.is_some(), "{file}");
        // What the device calls itself is not written down.
        let client = match file {
            "register-nothing-believed.json" => Some(hashed("../*\n")),
            "register-without-client-id.json" => None,
            _ => Some(hashed("device")),
        };
        assert_eq!(fact.client, client, "{file}");
    }
}

/// What belongs to claims, time and failures has none.
#[test]
fn every_reason_has_a_file() {
    let files = files();
    let shown: BTreeSet<_> = files.iter().filter_map(|file| promised(file).1).collect();
    let missing: Vec<_> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .filter(|code| !shown.contains(code))
        .collect();
    assert_eq!(
        missing,
        [
            "malformed-request",
            "wrong-template",
            "claims-mismatch",
            "voucher-missing",
            "voucher-invalid",
            "key-refused",
            "too-fast",
            "conflict",
            "store-failed",
            "too-late"
        ]
    );
}

/// What a certificate that names no known device does is written where it is in no device's way.
#[tokio::test]
async fn strangers_are_told_of_in_the_chain_of_their_ca() {
    let world = World::new().await;
    for file in [
        "deny-unknown-serial",
        "deny-wrong-authority--forged",
        "deny-not-pending--revoked",
    ] {
        world.deliver(file).await.unwrap();
    }
    let facts = world.facts().await;
    let chain = format!("ca#{}", authority("maker"));
    assert_eq!(facts.len(), 3);
    assert!(
        facts.iter().all(|(subject, _)| *subject == chain),
        "{facts:?}"
    );
    // A forged certificate says 0061; its record does, too.
    assert_eq!(facts[1].1.serial.as_ref().unwrap().as_str(), "0061");
}

/// What each case costs, which floods multiply.
#[tokio::test]
async fn calls_are_counted() {
    let decided = [
        "admission.load",
        "budget.spend",
        "registry.describe",
        "registry.authority",
    ];
    let written = ["admission.load", "admission.commit"];
    let enrolled = [
        "registry.create-thing",
        "registry.join-fleet",
        "registry.attach",
        "registry.activate",
    ];
    for (file, calls) in [
        ("deny-unknown-introducer", decided[..1].to_vec()),
        ("deny-budget-exhausted", decided[..2].to_vec()),
        ("already-active", decided[..3].to_vec()),
        (
            "deny-not-pending--revoked",
            [&decided[..3], &written].concat(),
        ),
        ("deny-unknown-serial", [&decided[..], &written].concat()),
        (
            "register-serial-number",
            [&decided[..], &written, &enrolled].concat(),
        ),
    ] {
        let world = World::new().await;
        world.deliver(file).await.unwrap();
        assert_eq!(world.faults.calls(), calls, "{file}");
    }
}

#[tokio::test]
async fn what_is_counted_is_what_alarms_ask_for() {
    for (file, counts) in [
        ("register-again", vec!["Decisions allow"]),
        ("already-active", vec!["Decisions already"]),
        ("deny-blocked", vec!["Decisions deny", "Denials blocked"]),
        ("malformed-list", vec!["Refusals malformed-event"]),
        ("sweep-schedule", vec![]),
    ] {
        let world = World::new().await;
        let answer = world.deliver(file).await.unwrap();
        let counted = format!("{:?}", answer.counts());
        for count in &counts {
            for word in count.split(' ') {
                assert!(
                    counted.contains(&format!("\"{word}\"")),
                    "{file}: {counted}"
                );
            }
        }
        assert_eq!(answer.counts().len(), counts.len(), "{file}: {counted}");
    }
}

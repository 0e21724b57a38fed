//! Every file of `events/enrolment-confirmer` on fakes.
use std::collections::BTreeSet;

use sci_domain::admission::audit::Happened;
use sci_lambda::Handle as _;
use testkit::{event_files, log_scan::LogScan};

use crate::world::World;

const NAME: &str = "enrolment-confirmer";

/// The outcome and the reason that a file's name promises.
fn promised(file: &str) -> (&'static str, Option<&str>) {
    let stem = file.strip_suffix(".json").unwrap();
    let (prefix, rest) = stem.split_once('-').unwrap();
    let reason = Some(rest.split("--").next().unwrap());
    match prefix {
        "confirm" => ("confirmed", None),
        "already" => ("already", None),
        "ignore" => ("ignored", reason),
        "refuse" => ("refused", reason),
        "malformed" => ("refused", Some("malformed-event")),
        "sweep" => ("swept", None),
        "command" => ("commanded", None),
        _ => panic!("{file}"),
    }
}

#[tokio::test]
async fn every_file_does_what_its_name_says() {
    let mut outcomes = BTreeSet::new();
    for row in event_files::rows(NAME) {
        let file = row.split('`').nth(1).unwrap();
        let event = event_files::event(NAME, file);
        let world = World::new().await;
        let before = world.store.entries();
        let logs = LogScan::start();
        let answer = world.confirmer.handle(&event).await.unwrap();
        logs.assert_clean(&[]);
        let answer = serde_json::to_value(answer).unwrap();
        let (outcome, reason) = promised(file);
        assert_eq!(answer["outcome"], outcome, "{file}: {answer}");
        assert_eq!(
            answer.get("reason").and_then(|r| r.as_str()),
            reason,
            "{file}"
        );
        outcomes.insert(outcome);
        let kept = world.refused.kept();
        if outcome == "refused" {
            assert_eq!(kept.len(), 1, "{file}");
            assert_eq!(
                (kept[0].0.reason.code(), &kept[0].1),
                (reason.unwrap(), &event)
            );
        } else {
            assert!(kept.is_empty(), "{file}");
        }
        let changed = world.store.entries() != before;
        let changes = matches!(outcome, "confirmed" | "commanded");
        assert_eq!(changed, changes, "{file}");
        // Every change has its record, and nothing else has one.
        let facts = world.facts().await;
        assert_eq!(!facts.is_empty(), changes, "{file}: {facts:?}");
        if outcome == "confirmed" {
            assert_eq!(facts[0].happened, Happened::Confirmed);
        }
    }
    assert_eq!(outcomes.len(), 6);
}

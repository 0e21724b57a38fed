//! Every file of `events/high-temp-processor` on fakes, and what cannot be a file.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::BTreeMap;

use high_temp_processor::handler::Handler;
use sci_domain::{
    alarm::fold::ClosedBy, notification::Transition, settings::TemperatureSettings,
    timestamp::Timestamp,
};
use sci_lambda::{
    Env, Handle,
    answer::{Answer, Outcome},
    property_settings::PropertySettings,
};
use serde_json::Value;
use testkit::{Fakes, event_files};

const NAME: &str = "high-temp-processor";

fn handler(fakes: &Fakes) -> impl Handle<Answer = Answer> + use<> {
    let env = Env::from_texts(BTreeMap::new());
    let settings = PropertySettings::new(&env, TemperatureSettings::read).unwrap();
    let clock = fakes.clock.clone();
    Handler::new(fakes.ports(), settings, move || clock.now())
}

fn event(file: &str) -> String {
    event_files::event(NAME, file)
}

#[tokio::test(flavor = "current_thread")]
async fn every_file_does_what_its_name_says() {
    event_files::replay(NAME, handler).await;
}

#[test]
fn every_reason_has_a_file() {
    let expected = [
        "humidity-out-of-range",
        "identity-mismatch",
        "invalid-thing-name",
        "malformed-event",
        "missing-field",
        "number-out-of-range",
        "temperature-out-of-range",
        "timestamp-in-future",
        "timestamp-in-seconds",
        "timestamp-too-old",
        "unit-mix-up",
        "unknown-event-type",
        "wrong-type",
    ];
    // `alert-level-out-of-range` belongs to the other function; the two that are left have tests below.
    assert_eq!(
        event_files::reasons(NAME),
        expected.map(String::from).into()
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_payload_beyond_128_kb_is_refused_and_kept() {
    let fakes = Fakes::default();
    let mut huge: Value = serde_json::from_str(&event("raise-hot.json")).unwrap();
    huge["payload"] = "A".repeat(129 * 1024 / 3 * 4).into();
    let huge = huge.to_string();
    let answer = handler(&fakes).handle(&huge).await.unwrap();
    assert_eq!(
        (answer.outcome, answer.reason),
        (Outcome::Refused, Some("payload-too-large"))
    );
    assert_eq!(fakes.refused.kept()[0].1, huge);
    assert!(fakes.store.readings().is_empty());
}

#[tokio::test(flavor = "current_thread")]
async fn a_record_that_is_refused_for_good_is_kept_and_the_reading_stands() {
    let fakes = Fakes::default();
    fakes
        .telemetry
        .retain_from(Timestamp::parse_rfc3339("2026-11-21T00:00:00Z").unwrap());
    let answer = handler(&fakes)
        .handle(&event("raise-hot.json"))
        .await
        .unwrap();
    assert_eq!(
        (answer.outcome, answer.reason),
        (Outcome::Stored, Some("telemetry-rejected"))
    );
    assert_eq!(fakes.publisher.published().len(), 1);
    assert_eq!(fakes.refused.kept()[0].1, event("raise-hot.json"));
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_written_is_what_was_measured() {
    let fakes = Fakes::default();
    handler(&fakes)
        .handle(&event("raise-hot.json"))
        .await
        .unwrap();
    let [reading] = &fakes.store.readings()[..] else {
        panic!("one row")
    };
    assert_eq!(reading.temperature.value().to_string(), "36.4");
    assert_eq!(
        reading.origin.observed_at.to_string(),
        "2026-11-20T14:23:00.000Z"
    );
    let [record] = &fakes.telemetry.records()[..] else {
        panic!("one record")
    };
    let names: Vec<_> = record.values.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["temperature", "humidity"]);
    let [(notification, 1)] = &fakes.publisher.published()[..] else {
        panic!("told once")
    };
    assert_eq!(notification.transition, Transition::Raised);
    assert_eq!(fakes.store.alarms()[0].version, 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_silent_alarm_says_how_it_closed() {
    let fakes = Fakes::default();
    let handler = handler(&fakes);
    handler.handle(&event("raise-hot.json")).await.unwrap();
    handler
        .handle(&event("sweep-closes-silent-alarm.json"))
        .await
        .unwrap();
    let (told, _) = fakes.publisher.published().pop().unwrap();
    assert_eq!(
        (told.transition, told.closed_by),
        (Transition::Cleared, Some(ClosedBy::Silence))
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_property_decides_for_itself_and_a_bad_setting_falls_back() {
    let fakes = Fakes::default();
    fakes
        .store
        .set_property("property-001", "alarm_ladder_celsius", "38=critical");
    let answer = handler(&fakes)
        .handle(&event("raise-hot.json"))
        .await
        .unwrap();
    assert_eq!((answer.outcome, answer.transition), (Outcome::Stored, None));

    let fakes = Fakes::default();
    fakes
        .store
        .set_property("property-001", "alarm_ladder_celsius", "hot");
    let answer = handler(&fakes)
        .handle(&event("raise-hot.json"))
        .await
        .unwrap();
    assert_eq!(answer.transition, Some("raised"));
    assert_eq!(
        answer.invalid_override.unwrap().name,
        "ALARM_LADDER_CELSIUS"
    );
}

/// The numbers of calls that `functions/README.md` states: with Timestream off and on.
fn stated(message: &str) -> (usize, usize) {
    let row = format!("| {message} |");
    let readme = include_str!("../../README.md");
    let row = readme.lines().find(|line| line.starts_with(&row)).unwrap();
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    (cells[2].parse().unwrap(), cells[3].parse().unwrap())
}

/// Each of these calls of a port is one call of AWS: loading reads alarm and settings at once; a row, an alarm and a
/// notification are one transaction.
#[tokio::test(flavor = "current_thread")]
async fn each_message_makes_as_few_calls_as_the_readme_says() {
    let raising = [
        "store.load",
        "store.commit",
        "publisher.publish",
        "outbox.delivered",
    ];
    for (message, before, file, calls) in [
        ("quiet", None, "quiet-cool.json", &raising[..2]),
        ("hot", None, "store-warm.json", &raising[..2]),
        ("raising", None, "raise-hot.json", &raising[..]),
        (
            "duplicate, hot",
            Some("raise-hot.json"),
            "duplicate-second-delivery.json",
            &raising[..2],
        ),
        (
            "duplicate, quiet",
            Some("quiet-cool.json"),
            "duplicate-quiet-second-delivery.json",
            &raising[..1],
        ),
        (
            "refused",
            None,
            "refuse-wrong-type.json",
            &["refused.keep"][..],
        ),
    ] {
        let (off, on) = stated(message);
        for (on, number) in [(false, off), (true, on)] {
            let fakes = Fakes::default();
            if !on {
                fakes.telemetry.switch_off();
            }
            let handler = handler(&fakes);
            if let Some(before) = before {
                handler.handle(&event(before)).await.unwrap();
            }
            fakes.faults.forget_calls();
            handler.handle(&event(file)).await.unwrap();
            let mut expected = calls.to_vec();
            if on && calls[0] == "store.load" {
                expected.push("telemetry.write");
            }
            assert_eq!(
                fakes.faults.calls(),
                expected,
                "{message}, Timestream on: {on}"
            );
            assert_eq!(expected.len(), number, "functions/README.md: {message}");
        }
    }
}

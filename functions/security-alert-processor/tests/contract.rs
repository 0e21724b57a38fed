//! Every file of `events/security-alert-processor` on fakes, and what cannot be a file.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::BTreeMap;

use sci_domain::{settings::security_policy, telemetry::MeasureValue, timestamp::Timestamp};
use sci_lambda::{
    Env, Handle,
    answer::{Answer, Outcome},
    property_settings::PropertySettings,
};
use security_alert_processor::handler::Handler;
use testkit::{Fakes, event_files};

const NAME: &str = "security-alert-processor";

fn handler(fakes: &Fakes) -> impl Handle<Answer = Answer> + use<> {
    let env = Env::from_texts(BTreeMap::new());
    let settings = PropertySettings::new(&env, security_policy).unwrap();
    let clock = fakes.clock.clone();
    Handler::new(fakes.ports(), settings, move || clock.now())
}

fn event(file: &str) -> String {
    event_files::event(NAME, file)
}

#[tokio::test(flavor = "current_thread")]
async fn every_file_does_what_its_name_says() {
    event_files::replay(NAME, handler).await;
    assert!(event_files::reasons(NAME).contains("alert-level-out-of-range"));
}

#[tokio::test(flavor = "current_thread")]
async fn an_alert_has_no_row_and_no_record_and_a_record_nothing_else() {
    let fakes = Fakes::default();
    let handler = handler(&fakes);
    let raised = handler.handle(&event("raise-tamper.json")).await.unwrap();
    assert_eq!(
        fakes.faults.calls(),
        [
            "store.load",
            "store.commit",
            "publisher.publish",
            "outbox.delivered"
        ]
    );
    assert!(fakes.store.readings().is_empty() && fakes.telemetry.records().is_empty());

    fakes.faults.forget_calls();
    let ignored = handler
        .handle(&event("ignore-level-three.json"))
        .await
        .unwrap();
    assert_eq!(
        (ignored.outcome, fakes.faults.calls()),
        (Outcome::Ignored, vec![])
    );

    handler
        .handle(&event("record-low-level.json"))
        .await
        .unwrap();
    assert_eq!(fakes.faults.calls(), ["telemetry.write"]);
    let [record] = &fakes.telemetry.records()[..] else {
        panic!("one record")
    };
    assert_eq!(record.values[0], ("alert_level", MeasureValue::BigInt(1)));

    let again = handler
        .handle(&event("duplicate-second-delivery.json"))
        .await
        .unwrap();
    assert!(raised.deduplication_key.is_some());
    assert_eq!(raised.deduplication_key, again.deduplication_key);
}

/// Words of the device reach the refused messages and nothing else.
#[tokio::test(flavor = "current_thread")]
async fn people_are_told_nothing_that_a_device_wrote() {
    let fakes = Fakes::default();
    handler(&fakes)
        .handle(&event("raise-unknown-kind.json"))
        .await
        .unwrap();
    let (told, _) = fakes.publisher.published().pop().unwrap();
    let attributes = told.attributes().map(|(_, value)| value).join(" ");
    for text in [told.subject(), told.text(), attributes] {
        assert!(!text.contains("dragon") && !text.contains('<'), "{text}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_record_that_is_refused_for_good_is_refused() {
    let fakes = Fakes::default();
    fakes
        .telemetry
        .retain_from(Timestamp::parse_rfc3339("2026-11-21T00:00:00Z").unwrap());
    let answer = handler(&fakes)
        .handle(&event("record-low-level.json"))
        .await
        .unwrap();
    assert_eq!(
        (answer.outcome, answer.reason),
        (Outcome::Refused, Some("telemetry-rejected"))
    );
    assert_eq!(fakes.refused.kept()[0].1, event("record-low-level.json"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_property_decides_for_itself() {
    let fakes = Fakes::default();
    fakes
        .store
        .set_property("property-001", "security_ladder_levels", "5=critical");
    let answer = handler(&fakes)
        .handle(&event("raise-tamper.json"))
        .await
        .unwrap();
    assert_eq!((answer.outcome, answer.transition), (Outcome::Stored, None));
}

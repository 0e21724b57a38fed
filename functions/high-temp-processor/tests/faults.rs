//! Failures, kills, races and repetition: no reading is lost or stored twice, no alarm is raised twice, and nobody is
//! told twice without a hint that it may be so.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use high_temp_processor::handler::Handler;
use sci_domain::{
    notification::NotificationId,
    ports::FailureKind,
    settings::TemperatureSettings,
    timestamp::{Millis, Timestamp},
};
use sci_lambda::{
    Env, Handle,
    answer::{Answer, Outcome},
    property_settings::PropertySettings,
};
use serde_json::json;
use testkit::{Fakes, Fault, Random, When, event_files, killed};

/// How often Lambda hands an event to an asynchronous function that fails.
const ATTEMPTS: usize = 3;

fn handler(fakes: &Fakes) -> impl Handle<Answer = Answer> + use<> {
    let env = Env::from_texts(BTreeMap::new());
    let settings = PropertySettings::new(&env, TemperatureSettings::read).unwrap();
    let clock = fakes.clock.clone();
    Handler::new(fakes.ports(), settings, move || clock.now())
}

fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").unwrap()
}

fn reading(thing: &str, seconds: u64, temperature: f64) -> String {
    json!({
        "type": "reading", "source": "environmental", "temperature": temperature,
        "claimed_property": "property-001",
        "device_timestamp": noon().plus(Millis::from_secs(seconds)).as_millis(),
        "thing": thing, "client_id": thing, "principal": "ab",
        "received_at": noon().plus(Millis::from_secs(seconds)).as_millis() + 200,
    })
    .to_string()
}

fn sweep(at: Timestamp) -> String {
    json!({ "type": "sweep", "scheduled_at": at.to_string() }).to_string()
}

/// As Lambda does it: again until it succeeds, but not for ever.
async fn deliver(handler: &impl Handle<Answer = Answer>, event: &str) -> Option<Answer> {
    for _ in 0..ATTEMPTS {
        // Killed counts as failed.
        if let Some(Ok(answer)) = killed(handler.handle(event)).await {
            return Some(answer);
        }
    }
    None
}

/// What was told, as attempts by id: a repeated one must carry a higher attempt, so that people can tell.
fn told(fakes: &Fakes) -> BTreeMap<NotificationId, Vec<u32>> {
    let mut told: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for (notification, attempt) in fakes.publisher.published() {
        told.entry(notification.id()).or_default().push(attempt);
    }
    for (id, attempts) in &told {
        assert!(
            attempts.is_sorted_by(|a, b| a < b),
            "{id}: told in attempts {attempts:?}"
        );
    }
    told
}

#[tokio::test(flavor = "current_thread")]
async fn a_raise_survives_a_failure_or_kill_at_every_call() {
    let event = event_files::event("high-temp-processor", "raise-hot.json");
    let clean = Fakes::default();
    handler(&clean).handle(&event).await.unwrap();
    let calls = clean.faults.calls();
    assert_eq!(calls.len(), 5);
    for (nth, call) in calls.iter().enumerate() {
        for when in [When::BeforeEffect, When::AfterEffect, When::Killed] {
            let case = format!("{when:?} at {call}");
            let fakes = Fakes::default();
            let handler = handler(&fakes);
            fakes.faults.plan(Fault {
                nth,
                kind: FailureKind::Unavailable,
                when,
            });
            let answer = deliver(&handler, &event).await;
            assert!(answer.is_some(), "{case}: a single fault fails no message");
            for minutes in [2, 4] {
                let at = fakes.clock.now().plus(Millis::from_secs(minutes * 60));
                handler.handle(&sweep(at)).await.unwrap();
            }
            assert_eq!(fakes.store.readings().len(), 1, "{case}: rows");
            let alarms = fakes.store.alarms();
            assert_eq!(alarms.len(), 1, "{case}: alarms");
            assert!(
                alarms[0].episode().is_some() && alarms[0].version == 1,
                "{case}"
            );
            assert_eq!(fakes.telemetry.records().len(), 1, "{case}: records");
            assert_eq!(told(&fakes).len(), 1, "{case}: told of one raise");
            assert!(fakes.store.outbox().is_empty(), "{case}: all delivered");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn sns_may_be_down_for_an_hour() {
    let fakes = Fakes::default();
    let handler = handler(&fakes);
    fakes
        .faults
        .take_down("publisher.publish", FailureKind::Unavailable);
    let answer = handler
        .handle(&reading("sci-property-001-environmental-1", 0, 36.0))
        .await;
    let answer = answer.unwrap();
    assert!(answer.undelivered.is_some() && answer.outcome == Outcome::Stored);
    for minute in 2..10 {
        handler
            .handle(&sweep(noon().plus(Millis::from_secs(minute * 60))))
            .await
            .unwrap();
    }
    assert!(fakes.publisher.published().is_empty());
    fakes.faults.heal();
    let swept = handler
        .handle(&sweep(noon().plus(Millis::from_secs(20 * 60))))
        .await
        .unwrap();
    assert_eq!(swept.swept.unwrap().delivered, 1);
    let attempts: Vec<_> = told(&fakes).into_values().collect();
    assert!(
        matches!(attempts[..], [ref one] if one.len() == 1 && one[0] > 1),
        "{attempts:?}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn readings_that_come_at_once_end_in_one_alarm_and_one_raise() {
    let fakes = Fakes::default();
    let handler = handler(&fakes);
    let mut waiting: Vec<_> = (0..32)
        .map(|i| reading("sci-property-001-environmental-1", i, 36.0))
        .collect();
    // Those that lose too many races fail, and Lambda brings them again.
    for _ in 0..32 {
        let answers = join_all(waiting.iter().map(|event| handler.handle(event))).await;
        let mut answers = answers.into_iter();
        waiting.retain(|_| answers.next().unwrap().is_err());
    }
    assert!(waiting.is_empty());
    assert_eq!(fakes.store.readings().len(), 32);
    let [alarm] = &fakes.store.alarms()[..] else {
        panic!("one alarm")
    };
    assert!(alarm.episode().is_some());
    assert_eq!(told(&fakes).len(), 1);
}

/// received = stored + quiet + duplicate + late + refused + failed, whatever happens.
#[tokio::test(flavor = "current_thread")]
async fn every_message_is_accounted_for() {
    const MESSAGES: u64 = 10_000;
    for seed in [1, 2] {
        let fakes = Fakes::default();
        let handler = handler(&fakes);
        let mut random = Random::new(seed);
        let messages = messages(&mut random, MESSAGES);
        fakes.faults.at_random(20, seed);
        let mut outcomes: BTreeMap<_, usize> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for (i, message) in messages.iter().enumerate() {
            let answer = deliver(&handler, &message.event).await;
            let outcome = answer
                .as_ref()
                .map_or("failed", |answer| answer.outcome.as_str());
            *outcomes.entry(outcome).or_default() += 1;
            ids.extend(answer.and_then(|answer| answer.notification_id));
            if i % 100 == 0 {
                let _ = handler.handle(&sweep(message.at)).await;
            }
            check(message, outcome, &fakes);
        }
        fakes.faults.heal();
        let end = noon().plus(Millis::from_secs(7 * 86_400));
        for minutes in 0..20 {
            let at = end.plus(Millis::from_secs(minutes * 120));
            handler.handle(&sweep(at)).await.unwrap();
        }
        assert_eq!(
            outcomes.values().sum::<usize>(),
            messages.len(),
            "{outcomes:?}"
        );
        for outcome in ["stored", "quiet", "duplicate", "late", "refused"] {
            assert!(outcomes.contains_key(outcome), "no {outcome}: {outcomes:?}");
        }
        assert!(fakes.store.outbox().is_empty());
        let told = told(&fakes);
        for id in ids {
            assert!(
                told.contains_key(&NotificationId::from_stored(id.clone())),
                "{id} was lost"
            );
        }
        assert!(
            fakes
                .store
                .alarms()
                .iter()
                .all(|alarm| alarm.episode().is_none())
        );
    }
}

struct Message {
    event: String,
    at: Timestamp,
    /// The key of its row, if it is a hot reading.
    row: Option<(String, Timestamp)>,
    poison: bool,
}

/// 1 % poison, 10 % duplicates, 10 % out of order, on 8 things.
fn messages(random: &mut Random, count: u64) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for i in 0..count {
        let thing = format!("sci-property-001-environmental-{}", random.below(8));
        let seconds = if random.chance(100) {
            (i * 10).saturating_sub(random.below(4000))
        } else {
            i * 10
        };
        let degrees = 20.0 + random.below(2400) as f64 / 100.0;
        let at = noon().plus(Millis::from_secs(seconds));
        let event = reading(&thing, seconds, degrees);
        let poison = random.chance(10);
        let event = if poison {
            event.replace("\"temperature\":", "\"temperature\":\"NaN\",\"was\":")
        } else {
            event
        };
        let row = (degrees > 30.0 && !poison).then_some((thing, at));
        messages.push(Message {
            event,
            at,
            row,
            poison,
        });
        if random.chance(100) {
            let known = &messages[random.below(messages.len() as u64) as usize];
            let again = Message {
                event: known.event.clone(),
                at: known.at,
                row: known.row.clone(),
                poison: known.poison,
            };
            messages.push(again);
        }
    }
    messages
}

/// What was answered is what was done.
fn check(message: &Message, outcome: &str, fakes: &Fakes) {
    if outcome == "failed" {
        return;
    }
    assert_eq!(outcome == "refused", message.poison);
    if message.poison {
        let kept = fakes.refused.kept_last();
        assert_eq!(kept.as_deref(), Some(message.event.as_str()));
    }
    if let Some((thing, at)) = &message.row {
        assert!(
            fakes.store.has_reading(thing, *at),
            "{outcome}: {thing} at {at}"
        );
    }
}

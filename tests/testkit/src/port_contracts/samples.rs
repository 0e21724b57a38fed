//! Readings, alarms and records for the contracts.

use sci_domain::{
    alarm::{
        AlarmKey, AlarmKind,
        fold::Sample,
        record::{Alarm, Step},
    },
    measure::{Celsius, RelativeHumidity, Thousandths},
    origin::Origin,
    ports::{AlarmStore, AlarmWrite, Commit, Committed},
    reading::Reading,
    settings::{Sources, TemperatureSettings},
    thing::ThingName,
    timestamp::{Millis, Timestamp},
};

/// `seconds` after the contracts' day began. Timestream's memory store must reach back to it, so it is today's.
pub(super) fn at(day: Timestamp, seconds: u64) -> Timestamp {
    day.plus(Millis::from_secs(seconds))
}

pub(super) fn key(name: &str) -> AlarmKey {
    AlarmKey {
        thing: ThingName::parse(format!("sci-contracts-environmental-{name}")).unwrap(),
        kind: AlarmKind::Temperature,
    }
}

pub(super) fn reading(key: &AlarmKey, at: Timestamp, degrees: f64) -> Reading {
    Reading {
        origin: Origin {
            thing: key.thing.clone(),
            principal: Some("ab".repeat(32)),
            observed_at: at,
            received_at: at.plus(Millis::new(250)),
            trace_id: Some("9fb1b9a4-0001-4c5e-9c67-1d6c5c4b7a10".into()),
        },
        temperature: Celsius::new(degrees).unwrap(),
        humidity: Some(RelativeHumidity::new(40.5).unwrap()),
    }
}

pub(super) fn settings() -> TemperatureSettings {
    TemperatureSettings::read(Sources(&[])).unwrap()
}

/// The step that a sample of `degrees` makes.
pub(super) fn step(alarm: &Alarm, at: Timestamp, degrees: f64) -> Step {
    let value = Thousandths::from_f64(degrees).unwrap();
    alarm.observe(Sample { at, value }, &settings().alarm, at)
}

/// A new alarm that 36 °C raised at `at`, with its notification.
pub(super) fn raise(key: &AlarmKey, at: Timestamp) -> Step {
    let property = key.thing.placement().map(|(property, _)| property);
    let raised = step(&Alarm::new(key.clone(), property), at, 36.0);
    assert!(raised.notification.is_some());
    raised
}

/// Commits `step`, with `reading`.
pub(super) async fn commit<S: AlarmStore>(
    store: &S,
    step: &Step,
    reading: Option<&Reading>,
) -> Committed {
    let alarm = step.next.as_ref().map(|alarm| AlarmWrite {
        alarm,
        due_at: alarm.due_at(&settings().alarm),
        notification: step.notification.as_ref(),
    });
    store.commit(Commit { reading, alarm }).await.unwrap()
}

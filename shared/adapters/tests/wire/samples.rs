//! An alarm, its reading, and answers of AWS.

use sci_adapters::dynamodb_alarm_store::{DynamoDbAlarmStore, Tables};
use sci_domain::{
    alarm::{
        AlarmKey, AlarmKind,
        fold::Sample,
        record::{Alarm, Step},
    },
    measure::{Celsius, Thousandths},
    origin::Origin,
    reading::Reading,
    settings::{Sources, TemperatureSettings},
    thing::{PropertyId, ThingName},
    timestamp::{Millis, Timestamp},
};
use serde_json::json;

use crate::scripted::{Answer, Scripted};

pub(crate) const THING: &str = "sci-property-001-environmental-0042";

pub(crate) fn noon() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").unwrap()
}

pub(crate) fn key() -> AlarmKey {
    AlarmKey {
        thing: ThingName::parse(THING).unwrap(),
        kind: AlarmKind::Temperature,
    }
}

pub(crate) fn reading() -> Reading {
    Reading {
        origin: Origin {
            thing: key().thing,
            principal: Some("ab".repeat(32)),
            observed_at: noon(),
            received_at: noon(),
            trace_id: None,
        },
        temperature: Celsius::new(36.0).unwrap(),
        humidity: None,
    }
}

pub(crate) fn raise() -> Step {
    let settings = TemperatureSettings::read(Sources(&[])).unwrap();
    let value = Thousandths::from_units(36);
    let alarm = Alarm::new(key(), PropertyId::parse("property-001").ok());
    alarm.observe(Sample { at: noon(), value }, &settings.alarm, noon())
}

pub(crate) fn store(server: &Scripted) -> DynamoDbAlarmStore {
    let tables = Tables {
        high_temps: Some("HighTemps".into()),
        alarms: "Alarms".into(),
        outbox: "Outbox".into(),
        properties: "Properties".into(),
    };
    DynamoDbAlarmStore::new(
        server.clients().dynamodb(),
        tables,
        Millis::from_secs(86_400),
    )
}

pub(crate) fn refusal(code: &str) -> Answer {
    (
        400,
        json!({ "__type": format!("com.amazonaws#{code}"), "message": "a secret word" })
            .to_string(),
    )
}

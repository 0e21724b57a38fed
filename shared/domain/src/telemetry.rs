//! Records for the time-series store.

use crate::{
    reading::Reading,
    security::{SecurityEvent, SecurityKind},
    thing::{DeviceType, PropertyId, ThingName},
    timestamp::Timestamp,
};

/// One multi-measure record. Writing the same record again changes nothing; of two different records for one
/// instant the one with the higher `version` stays.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetryRecord {
    /// The thing: a dimension.
    pub thing: ThingName,
    /// The property and the device type, if the thing's name tells them: dimensions.
    pub placement: Option<(PropertyId, DeviceType)>,
    /// The kind of a security event: a dimension (`event_type`), because a thing can see two kinds in one millisecond.
    pub event_type: Option<SecurityKind>,
    /// The name of the measure: `environment` or `security`.
    pub measure: &'static str,
    /// When it was measured.
    pub at: Timestamp,
    /// The service's receive time in milliseconds.
    pub version: u64,
    /// The measured values by name.
    pub values: Vec<(&'static str, MeasureValue)>,
}

/// A value with its type, fixed per name for ever: Timestream refuses a measure that changes its type.
#[derive(Debug, Clone, PartialEq)]
pub enum MeasureValue {
    /// A floating-point number, also when it is whole.
    Double(f64),
    /// An integer.
    BigInt(i64),
    /// A text of ours.
    Varchar(String),
}

impl From<&Reading> for TelemetryRecord {
    fn from(reading: &Reading) -> Self {
        let temperature = MeasureValue::Double(reading.temperature.value().as_f64());
        let humidity = reading
            .humidity
            .map(|h| MeasureValue::Double(h.value().as_f64()));
        let mut values = vec![("temperature", temperature)];
        values.extend(humidity.map(|value| ("humidity", value)));
        Self {
            thing: reading.origin.thing.clone(),
            placement: reading.origin.thing.placement(),
            event_type: None,
            measure: "environment",
            at: reading.origin.observed_at,
            version: reading.origin.received_at.as_millis(),
            values,
        }
    }
}

impl From<&SecurityEvent> for TelemetryRecord {
    fn from(event: &SecurityEvent) -> Self {
        Self {
            thing: event.origin.thing.clone(),
            placement: event.origin.thing.placement(),
            event_type: Some(event.kind),
            measure: "security",
            at: event.origin.observed_at,
            version: event.origin.received_at.as_millis(),
            values: vec![
                (
                    "alert_level",
                    MeasureValue::BigInt(i64::from(event.level.get())),
                ),
                (
                    "deduplication_key",
                    MeasureValue::Varchar(event.deduplication_key()),
                ),
            ],
        }
    }
}

//! What happens with an event, in which order.

use sci_domain::{
    alarm::{AlarmFamily, AlarmKey, AlarmKind, fold::Sample, service::Decision},
    ports::{AlarmStore, Outbox, PortFailure, Publisher, RefusedMessages, TelemetryStore},
    reading::Reading,
    settings::TemperatureSettings,
    timestamp::Timestamp,
};
use sci_lambda::{
    Handle,
    answer::{Answer, Outcome},
    ports::{AlarmPorts, Observation},
    property_settings::{Noted, PropertySettings},
};

use crate::event::Event;

/// The function on its ports.
pub struct Handler<Store, Pub, Telemetry, Refused, Clock> {
    ports: AlarmPorts<Store, Pub, Telemetry, Refused>,
    settings: PropertySettings<TemperatureSettings>,
    clock: Clock,
}

impl<Store, Pub, Telemetry, Refused, Clock> Handler<Store, Pub, Telemetry, Refused, Clock>
where
    Store: AlarmStore + Outbox + Sync,
    Pub: Publisher + Sync,
    Telemetry: TelemetryStore + Sync,
    Refused: RefusedMessages + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    /// The function on `ports`. `clock` is asked only when an operator does something just now.
    pub const fn new(
        ports: AlarmPorts<Store, Pub, Telemetry, Refused>,
        settings: PropertySettings<TemperatureSettings>,
        clock: Clock,
    ) -> Self {
        Self {
            ports,
            settings,
            clock,
        }
    }

    /// The alarm and the row first: they are what people wait for, and what tells a retry that it is one. The record
    /// is written for every delivery, since writing it again changes nothing.
    async fn reading(
        &self,
        reading: &Reading,
        event: &str,
        noted: &Noted,
    ) -> Result<Answer, PortFailure> {
        let origin = &reading.origin;
        let observation = Observation {
            key: AlarmKey {
                thing: origin.thing.clone(),
                kind: AlarmKind::Temperature,
            },
            origin,
            sample: Sample {
                at: origin.observed_at,
                value: reading.temperature.value(),
            },
            reading: Some(reading),
            without_row: Outcome::Quiet,
        };
        let decide = |overrides: &_| {
            let settings = self.settings.of(overrides, noted);
            Decision {
                store_reading: reading.temperature > settings.store_threshold,
                policy: settings.alarm,
            }
        };
        let answer = self.ports.observe(observation, decide).await?;
        let rejected = self.ports.record(reading.into(), event).await?;
        Ok(answer.with_rejected(rejected))
    }
}

impl<Store, Pub, Telemetry, Refused, Clock> Handle
    for Handler<Store, Pub, Telemetry, Refused, Clock>
where
    Store: AlarmStore + Outbox + Sync,
    Pub: Publisher + Sync,
    Telemetry: TelemetryStore + Sync,
    Refused: RefusedMessages + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    type Answer = Answer;

    async fn handle(&self, event: &str) -> Result<Answer, PortFailure> {
        let noted = Noted::new();
        let mut answer = match Event::read(event) {
            Err(refusal) => self.ports.refuse(refusal, event).await?,
            Ok(Event::Reading(reading)) => self.reading(&reading, event, &noted).await?,
            Ok(Event::Operation(operation)) => {
                let decide = |overrides: &_| self.settings.of(overrides, &noted).alarm;
                self.ports
                    .operate(operation, AlarmFamily::Temperature, &self.clock, decide)
                    .await?
            }
        };
        answer.invalid_override = noted.into_inner();
        Ok(answer)
    }
}

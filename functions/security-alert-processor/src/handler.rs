//! What happens with an event, in which order.

use sci_domain::{
    alarm::{AlarmFamily, fold::Sample, policy::AlarmPolicy, service::Decision},
    ports::{AlarmStore, Outbox, PortFailure, Publisher, RefusedMessages, TelemetryStore},
    security::SecurityEvent,
    timestamp::Timestamp,
};
use sci_lambda::{
    Handle,
    answer::{Answer, Outcome},
    ports::{AlarmPorts, Observation},
    property_settings::{Noted, PropertySettings},
};

use crate::event::Event;

/// Alerts are strictly above this level. The rule's filter says the same, but is not trusted.
pub const ALERTS_ABOVE: u8 = 3;

/// The function on its ports.
pub struct Handler<Store, Pub, Telemetry, Refused, Clock> {
    ports: AlarmPorts<Store, Pub, Telemetry, Refused>,
    settings: PropertySettings<AlarmPolicy>,
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
        settings: PropertySettings<AlarmPolicy>,
        clock: Clock,
    ) -> Self {
        Self {
            ports,
            settings,
            clock,
        }
    }

    async fn alert(&self, event: &SecurityEvent, noted: &Noted) -> Result<Answer, PortFailure> {
        if event.level.get() <= ALERTS_ABOVE {
            return Ok(Answer::new(Outcome::Ignored).to(&event.origin));
        }
        let observation = Observation {
            key: event.alarm_key(),
            origin: &event.origin,
            sample: Sample {
                at: event.origin.observed_at,
                value: event.score(),
            },
            reading: None,
            without_row: Outcome::Stored,
        };
        let decide = |overrides: &_| Decision {
            store_reading: false,
            policy: self.settings.of(overrides, noted),
        };
        self.ports.observe(observation, decide).await
    }

    async fn record(&self, event: &SecurityEvent, text: &str) -> Result<Answer, PortFailure> {
        let answer = match self.ports.record(event.into(), text).await? {
            Some(reason) => Answer::refused(reason),
            None => Answer::new(Outcome::Recorded),
        };
        Ok(answer.to(&event.origin))
    }

    async fn dispatch(&self, event: &str, noted: &Noted) -> Result<Answer, PortFailure> {
        let about = |event: &SecurityEvent| Some(event.deduplication_key());
        let (answer, deduplication_key) = match Event::read(event) {
            Err(refusal) => (self.ports.refuse(refusal, event).await?, None),
            Ok(Event::Alert(alert)) => (self.alert(&alert, noted).await?, about(&alert)),
            Ok(Event::Record(record)) => (self.record(&record, event).await?, about(&record)),
            Ok(Event::Operation(operation)) => {
                let decide = |overrides: &_| self.settings.of(overrides, noted);
                let done =
                    self.ports
                        .operate(operation, AlarmFamily::Security, &self.clock, decide);
                (done.await?, None)
            }
        };
        Ok(Answer {
            deduplication_key,
            ..answer
        })
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
        let answer = self.dispatch(event, &noted).await?;
        Ok(Answer {
            invalid_override: noted.into_inner(),
            ..answer
        })
    }
}

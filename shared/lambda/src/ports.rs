//! The ports of a function with alarms, and what such functions do alike.

use sci_domain::{
    alarm::{
        AlarmFamily, AlarmKey,
        fold::Sample,
        policy::AlarmPolicy,
        service::{AlarmService, Decision},
    },
    origin::Origin,
    ports::{
        AlarmStore, Outbox, Overrides, PortFailure, Publisher, RefusedMessages, TelemetryStore,
    },
    reading::Reading,
    refusal::{Reason, Refusal},
    telemetry::TelemetryRecord,
    timestamp::Timestamp,
};

use crate::{
    answer::{Answer, Outcome},
    operation::Operation,
};

/// The ports of a function with alarms.
#[derive(Debug, Clone)]
pub struct AlarmPorts<Store, Pub, Telemetry, Refused> {
    /// The engine on its store and publisher.
    pub alarms: AlarmService<Store, Pub>,
    /// The time-series store.
    pub telemetry: Telemetry,
    /// Where refused messages are kept.
    pub refused: Refused,
}

/// A message that concerns an alarm.
#[derive(Debug)]
pub struct Observation<'a> {
    /// The alarm.
    pub key: AlarmKey,
    /// Who sent the message, and when.
    pub origin: &'a Origin,
    /// What counts for the alarm.
    pub sample: Sample,
    /// What may become a row of `HighTemps`.
    pub reading: Option<&'a Reading>,
    /// The outcome when it needs no row.
    pub without_row: Outcome,
}

impl<Store, Pub, Telemetry, Refused> AlarmPorts<Store, Pub, Telemetry, Refused>
where
    Store: AlarmStore + Outbox + Sync,
    Pub: Publisher + Sync,
    Telemetry: TelemetryStore + Sync,
    Refused: RefusedMessages + Sync,
{
    /// Takes a message in. Its time is when the service received it, so that a retry decides the same.
    ///
    /// # Errors
    /// When the store fails. Nothing is lost: try again.
    pub async fn observe(
        &self,
        observation: Observation<'_>,
        decide: impl Fn(&Overrides) -> Decision + Send,
    ) -> Result<Answer, PortFailure> {
        let origin = observation.origin;
        let property = origin.property();
        let effects = self.alarms.observe(
            &observation.key,
            property.as_ref(),
            observation.sample,
            observation.reading,
            origin.received_at,
            decide,
        );
        Ok(Answer::observed(effects.await?, observation.without_row).to(origin))
    }

    /// Writes a record to the time series. One that is refused for good is kept with the whole event, and its reason
    /// is the answer.
    ///
    /// # Errors
    /// When the store fails, or what it refused cannot be kept.
    pub async fn record(
        &self,
        record: TelemetryRecord,
        event: &str,
    ) -> Result<Option<Reason>, PortFailure> {
        let rejected = self.telemetry.write(&[record]).await?;
        let Some(rejected) = rejected.first() else {
            return Ok(None);
        };
        let reason = Reason::TelemetryRejected;
        let detail = format!(
            "the time-series store refused the record: {}",
            rejected.reason
        );
        self.refuse(Refusal::new(reason, detail), event).await?;
        Ok(Some(reason))
    }

    /// Keeps a refused message with its reason.
    ///
    /// # Errors
    /// When it cannot be kept: then the message must fail, so that it is not lost.
    pub async fn refuse(&self, refusal: Refusal, event: &str) -> Result<Answer, PortFailure> {
        self.refused.keep(&refusal, event).await?;
        tracing::warn!(
            refusal.reason = refusal.reason.code(),
            refusal.detail,
            "refused: kept in the refused messages"
        );
        Ok(Answer::refused(refusal.reason))
    }

    /// Does what a schedule or a person asked for. `now` is asked only for an acknowledgement without its own time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn operate(
        &self,
        operation: Operation,
        family: AlarmFamily,
        now: impl Fn() -> Timestamp,
        decide: impl Fn(&Overrides) -> AlarmPolicy + Send,
    ) -> Result<Answer, PortFailure> {
        match operation {
            Operation::Sweep { at } => {
                let swept = self.alarms.sweep(family, at, decide).await?;
                Ok(Answer::swept(swept))
            }
            Operation::Acknowledge { key, by, at } => {
                let at = at.unwrap_or_else(now);
                let noted = self.alarms.acknowledge(&key, &by, at, decide).await?;
                Ok(Answer::new(if noted {
                    Outcome::Acknowledged
                } else {
                    Outcome::NotActive
                }))
            }
        }
    }
}

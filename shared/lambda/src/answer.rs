//! What a function answers. Asynchronous callers never see it; people, tests and the demo do.

use sci_domain::{
    alarm::{
        record::Disposition,
        service::{Effects, Swept},
    },
    origin::Origin,
    refusal::Reason,
    settings::InvalidSetting,
};
use serde::Serialize;

use crate::{Reported, metrics::Count};

/// What became of a message. Each message has exactly one outcome, so that they add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A reading became a row; a security alert became part of its alarm.
    Stored,
    /// A reading that is not hot enough for a row. It counts for its alarm all the same.
    Quiet,
    /// A security event was recorded.
    Recorded,
    /// It was handled before.
    Duplicate,
    /// Too late to change its alarm. It is in the time series, and in a row if it was hot.
    Late,
    /// A security alert that is none: its level is too low.
    Ignored,
    /// Kept in the refused messages.
    Refused,
    /// A sweep was done.
    Swept,
    /// An alarm was acknowledged.
    Acknowledged,
    /// The alarm to acknowledge is not active, or was acknowledged before.
    NotActive,
}

impl Outcome {
    /// The stable name in answers and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Quiet => "quiet",
            Self::Recorded => "recorded",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
            Self::Swept => "swept",
            Self::Acknowledged => "acknowledged",
            Self::NotActive => "not-active",
        }
    }
}

/// A function's answer. Fields that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What became of the message.
    pub outcome: Outcome,
    /// Why it was refused; or, beside another outcome, that the time-series store refused its record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What happened to the alarm, if people are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition: Option<&'static str>,
    /// The severity that they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    /// The notification that tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_id: Option<String>,
    /// Why telling it failed. It waits in the outbox for the next sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<String>,
    /// The same for every delivery of one security event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deduplication_key: Option<String>,
    /// What a sweep did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept: Option<SweptCounts>,
    /// The thing that sent the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thing: Option<String>,
    /// AWS IoT's trace id of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The property's setting that cannot be read, so that the stage's settings were used.
    #[serde(skip)]
    pub invalid_override: Option<InvalidSetting>,
}

/// What a sweep did, as numbers of alarms and notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SweptCounts {
    /// Alarms that changed.
    pub changed: usize,
    /// Notifications that were delivered.
    pub delivered: usize,
    /// Notifications that wait for the next sweep.
    pub undelivered: usize,
}

impl Answer {
    /// An answer with nothing but its outcome.
    #[must_use]
    pub const fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            reason: None,
            transition: None,
            severity: None,
            notification_id: None,
            undelivered: None,
            deduplication_key: None,
            swept: None,
            thing: None,
            trace_id: None,
            invalid_override: None,
        }
    }

    /// A refused message.
    #[must_use]
    pub fn refused(reason: Reason) -> Self {
        Self {
            reason: Some(reason.code()),
            ..Self::new(Outcome::Refused)
        }
    }

    /// A message that reached its alarm. `without_row` is the outcome of one that needed no row.
    #[must_use]
    pub fn observed(effects: Effects, without_row: Outcome) -> Self {
        let outcome = match effects.disposition {
            Disposition::Late => Outcome::Late,
            _ if effects.stored => Outcome::Stored,
            Disposition::Duplicate => Outcome::Duplicate,
            Disposition::Applied => without_row,
        };
        let notification = effects.notification.as_ref();
        Self {
            transition: notification.map(|n| n.transition.as_str()),
            severity: notification.map(|n| n.severity.as_str()),
            notification_id: notification.map(|n| n.id().to_string()),
            undelivered: effects.undelivered,
            ..Self::new(outcome)
        }
    }

    /// The answer to a message from `origin`.
    #[must_use]
    pub fn to(self, origin: &Origin) -> Self {
        Self {
            thing: Some(origin.thing.to_string()),
            trace_id: origin.trace_id.clone(),
            ..self
        }
    }

    /// The answer with what the time-series store refused for good.
    #[must_use]
    pub fn with_rejected(self, reason: Option<Reason>) -> Self {
        Self {
            reason: self.reason.or(reason.map(Reason::code)),
            ..self
        }
    }

    /// A sweep.
    #[must_use]
    pub fn swept(swept: Swept) -> Self {
        Self {
            swept: Some(SweptCounts {
                changed: swept.changed,
                delivered: swept.delivered,
                undelivered: swept.undelivered,
            }),
            ..Self::new(Outcome::Swept)
        }
    }

    /// How many notifications wait in the outbox because telling them failed.
    #[must_use]
    pub fn undelivered_notifications(&self) -> usize {
        let swept = self.swept.map_or(0, |swept| swept.undelivered);
        swept + usize::from(self.undelivered.is_some())
    }
}

impl Reported for Answer {
    fn log(&self) {
        if let Some(invalid) = &self.invalid_override {
            tracing::error!(
                setting.name = invalid.name,
                "{invalid}: a property's item breaks this rule, so the stage's settings were used"
            );
        }
        tracing::info!(
            message.outcome = self.outcome.as_str(),
            message.reason = self.reason,
            message.trace_id = self.trace_id,
            thing = self.thing,
            alarm.transition = self.transition,
            alarm.severity = self.severity,
            notification.id = self.notification_id,
            "{}",
            self.outcome.as_str()
        );
    }

    fn counts(&self) -> Vec<Count> {
        Count::of_answer(self)
    }
}

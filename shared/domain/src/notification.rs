//! What people are told. Every word is ours: of a device's data only numbers and checked names appear.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::{
    alarm::{AlarmFamily, AlarmKey, fold::ClosedBy},
    measure::Thousandths,
    severity::Severity,
    thing::PropertyId,
    timestamp::Timestamp,
};

/// What happened to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// It became active.
    Raised,
    /// It became worse.
    Escalated,
    /// It became less bad, but is still active.
    DeEscalated,
    /// It ended.
    Cleared,
    /// Nobody acknowledged it yet.
    Reminder,
    /// It comes and goes; until it is steady only worse news is told.
    Flapping,
    /// It stopped coming and going.
    Steady,
}

impl Transition {
    /// The stable name in messages and filter policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Escalated => "escalated",
            Self::DeEscalated => "de_escalated",
            Self::Cleared => "cleared",
            Self::Reminder => "reminder",
            Self::Flapping => "flapping",
            Self::Steady => "steady",
        }
    }
}

/// One message to people, written in the same transaction as the change that it tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The alarm.
    pub key: AlarmKey,
    /// The property, if the thing's name tells it.
    pub property: Option<PropertyId>,
    /// The alarm's version that this belongs to.
    pub version: u64,
    /// What happened.
    pub transition: Transition,
    /// The severity now; of a cleared alarm, the one it had.
    pub severity: Severity,
    /// Whether the alarm is active after it.
    pub active: bool,
    /// The newest value: °C for temperature, the score from 0 to 10 for security.
    pub value: Option<Thousandths>,
    /// The threshold of `severity`.
    pub threshold: Option<Thousandths>,
    /// When the episode began, in event time.
    pub since: Timestamp,
    /// When the newest value was measured.
    pub observed_at: Option<Timestamp>,
    /// How it ended, if it did.
    pub closed_by: Option<ClosedBy>,
    /// When it was decided, in the service's time.
    pub created_at: Timestamp,
}

/// `<thing>#<kind>#<version>`: one per change of an alarm, so that a repeated delivery can be told from a new message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NotificationId(String);

impl NotificationId {
    /// An id as it was stored.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Notification {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> NotificationId {
        NotificationId(format!("{}#{}", self.key, self.version))
    }

    /// At most 99 ASCII characters without control characters, as SNS asks of a subject.
    #[must_use]
    pub fn subject(&self) -> String {
        let mut subject = format!(
            "{} {} alarm {}: {}",
            self.severity.as_str().to_uppercase(),
            self.what(),
            self.transition.as_str().replace('_', "-"),
            self.key.thing
        );
        subject.truncate(99); // ASCII only: a thing's name and our own words.
        subject
    }

    /// The message: fixed sentences around numbers and checked names.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let place = self
            .property
            .as_ref()
            .map_or("an unassigned property", PropertyId::as_str);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} at {} in {place}.",
            self.happened(),
            self.key.thing
        );
        if let Some(value) = self.value {
            let _ = write!(text, "{}: {value}{}", self.value_name(), self.unit());
            if let Some(threshold) = self.threshold {
                let _ = write!(
                    text,
                    " ({} is above {threshold}{})",
                    self.severity,
                    self.unit()
                );
            }
            text.push('\n');
        }
        let _ = writeln!(text, "Began: {}", self.since);
        if let Some(at) = self.observed_at {
            let _ = writeln!(text, "Last measured: {at}");
        }
        if !self.active && self.closed_by == Some(ClosedBy::Silence) {
            text.push_str("Closed because no more data came. The last value may still hold: check the device.\n");
        }
        let _ = write!(text, "Notification: {}", self.id());
        text
    }

    /// Attributes for SNS filter policies. Names and values are stable.
    #[must_use]
    pub fn attributes(&self) -> [(&'static str, String); 6] {
        let property = self
            .property
            .as_ref()
            .map_or("unassigned", PropertyId::as_str);
        [
            ("property", property.to_owned()),
            ("severity", self.severity.as_str().to_owned()),
            ("kind", self.key.kind.as_str().to_owned()),
            ("transition", self.transition.as_str().to_owned()),
            ("thing", self.key.thing.to_string()),
            ("notification_id", self.id().to_string()),
        ]
    }

    fn what(&self) -> String {
        self.key.kind.as_str().replace('_', " ")
    }

    fn happened(&self) -> String {
        let news = match self.transition {
            Transition::Raised => "Alarm raised",
            Transition::Escalated => "Alarm became worse",
            Transition::DeEscalated => "Alarm became less severe",
            Transition::Cleared => "Alarm cleared",
            Transition::Reminder => "Alarm still active and not acknowledged",
            Transition::Flapping => {
                "Alarm comes and goes (until it is steady only worse news is sent)"
            }
            Transition::Steady if self.active => "Alarm steady again, and active",
            Transition::Steady => "Alarm steady again, and cleared",
        };
        format!("{news}: {}", self.what())
    }

    fn value_name(&self) -> &'static str {
        match self.key.kind.family() {
            AlarmFamily::Temperature => "Temperature",
            AlarmFamily::Security => "Score",
        }
    }

    fn unit(&self) -> &'static str {
        match self.key.kind.family() {
            AlarmFamily::Temperature => " °C",
            AlarmFamily::Security => "",
        }
    }
}

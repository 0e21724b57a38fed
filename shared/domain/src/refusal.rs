//! Why a message is refused. Refused is not failed: the message is kept, with its reason, in the refused-messages queue.

use std::fmt;

/// A stable reason code. It names a metric dimension and a message attribute, so it never changes its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The event is not the JSON object that the rules send.
    MalformedEvent,
    /// The event's `type` is not one that the function knows.
    UnknownEventType,
    /// A required field is absent or null.
    MissingField,
    /// A field has another JSON type than its contract says.
    WrongType,
    /// A number is NaN, infinite or too large to be one.
    NumberOutOfRange,
    /// A temperature that no sensor can measure.
    TemperatureOutOfRange,
    /// A relative humidity outside 0 to 100 %.
    HumidityOutOfRange,
    /// An alert level outside 0 to 10.
    AlertLevelOutOfRange,
    /// The device says, or the value shows, that the unit is not °C.
    UnitMixUp,
    /// A timestamp in seconds where milliseconds are due.
    TimestampInSeconds,
    /// A timestamp more than 24 hours before the service received the message.
    TimestampTooOld,
    /// A timestamp more than 5 minutes after the service received the message.
    TimestampInFuture,
    /// A thing's name that breaks AWS's pattern.
    InvalidThingName,
    /// The payload, the client id or the topic name another device than the service does.
    IdentityMismatch,
    /// The device's payload is longer than 128 KB, which AWS IoT Core would not accept.
    PayloadTooLarge,
    /// Timestream refused the record for good.
    TelemetryRejected,
}

impl Reason {
    /// The code as it stands in metrics, attributes and answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedEvent => "malformed-event",
            Self::UnknownEventType => "unknown-event-type",
            Self::MissingField => "missing-field",
            Self::WrongType => "wrong-type",
            Self::NumberOutOfRange => "number-out-of-range",
            Self::TemperatureOutOfRange => "temperature-out-of-range",
            Self::HumidityOutOfRange => "humidity-out-of-range",
            Self::AlertLevelOutOfRange => "alert-level-out-of-range",
            Self::UnitMixUp => "unit-mix-up",
            Self::TimestampInSeconds => "timestamp-in-seconds",
            Self::TimestampTooOld => "timestamp-too-old",
            Self::TimestampInFuture => "timestamp-in-future",
            Self::InvalidThingName => "invalid-thing-name",
            Self::IdentityMismatch => "identity-mismatch",
            Self::PayloadTooLarge => "payload-too-large",
            Self::TelemetryRejected => "telemetry-rejected",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A refusal: the reason, and what exactly was wrong, in words that hold nothing the device wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub reason: Reason,
    /// What was wrong, for the operator. It names fields and limits, never a device's text.
    pub detail: String,
}

impl Refusal {
    /// A refusal with its explanation.
    #[must_use]
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl std::error::Error for Refusal {}

//! Security events: what a camera or lock saw, and how bad it is.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    alarm::{AlarmKey, AlarmKind},
    measure::Thousandths,
    origin::Origin,
    refusal::{Reason, Refusal},
};

/// The kinds of security events. Devices' own words never reach a person: an unknown kind is [`Self::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityKind {
    /// A door or window was forced.
    ForcedEntry,
    /// Glass was broken.
    GlassBreak,
    /// A device was opened, moved or covered.
    Tamper,
    /// Somebody is where nobody should be.
    Intrusion,
    /// Repeated wrong codes or badges.
    AccessDenied,
    /// A door stands open too long.
    DoorHeldOpen,
    /// A kind that this suite does not know.
    Other,
}

impl SecurityKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::ForcedEntry,
        Self::GlassBreak,
        Self::Tamper,
        Self::Intrusion,
        Self::AccessDenied,
        Self::DoorHeldOpen,
        Self::Other,
    ];

    /// The stable name in payloads (`event_type`), keys and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ForcedEntry => "forced_entry",
            Self::GlassBreak => "glass_break",
            Self::Tamper => "tamper",
            Self::Intrusion => "intrusion",
            Self::AccessDenied => "access_denied",
            Self::DoorHeldOpen => "door_held_open",
            Self::Other => "other",
        }
    }

    /// Reads a payload's `event_type`.
    #[must_use]
    pub fn from_event_type(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .unwrap_or(Self::Other)
    }

    /// How many levels this kind adds to the device's own `alert_level`: a break-in is worse than a warm badge reader.
    const fn weight(self) -> u8 {
        match self {
            Self::ForcedEntry | Self::GlassBreak => 2,
            Self::Tamper | Self::Intrusion => 1,
            Self::AccessDenied | Self::DoorHeldOpen | Self::Other => 0,
        }
    }
}

/// How urgent the device thinks it is, from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertLevel(u8);

impl AlertLevel {
    /// Reads a level.
    ///
    /// # Errors
    /// When the number is not an integer from 0 to 10.
    pub fn new(level: f64) -> Result<Self, Refusal> {
        (0..=10)
            .find(|whole| f64::from(*whole) == level)
            .map(Self)
            .ok_or_else(|| {
                Refusal::new(
                    Reason::AlertLevelOutOfRange,
                    "alert_level must be an integer from 0 to 10",
                )
            })
    }

    /// The level as a number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// One event of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Who saw it, and when.
    pub origin: Origin,
    /// What it was.
    pub kind: SecurityKind,
    /// How urgent.
    pub level: AlertLevel,
}

impl SecurityEvent {
    /// The alarm that the event belongs to.
    #[must_use]
    pub fn alarm_key(&self) -> AlarmKey {
        AlarmKey {
            thing: self.origin.thing.clone(),
            kind: AlarmKind::Security(self.kind),
        }
    }

    /// Level and kind in one number from 0 to 10, which the severity ladder reads.
    #[must_use]
    pub fn score(&self) -> Thousandths {
        let score = self.level.0.saturating_add(self.kind.weight()).min(10);
        Thousandths::from_units(i32::from(score))
    }

    /// The same for every delivery of the same event: 32 hexadecimal digits over thing, kind and event time.
    #[must_use]
    pub fn deduplication_key(&self) -> String {
        let key = self.alarm_key();
        let digest = Sha256::digest(format!("{key}@{}", self.origin.observed_at.as_millis()));
        digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_whole_numbers_from_0_to_10() {
        assert_eq!(AlertLevel::new(7.0).unwrap().get(), 7);
        for level in [-1.0, 10.5, 11.0, 3.5, f64::NAN, f64::INFINITY] {
            assert!(AlertLevel::new(level).is_err(), "{level}");
        }
    }

    #[test]
    fn names_are_injective() {
        for kind in SecurityKind::ALL {
            assert_eq!(SecurityKind::from_event_type(kind.as_str()), kind);
            assert_eq!(
                AlarmKind::parse(kind.as_str()),
                Some(AlarmKind::Security(kind))
            );
        }
        assert_eq!(
            SecurityKind::from_event_type("<script>"),
            SecurityKind::Other
        );
    }
}

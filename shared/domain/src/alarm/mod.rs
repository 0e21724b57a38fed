//! The alarm engine: one record per thing and kind, from first sample to close, and again.
//!
//! [`fold`] is the life of an alarm in event time, [`record`] what is stored between samples, [`policy`] the rules,
//! [`service`] the order of effects. Both functions of the suite use this engine; a new kind of alarm brings a
//! [`policy::AlarmPolicy`], not another engine.

pub mod fold;
pub mod policy;
pub mod record;
pub mod service;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{security::SecurityKind, thing::ThingName};

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The air is too hot.
    Temperature,
    /// A security event of one kind.
    Security(SecurityKind),
}

/// The kinds that one function looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlarmFamily {
    /// [`AlarmKind::Temperature`].
    Temperature,
    /// Every [`AlarmKind::Security`].
    Security,
}

impl AlarmFamily {
    /// The stable name in keys and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Security => "security",
        }
    }
}

impl AlarmKind {
    /// The stable name in keys, messages and filter policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Security(kind) => kind.as_str(),
        }
    }

    /// Which function looks after it.
    #[must_use]
    pub const fn family(self) -> AlarmFamily {
        match self {
            Self::Temperature => AlarmFamily::Temperature,
            Self::Security(_) => AlarmFamily::Security,
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::Temperature.as_str() {
            return Some(Self::Temperature);
        }
        SecurityKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .map(Self::Security)
    }
}

/// What identifies an alarm: there is at most one active alarm per key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlarmKey {
    /// The thing.
    pub thing: ThingName,
    /// The kind.
    pub kind: AlarmKind,
}

/// `<thing>#<kind>`. A thing's name cannot hold `#`, so two keys never share a text.
impl fmt::Display for AlarmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.thing, self.kind.as_str())
    }
}

impl AlarmKey {
    /// Reads the text that `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (thing, kind) = text.split_once('#')?;
        Some(Self {
            thing: ThingName::parse(thing).ok()?,
            kind: AlarmKind::parse(kind)?,
        })
    }
}

//! When an alarm is raised, changes and ends.

use crate::{measure::Thousandths, severity::Ladder, timestamp::Millis};

/// The rules of one alarm kind for one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmPolicy {
    /// Thresholds and their severities.
    pub ladder: Ladder,
    /// How far below its threshold a severity still holds. Zero or more.
    pub hysteresis: Thousandths,
    /// How many hot samples of how many raise an alarm.
    pub count: NOfM,
    /// How long samples must have been hot without a break, in event time.
    pub hold: Millis,
    /// Whether a severity, once reached, stays until the alarm closes, and only silence closes it. For events that
    /// have no opposite, such as a forced door.
    pub latch: bool,
    /// How long after the last sample an alarm closes by itself.
    pub silence: Millis,
    /// How often people are reminded of an alarm that nobody acknowledged; zero for never.
    pub renotify: Millis,
    /// This many raises within `flap_window` are flapping; zero switches the detection off.
    pub flap_count: u8,
    /// The window of `flap_count`, and how long the alarm must be steady to end the flapping.
    pub flap_window: Millis,
}

/// Debounce by count: `n` hot samples among the last `m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NOfM {
    n: u8,
    m: u8,
}

impl NOfM {
    /// One hot sample is enough.
    pub const FIRST: Self = Self { n: 1, m: 1 };
    /// The longest window.
    pub const MAX_M: u8 = 16;

    /// `n` of `m`, with 1 ≤ n ≤ m ≤ 16; nothing otherwise.
    #[must_use]
    pub const fn new(n: u8, m: u8) -> Option<Self> {
        if n >= 1 && n <= m && m <= Self::MAX_M {
            Some(Self { n, m })
        } else {
            None
        }
    }

    /// How many must be hot.
    #[must_use]
    pub const fn n(self) -> usize {
        self.n as usize
    }

    /// Among how many.
    #[must_use]
    pub const fn m(self) -> usize {
        self.m as usize
    }
}

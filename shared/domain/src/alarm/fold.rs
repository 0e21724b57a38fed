//! The life of an alarm as a function of its samples in event time.
//!
//! Order of arrival does not matter: samples are folded in the order in which they were taken, so any permutation of
//! them ends in the same state.

use serde::{Deserialize, Serialize};

use super::policy::AlarmPolicy;
use crate::{
    measure::Thousandths,
    severity::Severity,
    timestamp::{Millis, Timestamp},
};

/// A value at a point in event time. Written as a pair, to keep records small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(Timestamp, Thousandths)", into = "(Timestamp, Thousandths)")]
pub struct Sample {
    /// When it was taken.
    pub at: Timestamp,
    /// What was measured.
    pub value: Thousandths,
}

impl From<(Timestamp, Thousandths)> for Sample {
    fn from((at, value): (Timestamp, Thousandths)) -> Self {
        Self { at, value }
    }
}

impl From<Sample> for (Timestamp, Thousandths) {
    fn from(sample: Sample) -> Self {
        (sample.at, sample.value)
    }
}

/// An alarm that is active, from its raise to its close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Event time of the sample that raised it.
    pub since: Timestamp,
    /// The severity now.
    pub severity: Severity,
    /// The highest value so far.
    pub peak: Thousandths,
    /// The sample that raised it: the evidence.
    pub trigger: Sample,
}

/// How an alarm ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClosedBy {
    /// A sample fell to the threshold less hysteresis, or below.
    Reading,
    /// No sample came for the policy's `silence`. The value may still be high: nobody knows.
    Silence,
}

impl ClosedBy {
    /// The stable name in records and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Silence => "silence",
        }
    }
}

/// The end of the last episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Event time of the end.
    pub at: Timestamp,
    /// What ended it.
    pub by: ClosedBy,
}

/// The state after a number of samples.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fold {
    /// The active episode.
    pub episode: Option<Episode>,
    /// How the last episode ended, while none is active.
    pub closed: Option<Closed>,
    /// The newest sample.
    pub last: Option<Sample>,
    /// Raises repeat within the policy's window.
    pub flapping: bool,
    hot_window: Vec<bool>,
    hot_since: Option<Timestamp>,
    raises: Vec<Timestamp>,
}

impl Fold {
    /// Takes in one sample, which must be newer than the last.
    #[must_use]
    pub fn apply(mut self, sample: Sample, policy: &AlarmPolicy) -> Self {
        self = self.advance(sample.at, policy);
        self.last = Some(sample);
        if self.episode.is_some() {
            self.continue_episode(sample, policy);
        } else {
            self.consider_raise(sample, policy);
        }
        self
    }

    /// Lets time pass without a sample: silence closes, steadiness ends flapping.
    #[must_use]
    pub fn advance(mut self, now: Timestamp, policy: &AlarmPolicy) -> Self {
        if let Some(last) = self.last
            && now.since(last.at) > policy.silence
        {
            if self.episode.take().is_some() {
                self.closed = Some(Closed {
                    at: last.at.plus(policy.silence),
                    by: ClosedBy::Silence,
                });
            }
            self.hot_window.clear();
            self.hot_since = None;
        }
        if self
            .raises
            .last()
            .is_none_or(|raise| now.since(*raise) > policy.flap_window)
        {
            self.raises.clear();
            self.flapping = false;
        }
        self
    }

    /// When [`Self::advance`] changes something next.
    #[must_use]
    pub fn deadline(&self, policy: &AlarmPolicy) -> Option<Timestamp> {
        let next = Millis::new(1);
        let silence = self
            .episode
            .and(self.last)
            .map(|last| last.at.plus(policy.silence).plus(next));
        let steady = self.raises.last().filter(|_| self.flapping);
        let steady = steady.map(|raise| raise.plus(policy.flap_window).plus(next));
        silence.into_iter().chain(steady).min()
    }

    fn continue_episode(&mut self, sample: Sample, policy: &AlarmPolicy) {
        let Some(episode) = self.episode.as_mut() else {
            return;
        };
        let current = Some(episode.severity);
        let found = policy
            .ladder
            .severity(sample.value, current, policy.hysteresis);
        let next = if policy.latch {
            found.max(current)
        } else {
            found
        };
        if let Some(severity) = next {
            episode.severity = severity;
            episode.peak = episode.peak.max(sample.value);
        } else {
            self.episode = None;
            self.closed = Some(Closed {
                at: sample.at,
                by: ClosedBy::Reading,
            });
            self.hot_window.clear();
            self.hot_since = None;
        }
    }

    fn consider_raise(&mut self, sample: Sample, policy: &AlarmPolicy) {
        let severity = policy
            .ladder
            .severity(sample.value, None, policy.hysteresis);
        self.hot_window.push(severity.is_some());
        let surplus = self.hot_window.len().saturating_sub(policy.count.m());
        self.hot_window.drain(..surplus);
        let Some(severity) = severity else {
            self.hot_since = None;
            return;
        };
        let hot_since = *self.hot_since.get_or_insert(sample.at);
        let enough = self.hot_window.iter().filter(|hot| **hot).count() >= policy.count.n();
        if !enough || sample.at.since(hot_since) < policy.hold {
            return;
        }
        self.closed = None;
        self.episode = Some(Episode {
            since: sample.at,
            severity,
            peak: sample.value,
            trigger: sample,
        });
        self.count_raise(sample.at, policy);
    }

    fn count_raise(&mut self, at: Timestamp, policy: &AlarmPolicy) {
        let limit = usize::from(policy.flap_count);
        if limit == 0 {
            return;
        }
        self.raises
            .retain(|raise| at.since(*raise) <= policy.flap_window);
        self.raises.push(at);
        let surplus = self.raises.len().saturating_sub(limit);
        self.raises.drain(..surplus);
        self.flapping |= self.raises.len() == limit;
    }
}

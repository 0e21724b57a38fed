//! What is stored of an alarm, and the steps that change it.

use serde::{Deserialize, Serialize};

use super::{
    AlarmKey,
    fold::{Closed, Episode, Fold, Sample},
    policy::AlarmPolicy,
};
use crate::{
    notification::{Notification, Transition},
    severity::Severity,
    thing::PropertyId,
    timestamp::{Millis, Timestamp},
};

/// How many of the newest samples are kept so that late ones can still be put in their place. A sample that is older
/// than all of them, and older than what was already folded, is [`Disposition::Late`].
pub const REORDER_WINDOW: usize = 16;

/// The stored state of one alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Thing and kind.
    pub key: AlarmKey,
    /// The property that the thing belongs to.
    pub property: Option<PropertyId>,
    /// 1 for the first write, one more with each; a write is conditional on its predecessor.
    pub version: u64,
    /// When it was last written, in the service's time.
    pub updated_at: Timestamp,
    /// Who acknowledged the active episode.
    pub acknowledged: Option<Acknowledgement>,
    base: Fold,
    recent: Vec<Sample>,
    current: Fold,
    announced: Announced,
    last_notified_at: Option<Timestamp>,
}

/// What people were last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Announced {
    severity: Option<Severity>,
    since: Timestamp,
    flapping: bool,
    /// The worst severity that was announced while flapping: only worse news breaks the quiet.
    worst: Option<Severity>,
}

/// An operator's word that somebody looks after an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// When, in the service's time.
    pub at: Timestamp,
    /// Who: the operator's name, as given by whoever may invoke the function.
    pub by: String,
}

/// What became of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It took its place in event time.
    Applied,
    /// It was there already.
    Duplicate,
    /// It is older than everything that can still be reordered: it changes no alarm.
    Late,
}

/// The result of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What became of the sample.
    pub disposition: Disposition,
    /// The record to write, one version on, if anything changed.
    pub next: Option<Alarm>,
    /// What people must be told, together with that write.
    pub notification: Option<Notification>,
}

impl Step {
    const fn unchanged(disposition: Disposition) -> Self {
        Self {
            disposition,
            next: None,
            notification: None,
        }
    }
}

impl Alarm {
    /// A record without samples, not yet stored.
    #[must_use]
    pub fn new(key: AlarmKey, property: Option<PropertyId>) -> Self {
        Self {
            key,
            property,
            version: 0,
            updated_at: Timestamp::default(),
            acknowledged: None,
            base: Fold::default(),
            recent: Vec::new(),
            current: Fold::default(),
            announced: Announced::default(),
            last_notified_at: None,
        }
    }

    /// Takes in a sample at the service's time `now`.
    #[must_use]
    pub fn observe(&self, sample: Sample, policy: &AlarmPolicy, now: Timestamp) -> Step {
        if self.base.last.is_some_and(|last| sample.at <= last.at) {
            return Step::unchanged(Disposition::Late);
        }
        let mut next = self.clone();
        match next.recent.binary_search_by_key(&sample.at, |s| s.at) {
            Ok(place) => match next.recent.get_mut(place) {
                // Two values for one instant: the higher counts, whichever came first.
                Some(known) if known.value < sample.value => *known = sample,
                _ => return Step::unchanged(Disposition::Duplicate),
            },
            Err(place) => next.recent.insert(place, sample),
        }
        while next.recent.len() > REORDER_WINDOW {
            let oldest = next.recent.remove(0);
            next.base = next.base.apply(oldest, policy);
        }
        let notification = next.settle(policy, now);
        next.seal(now);
        Step {
            disposition: Disposition::Applied,
            next: Some(next),
            notification,
        }
    }

    /// Lets time pass: closes what fell silent, reminds, ends flapping.
    #[must_use]
    pub fn tick(&self, policy: &AlarmPolicy, now: Timestamp) -> Step {
        let mut next = self.clone();
        let notification = next.settle(policy, now);
        if next == *self {
            return Step::unchanged(Disposition::Applied);
        }
        next.seal(now);
        Step {
            disposition: Disposition::Applied,
            next: Some(next),
            notification,
        }
    }

    /// Notes that `by` looks after the active episode: reminders stop until it escalates or is raised again.
    /// Nothing when no episode is active or it is acknowledged already.
    #[must_use]
    pub fn acknowledge(&self, by: &str, now: Timestamp) -> Option<Self> {
        if self.current.episode.is_none() || self.acknowledged.is_some() {
            return None;
        }
        let mut next = self.clone();
        next.acknowledged = Some(Acknowledgement {
            at: now,
            by: by.to_owned(),
        });
        next.seal(now);
        Some(next)
    }

    /// The active episode.
    #[must_use]
    pub const fn episode(&self) -> Option<&Episode> {
        self.current.episode.as_ref()
    }

    /// How the last episode ended, while none is active.
    #[must_use]
    pub const fn closed(&self) -> Option<Closed> {
        self.current.closed
    }

    /// The newest sample.
    #[must_use]
    pub const fn last(&self) -> Option<Sample> {
        self.current.last
    }

    /// Whether the alarm flaps.
    #[must_use]
    pub const fn flapping(&self) -> bool {
        self.current.flapping
    }

    /// When [`Self::tick`] has something to do, if nothing else happens; nothing for an alarm at rest.
    #[must_use]
    pub fn due_at(&self, policy: &AlarmPolicy) -> Option<Timestamp> {
        let deadline = self.current.deadline(policy);
        let reminder = self.reminder_at(policy);
        deadline.into_iter().chain(reminder).min()
    }

    fn reminder_at(&self, policy: &AlarmPolicy) -> Option<Timestamp> {
        let wanted = self.current.episode.is_some()
            && self.acknowledged.is_none()
            && policy.renotify > Millis::default();
        let last = self.last_notified_at.filter(|_| wanted)?;
        Some(last.plus(policy.renotify))
    }

    fn seal(&mut self, now: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }

    /// Folds the samples anew and compares with what people were told.
    fn settle(&mut self, policy: &AlarmPolicy, now: Timestamp) -> Option<Notification> {
        let samples = self.recent.iter();
        let fold = samples.fold(self.base.clone(), |fold, s| fold.apply(*s, policy));
        // A device's clock may be ahead of the service's; time never runs backwards for an alarm.
        let newest = fold.last.map_or(now, |last| last.at.max(now));
        self.current = fold.advance(newest, policy);
        let told = self.announced;
        let transition = self.transition(policy, now);
        if matches!(transition, Some(Transition::Raised | Transition::Escalated))
            || self.current.episode.is_none()
        {
            self.acknowledged = None;
        }
        self.announced = Announced {
            severity: self.current.episode.map(|e| e.severity),
            since: self.current.episode.map_or(told.since, |e| e.since),
            flapping: self.current.flapping,
            worst: if self.current.flapping {
                told.worst
                    .max(self.current.episode.map(|e| e.severity))
                    .max(told.severity)
            } else {
                None
            },
        };
        let transition = transition?;
        self.last_notified_at = Some(now);
        let severity = self.current.episode.map(|e| e.severity).or(told.severity);
        Some(Notification {
            key: self.key.clone(),
            property: self.property.clone(),
            // The version that this step will write: no other step can write the same one.
            version: self.version.saturating_add(1),
            transition,
            severity: severity.unwrap_or(Severity::Warning),
            active: self.current.episode.is_some(),
            value: self.current.last.map(|last| last.value),
            threshold: severity.and_then(|s| policy.ladder.threshold(s)),
            since: self.announced.since,
            observed_at: self.current.last.map(|last| last.at),
            closed_by: self.current.closed.map(|closed| closed.by),
            created_at: now,
        })
    }

    fn transition(&self, policy: &AlarmPolicy, now: Timestamp) -> Option<Transition> {
        let (told, current) = (&self.announced, &self.current);
        let severity = current.episode.map(|e| e.severity);
        if current.flapping && told.flapping {
            return (severity > told.worst)
                .then_some(Transition::Escalated)
                .or_else(|| self.reminder(policy, now));
        }
        if current.flapping {
            return Some(Transition::Flapping);
        }
        if told.flapping {
            return Some(Transition::Steady);
        }
        match (told.severity, current.episode) {
            (None, Some(_)) => Some(Transition::Raised),
            (Some(_), None) => Some(Transition::Cleared),
            // It ended and began again since people were last told.
            (Some(_), Some(episode)) if episode.since > told.since => Some(Transition::Raised),
            (Some(before), Some(episode)) if episode.severity > before => {
                Some(Transition::Escalated)
            }
            (Some(before), Some(episode)) if episode.severity < before => {
                Some(Transition::DeEscalated)
            }
            (Some(_), Some(_)) => self.reminder(policy, now),
            (None, None) => None,
        }
    }

    fn reminder(&self, policy: &AlarmPolicy, now: Timestamp) -> Option<Transition> {
        let due = self.reminder_at(policy)?;
        (due <= now).then_some(Transition::Reminder)
    }
}

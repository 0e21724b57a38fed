//! What the function answers. The rule and the schedule never see it; operators, tests and the demo do.

use sci_domain::{admission::upkeep::Swept, refusal::Reason, thing::ThingName};
use sci_lambda::{Reported, metrics::Count};
use serde::Serialize;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A device is enrolled now.
    Confirmed,
    /// It was enrolled before: devices say so at each start.
    Already,
    /// There is nothing to confirm or to decide.
    Ignored,
    /// The event is wrong, and kept.
    Refused,
    /// A sweep was done.
    Swept,
    /// An operator's command was carried out.
    Commanded,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Already => "already",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
            Self::Swept => "swept",
            Self::Commanded => "commanded",
        }
    }
}

/// A function's answer. Fields that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What became of the event.
    pub outcome: Outcome,
    /// Why it was ignored or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The thing that said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thing: Option<String>,
    /// What a sweep did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept: Option<SweptCounts>,
}

/// What a sweep did, as numbers of devices, certificates and cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SweptCounts {
    /// Leases that ended.
    pub expired: usize,
    /// Certificates that were taken out of use.
    pub retired: usize,
    /// Cases of which operators were told.
    pub told: usize,
}

impl Answer {
    /// An answer with nothing but its outcome.
    #[must_use]
    pub const fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            reason: None,
            thing: None,
            swept: None,
        }
    }

    /// Nothing to do, and why, as a stable code.
    #[must_use]
    pub fn ignored(reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..Self::new(Outcome::Ignored)
        }
    }

    /// An event that is wrong.
    #[must_use]
    pub fn refused(reason: Reason) -> Self {
        Self {
            reason: Some(reason.code()),
            ..Self::new(Outcome::Refused)
        }
    }

    /// The answer to a message of `thing`.
    #[must_use]
    pub fn to(self, thing: &ThingName) -> Self {
        Self {
            thing: Some(thing.to_string()),
            ..self
        }
    }

    /// A sweep.
    #[must_use]
    pub fn swept(swept: Swept) -> Self {
        Self {
            swept: Some(SweptCounts {
                expired: swept.expired,
                retired: swept.retired,
                told: swept.told,
            }),
            ..Self::new(Outcome::Swept)
        }
    }
}

impl Reported for Answer {
    fn log(&self) {
        tracing::info!(
            message.outcome = self.outcome.as_str(),
            message.reason = self.reason,
            thing = self.thing,
            "{}",
            self.outcome.as_str()
        );
    }

    /// `Messages` by outcome, `Refusals` by reason (of what was ignored too), and what a sweep did.
    fn counts(&self) -> Vec<Count> {
        let mut counts = vec![Count::new("Messages", 1).by("outcome", self.outcome.as_str())];
        if let Some(reason) = self.reason {
            counts.push(Count::new("Refusals", 1).by("reason", reason));
        }
        let swept = self.swept.into_iter().flat_map(|swept| {
            [
                ("LeasesExpired", swept.expired),
                ("CertificatesRetired", swept.retired),
                ("CasesTold", swept.told),
            ]
        });
        counts.extend(
            swept
                .filter(|(_, value)| *value > 0)
                .map(|(name, value)| Count::new(name, value)),
        );
        counts
    }
}

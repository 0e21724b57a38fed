//! What the function answers. The rule and the schedule never see it; operators, tests and the demo do.

use sci_domain::{
    admission::{CertificateId, Reason, pending::Discarded},
    refusal,
    thing::ThingName,
};
use sci_lambda::{Reported, metrics::Count};
use serde::Serialize;

use crate::event::Presented;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The certificate is a thing's, and active.
    Registered,
    /// It was active before.
    Already,
    /// It stays as it is.
    Denied,
    /// The event is wrong, and kept.
    Refused,
    /// A sweep was done.
    Swept,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Already => "already",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Swept => "swept",
        }
    }
}

/// A function's answer. Fields that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What became of the event.
    pub outcome: Outcome,
    /// Why it was denied or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// What is wrong with the certificate, or with its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
    /// The thing that owns the certificate now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thing: Option<String>,
    /// The certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateId>,
    /// The CA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<CertificateId>,
    /// What a sweep did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept: Option<SweptCounts>,
    /// Whether the audit has no record of it that it should have.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unrecorded: bool,
}

/// What a sweep did, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SweptCounts {
    /// CAs that were looked at.
    pub authorities: usize,
    /// Pending certificates that were deleted.
    pub discarded: usize,
}

impl Answer {
    const fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            reason: None,
            detail: None,
            thing: None,
            certificate: None,
            authority: None,
            swept: None,
            unrecorded: false,
        }
    }

    /// A certificate that was let in as `thing`.
    #[must_use]
    pub fn registered(thing: &ThingName) -> Self {
        Self {
            thing: Some(thing.to_string()),
            ..Self::new(Outcome::Registered)
        }
    }

    /// A certificate that was let in before.
    #[must_use]
    pub const fn already() -> Self {
        Self::new(Outcome::Already)
    }

    /// A certificate that is not let in.
    #[must_use]
    pub fn denied(reason: Reason) -> Self {
        Self {
            reason: Some(reason.code()),
            ..Self::new(Outcome::Denied)
        }
    }

    /// An event that is wrong.
    #[must_use]
    pub fn refused(reason: refusal::Reason) -> Self {
        Self {
            reason: Some(reason.code()),
            ..Self::new(Outcome::Refused)
        }
    }

    /// A sweep.
    #[must_use]
    pub fn swept(discarded: Discarded) -> Self {
        Self {
            swept: Some(SweptCounts {
                authorities: discarded.authorities,
                discarded: discarded.certificates,
            }),
            ..Self::new(Outcome::Swept)
        }
    }

    /// The answer to an event about `presented`.
    #[must_use]
    pub fn about(self, presented: &Presented) -> Self {
        Self {
            certificate: Some(presented.certificate),
            authority: Some(presented.authority),
            ..self
        }
    }
}

impl Reported for Answer {
    fn log(&self) {
        let text = |id: Option<CertificateId>| id.map(|id| id.to_string());
        let (certificate, authority) = (text(self.certificate), text(self.authority));
        match self.outcome {
            Outcome::Denied => tracing::warn!(
                certificate.id = certificate,
                authority.id = authority,
                denial.reason = self.reason,
                denial.detail = self.detail,
                "denied"
            ),
            _ => tracing::info!(
                certificate.id = certificate,
                authority.id = authority,
                refusal.reason = self.reason,
                thing = self.thing,
                "{}",
                self.outcome.as_str()
            ),
        }
    }

    /// `Decisions` by outcome, `Denials` and `Refusals` by reason, `Unrecorded`, and what a sweep did.
    fn counts(&self) -> Vec<Count> {
        let decision = |outcome| Count::new("Decisions", 1).by("outcome", outcome);
        let reason = |name, reason: Option<&'static str>| {
            let counted = reason.map(|reason| Count::new(name, 1).by("reason", reason));
            counted.into_iter()
        };
        let mut counts = Vec::new();
        match self.outcome {
            Outcome::Registered => counts.push(decision("allow")),
            Outcome::Already => counts.push(decision("already")),
            Outcome::Denied => {
                counts.push(decision("deny"));
                counts.extend(reason("Denials", self.reason));
            }
            Outcome::Refused => counts.extend(reason("Refusals", self.reason)),
            Outcome::Swept => {}
        }
        if self.unrecorded {
            counts.push(Count::new("Unrecorded", 1));
        }
        let discarded = self.swept.map(|swept| swept.discarded);
        let discarded = discarded.filter(|discarded| *discarded > 0);
        counts.extend(discarded.map(|number| Count::new("PendingDiscarded", number)));
        counts
    }
}

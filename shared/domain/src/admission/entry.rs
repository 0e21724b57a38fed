//! The allow-list: one entry for each serial number, and the steps of its life.
//!
//! ```text
//!            lease                confirm
//! allowed ----------> leased ------------------> enrolled
//!    ^                  |                           | lease, where the batch or an operator permits it
//!    |     expire       |          expire           v
//!    +------------------+------------------------> leased (replaces)
//!
//! any state -- operator --> quarantined, blocked
//! ```

use serde::{Deserialize, Serialize};

use super::{
    BatchId, CertificateId, DeviceSecret, IntroducerId, KeyFingerprint, Placement, SerialNumber,
};
use crate::timestamp::{Millis, Timestamp};

/// One line of the allow-list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is.
    pub serial: SerialNumber,
    /// Where the device belongs.
    pub placement: Placement,
    /// The batch that it comes with.
    pub batch: BatchId,
    /// The secret that the device signs its voucher with, if it has one.
    pub secret: Option<DeviceSecret>,
    /// Where it stands.
    pub state: State,
    /// Certificates that must not be active any more, and still may be.
    pub retiring: Vec<CertificateId>,
    /// What became of the last attempts to take them out of use, if they failed.
    pub retry: Option<Retry>,
    /// 1 as it was imported, one more with each write; a write is conditional on its predecessor.
    pub version: u64,
}

/// Attempts that failed, so that what cannot be done now does not keep the rest from being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How many, one after the other.
    pub failures: u32,
    /// Not before this.
    pub at: Timestamp,
}

/// The wait after a first failure; after each further one it is twice as long.
const FIRST_WAIT: Millis = Millis::from_secs(60);
/// The longest wait.
const LONGEST_WAIT: Millis = Millis::from_secs(86_400);

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// It may come.
    Allowed,
    /// It was let in, and has to come back with its certificate.
    Leased(Lease),
    /// It came back.
    Enrolled(Enrolment),
    /// An operator looks into it: nobody gets a certificate for it. Its own goes on working.
    Quarantined {
        /// Since when, by whom, in whose words.
        by: Word,
        /// The device that works on.
        live: Option<Enrolment>,
    },
    /// An operator shut it out for good.
    Blocked {
        /// Since when, by whom, in whose words.
        by: Word,
    },
}

/// The word of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// When.
    pub at: Timestamp,
    /// Who, as given by whoever may invoke the function.
    pub by: String,
}

/// A certificate that was promised a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its key.
    pub key: KeyFingerprint,
    /// Who introduced it.
    pub introducer: IntroducerId,
    /// Since when.
    pub since: Timestamp,
    /// Until when the device must have come back.
    pub expires_at: Timestamp,
    /// The enrolment that it takes the place of once it is confirmed, and that holds until then.
    pub replaces: Option<Enrolment>,
}

/// A device that came back with its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its key.
    pub key: KeyFingerprint,
    /// Who introduced it.
    pub introducer: IntroducerId,
    /// Since when.
    pub since: Timestamp,
    /// Another key that asked for the same serial number.
    pub case: Option<Case>,
}

/// A second key for an enrolled serial number: the device after a reset, or its clone. People decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The other key.
    pub key: KeyFingerprint,
    /// The certificate that it came with first.
    pub certificate: CertificateId,
    /// Who introduced it.
    pub introducer: IntroducerId,
    /// When it came first.
    pub opened_at: Timestamp,
    /// What an operator decided.
    pub decision: Option<Decision>,
    /// When operators were told.
    pub notified_at: Option<Timestamp>,
}

/// What an operator decides about a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// Who, and when.
    pub by: Word,
}

/// The two answers to a case that leave the entry as it is. The third, to block, is a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The live device stays; the other key is refused without a word.
    Keep,
    /// The other key gets a lease when it comes again. The live device stays until that is confirmed.
    Replace,
}

/// Why a device's word that it has its certificate changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConfirmed {
    /// It was confirmed before.
    Already,
    /// There is no lease for this certificate.
    NoLease,
}

/// Why an operator's decision cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDecided {
    /// There is no case to decide.
    NoCase,
    /// The entry is blocked, for good.
    Blocked,
    /// It is not quarantined.
    NotQuarantined,
}

/// What an operator may tell an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Decides the case: the live device stays.
    Keep,
    /// Decides the case: the other key may take its place.
    Replace,
    /// Shuts the device out for good; its certificates are deactivated.
    Block,
    /// Gives nobody a certificate until it is released.
    Quarantine,
    /// Ends the quarantine.
    Release,
}

impl Command {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Keep,
        Self::Replace,
        Self::Block,
        Self::Quarantine,
        Self::Release,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Replace => "replace",
            Self::Block => "block",
            Self::Quarantine => "quarantine",
            Self::Release => "release",
        }
    }

    /// The command that is called `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|command| command.as_str() == text)
    }
}

impl NotDecided {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCase => "no-case",
            Self::Blocked => "blocked",
            Self::NotQuarantined => "not-quarantined",
        }
    }
}

impl Entry {
    /// The certificate that the device works with: the confirmed one.
    #[must_use]
    pub fn live(&self) -> Option<&Enrolment> {
        match &self.state {
            State::Enrolled(live) => Some(live),
            State::Leased(lease) => lease.replaces.as_ref(),
            State::Quarantined { live, .. } => live.as_ref(),
            State::Allowed | State::Blocked { .. } => None,
        }
    }

    /// The certificate that holds the lease.
    #[must_use]
    pub const fn leased(&self) -> Option<CertificateId> {
        match &self.state {
            State::Leased(lease) => Some(lease.certificate),
            _ => None,
        }
    }

    /// When the sweep has something to do: a lease to end, certificates to deactivate, operators to tell.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let lease = match &self.state {
            State::Leased(lease) => Some(lease.expires_at),
            _ => None,
        };
        let retry = self.retry.map_or_else(Timestamp::default, |retry| retry.at);
        let retiring = (!self.retiring.is_empty()).then_some(retry);
        let case = self.untold().map(|case| case.opened_at);
        [lease, retiring, case].into_iter().flatten().min()
    }

    /// The case of which operators were not told yet.
    #[must_use]
    pub fn untold(&self) -> Option<&Case> {
        let case = self.live()?.case.as_ref()?;
        (case.notified_at.is_none() && case.decision.is_none()).then_some(case)
    }

    /// The next version, changed by `change`. Whatever the change was, neither the live certificate nor the one that holds
    /// the lease retires: a device of a CA comes back with the certificate that it had.
    pub(super) fn next(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        change(&mut next);
        let used = [next.live().map(|live| live.certificate), next.leased()];
        next.retiring
            .retain(|certificate| !used.contains(&Some(*certificate)));
        next.retiring.sort_unstable();
        next.retiring.dedup();
        // What must end now does not wait for what failed before: an operator who blocks a device means at once.
        if next.retiring.iter().any(|new| !self.retiring.contains(new)) {
            next.retry = None;
        }
        next.version = self.version.saturating_add(1);
        next
    }

    /// The device came back with `certificate`, in the word of the service. A lease that ran out counts as long as nobody
    /// ended it: the device holds the key, and the serial number is still its own.
    ///
    /// # Errors
    /// When there is nothing to confirm.
    pub fn confirm(
        &self,
        certificate: CertificateId,
        now: Timestamp,
    ) -> Result<Self, NotConfirmed> {
        match &self.state {
            State::Leased(lease) if lease.certificate == certificate => Ok(self.next(|next| {
                next.retiring
                    .extend(lease.replaces.as_ref().map(|old| old.certificate));
                next.state = State::Enrolled(Enrolment {
                    certificate,
                    key: lease.key,
                    introducer: lease.introducer,
                    since: now,
                    case: None,
                });
            })),
            _ if self
                .live()
                .is_some_and(|live| live.certificate == certificate) =>
            {
                Err(NotConfirmed::Already)
            }
            _ => Err(NotConfirmed::NoLease),
        }
    }

    /// Ends a lease that ran out: the entry is what it was before, and the certificate retires. Nothing if there is none.
    #[must_use]
    pub fn expire(&self, now: Timestamp) -> Option<Self> {
        match &self.state {
            State::Leased(lease) if now >= lease.expires_at => {
                Some(self.next(|next| next.give_up(lease)))
            }
            _ => None,
        }
    }

    /// Takes back a lease.
    pub(super) fn give_up(&mut self, lease: &Lease) {
        self.retiring.push(lease.certificate);
        self.state = match &lease.replaces {
            Some(live) => State::Enrolled(live.clone()),
            None => State::Allowed,
        };
    }

    /// `certificate` is not active any more.
    #[must_use]
    pub fn retired(&self, certificate: CertificateId) -> Self {
        self.next(|next| {
            next.retiring.retain(|other| *other != certificate);
            next.retry = self.retry.filter(|_| !next.retiring.is_empty());
        })
    }

    /// Taking a certificate out of use failed at `now`: it is tried again later, and later each time.
    #[must_use]
    pub fn postponed(&self, now: Timestamp) -> Self {
        self.next(|next| {
            let failures = self.retry.map_or(0, |retry| retry.failures);
            let doubled = FIRST_WAIT.as_millis().checked_shl(failures.min(32));
            let wait = doubled.unwrap_or(u64::MAX).min(LONGEST_WAIT.as_millis());
            next.retry = Some(Retry {
                failures: failures.saturating_add(1),
                at: now.plus(Millis::new(wait)),
            });
        })
    }

    /// Operators were told of the case.
    #[must_use]
    pub fn told(&self, now: Timestamp) -> Self {
        self.next(|next| {
            if let Some(case) = next.live_mut().and_then(|live| live.case.as_mut()) {
                case.notified_at = Some(now);
            }
        })
    }

    /// An operator's command.
    ///
    /// # Errors
    /// When it does not fit the state.
    pub fn command(&self, command: Command, by: Word) -> Result<Self, NotDecided> {
        if matches!(self.state, State::Blocked { .. }) {
            return Err(NotDecided::Blocked);
        }
        match command {
            Command::Keep => self.decide(Verdict::Keep, by),
            Command::Replace => self.decide(Verdict::Replace, by),
            Command::Block => Ok(self.next(|next| {
                next.retiring
                    .extend(self.live().map(|live| live.certificate));
                if let State::Leased(lease) = &self.state {
                    next.retiring.push(lease.certificate);
                }
                next.state = State::Blocked { by };
            })),
            Command::Quarantine => Ok(self.next(|next| {
                if let State::Leased(lease) = &self.state {
                    next.give_up(lease);
                }
                next.state = State::Quarantined {
                    by,
                    live: self.live().cloned(),
                };
            })),
            Command::Release => match &self.state {
                State::Quarantined { live, .. } => Ok(self.next(|next| {
                    next.state = live.clone().map_or(State::Allowed, State::Enrolled);
                })),
                _ => Err(NotDecided::NotQuarantined),
            },
        }
    }

    fn decide(&self, verdict: Verdict, by: Word) -> Result<Self, NotDecided> {
        if self.live().is_none_or(|live| live.case.is_none()) {
            return Err(NotDecided::NoCase);
        }
        Ok(self.next(|next| {
            if let Some(case) = next.live_mut().and_then(|live| live.case.as_mut()) {
                case.decision = Some(Decision { verdict, by });
            }
        }))
    }

    pub(super) fn live_mut(&mut self) -> Option<&mut Enrolment> {
        match &mut self.state {
            State::Enrolled(live) => Some(live),
            State::Leased(lease) => lease.replaces.as_mut(),
            State::Quarantined { live, .. } => live.as_mut(),
            State::Allowed | State::Blocked { .. } => None,
        }
    }
}

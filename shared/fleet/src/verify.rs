//! The chains of many subjects, one after the other.

use std::{collections::BTreeMap, fmt, pin::pin};

use futures_util::{StreamExt as _, stream};
use sci_domain::admission::{AdmissionStore, Subject, audit::Head};
use serde::Serialize;

use crate::{
    chain,
    failure::explained,
    import::Bounded,
    pace::{AT_ONCE, Pace, Stop, patiently},
    text::shown,
};

/// Which chains, with the versions of the devices that are on the allow-list.
pub type Subjects = BTreeMap<Subject, Option<u64>>;

/// A chain that something is wrong with.
#[derive(Debug, Clone, Serialize)]
pub struct Suspect {
    /// Whose.
    pub subject: Subject,
    /// What is wrong, or why it could not be read.
    pub why: String,
}

/// What was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verified {
    /// The chains that were to be checked.
    pub subjects: u64,
    /// Those that were read.
    pub chains: u64,
    /// Their records.
    pub records: u64,
    /// The broken ones.
    pub broken: Bounded<Suspect>,
    /// Those that could not be read.
    pub failed: Bounded<Suspect>,
    /// Whether somebody asked to stop.
    pub stopped: bool,
}

/// Checks the chains of `subjects`. `done` is called after each of them.
pub async fn verify(
    store: &impl AdmissionStore,
    pace: &impl Pace,
    stop: &Stop,
    subjects: &Subjects,
    mut done: impl FnMut(&Verified),
) -> Verified {
    let mut verified = Verified {
        subjects: u64::try_from(subjects.len()).unwrap_or(u64::MAX),
        ..Verified::default()
    };
    let chains = stream::iter(subjects)
        .take_until(stop.clone().asked())
        .map(async |(subject, version)| {
            let history = patiently(pace, stop, || store.history(subject)).await;
            (subject, *version, history)
        })
        .buffered(AT_ONCE);
    let mut chains = pin!(chains);
    while let Some((subject, version, history)) = chains.next().await {
        match history {
            // Listed ones have a record or are on the allow-list; this one somebody named.
            Ok((records, Head::EMPTY)) if records.is_empty() && version.is_none() => {
                let nothing = "nothing is recorded of it".to_owned();
                verified.failed.add(suspect(subject, nothing));
            }
            Ok((records, head)) => {
                verified.chains += 1;
                verified.records += u64::try_from(records.len()).unwrap_or(u64::MAX);
                if let Err(flaw) = chain::check(subject, &records, head, version) {
                    verified.broken.add(suspect(subject, flaw.to_string()));
                }
            }
            Err(failure) => verified.failed.add(suspect(subject, explained(&failure))),
        }
        done(&verified);
    }
    verified.stopped = stop.is_asked();
    verified
}

fn suspect(subject: &Subject, why: String) -> Suspect {
    Suspect {
        subject: subject.clone(),
        why,
    }
}

impl Verified {
    /// Those that were read, or could not be.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.chains + self.failed.count
    }

    /// Whether every chain was read.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.chains == self.subjects
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line =
            |suspect: &Suspect| format!("{}: {}", shown(suspect.subject.as_str()), suspect.why);
        let chains = |count: u64| if count == 1 { "chain" } else { "chains" };
        if self.broken.count > 0 {
            let count = self.broken.count;
            writeln!(f, "BROKEN: {count} {}", chains(count))?;
            self.broken.write(f, line)?;
        }
        if self.failed.count > 0 {
            let count = self.failed.count;
            writeln!(f, "not read: {count} {}", chains(count))?;
            self.failed.write(f, line)?;
        }
        let left = self.subjects.saturating_sub(self.done());
        if left > 0 {
            writeln!(f, "not looked at: {left} {}", chains(left))?;
        }
        let verdict = match (self.broken.count, self.is_complete()) {
            (0, true) => ", none broken",
            (0, false) => ", none of these broken",
            _ => "",
        };
        writeln!(
            f,
            "{} {} with {} records checked{verdict}",
            self.chains,
            chains(self.chains),
            self.records
        )
    }
}

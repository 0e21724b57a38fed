//! One device of an import: looked at, written if it is not there, looked at again when that was not sure.

use sci_domain::{
    admission::{
        AdmissionStore, Commit, Committed, Entry, Subject,
        audit::{Fact, Happened, Head, append},
    },
    ports::{FailureKind, PortFailure},
    timestamp::Timestamp,
};

use super::{Import, compare::differences};
use crate::{
    manifest::Column,
    pace::{MAX_ATTEMPTS, Pace, backoff, passes},
};

/// What became of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was not on the list. Now it is, unless this was a dry run.
    New,
    /// It was on the list.
    Present,
    /// It was on the list, but with other values in these columns.
    Differs(Vec<Column>),
}

/// What was learned from attempts that came to nothing.
struct Tries {
    /// Where the chain of the device ends: it can be there before the device, if that was once taken off the list.
    chain: Head,
    /// The records that may have been written although the answer was lost.
    perhaps: Vec<Head>,
}

impl<Store, Paces, Clock> Import<'_, Store, Paces, Clock>
where
    Store: AdmissionStore,
    Paces: Pace,
    Clock: Fn() -> Timestamp,
{
    /// One device, whose turn it is.
    pub(super) async fn settle(&self, entry: &Entry) -> Result<Outcome, PortFailure> {
        let mut tries = Tries {
            chain: Head::EMPTY,
            perhaps: Vec::new(),
        };
        let mut attempt = 1;
        loop {
            let failure = match self.attempt(entry, &mut tries).await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => others_are_in_the_way(),
                Err(failure) => failure,
            };
            if !passes(&failure) || attempt == MAX_ATTEMPTS || self.stop.is_asked() {
                return Err(failure);
            }
            self.pace.pause(backoff(attempt)).await;
            self.pace.turn().await;
            attempt += 1;
        }
    }

    /// Nothing when somebody else wrote at the same time.
    async fn attempt(
        &self,
        entry: &Entry,
        tries: &mut Tries,
    ) -> Result<Option<Outcome>, PortFailure> {
        if let Some(device) = self.store.device(&entry.serial).await? {
            let differing = differences(entry, &device.entry);
            return Ok(Some(if tries.perhaps.contains(&device.chain) {
                Outcome::New
            } else if differing.is_empty() {
                Outcome::Present
            } else {
                Outcome::Differs(differing)
            }));
        }
        if self.dry_run {
            return Ok(Some(Outcome::New));
        }
        let subject = Subject::device(&entry.serial);
        let record =
            append(&subject, tries.chain, self.fact(entry)).map_err(|broken| PortFailure {
                operation: "write an audit record",
                kind: FailureKind::Misconfigured,
                source: Box::new(broken),
            })?;
        let commit = Commit {
            entry: Some(entry),
            charge: None,
            record: &record,
        };
        match self.store.commit(commit).await {
            Ok(Committed::Written) => Ok(Some(Outcome::New)),
            Ok(Committed::Conflict) => {
                (_, tries.chain) = self.store.history(&subject).await?;
                Ok(None)
            }
            Err(failure) => {
                tries.perhaps.push(record.head());
                Err(failure)
            }
        }
    }

    fn fact(&self, entry: &Entry) -> Fact {
        Fact {
            at: (self.clock)(),
            happened: Happened::Imported,
            reason: String::new(),
            serial: Some(entry.serial.clone()),
            introducer: None,
            certificate: None,
            key: None,
            client: None,
            by: Some(self.by.to_owned()),
        }
    }
}

fn others_are_in_the_way() -> PortFailure {
    PortFailure {
        operation: "put a device on the allow-list",
        kind: FailureKind::Throttled,
        source: "somebody else wrote it each time".into(),
    }
}

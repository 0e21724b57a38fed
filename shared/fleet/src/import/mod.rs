//! From a manifest to the allow-list: each device is written once, with its record, or not at all.
//!
//! Nothing that is on the list is ever overwritten, and what is there already is no error: an import that was broken off is
//! run again.

mod compare;
mod one;
mod summary;

use std::{cell::Cell, pin::pin};

use futures_util::{StreamExt as _, stream};
use sci_domain::{
    admission::{AdmissionStore, Entry},
    timestamp::Timestamp,
};

use crate::pace::{AT_ONCE, Pace, Stop};

pub use compare::differences;
pub use one::Outcome;
pub use summary::{Bounded, Conflict, Failed, MAX_LISTED, Summary};

/// So many failures one after the other, and the import ends: whatever is wrong is not the devices.
const FAILURES_IN_A_ROW: usize = AT_ONCE;

/// An import.
#[derive(Debug)]
pub struct Import<'a, Store, Paces, Clock> {
    /// Where the allow-list is.
    pub store: &'a Store,
    /// How fast: each attempt to look at a device and write it takes one turn.
    pub pace: &'a Paces,
    /// What the records say of the time.
    pub clock: Clock,
    /// Who imports, for the records.
    pub by: &'a str,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Whether somebody asked to stop.
    pub stop: Stop,
}

impl<Store, Paces, Clock> Import<'_, Store, Paces, Clock>
where
    Store: AdmissionStore,
    Paces: Pace,
    Clock: Fn() -> Timestamp,
{
    /// Imports `entries`, which a manifest gave. `done` is called after each of them.
    pub async fn run(&self, entries: &[Entry], mut done: impl FnMut(&Summary)) -> Summary {
        let mut summary = Summary::new(entries.len(), self.dry_run);
        let gives_up = Cell::new(false);
        let turns = stream::iter(entries)
            .take_while(|_| std::future::ready(!gives_up.get()))
            .then(async |entry| {
                self.pace.turn().await;
                entry
            });
        // A device whose turn did not come yet is left; those that run end.
        let outcomes = turns
            .take_until(self.stop.clone().asked())
            .map(async |entry| (entry, self.settle(entry).await))
            .buffered(AT_ONCE);
        let mut outcomes = pin!(outcomes);
        let mut failures = 0;
        while let Some((entry, outcome)) = outcomes.next().await {
            failures = if outcome.is_ok() { 0 } else { failures + 1 };
            gives_up.set(gives_up.get() || failures >= FAILURES_IN_A_ROW);
            summary.add(entry, outcome);
            done(&summary);
        }
        summary.stopped = self.stop.is_asked();
        summary
    }
}

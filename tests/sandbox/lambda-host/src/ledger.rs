//! The account of everything that ran.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::outcome::Invocation;

/// Attempts kept in the history; older ones are only in the totals.
pub const HISTORY_LIMIT: usize = 100_000;

/// Counts since the host was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Asynchronous events accepted.
    pub accepted: u64,
    /// Deliveries added by the duplicate fault.
    pub duplicated: u64,
    /// Deliveries that ended well.
    pub succeeded: u64,
    /// Deliveries given up after the last retry.
    pub retries_exhausted: u64,
    /// Deliveries given up because of their age.
    pub age_exceeded: u64,
    /// Records accepted by a destination, on success or on failure.
    pub sent: u64,
    /// Records a destination refused; they are gone, as on AWS.
    pub destination_failures: u64,
    /// Deliveries given up without an on-failure destination.
    pub dropped: u64,
    /// Attempts that found no free instance, synchronous ones too.
    pub throttles: u64,
}

#[derive(Default)]
pub(crate) struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    history: VecDeque<Invocation>,
    totals: Totals,
    subscribers: Vec<mpsc::UnboundedSender<Invocation>>,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record(&self, invocation: Invocation) {
        let mut inner = self.lock();
        inner
            .subscribers
            .retain(|s| s.send(invocation.clone()).is_ok());
        if inner.history.len() == HISTORY_LIMIT {
            inner.history.pop_front();
        }
        inner.history.push_back(invocation);
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Totals)) {
        change(&mut self.lock().totals);
    }

    pub(crate) fn totals(&self) -> Totals {
        self.lock().totals
    }

    pub(crate) fn history(&self) -> Vec<Invocation> {
        self.lock().history.iter().cloned().collect()
    }

    pub(crate) fn subscribe(&self) -> mpsc::UnboundedReceiver<Invocation> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.lock().subscribers.push(sender);
        receiver
    }
}

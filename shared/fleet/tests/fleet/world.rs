//! What the tests share.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use sci_domain::{
    admission::{
        AdmissionStore, Entry, Subject,
        audit::{Fact, verify},
    },
    timestamp::Timestamp,
};
use sci_fleet::{
    import::{Import, Summary},
    pace::{Pace, Stop},
};
use testkit::{MemoryAdmissionStore, onboarding};
use tokio::sync::watch;

/// Nobody waits, but the turns are counted.
#[derive(Debug, Default)]
pub(crate) struct NoWait(AtomicUsize);

impl NoWait {
    pub(crate) fn turns(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Pace for NoWait {
    async fn turn(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    async fn pause(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

/// Nobody asks to stop.
pub(crate) fn never() -> Stop {
    Stop::new(watch::channel(false).1)
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-06-15T12:00:00Z").unwrap()
}

/// The devices 0001 to `count`.
pub(crate) fn devices(count: usize) -> Vec<Entry> {
    (1..=count)
        .map(|n| onboarding::entry(&format!("{n:04}"), "2026-11"))
        .collect()
}

pub(crate) async fn import(store: &MemoryAdmissionStore, by: &str, entries: &[Entry]) -> Summary {
    importer(store, by, &NoWait::default())
        .run(entries, |_| {})
        .await
}

pub(crate) fn importer<'a>(
    store: &'a MemoryAdmissionStore,
    by: &'a str,
    pace: &'a NoWait,
) -> Import<'a, MemoryAdmissionStore, NoWait, fn() -> Timestamp> {
    Import {
        store,
        pace,
        clock: now,
        by,
        dry_run: false,
        stop: never(),
    }
}

/// What the chain of `entry` tells; it is whole.
pub(crate) async fn told(store: &MemoryAdmissionStore, entry: &Entry) -> Vec<Fact> {
    let subject = Subject::device(&entry.serial);
    let (records, head) = store.history(&subject).await.unwrap();
    verify(&subject, &records, head).unwrap()
}

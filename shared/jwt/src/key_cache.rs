//! When keys are used, fetched again, or no longer believed. No clock, no network: time is an argument, fetching is the caller's.

use std::{collections::VecDeque, sync::Arc};

use sci_domain::timestamp::{Millis, Timestamp};

use crate::{KeySet, LEEWAY, VerifyingKey};

/// The most unknown kids that are remembered, whatever the limits say.
const MAX_REMEMBERED: usize = 64;

/// How old keys may get, and how often they may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheLimits {
    /// From this age on a set is refreshed in the background.
    pub soft_age: Millis,
    /// From this age on a set is not used unless fetching fails. A withdrawn key counts no longer than this.
    pub hard_age: Millis,
    /// While fetching fails, the last good set is used up to this age.
    pub stale_if_error: Millis,
    /// How long nothing is fetched after a failure.
    pub retry_after: Millis,
    /// Unknown kids together cause at most one fetch in this time, and none while the set is younger than this.
    pub unknown_kid_interval: Millis,
    /// The same unknown kid causes at most one fetch in this time.
    pub unknown_kid_memory: Millis,
    /// Up to this age the set that came with the function is used when nothing was ever fetched and fetching fails.
    pub snapshot_max_age: Millis,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            soft_age: Millis::from_secs(120),
            hard_age: Millis::from_secs(300),
            stale_if_error: Millis::from_secs(3600),
            retry_after: Millis::from_secs(10),
            unknown_kid_interval: Millis::from_secs(30),
            unknown_kid_memory: Millis::from_secs(300),
            snapshot_max_age: Millis::from_secs(7 * 86_400),
        }
    }
}

/// What the cache answers.
#[derive(Debug)]
pub enum Lookup {
    /// Use this key.
    Key {
        /// The key.
        key: Arc<VerifyingKey>,
        /// How good it is.
        freshness: Freshness,
    },
    /// Fetch the set, report with [`KeyCache::fetched`] or [`KeyCache::failed`], then look up again.
    FetchFirst,
    /// No key has this kid.
    Unknown,
    /// There are no keys that may be used, and none can be fetched now.
    Unavailable,
}

/// How good a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing is due.
    Fresh,
    /// Good, but the set is to be refreshed in the background.
    Aging,
    /// Too old, but fetching fails.
    Stale,
    /// From the set that came with the function, because nothing could ever be fetched.
    Snapshot,
}

/// The keys of one issuer.
pub struct KeyCache {
    limits: CacheLimits,
    /// The set that came with the function and when it was taken; gone as soon as one was fetched.
    snapshot: Option<(KeySet, Timestamp)>,
    /// The last good set and when its fetch began.
    last_good: Option<(KeySet, Timestamp)>,
    /// When the last fetch began, if it failed.
    failed_at: Option<Timestamp>,
    /// Unknown kids that caused a fetch and when, the latest last.
    looked_for: VecDeque<(String, Timestamp)>,
}

impl KeyCache {
    /// An empty cache. `snapshot` is a set that came with the function, and when it was taken.
    #[must_use]
    pub const fn new(limits: CacheLimits, snapshot: Option<(KeySet, Timestamp)>) -> Self {
        Self {
            limits,
            snapshot,
            last_good: None,
            failed_at: None,
            looked_for: VecDeque::new(),
        }
    }

    /// Looks for the key of `kid`.
    pub fn look_up(&mut self, kid: &str, now: Timestamp) -> Lookup {
        self.forget_the_future(now);
        let limits = self.limits;
        let failing = self
            .failed_at
            .is_some_and(|failed_at| now.since(failed_at) < limits.retry_after);

        let Some((keys, fetched_at)) = &self.last_good else {
            return match &self.snapshot {
                _ if !failing => Lookup::FetchFirst,
                Some((keys, taken_at)) if now.since(*taken_at) < limits.snapshot_max_age => {
                    for_want_of_better(keys, kid, Freshness::Snapshot)
                }
                _ => Lookup::Unavailable,
            };
        };
        let age = now.since(*fetched_at);
        if age >= limits.hard_age {
            return if !failing {
                Lookup::FetchFirst
            } else if age < limits.stale_if_error {
                for_want_of_better(keys, kid, Freshness::Stale)
            } else {
                Lookup::Unavailable
            };
        }
        let due = age >= limits.soft_age && !failing;
        if let Some(key) = keys.get(kid) {
            let freshness = if due {
                Freshness::Aging
            } else {
                Freshness::Fresh
            };
            let key = Arc::clone(key);
            return Lookup::Key { key, freshness };
        }
        // A refresh that is due anyway is not counted against unknown kids: that is how a new key is found while others use up
        // what they may cause.
        if due || (age >= limits.unknown_kid_interval && self.may_fetch_for(kid, now)) {
            self.remember(kid, now);
            return Lookup::FetchFirst;
        }
        Lookup::Unknown
    }

    /// Reports a good set. `started_at` is when the fetch began: Lambda may freeze the process in the middle of one.
    pub fn fetched(&mut self, keys: KeySet, started_at: Timestamp) {
        let late = self
            .last_good
            .as_ref()
            .is_some_and(|(_, at)| *at > started_at);
        if !late {
            self.last_good = Some((keys, started_at));
            self.failed_at = None;
            // What was withdrawn since it was taken must not come back.
            self.snapshot = None;
        }
    }

    /// Reports that fetching failed. `started_at` is when the fetch began.
    pub fn failed(&mut self, started_at: Timestamp) {
        self.failed_at = self.failed_at.max(Some(started_at));
    }

    /// Whether unknown kids may cause a fetch again, and this one too.
    fn may_fetch_for(&self, kid: &str, now: Timestamp) -> bool {
        let within = |at: &Timestamp, span| now.since(*at) < span;
        let limits = &self.limits;
        !self.looked_for.iter().any(|(known, at)| {
            within(at, limits.unknown_kid_interval)
                || (known == kid && within(at, limits.unknown_kid_memory))
        })
    }

    fn remember(&mut self, kid: &str, now: Timestamp) {
        if self.looked_for.len() == MAX_REMEMBERED {
            self.looked_for.pop_front();
        }
        self.looked_for.push_back((kid.to_owned(), now));
    }

    /// Drops whatever happened later than now. A clock that was wrong and is right again must not keep keys alive, or fetches away.
    fn forget_the_future(&mut self, now: Timestamp) {
        let possible = |at: &Timestamp| *at <= now.plus(LEEWAY);
        self.last_good.take_if(|(_, at)| !possible(at));
        self.snapshot.take_if(|(_, at)| !possible(at));
        self.failed_at.take_if(|at| !possible(at));
        self.looked_for.retain(|(_, at)| possible(at));
    }
}

/// The key from a set that is too old. Where it has none, a newer set might: the kid is not called unknown.
fn for_want_of_better(keys: &KeySet, kid: &str, freshness: Freshness) -> Lookup {
    keys.get(kid)
        .map_or(Lookup::Unavailable, |key| Lookup::Key {
            key: Arc::clone(key),
            freshness,
        })
}

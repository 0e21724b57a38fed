//! The published keys of one issuer: fetched when they are needed, once at a time, and refreshed behind the answers.
//!
//! The rules are those of [`KeyCache`]; here is what happens around them. Lambda freezes a process between two events, also
//! in the middle of a fetch. So the age of a set counts from the start of its fetch, by the clock, and a fetch that takes
//! too long by the clock is given up and begun anew.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sci_domain::{access::KeySource, timestamp::Timestamp};
use sci_jwt::{CacheLimits, DroppedKey, Freshness, KeyCache, KeySet, Loaded, Lookup, VerifyingKey};
use sci_lambda::metrics::Count;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

/// How long a fetch may take: the decision that waits for it must be made in 3.5 s and has other calls to make.
const FETCH_LIMIT: Duration = Duration::from_millis(1500);

/// A clock.
pub type Clock = fn() -> Timestamp;

/// A key and how good it is.
#[derive(Debug, Clone)]
pub struct Found {
    /// The key.
    pub key: Arc<VerifyingKey>,
    /// How good it is.
    pub freshness: Freshness,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUnavailable {
    /// The issuer has no key of this id.
    Unknown,
    /// The issuer's keys cannot be had.
    Unavailable,
}

/// The keys of an issuer. Clones share them.
pub struct KeyRing<Source>(Arc<Shared<Source>>);

struct Shared<Source> {
    issuer: String,
    source: Source,
    clock: Clock,
    limit: Duration,
    state: Mutex<State>,
}

struct State {
    cache: KeyCache,
    fetch: Option<Fetch>,
    counts: Counts,
}

/// A fetch that is under way; its channel closes when it ends.
struct Fetch {
    started_at: Timestamp,
    task: JoinHandle<()>,
    ended: watch::Receiver<()>,
}

#[derive(Default)]
struct Counts {
    refreshed: usize,
    failed: usize,
    dropped: usize,
    stale: usize,
    snapshot: usize,
}

impl<Source> Drop for KeyRing<Source> {
    fn drop(&mut self) {
        if let Some(fetch) = self.state().fetch.take() {
            fetch.task.abort();
        }
    }
}

impl<Source> KeyRing<Source> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }

    /// What to count since this was asked last.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        let counts = std::mem::take(&mut self.state().counts);
        let named = [
            ("KeyRefreshes", counts.refreshed),
            ("KeyRefreshFailures", counts.failed),
            ("DroppedKeys", counts.dropped),
            ("StaleKeys", counts.stale),
            ("SnapshotKeys", counts.snapshot),
        ];
        let counted = named.into_iter().filter(|(_, count)| *count > 0);
        counted
            .map(|(name, count)| Count::new(name, count))
            .collect()
    }
}

impl<Source: KeySource + Send + Sync + 'static> KeyRing<Source> {
    /// An empty ring. `issuer` names it in logs; `snapshot` is what to begin with if the source does not answer.
    #[must_use]
    pub fn new(
        issuer: String,
        source: Source,
        limits: CacheLimits,
        snapshot: Option<(KeySet, Timestamp)>,
        clock: Clock,
    ) -> Self {
        Self::with_limit(
            issuer,
            source,
            KeyCache::new(limits, snapshot),
            clock,
            FETCH_LIMIT,
        )
    }

    fn with_limit(
        issuer: String,
        source: Source,
        cache: KeyCache,
        clock: Clock,
        limit: Duration,
    ) -> Self {
        Self(Arc::new(Shared {
            issuer,
            source,
            clock,
            limit,
            state: Mutex::new(State {
                cache,
                fetch: None,
                counts: Counts::default(),
            }),
        }))
    }

    /// The key of `kid`. Waits for a fetch where the rules want one first.
    ///
    /// # Errors
    /// When there is none, or none may be used.
    pub async fn key(&self, kid: &str) -> Result<Found, KeyUnavailable> {
        // After a fetch, good or bad, the rules want no second one; only a frozen one that was given up needs it.
        for _ in 0..2 {
            match self.look_up(kid) {
                Lookup::Key { key, freshness } => return Ok(self.found(key, freshness)),
                Lookup::Unknown => return Err(KeyUnavailable::Unknown),
                Lookup::Unavailable => break,
                Lookup::FetchFirst => self.fetch().await,
            }
        }
        Err(KeyUnavailable::Unavailable)
    }

    /// Fetches the keys before anybody needs them.
    pub async fn prime(&self) {
        self.fetch().await;
    }

    fn look_up(&self, kid: &str) -> Lookup {
        let now = (self.0.clock)();
        self.state().cache.look_up(kid, now)
    }

    fn found(&self, key: Arc<VerifyingKey>, freshness: Freshness) -> Found {
        match freshness {
            Freshness::Fresh => {}
            Freshness::Aging => drop(self.begin()),
            Freshness::Stale => self.state().counts.stale += 1,
            Freshness::Snapshot => self.state().counts.snapshot += 1,
        }
        Found { key, freshness }
    }

    /// Begins a fetch, or joins the one under way, and waits for its end.
    async fn fetch(&self) {
        let mut ended = self.begin();
        // Nothing is ever sent: the wait ends when the channel closes.
        if timeout(self.0.limit, ended.changed()).await.is_err() {
            let mut state = self.state();
            state.cache.failed((self.0.clock)());
        }
    }

    fn begin(&self) -> watch::Receiver<()> {
        let now = (self.0.clock)();
        let mut state = self.state();
        if let Some(fetch) = &state.fetch {
            let age = Duration::from_millis(now.since(fetch.started_at).as_millis());
            if !fetch.task.is_finished() && age <= self.0.limit {
                return fetch.ended.clone();
            }
            fetch.task.abort();
        }
        let (ending, ended) = watch::channel(());
        let shared = Arc::clone(&self.0);
        let task = tokio::spawn(async move {
            let fetched = timeout(shared.limit, shared.source.fetch()).await;
            shared.take_in(fetched, now);
            drop(ending);
        });
        state.fetch = Some(Fetch {
            started_at: now,
            task,
            ended: ended.clone(),
        });
        ended
    }
}

impl<Source> Shared<Source> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_in<E, T>(&self, fetched: Result<Result<Vec<u8>, E>, T>, started_at: Timestamp)
    where
        E: std::error::Error,
    {
        let loaded = match fetched {
            Err(_) => Err("no answer in time".to_owned()),
            Ok(Err(failure)) => Err(causes(&failure)),
            Ok(Ok(json)) => KeySet::load(&json).map_err(|invalid| invalid.to_string()),
        };
        let issuer = self.issuer.as_str();
        let mut state = self.state();
        match loaded {
            Ok(Loaded { keys, dropped }) => {
                tracing::info!(
                    issuer,
                    keys = keys.len(),
                    dropped = dropped.len(),
                    "keys fetched"
                );
                dropped.iter().for_each(|key| log_dropped(issuer, key));
                state.counts.refreshed += 1;
                state.counts.dropped += dropped.len();
                state.cache.fetched(keys, started_at);
            }
            Err(cause) => {
                tracing::error!(issuer, "failed to fetch an issuer's keys: {cause}");
                state.counts.failed += 1;
                state.cache.failed(started_at);
            }
        }
    }
}

/// Says which key is not used, and why.
pub fn log_dropped(issuer: &str, key: &DroppedKey) {
    tracing::warn!(
        issuer,
        key.index = key.index,
        key.kid = key.kid.as_deref(),
        key.defect = key.defect.code(),
        "a key is not used: {}",
        key.defect
    );
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;

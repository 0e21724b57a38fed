//! The sandbox's time: the operating system's, or one that a story sets.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place of the sandbox that asks the operating system for the time"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Milliseconds since the epoch. Clones share the time.
#[derive(Debug, Clone, Default)]
pub struct SandboxClock(Arc<AtomicU64>);

impl SandboxClock {
    /// The operating system's time, until [`Self::set`].
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Stops the clock at `millis`, from now on.
    pub fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::SeqCst);
    }

    /// The time in milliseconds.
    #[must_use]
    pub fn now(&self) -> u64 {
        match self.0.load(Ordering::SeqCst) {
            0 => system_now(),
            set => set,
        }
    }

    /// The clock as the sandbox's crates take it.
    #[must_use]
    pub fn as_fn(&self) -> Arc<dyn Fn() -> u64 + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// The operating system's time in milliseconds since the epoch.
#[must_use]
pub fn system_now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

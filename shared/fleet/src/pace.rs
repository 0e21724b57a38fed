//! How fast AWS is asked, and how patiently.

use std::{future::Future, num::NonZeroU32, time::Duration};

use sci_domain::ports::{FailureKind, PortFailure};
use tokio::{
    sync::{Mutex, watch},
    time::{Interval, MissedTickBehavior, interval, sleep},
};

/// How often a call is tried in all.
pub(crate) const MAX_ATTEMPTS: u32 = 8;

/// How many calls run at the same time: a transaction takes tens of milliseconds, so that they suffice for some hundred in a
/// second.
pub(crate) const AT_ONCE: usize = 16;

/// The passing of time, so that tests need not wait.
pub trait Pace {
    /// Waits until the next call may be made.
    fn turn(&self) -> impl Future<Output = ()> + Send;

    /// Waits for `span`.
    fn pause(&self, span: Duration) -> impl Future<Output = ()> + Send;
}

/// So many calls in a second, one after the other. What was missed is not made up for.
#[derive(Debug)]
pub struct PerSecond(Mutex<Interval>);

impl PerSecond {
    /// A pace of `rate` calls in a second.
    #[must_use]
    pub fn new(rate: NonZeroU32) -> Self {
        let mut turns = interval(Duration::from_secs(1) / rate.get());
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(Mutex::new(turns))
    }
}

impl Pace for PerSecond {
    async fn turn(&self) {
        self.0.lock().await.tick().await;
    }

    async fn pause(&self, span: Duration) {
        sleep(span).await;
    }
}

/// Whether somebody asked to stop. What runs ends, and nothing else begins.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A stop that is asked for by sending `true`.
    #[must_use]
    pub const fn new(asked: watch::Receiver<bool>) -> Self {
        Self(asked)
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked for, or cannot be any more.
    pub(crate) async fn asked(mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The wait after the `attempt`th failure, from 1: 0.1 s, then twice as long each time, at most 5 s.
pub(crate) fn backoff(attempt: u32) -> Duration {
    let doubled = 100_u64.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    Duration::from_millis(doubled.min(5_000))
}

/// Whether trying again can help.
pub(crate) fn passes(failure: &PortFailure) -> bool {
    match failure.kind {
        FailureKind::Throttled | FailureKind::Unavailable => true,
        FailureKind::Misconfigured => false,
    }
}

/// Calls until it succeeds, as long as trying again can help and nobody asks to stop. Each call waits for its turn.
///
/// # Errors
/// The last failure.
pub async fn patiently<T, F>(
    pace: &impl Pace,
    stop: &Stop,
    mut call: impl FnMut() -> F,
) -> Result<T, PortFailure>
where
    F: Future<Output = Result<T, PortFailure>>,
{
    let mut attempt = 1;
    loop {
        pace.turn().await;
        match call().await {
            Err(failure) if passes(&failure) && attempt < MAX_ATTEMPTS && !stop.is_asked() => {
                pace.pause(backoff(attempt)).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<_> = (1..=8).map(|n| backoff(n).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(backoff(u32::MAX), Duration::from_secs(5));
    }
}

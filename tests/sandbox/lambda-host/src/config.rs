//! What a host needs to know before the first function is registered.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

/// The present time in milliseconds since the Unix epoch.
///
/// It dates history and invocation records and measures event age. Timeouts and retry delays run on
/// the tokio timer, and the deadline a function receives is the operating system's time, because the
/// function compares it with its own clock.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Receives each line a function writes: function name, request id (`None` during init) and the line.
pub type LogSink = Arc<dyn Fn(&str, Option<&str>, &str) + Send + Sync>;

/// Settings of a [`LambdaHost`](crate::LambdaHost).
#[derive(Clone)]
pub struct HostConfig {
    /// Dates records and measures event age.
    pub clock: Clock,
    /// Twelve digits; part of every function's ARN.
    pub account_id: String,
    /// Part of every function's ARN, and the functions' `AWS_REGION`.
    pub region: String,
    /// How long asynchronous events wait between attempts.
    pub retry_delays: RetryDelays,
    /// Receives the functions' output.
    pub log_sink: LogSink,
}

impl HostConfig {
    /// Account 123456789012 in eu-west-1, AWS's delays, output discarded.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            retry_delays: RetryDelays::default(),
            log_sink: Arc::new(|_, _, _| {}),
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        (self.clock)()
    }
}

/// How long an asynchronous event waits before it is tried again, in real time.
///
/// # Source
/// `lambda/latest/dg/invocation-async-error-handling`: one minute, then two, after function errors; one
/// second growing exponentially to five minutes after throttles and service errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryDelays {
    /// Before the first and the second retry after a function error.
    pub function_error: [Duration; 2],
    /// After the first throttle; doubled after each further one.
    pub throttle_first: Duration,
    /// Upper bound of the wait after a throttle.
    pub throttle_longest: Duration,
}

impl Default for RetryDelays {
    fn default() -> Self {
        Self {
            function_error: [Duration::from_secs(60), Duration::from_secs(120)],
            throttle_first: Duration::from_secs(1),
            throttle_longest: Duration::from_secs(300),
        }
    }
}

impl RetryDelays {
    /// AWS's proportions a few thousand times faster, for tests and demonstrations.
    #[must_use]
    pub fn milliseconds() -> Self {
        Self {
            function_error: [Duration::from_millis(20), Duration::from_millis(40)],
            throttle_first: Duration::from_millis(5),
            throttle_longest: Duration::from_millis(250),
        }
    }

    /// The wait after the `count`-th throttle in a row, counted from 0.
    pub(crate) fn throttle(&self, count: u32) -> Duration {
        let factor = 2_u32.saturating_pow(count.min(30));
        self.throttle_first
            .saturating_mul(factor)
            .min(self.throttle_longest)
    }

    /// [`throttle`](Self::throttle) shortened by up to a half, by a random share: events throttled together must
    /// not come back together, or a burst proceeds one batch per longest wait.
    pub(crate) fn throttle_scattered(&self, count: u32) -> Duration {
        let share = f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
        self.throttle(count).mul_f64(1.0 - share / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttled_events_wait_one_second_doubling_to_five_minutes() {
        let delays = RetryDelays::default();
        let seconds: Vec<u64> = (0..10).map(|n| delays.throttle(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(delays.throttle(u32::MAX).as_secs(), 300);
    }

    #[test]
    fn events_throttled_together_come_back_apart() {
        let delays = RetryDelays::default();
        let waits: Vec<Duration> = (0..100).map(|_| delays.throttle_scattered(3)).collect();
        let range = Duration::from_secs(4)..=Duration::from_secs(8);
        assert!(waits.iter().all(|wait| range.contains(wait)), "{waits:?}");
        let early = waits.iter().filter(|wait| wait.as_secs() < 6).count();
        assert!(
            (10..=90).contains(&early),
            "{early} of 100 in the first half"
        );
    }
}

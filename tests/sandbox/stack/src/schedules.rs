//! EventBridge Scheduler: calls a function with the schedule's input, at least once.

use std::sync::Arc;

use bytes::Bytes;
use lambda_host::LambdaHost;
use sam_template::Schedule;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::SandboxClock;

/// Delivers one tick of `schedule` for the time `now`.
pub(crate) fn tick(lambda: &LambdaHost, schedule: &Schedule, now: u64) {
    let input = schedule
        .input
        .replace("<aws.scheduler.scheduled-time>", &rfc3339(now));
    let function = schedule.target_arn.rsplit(':').next().unwrap_or_default();
    // An unknown function is refused when the template is resolved.
    let _ = lambda.invoke_async(function, Bytes::from(input));
}

/// Ticks at the schedule's rate.
pub(crate) async fn run(lambda: Arc<LambdaHost>, clock: SandboxClock, schedule: Schedule) {
    let mut ticks = interval(schedule.rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks.tick().await; // the first one is immediate
    loop {
        ticks.tick().await;
        tick(&lambda, &schedule, clock.now());
    }
}

/// As EventBridge Scheduler writes its times: UTC, whole seconds.
fn rfc3339(millis: u64) -> String {
    let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX);
    let time = time::OffsetDateTime::from_unix_timestamp(seconds);
    let text = time.ok().and_then(|t| {
        t.format(&time::format_description::well_known::Rfc3339)
            .ok()
    });
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn writes_whole_seconds_in_utc() {
        assert_eq!(super::rfc3339(1_781_481_600_999), "2026-06-15T00:00:00Z");
    }
}

//! The only clock. Decisions use the event's own time; this one stamps metrics, and what an operator does just now.
#![expect(
    clippy::disallowed_methods,
    reason = "the only place that asks the operating system for the time"
)]

use std::time::{SystemTime, UNIX_EPOCH};

use sci_domain::timestamp::{Millis, Timestamp};

/// Now, by the operating system; the epoch if its clock is before it.
#[must_use]
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    Timestamp::default().plus(Millis::new(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_after_2026() {
        let then = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        assert!(now() > then);
    }
}

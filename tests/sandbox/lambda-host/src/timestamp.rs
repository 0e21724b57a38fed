//! The two date formats Lambda writes, and the operating system's time for deadlines.

#![expect(
    clippy::disallowed_methods,
    reason = "a function compares its deadline with the operating system's clock, so the host must too"
)]

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

fn date(ms: u64) -> OffsetDateTime {
    i128::from(ms)
        .checked_mul(1_000_000)
        .and_then(|ns| OffsetDateTime::from_unix_timestamp_nanos(ns).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2026-11-21T08:30:00.123Z`
pub(crate) fn rfc3339(ms: u64) -> String {
    let d = date(ms);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        d.year(),
        u8::from(d.month()),
        d.day(),
        d.hour(),
        d.minute(),
        d.second(),
        d.millisecond()
    )
}

/// `2026/11/21`, the first part of a log stream's name.
pub(crate) fn log_stream_day(ms: u64) -> String {
    let d = date(ms);
    format!("{:04}/{:02}/{:02}", d.year(), u8::from(d.month()), d.day())
}

/// The operating system's time in milliseconds since the epoch, whatever the host's clock says.
pub(crate) fn system_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_those_of_aws() {
        assert_eq!(rfc3339(1_700_000_000_007), "2023-11-14T22:13:20.007Z");
        assert_eq!(log_stream_day(1_700_000_000_007), "2023/11/14");
    }
}

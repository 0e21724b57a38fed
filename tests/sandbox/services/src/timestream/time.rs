//! Times as AWS prints them.

use chrono::{DateTime, Utc};

fn instant(ns: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(ns)
}

/// `2026-11-21 01:02:03.000000004`, as Timestream query returns a time.
pub(crate) fn timestamp_ns(ns: i64) -> String {
    instant(ns).format("%Y-%m-%d %H:%M:%S%.9f").to_string()
}

/// `2026-11-21T01:02:03.004Z`.
pub(crate) fn rfc3339_ms(ms: u64) -> String {
    let ns = i64::try_from(ms)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000_000);
    instant(ns).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        assert_eq!(timestamp_ns(0), "1970-01-01 00:00:00.000000000");
        assert_eq!(timestamp_ns(-1), "1969-12-31 23:59:59.999999999");
        assert_eq!(rfc3339_ms(1_795_222_923_004), "2026-11-21T01:02:03.004Z");
    }
}

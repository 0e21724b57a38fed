//! Points in time and spans, in milliseconds. The domain never asks for the time; callers pass it.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds since 1970-01-01T00:00:00Z, at most 9999-12-31T23:59:59.999Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u64")]
pub struct Timestamp(u64);

/// A span of time in milliseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Millis(u64);

/// A text or number that is no point in time between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp must lie between 1970 and 9999")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl Timestamp {
    const MAX: u64 = 253_402_300_799_999;

    /// From milliseconds since the epoch.
    ///
    /// # Errors
    /// After the year 9999, which RFC 3339 cannot write.
    pub const fn from_millis(millis: u64) -> Result<Self, InvalidTimestamp> {
        if millis > Self::MAX {
            return Err(InvalidTimestamp);
        }
        Ok(Self(millis))
    }

    /// From RFC 3339 text such as `2026-11-20T14:03:00Z`.
    ///
    /// # Errors
    /// When the text is not RFC 3339 or lies before 1970.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InvalidTimestamp> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        let millis = parsed.unix_timestamp_nanos() / 1_000_000;
        u64::try_from(millis)
            .map_err(|_| InvalidTimestamp)
            .and_then(Self::from_millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; nothing when it is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// The point `span` later, at most the end of the year 9999.
    #[must_use]
    pub const fn plus(self, span: Millis) -> Self {
        let sum = self.0.saturating_add(span.0);
        Self(if sum > Self::MAX { Self::MAX } else { sum })
    }

    /// The point `span` earlier, at least the epoch.
    #[must_use]
    pub const fn minus(self, span: Millis) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// RFC 3339 in UTC, always with three decimals, so that texts sort as the times do.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0).saturating_mul(1_000_000);
        let t = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| fmt::Error)?;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

impl TryFrom<u64> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(millis: u64) -> Result<Self, InvalidTimestamp> {
        Self::from_millis(millis)
    }
}

impl Millis {
    /// From milliseconds.
    #[must_use]
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// From whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// In milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// In whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_rfc_3339_that_sorts() {
        let t = Timestamp::from_millis(1_795_184_580_000).unwrap();
        assert_eq!(t.to_string(), "2026-11-20T14:23:00.000Z");
        assert_eq!(Timestamp::parse_rfc3339("2026-11-20T14:23:00Z"), Ok(t));
        assert_eq!(Timestamp::parse_rfc3339("2026-11-20T15:23:00+01:00"), Ok(t));
        let later = t.plus(Millis::new(500));
        assert!(later.to_string() > t.to_string());
        assert_eq!(
            Timestamp::parse_rfc3339("1969-12-31T23:59:59Z"),
            Err(InvalidTimestamp)
        );
        assert_eq!(Timestamp::parse_rfc3339("yesterday"), Err(InvalidTimestamp));
        assert_eq!(Timestamp::from_millis(u64::MAX), Err(InvalidTimestamp));
    }

    #[test]
    fn never_wraps() {
        let epoch = Timestamp::default();
        assert_eq!(epoch.minus(Millis::new(1)), epoch);
        assert_eq!(epoch.since(Timestamp(5)), Millis::new(0));
        assert_eq!(
            epoch.plus(Millis::new(u64::MAX)).as_millis(),
            Timestamp::MAX
        );
    }
}

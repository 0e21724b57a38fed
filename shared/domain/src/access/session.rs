//! How long a connection that a token opened may last, and how often it is asked again.
//!
//! Source: AWS IoT developer guide, "Defining your Lambda function" (custom authentication): both intervals are 300 to
//! 86,400 seconds, and the first is fixed when the device connects.

use std::fmt;

use crate::timestamp::Timestamp;

const SHORTEST: u32 = 300;
const LONGEST: u32 = 86_400;

/// How often AWS IoT asks the authorizer again while a device is connected, in seconds. A revoked or expired token bites
/// at the next time, so short is safe; each time is an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshInterval(u32);

/// An interval that AWS IoT does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidInterval;

impl fmt::Display for InvalidInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an interval must be {SHORTEST} to {LONGEST} seconds")
    }
}

impl std::error::Error for InvalidInterval {}

/// The least that AWS IoT takes.
impl Default for RefreshInterval {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl RefreshInterval {
    /// From seconds.
    ///
    /// # Errors
    /// Outside 300 to 86,400.
    pub const fn from_secs(seconds: u32) -> Result<Self, InvalidInterval> {
        if seconds < SHORTEST || seconds > LONGEST {
            return Err(InvalidInterval);
        }
        Ok(Self(seconds))
    }
}

/// The intervals of a connection, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// After so long AWS IoT disconnects the device: when its token expires, or a day.
    pub disconnect_after: u32,
    /// After so long AWS IoT asks again.
    pub refresh_after: u32,
}

impl Session {
    /// The session of a token that expires at `expires_at`.
    ///
    /// A token with less than 300 seconds left gets 300, the least there is; it is asked for at the same moment, and
    /// then refused.
    #[must_use]
    pub fn until(expires_at: Timestamp, now: Timestamp, refresh: RefreshInterval) -> Self {
        let remaining = u32::try_from(expires_at.since(now).as_secs()).unwrap_or(LONGEST);
        let disconnect_after = remaining.clamp(SHORTEST, LONGEST);
        Self {
            disconnect_after,
            refresh_after: refresh.0.min(disconnect_after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Millis;

    #[test]
    fn a_session_ends_with_its_token() {
        let now = Timestamp::from_millis(1_795_184_580_000).unwrap();
        let session = |seconds: u64, refresh: u32| {
            let end = now.plus(Millis::from_secs(seconds));
            let session = Session::until(end, now, RefreshInterval::from_secs(refresh).unwrap());
            (session.disconnect_after, session.refresh_after)
        };
        assert_eq!(session(3600, 300), (3600, 300));
        assert_eq!(session(3600, 86_400), (3600, 3600));
        assert_eq!(session(86_400, 600), (86_400, 600));
        assert_eq!(session(86_401, 600), (86_400, 600));
        assert_eq!(session(u64::MAX / 1000, 300), (86_400, 300));
        assert_eq!(session(299, 300), (300, 300));
        assert_eq!(session(0, 300), (300, 300));
        // Within the leeway a token counts although it has expired.
        let expired = now.minus(Millis::from_secs(20));
        assert_eq!(
            Session::until(expired, now, RefreshInterval::default()).disconnect_after,
            300
        );
    }

    #[test]
    fn intervals_are_those_of_the_service() {
        for (seconds, valid) in [(299, false), (300, true), (86_400, true), (86_401, false)] {
            assert_eq!(
                RefreshInterval::from_secs(seconds).is_ok(),
                valid,
                "{seconds}"
            );
        }
        let later = Millis::new(999);
        let now = Timestamp::default();
        let end = now.plus(Millis::from_secs(500)).plus(later);
        assert_eq!(
            Session::until(end, now, RefreshInterval::default()).disconnect_after,
            500
        );
    }
}

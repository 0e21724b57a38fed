//! Points in time as tokens write them: NumericDate, RFC 7519, section 2.

use sci_domain::timestamp::Timestamp;

/// 9999-12-31T23:59:59Z: what lies behind it is a mistake or a try.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// Which way a fraction of a millisecond goes. Doubt denies: an expiry earlier, a beginning later.
#[derive(Clone, Copy)]
pub(crate) enum Round {
    Down,
    Up,
}

/// The point that lies `seconds` after the epoch; nothing before 1970 or after 9999. A minus sign is refused, that of `-0` too.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked, and milliseconds of 8,000 years fit a double exactly"
)]
pub(crate) fn read(seconds: f64, round: Round) -> Option<Timestamp> {
    if seconds.is_sign_negative() || !(0.0..=LAST_SECOND).contains(&seconds) {
        return None;
    }
    let millis = seconds * 1000.0;
    let whole = match round {
        Round::Down => millis.floor(),
        Round::Up => millis.ceil(),
    };
    Timestamp::from_millis(whole as u64).ok()
}

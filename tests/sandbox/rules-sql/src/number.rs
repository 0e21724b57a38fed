//! Decimal numbers with 34 significant digits, and the texts that stand for numbers.
//!
//! Source: AWS IoT developer guide, "Data types" (Int up to 34 digits, Decimal with a precision of 34 digits,
//! 1E-999 to 9.99…E999) and "Conversions" (the regular expression of numeric strings).

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use bigdecimal::{BigDecimal, RoundingMode};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

/// Significant digits of an Int and of a Decimal.
pub const PRECISION: u32 = 34;
/// Largest exponent of a Decimal in scientific notation; the smallest is its negative.
pub const MAX_EXPONENT: i64 = 999;
/// The first Int that has more than [`PRECISION`] digits.
const INT_BOUND: i128 = 10_i128.pow(PRECISION);
/// Digits that are read before rounding; one more is kept to remember that something followed.
const READ_DIGITS: usize = 40;

/// A decimal number of at most 34 significant digits and an exponent of at most ±999. Trailing zeros are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(BigDecimal);

/// What a numeric text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Number {
    Int(i128),
    Decimal(Decimal),
}

/// Whether an Int has at most 34 digits.
pub(crate) fn int_in_range(value: i128) -> bool {
    value > -INT_BOUND && value < INT_BOUND
}

impl Decimal {
    /// Rounds to 34 digits. `None` above 9.99…E999; below 1E-999 the result is zero.
    pub(crate) fn from_big(value: BigDecimal) -> Option<Self> {
        let precision = NonZeroU64::new(u64::from(PRECISION))?;
        let value = if value.digits() > u64::from(PRECISION) {
            value.with_precision_round(precision, RoundingMode::HalfEven)
        } else {
            value
        };
        if value.is_zero() {
            let (_, scale) = value.as_bigint_and_exponent();
            return Some(Self(BigDecimal::new(BigInt::zero(), scale.clamp(0, 33))));
        }
        match exponent_of(&value) {
            e if e > MAX_EXPONENT => None,
            e if e < -MAX_EXPONENT => Some(Self(BigDecimal::zero())),
            _ => Some(Self(value)),
        }
    }

    /// Reads what a double prints. `None` for infinities and NaN.
    pub(crate) fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        match parse(&format!("{value:?}"))? {
            Number::Int(i) => Some(Self::from(i)),
            Number::Decimal(d) => Some(d),
        }
    }

    /// The nearest double.
    pub(crate) fn to_f64(&self) -> f64 {
        f64::from_str(&self.to_string()).unwrap_or(f64::NAN)
    }

    pub(crate) fn add(&self, other: &Self) -> Option<Self> {
        Self::from_big(&self.0 + &other.0)
    }

    pub(crate) fn sub(&self, other: &Self) -> Option<Self> {
        Self::from_big(&self.0 - &other.0)
    }

    pub(crate) fn mul(&self, other: &Self) -> Option<Self> {
        Self::from_big(&self.0 * &other.0)
    }

    /// `None` for a division by zero.
    pub(crate) fn div(&self, other: &Self) -> Option<Self> {
        if other.0.is_zero() {
            return None;
        }
        // The quotient has 100 digits before it is rounded; trailing zeros of it carry no meaning.
        Self::from_big((&self.0 / &other.0).normalized())
    }

    /// Remainder with the sign of the dividend. `None` for a division by zero.
    pub(crate) fn rem(&self, other: &Self) -> Option<Self> {
        if other.0.is_zero() {
            return None;
        }
        Self::from_big(&self.0 % &other.0)
    }

    pub(crate) fn neg(&self) -> Self {
        Self(-&self.0)
    }

    pub(crate) fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    pub(crate) fn signum(&self) -> i128 {
        match self.0.cmp(&BigDecimal::zero()) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }

    /// Rounded to `places` digits after the point.
    fn rounded(&self, places: i64, mode: RoundingMode) -> BigDecimal {
        self.0.with_scale_round(places, mode)
    }

    fn to_int_with(&self, mode: RoundingMode) -> Option<i128> {
        // A number beyond the Int range needs no digits written out to be refused.
        if exponent_of(&self.0) > i64::from(PRECISION) {
            return None;
        }
        let (digits, _) = self.rounded(0, mode).into_bigint_and_exponent();
        digits.to_i128().filter(|i| int_in_range(*i))
    }

    /// Largest Int that is not greater; `None` outside the Int range.
    pub(crate) fn floor(&self) -> Option<i128> {
        self.to_int_with(RoundingMode::Floor)
    }

    /// Smallest Int that is not less; `None` outside the Int range.
    pub(crate) fn ceil(&self) -> Option<i128> {
        self.to_int_with(RoundingMode::Ceiling)
    }

    /// Nearest Int, ties away from zero; `None` outside the Int range.
    pub(crate) fn round(&self) -> Option<i128> {
        self.to_int_with(RoundingMode::HalfUp)
    }

    /// Nearest Int towards zero; `None` outside the Int range.
    pub(crate) fn trunc(&self) -> Option<i128> {
        self.to_int_with(RoundingMode::Down)
    }

    /// Cut to `places` digits after the point, without trailing zeros.
    pub(crate) fn trunc_places(&self, places: u32) -> Self {
        let cut = if exponent_of(&self.0) > i64::from(PRECISION) {
            self.0.clone()
        } else {
            self.rounded(i64::from(places), RoundingMode::Down)
        };
        Self(cut.normalized())
    }

    /// The Int of the same value, if there is one.
    pub(crate) fn whole(&self) -> Option<i128> {
        let cut = self.trunc()?;
        (Self::from(cut) == *self).then_some(cut)
    }
}

impl From<i128> for Decimal {
    fn from(value: i128) -> Self {
        Self::from_big(BigDecimal::from(value)).unwrap_or_else(|| Self(BigDecimal::zero()))
    }
}

/// The exponent in scientific notation.
fn exponent_of(value: &BigDecimal) -> i64 {
    let (_, scale) = value.as_bigint_and_exponent();
    i64::try_from(value.digits())
        .unwrap_or(i64::MAX)
        .saturating_sub(1)
        .saturating_sub(scale)
}

/// Reads a number that the caller found to be well-formed: sign, digits, fraction, exponent. Cost is linear.
/// `None` when it is above 9.99…E999. Digits beyond the 34th are rounded away.
pub(crate) fn parse(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, "0"),
    };
    let negative = mantissa.starts_with('-');
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_int = mantissa.len() == text.len() && !unsigned.contains('.');
    let exponent = saturating_exponent(exponent);

    let mut digits: String = whole.chars().chain(fraction.chars()).collect();
    let leading = digits.len() - digits.trim_start_matches('0').len();
    digits.drain(..leading);
    let mut scale = i64::try_from(fraction.len()).ok()?.saturating_sub(exponent);
    if digits.len() > READ_DIGITS {
        let rest = digits.split_off(READ_DIGITS);
        let more = rest.bytes().any(|b| b != b'0');
        digits.push(if more { '1' } else { '0' });
        scale = scale.saturating_sub(i64::try_from(rest.len()).ok()?.saturating_sub(1));
    }
    if digits.is_empty() {
        return Some(if is_int {
            Number::Int(0)
        } else {
            Number::Decimal(Decimal::from_big(BigDecimal::new(BigInt::zero(), scale))?)
        });
    }
    if is_int && digits.len() <= PRECISION as usize {
        let value = i128::from_str(&digits).ok()?;
        return Some(Number::Int(if negative { -value } else { value }));
    }
    let value = BigInt::from_str(&digits).ok()?;
    // Far outside the range no arithmetic may be tried: the scale itself could overflow.
    if scale < -2 * MAX_EXPONENT {
        return None;
    }
    if scale > 4 * MAX_EXPONENT {
        return Some(Number::Decimal(Decimal(BigDecimal::zero())));
    }
    let value = BigDecimal::new(if negative { -value } else { value }, scale);
    Some(Number::Decimal(Decimal::from_big(value)?))
}

fn saturating_exponent(text: &str) -> i64 {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.trim_start_matches('-')),
        Some(b'+') => (false, text.trim_start_matches('+')),
        _ => (false, text),
    };
    let value = digits.bytes().fold(0_i64, |all, digit| {
        all.saturating_mul(10)
            .saturating_add(i64::from(digit.saturating_sub(b'0')))
            .min(1_000_000_000)
    });
    if negative { -value } else { value }
}

/// Reads a string by the documented expression `^-?\d+(\.\d+)?((?i)E-?\d+)?$`: no leading `+`, no `E+5`, no spaces.
pub(crate) fn parse_numeric_string(text: &str) -> Option<Number> {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let rest = digits(rest)?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => digits(fraction)?,
        None => rest,
    };
    let rest = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => digits(exponent.strip_prefix('-').unwrap_or(exponent))?,
        None => rest,
    };
    if rest.is_empty() { parse(text) } else { None }
}

/// What follows one or more digits.
fn digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

impl fmt::Display for Decimal {
    /// Plain notation for exponents from -7 to 33, else `1.5E40`: without `+`, so that a numeric string results.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, scale) = self.0.as_bigint_and_exponent();
        let exponent = exponent_of(&self.0);
        let digits = value.abs().to_string();
        if value.is_negative() {
            f.write_str("-")?;
        }
        if !value.is_zero() && !(-7..i64::from(PRECISION)).contains(&exponent) {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            return write!(f, "{first}{dot}{rest}E{exponent}");
        }
        let Ok(places) = usize::try_from(scale) else {
            let zeros = usize::try_from(scale.unsigned_abs()).unwrap_or(0);
            return write!(f, "{digits}{}", "0".repeat(zeros));
        };
        if places == 0 {
            return f.write_str(&digits);
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(input: &str) -> Option<String> {
        Some(match parse(input)? {
            Number::Int(i) => format!("i{i}"),
            Number::Decimal(d) => format!("d{d}"),
        })
    }

    #[test]
    fn reads_and_prints() {
        for (input, expected) in [
            ("0", "i0"),
            ("-0", "i0"),
            ("-0.0", "d0.0"),
            ("10.0", "d10.0"),
            ("10.50", "d10.50"),
            ("1e3", "d1000"),
            ("1E+3", "d1000"),
            ("1.5e-3", "d0.0015"),
            ("1e-7", "d0.0000001"),
            ("1e-8", "d1E-8"),
            ("1.25e40", "d1.25E40"),
            (
                "9999999999999999999999999999999999",
                "i9999999999999999999999999999999999",
            ),
            (
                "10000000000000000000000000000000000",
                "d1.000000000000000000000000000000000E34",
            ),
            (
                "0.12345678901234567890123456789012345",
                "d0.1234567890123456789012345678901234",
            ),
            ("1e-1000", "d0"),
            ("9.99e999", "d9.99E999"),
        ] {
            assert_eq!(text(input).as_deref(), Some(expected), "{input}");
        }
        assert_eq!(text("1e1000"), None);
        assert_eq!(text("1e99999999999999999999"), None);
        assert_eq!(text("1e-99999999999999999999").as_deref(), Some("d0"));
        assert_eq!(text(&"9".repeat(2000)), None);
    }

    #[test]
    fn numeric_strings_follow_the_documented_expression() {
        for ok in ["1", "-1", "1.5", "1e5", "1E-5", "-1.5e10", "007"] {
            assert!(parse_numeric_string(ok).is_some(), "{ok}");
        }
        for bad in [
            "", "+1", ".5", "5.", "1E+5", " 1", "1 ", "0x1", "1e", "--1", "1.e5", "NaN", "١",
        ] {
            assert!(parse_numeric_string(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn arithmetic_is_decimal() {
        let d = |t: &str| match parse(t).unwrap() {
            Number::Int(i) => Decimal::from(i),
            Number::Decimal(d) => d,
        };
        assert_eq!(d("0.1").add(&d("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(
            d("1").div(&d("3.0")).unwrap().to_string(),
            "0.3333333333333333333333333333333333"
        );
        assert_eq!(d("-7.5").rem(&d("2")).unwrap().to_string(), "-1.5");
        assert_eq!(d("9e999").mul(&d("10.0")), None);
        assert_eq!(d("1e-999").mul(&d("0.01")).unwrap().to_string(), "0");
        assert_eq!(d("1e999").floor(), None);
        assert_eq!(d("-1.5").round(), Some(-2));
        assert_eq!(d("1e999").trunc_places(3).to_string(), "1E999");
        assert_eq!(d("1E-999").ceil(), Some(1));
    }
}

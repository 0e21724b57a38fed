//! Measured values, exact to a thousandth.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A measured value in thousandths of its unit, so that comparing and storing it is exact.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Thousandths(i64);

impl Thousandths {
    /// Rounds to the nearest thousandth; nothing for NaN, infinities and values beyond ±10⁹.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() || value.abs() > 1e9 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded by ±10¹² above")]
        Some(Self((value * 1000.0).round() as i64))
    }

    /// From whole units.
    #[must_use]
    pub const fn from_units(units: i32) -> Self {
        Self(units as i64 * 1000)
    }

    /// The value as a floating-point number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "at most 10¹², far below 2⁵³")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// `self` less `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// At least one decimal, at most three: `35.0`, `36.25`.
impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let decimals = format!("{rest:03}");
        let trimmed = decimals.trim_end_matches('0');
        let shown = if trimmed.is_empty() { "0" } else { trimmed };
        write!(f, "{sign}{whole}.{shown}")
    }
}

/// A value outside the range that its sensor can measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutOfRange {
    /// NaN, infinite or absurdly large.
    NotFinite,
    /// A temperature that is plausible only in kelvin.
    LooksLikeKelvin,
    /// Outside the given bounds.
    Outside {
        /// Lowest allowed value.
        low: i32,
        /// Highest allowed value.
        high: i32,
    },
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite => f.write_str("the value is not a finite number"),
            Self::LooksLikeKelvin => f.write_str("the temperature looks like kelvin, not °C"),
            Self::Outside { low, high } => write!(f, "the value must be from {low} to {high}"),
        }
    }
}

impl std::error::Error for OutOfRange {}

/// An air temperature in °C, from -55 to 125: what common digital sensors measure (DS18B20 data sheet).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Celsius(Thousandths);

impl Celsius {
    /// Reads a temperature in °C.
    ///
    /// # Errors
    /// When the value is not finite or no sensor can measure it; from 200 to 400 it is reported as kelvin.
    pub fn new(degrees: f64) -> Result<Self, OutOfRange> {
        let value = Thousandths::from_f64(degrees).ok_or(OutOfRange::NotFinite)?;
        if (200.0..=400.0).contains(&degrees) {
            return Err(OutOfRange::LooksLikeKelvin);
        }
        within(value, -55, 125).map(Self)
    }

    /// The temperature in thousandths of a degree.
    #[must_use]
    pub const fn value(self) -> Thousandths {
        self.0
    }
}

/// Relative humidity in per cent, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RelativeHumidity(Thousandths);

impl RelativeHumidity {
    /// Reads a relative humidity in per cent.
    ///
    /// # Errors
    /// When the value is not finite or not from 0 to 100.
    pub fn new(percent: f64) -> Result<Self, OutOfRange> {
        let value = Thousandths::from_f64(percent).ok_or(OutOfRange::NotFinite)?;
        within(value, 0, 100).map(Self)
    }

    /// The humidity in thousandths of a per cent.
    #[must_use]
    pub const fn value(self) -> Thousandths {
        self.0
    }
}

fn within(value: Thousandths, low: i32, high: i32) -> Result<Thousandths, OutOfRange> {
    let bounds = Thousandths::from_units(low)..=Thousandths::from_units(high);
    if bounds.contains(&value) {
        Ok(value)
    } else {
        Err(OutOfRange::Outside { low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_people_write() {
        for (value, text) in [
            (35.0, "35.0"),
            (36.25, "36.25"),
            (-0.5, "-0.5"),
            (0.0, "0.0"),
            (-12.0, "-12.0"),
            (1.0004, "1.0"),
        ] {
            assert_eq!(Thousandths::from_f64(value).unwrap().to_string(), text);
        }
    }

    #[test]
    fn ranges() {
        assert!(Celsius::new(-55.0).is_ok() && Celsius::new(125.0).is_ok());
        for (degrees, why) in [
            (f64::NAN, OutOfRange::NotFinite),
            (f64::INFINITY, OutOfRange::NotFinite),
            (1e300, OutOfRange::NotFinite),
            (308.15, OutOfRange::LooksLikeKelvin),
            (
                -55.001,
                OutOfRange::Outside {
                    low: -55,
                    high: 125,
                },
            ),
            (
                125.001,
                OutOfRange::Outside {
                    low: -55,
                    high: 125,
                },
            ),
        ] {
            assert_eq!(Celsius::new(degrees), Err(why), "{degrees}");
        }
        assert!(RelativeHumidity::new(0.0).is_ok() && RelativeHumidity::new(100.0).is_ok());
        assert!(RelativeHumidity::new(100.1).is_err() && RelativeHumidity::new(-0.1).is_err());
    }
}

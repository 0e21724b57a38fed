//! How bad a value is, and the ladder of thresholds that decides it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::measure::Thousandths;

/// How urgently people must act, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Look at it in working hours.
    Warning,
    /// Look at it today.
    Major,
    /// Look at it now.
    Critical,
}

impl Severity {
    /// The stable name in messages, filter policies and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Rising thresholds, each with the severity that holds *strictly above* it: `35=warning,40=major,45=critical`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder(Vec<(Thousandths, Severity)>);

/// A ladder that is not written as `<number>=<severity>`, rising in both, with at least one rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidLadder;

impl fmt::Display for InvalidLadder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a ladder is written like 35=warning,40=major,45=critical: numbers and severities both rising",
        )
    }
}

impl std::error::Error for InvalidLadder {}

impl FromStr for Ladder {
    type Err = InvalidLadder;

    fn from_str(text: &str) -> Result<Self, InvalidLadder> {
        let rungs = text
            .split(',')
            .map(|rung| {
                let (number, severity) = rung.trim().split_once('=')?;
                let severity = match severity.trim() {
                    "warning" => Severity::Warning,
                    "major" => Severity::Major,
                    "critical" => Severity::Critical,
                    _ => return None,
                };
                Some((
                    Thousandths::from_f64(number.trim().parse().ok()?)?,
                    severity,
                ))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(InvalidLadder)?;
        let rising = rungs.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1);
        if rungs.is_empty() || !rising {
            return Err(InvalidLadder);
        }
        Ok(Self(rungs))
    }
}

impl Ladder {
    /// The severity of `value` for an alarm that stands at `current`.
    ///
    /// A rung is climbed strictly above its threshold and left only at or below the threshold less `hysteresis`, so a
    /// value that trembles around a threshold changes nothing.
    #[must_use]
    pub fn severity(
        &self,
        value: Thousandths,
        current: Option<Severity>,
        hysteresis: Thousandths,
    ) -> Option<Severity> {
        self.0
            .iter()
            .rev()
            .find(|(threshold, severity)| {
                let held = current.is_some_and(|c| *severity <= c);
                value
                    > if held {
                        threshold.minus(hysteresis)
                    } else {
                        *threshold
                    }
            })
            .map(|(_, severity)| *severity)
    }

    /// The threshold that `severity` stands above, if the ladder has that rung.
    #[must_use]
    pub fn threshold(&self, severity: Severity) -> Option<Thousandths> {
        self.0.iter().find(|(_, s)| *s == severity).map(|(t, _)| *t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::{Critical, Major, Warning};

    fn at(degrees: f64, current: Option<Severity>) -> Option<Severity> {
        let ladder: Ladder = "35=warning,40=major,45=critical".parse().unwrap();
        let value = Thousandths::from_f64(degrees).unwrap();
        ladder.severity(value, current, Thousandths::from_units(2))
    }

    #[test]
    fn climbs_strictly_above_and_leaves_below_the_hysteresis() {
        assert_eq!(at(35.0, None), None);
        assert_eq!(at(35.001, None), Some(Warning));
        assert_eq!(at(45.5, None), Some(Critical));
        assert_eq!(at(35.0, Some(Warning)), Some(Warning));
        assert_eq!(at(33.001, Some(Warning)), Some(Warning));
        assert_eq!(at(33.0, Some(Warning)), None);
        assert_eq!(at(38.5, Some(Major)), Some(Major));
        assert_eq!(at(38.0, Some(Major)), Some(Warning));
        assert_eq!(at(20.0, Some(Critical)), None);
        // A rung above the current one needs its full threshold.
        assert_eq!(at(39.0, Some(Warning)), Some(Warning));
    }

    #[test]
    fn refuses_bad_ladders() {
        for text in [
            "",
            "35",
            "35=loud",
            "x=warning",
            "40=major,35=critical",
            "35=major,40=warning",
            "35=warning,35=major",
            "NaN=warning",
            "1e400=warning",
        ] {
            assert_eq!(text.parse::<Ladder>(), Err(InvalidLadder), "{text}");
        }
        let ladder: Ladder = "35=warning".parse().unwrap();
        assert_eq!(ladder.threshold(Warning), Thousandths::from_f64(35.0));
        assert_eq!(ladder.threshold(Major), None);
    }
}

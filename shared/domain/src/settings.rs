//! Settings as text: the same names and forms in a function's environment and in a property's item.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::{
    alarm::policy::{AlarmPolicy, NOfM},
    measure::{Celsius, Thousandths},
    timestamp::Millis,
};

/// A setting that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSetting {
    /// The name of the setting.
    pub name: &'static str,
    /// What it must look like.
    pub rule: &'static str,
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the setting {} must be {}", self.name, self.rule)
    }
}

impl std::error::Error for InvalidSetting {}

/// Texts by setting name, the first source that has a name wins. Names are upper case in an environment and lower case
/// in a property's item; both are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a>(pub &'a [&'a BTreeMap<String, String>]);

impl Sources<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|source| {
            let found = source
                .get(name)
                .or_else(|| source.get(&name.to_lowercase()));
            found
                .map(|text| text.trim())
                .filter(|text| !text.is_empty())
        })
    }

    fn parse<T: FromStr>(
        &self,
        name: &'static str,
        default: &str,
        rule: &'static str,
        accept: impl Fn(&T) -> bool,
    ) -> Result<T, InvalidSetting> {
        let text = self.text(name).unwrap_or(default);
        let parsed = text.parse::<T>().ok().filter(accept);
        parsed.ok_or(InvalidSetting { name, rule })
    }
}

/// What decides about temperature readings of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemperatureSettings {
    /// Readings strictly above it become rows of `HighTemps`.
    pub store_threshold: Celsius,
    /// The rules of the temperature alarm.
    pub alarm: AlarmPolicy,
}

impl TemperatureSettings {
    /// Reads the settings; absent ones have the defaults that the README's table lists.
    ///
    /// # Errors
    /// The first setting that breaks its rule.
    pub fn read(sources: Sources<'_>) -> Result<Self, InvalidSetting> {
        let name = "HIGH_TEMP_CELSIUS";
        let rule = "a temperature from -55 to 125";
        let store: f64 = sources.parse(name, "30", rule, |t: &f64| Celsius::new(*t).is_ok())?;
        let ladder = ("ALARM_LADDER_CELSIUS", "35=warning,40=major,45=critical");
        Ok(Self {
            store_threshold: Celsius::new(store).map_err(|_| InvalidSetting { name, rule })?,
            alarm: alarm_policy(sources, ladder, ("HYSTERESIS_CELSIUS", "2"), false)?,
        })
    }
}

/// Reads the rules of the security alarms.
///
/// # Errors
/// The first setting that breaks its rule.
pub fn security_policy(sources: Sources<'_>) -> Result<AlarmPolicy, InvalidSetting> {
    let ladder = ("SECURITY_LADDER_LEVELS", "3=warning,6=major,8=critical");
    alarm_policy(sources, ladder, ("HYSTERESIS_LEVELS", "0"), true)
}

fn alarm_policy(
    sources: Sources<'_>,
    ladder: (&'static str, &str),
    hysteresis: (&'static str, &str),
    latch: bool,
) -> Result<AlarmPolicy, InvalidSetting> {
    let span = |name: &'static str, default: &str, min: u64| {
        let rule = "a number of seconds, at most 86400 (SILENCE_SECONDS at least 60)";
        let seconds = sources.parse(name, default, rule, |s: &u64| (min..=86_400).contains(s))?;
        Ok(Millis::from_secs(seconds))
    };
    let hysteresis_rule = "a number from 0 to 50";
    let fall: f64 = sources.parse(hysteresis.0, hysteresis.1, hysteresis_rule, |h: &f64| {
        (0.0..=50.0).contains(h)
    })?;
    Ok(AlarmPolicy {
        ladder: sources.parse(
            ladder.0,
            ladder.1,
            "like 35=warning,40=major,45=critical: numbers and severities both rising",
            |_| true,
        )?,
        hysteresis: Thousandths::from_f64(fall).ok_or(InvalidSetting {
            name: hysteresis.0,
            rule: hysteresis_rule,
        })?,
        count: sources.parse(
            "DEBOUNCE_COUNT",
            "1/1",
            "n/m with 1 <= n <= m <= 16",
            |_| true,
        )?,
        hold: span("DEBOUNCE_SECONDS", "0", 0)?,
        latch,
        silence: span("SILENCE_SECONDS", "1800", 60)?,
        renotify: span("RENOTIFY_SECONDS", "3600", 0)?,
        flap_count: sources.parse("FLAP_COUNT", "4", "a number from 0 to 16", |n: &u8| {
            *n <= 16
        })?,
        flap_window: span("FLAP_WINDOW_SECONDS", "3600", 0)?,
    })
}

impl FromStr for NOfM {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (n, m) = text.split_once('/').ok_or(())?;
        let parse = |part: &str| part.trim().parse().map_err(|_| ());
        Self::new(parse(n)?, parse(m)?).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::severity::Severity;

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn a_property_overrides_the_stage_which_overrides_the_default() {
        let stage = texts(&[
            ("HIGH_TEMP_CELSIUS", "28"),
            ("SILENCE_SECONDS", "600"),
            ("FLAP_COUNT", ""),
        ]);
        let property = texts(&[("silence_seconds", "900"), ("debounce_count", "2/3")]);
        let settings = TemperatureSettings::read(Sources(&[&property, &stage])).unwrap();
        assert_eq!(settings.store_threshold, Celsius::new(28.0).unwrap());
        assert_eq!(settings.alarm.silence, Millis::from_secs(900));
        assert_eq!(Some(settings.alarm.count), NOfM::new(2, 3));
        assert_eq!(settings.alarm.flap_count, 4);
        assert_eq!(
            settings.alarm.ladder.threshold(Severity::Warning),
            Thousandths::from_f64(35.0)
        );
        assert!(!settings.alarm.latch && security_policy(Sources(&[])).unwrap().latch);
    }

    #[test]
    fn a_bad_setting_is_named() {
        for (name, value) in [
            ("HIGH_TEMP_CELSIUS", "hot"),
            ("HIGH_TEMP_CELSIUS", "NaN"),
            ("ALARM_LADDER_CELSIUS", "40=warning,35=major"),
            ("HYSTERESIS_CELSIUS", "-1"),
            ("DEBOUNCE_COUNT", "3/2"),
            ("DEBOUNCE_SECONDS", "86401"),
            ("SILENCE_SECONDS", "0"),
            ("RENOTIFY_SECONDS", "-5"),
            ("FLAP_COUNT", "17"),
        ] {
            let bad = texts(&[(name, value)]);
            let error = TemperatureSettings::read(Sources(&[&bad])).unwrap_err();
            assert_eq!(error.name, name, "{value}");
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("the setting {name} must be "))
            );
        }
    }
}

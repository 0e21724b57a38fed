//! Settings of the stage that a property may override.

use std::{collections::BTreeMap, sync::OnceLock};

use sci_domain::{
    ports::Overrides,
    settings::{InvalidSetting, Sources},
};

use crate::Env;

/// Settings of type `T`, read from the environment and, per property, from the property's item.
#[derive(Clone)]
pub struct PropertySettings<T> {
    stage: T,
    texts: BTreeMap<String, String>,
    read: fn(Sources<'_>) -> Result<T, InvalidSetting>,
}

/// The setting of a property that could not be read, noted while a message is handled.
pub type Noted = OnceLock<InvalidSetting>;

impl<T: Clone> PropertySettings<T> {
    /// Reads the stage's settings with `read`.
    ///
    /// # Errors
    /// The first setting that breaks its rule.
    pub fn new(
        env: &Env,
        read: fn(Sources<'_>) -> Result<T, InvalidSetting>,
    ) -> Result<Self, InvalidSetting> {
        Ok(Self {
            stage: read(Sources(&[env.texts()]))?,
            texts: env.texts().clone(),
            read,
        })
    }

    /// The settings of a property. When one of its own cannot be read, all of the stage's apply: an alarm with the
    /// stage's thresholds is better than none, and half of the property's are not what anybody chose.
    pub fn of(&self, overrides: &Overrides, noted: &Noted) -> T {
        if overrides.is_empty() {
            return self.stage.clone();
        }
        match (self.read)(Sources(&[overrides, &self.texts])) {
            Ok(settings) => settings,
            Err(invalid) => {
                // Noted once, however often a conflict makes the decision anew.
                let _ = noted.set(invalid);
                self.stage.clone()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sci_domain::{measure::Celsius, settings::TemperatureSettings};

    use super::*;

    #[test]
    fn a_bad_override_is_noted_and_the_stage_applies() {
        let texts =
            |value: &str| BTreeMap::from([("high_temp_celsius".to_owned(), value.to_owned())]);
        let env = Env::from_texts(BTreeMap::from([("HIGH_TEMP_CELSIUS".into(), "28".into())]));
        let settings = PropertySettings::new(&env, TemperatureSettings::read).unwrap();
        let noted = Noted::new();
        let of = |value| settings.of(&texts(value), &noted).store_threshold;
        assert_eq!(of("31"), Celsius::new(31.0).unwrap());
        assert_eq!(noted.get(), None);
        assert_eq!(of("hot"), Celsius::new(28.0).unwrap());
        assert_eq!(noted.get().unwrap().name, "HIGH_TEMP_CELSIUS");
    }
}

//! Settings of the function, read once at its start.

use sci_adapters::resources::AlarmResources;
use sci_domain::settings::{InvalidSetting, TemperatureSettings};
use sci_lambda::{Env, property_settings::PropertySettings};

/// The settings.
pub struct Config {
    /// The deployment's stage, for logs.
    pub stage: String,
    /// Tables, topic and queue.
    pub resources: AlarmResources,
    /// Thresholds and alarm rules.
    pub settings: PropertySettings<TemperatureSettings>,
}

impl Config {
    /// Reads the settings that `functions/README.md` lists.
    ///
    /// # Errors
    /// The first one that is missing or breaks its rule.
    pub fn read(env: &Env) -> Result<Self, InvalidSetting> {
        Ok(Self {
            stage: env.required("STAGE", "the name of a stage")?.to_owned(),
            resources: AlarmResources::read(env.texts())?.storing_readings()?,
            settings: PropertySettings::new(env, TemperatureSettings::read)?,
        })
    }
}

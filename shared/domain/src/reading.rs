//! An environmental reading that passed every check.

use crate::{
    measure::{Celsius, RelativeHumidity},
    origin::Origin,
};

/// One measurement of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Who measured, and when.
    pub origin: Origin,
    /// The air temperature.
    pub temperature: Celsius,
    /// The relative humidity, if the sensor has it.
    pub humidity: Option<RelativeHumidity>,
}

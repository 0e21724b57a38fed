//! Lambda function `high-temp-processor`: rows of hot readings, temperature alarms, telemetry.

pub mod config;
pub mod event;
pub mod handler;

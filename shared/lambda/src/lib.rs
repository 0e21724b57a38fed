#![doc = include_str!("../README.md")]

pub mod answer;
pub mod diagnostic;
mod env;
pub mod fields;
pub mod metrics;
pub mod operation;
pub mod ports;
pub mod property_settings;
pub mod rule_event;
mod run;
pub mod system_clock;
pub mod telemetry;

pub use env::Env;
pub use run::{Handle, Reported, run};

#![doc = include_str!("../README.md")]

mod iot_certificates;
mod iot_error;
mod iot_registry;

pub use iot_certificates::IotCertificates;
pub use iot_registry::IotRegistry;

#![doc = include_str!("../README.md")]

mod iot_certificates;

pub use iot_certificates::IotCertificates;

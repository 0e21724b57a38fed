#![doc = include_str!("../README.md")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests are written with it: what is not as expected must stop them"
)]

pub mod authorizer;
pub mod event_files;
mod fakes;
mod faults;
pub mod just_in_time;
pub mod log_scan;
mod manual_clock;
mod memory_admission_store;
mod memory_alarm_store;
mod memory_certificates;
mod memory_device_keys;
mod memory_key_source;
mod memory_operators;
mod memory_outbox;
mod memory_publisher;
mod memory_refused_messages;
mod memory_registry;
mod memory_revocations;
mod memory_telemetry_store;
pub mod onboarding;
pub mod port_contracts;
mod random;
pub mod tokens;

pub use fakes::{Fakes, Ports};
pub use faults::{Fault, Faults, When, killed};
pub use manual_clock::ManualClock;
pub use memory_admission_store::MemoryAdmissionStore;
pub use memory_alarm_store::MemoryAlarmStore;
pub use memory_certificates::MemoryCertificates;
pub use memory_device_keys::MemoryDeviceKeys;
pub use memory_key_source::MemoryKeySource;
pub use memory_operators::MemoryOperators;
pub use memory_publisher::MemoryPublisher;
pub use memory_refused_messages::MemoryRefusedMessages;
pub use memory_registry::{MemoryRegistry, RegistryThing, Standing};
pub use memory_revocations::{MemoryRevocations, Revocation};
pub use memory_telemetry_store::MemoryTelemetryStore;
pub use random::Random;

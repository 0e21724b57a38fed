//! What each port promises, as tests that use nothing but its trait, and for ports that only read a way to write. Fakes and
//! AWS adapters pass the same ones.
//!
//! Every contract works with things and keys of its own, so that a store may already hold other data.

mod admission_samples;
mod admission_store;
mod alarm_store;
mod certificates;
mod device_keys;
mod key_source;
mod outbox;
mod registration_budget;
mod registry;
mod revocations;
mod samples;
mod telemetry_store;

pub use admission_store::admission_store;
pub use alarm_store::alarm_store;
pub use certificates::certificates;
pub use device_keys::device_keys;
pub use key_source::key_source;
pub use outbox::outbox;
pub use registration_budget::registration_budget;
pub use registry::registry;
pub use revocations::revocations;
pub use telemetry_store::telemetry_store;

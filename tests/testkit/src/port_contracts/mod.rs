//! What each port promises, as tests that use nothing but its trait. Fakes and AWS adapters pass the same ones.
//!
//! Every contract works with things and keys of its own, so that a store may already hold other data.

mod alarm_store;
mod outbox;
mod samples;
mod telemetry_store;

pub use alarm_store::alarm_store;
pub use outbox::outbox;
pub use telemetry_store::telemetry_store;

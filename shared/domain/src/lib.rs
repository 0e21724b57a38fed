//! Decisions of the property IoT suite: what a message means, which alarm it raises, whom it tells.
//!
//! Nothing here asks for the time, reads the environment or talks to a network. Callers pass the time in; the world is
//! behind the traits of [`ports`].

pub mod access;
pub mod admission;
pub mod alarm;
pub mod measure;
pub mod notification;
pub mod origin;
pub mod ports;
pub mod reading;
mod reasons;
pub mod refusal;
pub mod rsa_modulus;
pub mod security;
pub mod settings;
pub mod severity;
pub mod telemetry;
pub mod thing;
pub mod timestamp;

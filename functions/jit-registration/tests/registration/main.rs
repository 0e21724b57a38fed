//! The function on fakes: every event file, floods, sweeps, and whole registrations with a fault at every call.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod budget;
mod contract;
mod lives;
mod settings;
mod sweep;
mod world;

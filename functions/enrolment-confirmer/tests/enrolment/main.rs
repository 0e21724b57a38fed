//! The function on fakes: every event file, and whole enrolments together with the hook.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod contract;
mod lives;
mod world;

//! The library of `cargo fleet`, on the fakes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod chains;
mod import;
mod manifest;
mod manifest_problems;
mod world;

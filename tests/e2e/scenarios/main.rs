//! One test binary: scenarios on real processes, and checks of the whole repository.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod adapters;
mod admission_adapters;
mod events;
mod external;
mod faults;
mod fleet;
mod https;
mod identity;
mod layering;
mod onboarding;
mod pipeline;
mod readme;
mod security;
mod tokens;
mod world;

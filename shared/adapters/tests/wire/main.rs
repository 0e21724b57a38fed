//! What the adapters send, and how they read what AWS answers: cases that a working AWS does not show.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod access;
mod admission;
mod dynamodb_reads;
mod dynamodb_writes;
mod messages;
mod samples;
mod scripted;

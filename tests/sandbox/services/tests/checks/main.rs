//! A check suite per embedded service: what the suite's functions rely on, seen through the real AWS SDK for Rust.
//! It gates upgrades of the embedded crates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    reason = "tests"
)]

mod dynamodb;
mod dynamodb_races;
mod dynamodb_transactions;
mod faults;
mod resources;
mod smoke;
mod sns;
mod sns_filters;
mod sns_rules;
mod sqs;
mod ssm;
mod support;
mod timestream_query;
mod timestream_records;
mod timestream_write;
mod unsupported;

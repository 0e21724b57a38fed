//! Tokens and keys as devices and issuers bring them, through the public interface.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod accepted;
mod cache;
mod cache_properties;
mod claims;
mod header;
mod json;
mod key_material;
mod keys;
mod mint;
mod properties;
mod second_opinion;
mod structure;
mod times;
mod unknown_kids;

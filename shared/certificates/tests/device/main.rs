//! Certificates and vouchers as devices bring them, through the public interface.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod accepted;
mod encoding;
mod example;
mod forge;
mod issuers;
mod keys;
mod mint;
mod pem;
mod properties;
mod reasons;
mod structure;
mod subject;
mod voucher_keys;
mod vouchers;

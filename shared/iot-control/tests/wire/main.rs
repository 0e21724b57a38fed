//! What is asked of AWS IoT, and how its answers are read: cases that a working registry does not show.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod certificates;
mod registry;
mod scripted;

use scripted::Answer;

const THING: &str = "sci-property-001-environmental-0042";
const PREFIX: &str = "arn:aws:iot:eu-west-1:123456789012";
const DONE: Answer = (200, "");
const NOT_FOUND: Answer = (404, "ResourceNotFoundException");

fn id() -> sci_domain::admission::CertificateId {
    sci_domain::admission::CertificateId::from_bytes([0xab; 32])
}

//! Lambda function `jit-registration`: decides whether a certificate that AWS IoT registered for a CA becomes a thing's, and
//! makes it so.

pub mod answer;
mod check;
pub mod config;
pub mod event;
pub mod handler;

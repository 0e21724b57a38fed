//! Lambda function `jwt-authorizer`: lets devices in that carry a JWT, and says exactly what they may do.

pub mod answer;
pub mod config;
pub mod denial;
pub mod event;
pub mod handler;
pub mod issuers;
pub mod key_ring;
pub mod report;
pub mod run;
pub mod token_source;

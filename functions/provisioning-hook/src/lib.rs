//! Lambda function `provisioning-hook`: decides which devices fleet provisioning makes things of, and of which name.

pub mod answer;
pub mod config;
pub mod event;
pub mod handler;
pub mod report;
pub mod run;

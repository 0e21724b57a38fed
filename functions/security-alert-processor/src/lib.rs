//! Lambda function `security-alert-processor`: security alarms, and a record of every security event.

pub mod config;
pub mod event;
pub mod handler;

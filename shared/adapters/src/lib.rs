#![doc = include_str!("../README.md")]

pub mod aws_clients;
pub mod dynamodb_alarm_store;
mod dynamodb_item;
mod dynamodb_outbox;
mod dynamodb_put;
pub mod resources;
mod sdk_error;
pub mod sns_publisher;
pub mod sqs_refused_messages;
pub mod timestream_telemetry_store;

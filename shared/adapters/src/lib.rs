#![doc = include_str!("../README.md")]

pub mod aws_clients;
pub mod dynamodb_administration;
pub mod dynamodb_admission_store;
pub mod dynamodb_alarm_store;
mod dynamodb_audit;
mod dynamodb_batch_get;
pub mod dynamodb_device_keys;
mod dynamodb_entry;
mod dynamodb_introducer;
mod dynamodb_item;
mod dynamodb_outbox;
mod dynamodb_put;
mod dynamodb_registration_budget;
pub mod dynamodb_revocations;
mod dynamodb_transaction;
pub mod resources;
pub mod sdk_error;
pub mod sns_operators;
pub mod sns_publisher;
pub mod sqs_refused_messages;
pub mod timestream_telemetry_store;

//! Local stand-ins for the AWS services the suite calls: DynamoDB, SQS, SNS, SSM parameters, Timestream and STS, in one
//! process and without a socket. A front listener hands each request to [`Services::handle`] under the service name of its
//! SigV4 credential scope.
//!
//! What each service does, what it refuses and where it differs from AWS is in the crate's `README.md`. The rule
//! for all of them: what is not supported is an error that names it, never a quiet success.

mod api_error;
mod calls;
mod config;
mod dynamodb;
mod faults;
mod properties;
mod resources;
mod services;
mod sns;
mod sqs;
mod ssm;
mod sts;
mod sync;
mod timestream;
mod unsupported;
mod wire;

pub use calls::Call;
pub use config::{Clock, Config};
pub use faults::{Fault, FaultId, FaultKind, Faults, When};
pub use resources::ServiceError;
pub use services::{ConnectionLost, Services, StartError};
pub use sns::{PublishedAttribute, PublishedMessage};

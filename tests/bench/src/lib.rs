//! Measures the Lambda functions as the processes that AWS would start: the release binaries, behind a small Lambda
//! Runtime API, with a stub in place of AWS. See the README for what the figures mean and what they do not.
//!
//! Linux only: CPU time, memory and sockets are read from `/proc`.

pub mod authorizer;
pub mod aws_stub;
pub mod binaries;
pub mod cases;
pub mod environment;
pub mod http;
pub mod installed;
pub mod issuer;
pub mod machine;
pub mod measure;
pub mod node;
pub mod options;
pub mod process;
pub mod python;
pub mod report;
pub mod runtime_api;
pub mod server;
pub mod stats;
pub mod subject;
pub mod table;
pub mod tls;

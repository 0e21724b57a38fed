//! Runs real Lambda binaries behind an own Lambda Runtime API and offers the Lambda Invoke API with AWS's
//! synchronous and asynchronous semantics: concurrency, timeouts, retries, event age, destinations.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use lambda_host::{Destinations, FunctionSpec, HostConfig, LambdaHost, InvokeOptions};
//! # async fn example(destinations: Arc<dyn Destinations>, clock: lambda_host::Clock) -> Result<(), Box<dyn std::error::Error>> {
//! let host = LambdaHost::start(HostConfig::new(clock), destinations);
//! host.register(FunctionSpec::new("echo", "target/debug/echo"))?;
//! let answer = host.invoke("echo", "{}".into(), InvokeOptions::default()).await?;
//! host.invoke_async("echo", r#"{"temp":33.2}"#.into())?;
//! host.quiesce().await;
//! # Ok(())
//! # }
//! ```

mod attempt;
mod config;
mod environment;
mod error;
mod event;
mod faults;
mod function_ref;
mod gauge;
mod host;
mod inner;
mod instance;
mod invoke_api;
mod ledger;
mod logs;
mod outcome;
mod pool;
mod process;
mod record;
mod runtime_api;
mod spec;
mod timestamp;

pub use config::{Clock, HostConfig, LogSink, RetryDelays};
pub use error::InvokeError;
pub use event::{DestinationError, Destinations};
pub use faults::{Faults, KillWhen};
pub use host::{
    Accepted, InvokeOptions, InvokeResult, LambdaHost, MAX_ASYNC_PAYLOAD, MAX_SYNC_PAYLOAD,
};
pub use ledger::{HISTORY_LIMIT, Totals};
pub use outcome::{Invocation, Kind, Outcome};
pub use spec::{EventInvoke, FunctionSpec, RegisterError};

//! The host: registration, invocation, observation, shutdown.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use crate::attempt::{Call, attempt};
use crate::config::HostConfig;
use crate::error::InvokeError;
use crate::event::{self, Destinations};
use crate::faults::Faults;
use crate::function_ref;
use crate::inner::Inner;
use crate::ledger::Totals;
use crate::outcome::{Invocation, Kind, Outcome};
use crate::spec::{FunctionSpec, RegisterError};

/// Largest synchronous payload in bytes (6 MB).
pub const MAX_SYNC_PAYLOAD: usize = 6_291_456;
/// Largest asynchronous payload in bytes (1 MB).
pub const MAX_ASYNC_PAYLOAD: usize = 1_048_576;

/// Runs registered functions. Dropping it kills all their processes.
pub struct LambdaHost {
    pub(crate) inner: Arc<Inner>,
}

/// An asynchronous event that was put into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Names the event in the history and in records.
    pub request_id: String,
}

/// Optional parts of an invocation.
#[derive(Clone, Debug, Default)]
pub struct InvokeOptions {
    /// `$LATEST` or nothing.
    pub qualifier: Option<String>,
    /// Client context as JSON.
    pub client_context: Option<String>,
}

/// The answer to a synchronous invocation.
#[derive(Clone, Debug)]
pub struct InvokeResult {
    /// Names the invocation in the history.
    pub request_id: String,
    /// What the function answered, or the error in Lambda's words.
    pub payload: Bytes,
    /// Whether `payload` is an error (`X-Amz-Function-Error: Unhandled`).
    pub function_error: bool,
    /// The last 4 KB of the invocation's log.
    pub log_tail: Bytes,
}

impl fmt::Debug for LambdaHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.inner.list().iter().map(|f| f.arn.clone()).collect();
        f.debug_struct("LambdaHost")
            .field("functions", &names)
            .finish_non_exhaustive()
    }
}

impl LambdaHost {
    /// A host without functions.
    ///
    /// # Panics
    /// Outside of a tokio runtime with IO and time enabled.
    #[must_use]
    pub fn start(config: HostConfig, destinations: Arc<dyn Destinations>) -> Self {
        Self {
            inner: Arc::new(Inner::new(config, destinations)),
        }
    }

    /// Makes a function available and answers its ARN. No process is started yet.
    ///
    /// # Errors
    /// When the name is taken or a field is outside AWS's limits.
    pub fn register(&self, mut spec: FunctionSpec) -> Result<String, RegisterError> {
        spec.validate()?;
        // The process runs in the folder of its binary, where a relative path would not lead back to it.
        spec.binary = std::path::absolute(&spec.binary)
            .map_err(|_| RegisterError::BinaryMissing(spec.binary.clone()))?;
        let config = &self.inner.config;
        let arn = function_ref::arn(&config.region, &config.account_id, &spec.name);
        self.inner.add(spec, arn.clone())?;
        Ok(arn)
    }

    /// Runs a function and waits for its answer. The function runs on when the caller stops waiting.
    ///
    /// # Errors
    /// When the invocation is refused, or its answer lost by a fault. A function that fails is an `Ok`
    /// with `function_error` set.
    pub async fn invoke(
        &self,
        function: &str,
        payload: Bytes,
        options: InvokeOptions,
    ) -> Result<InvokeResult, InvokeError> {
        let call = self
            .inner
            .call(function, payload, options, Kind::Sync, MAX_SYNC_PAYLOAD)?;
        let (done, wait) = oneshot::channel();
        let host = Arc::clone(&self.inner);
        self.inner.spawn(async move {
            // The caller may have gone.
            let _ = done.send(attempt(&host, &call, 1, 0).await);
        });
        let finished = wait.await.map_err(|_| InvokeError::ShuttingDown)?;
        let outcome = &finished.invocation.outcome;
        match (outcome, outcome.payload()) {
            (Outcome::Throttled, _) => Err(InvokeError::Throttled),
            (_, None) => Err(InvokeError::ResponseLost),
            (_, Some(payload)) => Ok(InvokeResult {
                function_error: outcome.is_function_error(),
                payload: payload.clone(),
                request_id: finished.invocation.request_id,
                log_tail: finished.log_tail,
            }),
        }
    }

    /// Puts an event into a function's queue. May be called from any thread.
    ///
    /// # Errors
    /// When the event is refused: unknown function, too large, not JSON.
    pub fn invoke_async(&self, function: &str, payload: Bytes) -> Result<Accepted, InvokeError> {
        self.invoke_async_with(function, payload, InvokeOptions::default())
    }

    /// [`invoke_async`](Self::invoke_async) with a qualifier or client context.
    ///
    /// # Errors
    /// As `invoke_async`.
    pub fn invoke_async_with(
        &self,
        function: &str,
        payload: Bytes,
        options: InvokeOptions,
    ) -> Result<Accepted, InvokeError> {
        let inner = &self.inner;
        let call = inner.call(function, payload, options, Kind::Async, MAX_ASYNC_PAYLOAD)?;
        let accepted_ms = inner.config.now_ms();
        let request_id = call.request_id.clone();
        inner.ledger.count(|totals| totals.accepted += 1);
        if inner.faults.next_event(&call.function.spec.name) {
            inner.ledger.count(|totals| totals.duplicated += 1);
            let again = Call {
                function: Arc::clone(&call.function),
                invoked_arn: call.invoked_arn.clone(),
                request_id: request_id.clone(),
                payload: call.payload.clone(),
                client_context: call.client_context.clone(),
                kind: Kind::Async,
            };
            let host = Arc::clone(inner);
            inner.spawn(async move { event::deliver(&host, again, accepted_ms).await });
        }
        let host = Arc::clone(inner);
        inner.spawn(async move { event::deliver(&host, call, accepted_ms).await });
        Ok(Accepted { request_id })
    }

    /// Faults to inject.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// All attempts so far in the order they ended, of an event's throttled attempts in a row the first, at most the last [`HISTORY_LIMIT`](crate::HISTORY_LIMIT).
    #[must_use]
    pub fn history(&self) -> Vec<Invocation> {
        self.inner.ledger.history()
    }

    /// Counts of what became of events.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.inner.ledger.totals()
    }

    /// Every attempt that ends from now on.
    #[must_use]
    pub fn subscribe(&self) -> mpsc::UnboundedReceiver<Invocation> {
        self.inner.ledger.subscribe()
    }

    /// Resolves when nothing runs, is queued or waits for a retry.
    pub async fn quiesce(&self) {
        self.inner.active.zero().await;
    }

    /// Refuses further invocations, abandons those running and queued, and kills all processes.
    pub async fn shutdown(&self) {
        self.inner.close();
        self.quiesce().await;
        self.inner.processes.zero().await;
    }
}

impl Drop for LambdaHost {
    fn drop(&mut self) {
        self.inner.close();
    }
}

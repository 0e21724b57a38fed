//! Where Lambda functions run that AWS IoT Core invokes by itself: not here.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

/// What a function answers, or why it did not.
pub type Invocation<'a> = Pin<Box<dyn Future<Output = Result<Bytes, String>> + Send + 'a>>;

/// Runs the functions of custom authorizers and the hooks of provisioning templates.
pub trait Functions: Send + Sync {
    /// Invokes a function synchronously with an event and answers what it returned.
    ///
    /// It must not block: what takes time goes into the future, which the caller drops when it takes too long.
    /// `source_arn` is who calls, an authorizer or a provisioning template: the `SourceArn` of the function's permission.
    /// An error says for the operator why the function was not invoked or how it failed; it reaches the event log, so it
    /// must hold no secrets.
    fn invoke(&self, function_arn: &str, source_arn: &str, event: Bytes) -> Invocation<'_>;
}

/// Invokes functions, but waits no longer than AWS IoT Core does.
#[derive(Clone)]
pub(crate) struct Invoker {
    /// Where they run.
    pub(crate) functions: Option<Arc<dyn Functions>>,
    /// How long one may take.
    pub(crate) time_limit: Duration,
}

impl Invoker {
    /// Invokes a function as [`Functions::invoke`].
    ///
    /// # Errors
    /// Why there is no answer, for the operator.
    pub(crate) async fn invoke(
        &self,
        function_arn: &str,
        source_arn: &str,
        event: Bytes,
    ) -> Result<Bytes, String> {
        let Some(functions) = &self.functions else {
            return Err("this gateway has no functions to invoke".into());
        };
        let invocation = functions.invoke(function_arn, source_arn, event);
        let answered = timeout(self.time_limit, invocation).await;
        answered.map_err(|_| format!("no answer within {:?}", self.time_limit))?
    }
}

//! Where the functions of custom authorizers run: not here.

use std::pin::Pin;

use bytes::Bytes;

/// What an authorizer's function answers, or why it did not.
pub type Invocation<'a> = Pin<Box<dyn Future<Output = Result<Bytes, String>> + Send + 'a>>;

/// Runs the functions of custom authorizers.
pub trait AuthorizerFunctions: Send + Sync {
    /// Invokes a function synchronously with an event and answers what it returned.
    ///
    /// It must not block: what takes time goes into the future, which the caller drops when it takes too long.
    /// `authorizer_arn` is who calls: the `SourceArn` of the function's permission. An error says for the operator why the
    /// function was not invoked or how it failed; it reaches the event log, so it must hold no secrets.
    fn invoke(&self, function_arn: &str, authorizer_arn: &str, event: Bytes) -> Invocation<'_>;
}

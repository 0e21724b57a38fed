//! The call log: lets a test state how many AWS calls a message costs.

use std::sync::Mutex;

use http::HeaderMap;

use crate::sync::lock;

/// One request the services answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it arrived, by the injected clock (ms since the epoch).
    pub at_ms: u64,
    /// Service name of the credential scope, such as `dynamodb`.
    pub service: String,
    /// Operation, such as `PutItem`; empty when the request named none.
    pub operation: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// The fault that was injected into it, if any: the name of the [`crate::FaultKind`] variant.
    pub fault: Option<&'static str>,
    /// `User-Agent`, if sent.
    pub user_agent: Option<String>,
    /// Access key id of the signature, if signed. Giving each function its own tells callers apart.
    pub access_key_id: Option<String>,
}

/// Every call since the start or the last [`CallLog::clear`].
#[derive(Debug, Default)]
pub(crate) struct CallLog(Mutex<Vec<Call>>);

impl CallLog {
    pub(crate) fn push(&self, call: Call) {
        lock(&self.0).push(call);
    }

    pub(crate) fn list(&self) -> Vec<Call> {
        lock(&self.0).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// `User-Agent` of a request.
pub(crate) fn user_agent(headers: &HeaderMap) -> Option<String> {
    Some(
        headers
            .get(http::header::USER_AGENT)?
            .to_str()
            .ok()?
            .to_owned(),
    )
}

/// Access key id in the `Credential=` part of a SigV4 `Authorization` header.
pub(crate) fn access_key_id(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = authorization.split_once("Credential=")?;
    let (key, _) = credential.split_once('/')?;
    Some(key.to_owned())
}

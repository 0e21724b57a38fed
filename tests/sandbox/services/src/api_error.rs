//! The one shape every service answers a refusal in, before it is put on the wire.

use serde_json::{Map, Value};

/// An error as an AWS API returns it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Error code, without a namespace.
    pub(crate) code: String,
    /// Text for people; says what to do.
    pub(crate) message: String,
    /// Further members of a JSON error body, such as `RejectedRecords`.
    pub(crate) members: Map<String, Value>,
    /// What the sandbox does not offer; counted by [`crate::Services::unsupported`].
    pub(crate) unsupported: bool,
}

impl ApiError {
    /// An error AWS would give, too.
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            members: Map::new(),
            unsupported: false,
        }
    }

    /// `ValidationException`: what most JSON services answer to a request that cannot be.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationException", message)
    }

    /// Something AWS offers and the sandbox does not. Always a 400: SDKs retry a 500.
    pub(crate) fn unsupported(code: &str, what: impl Into<String>) -> Self {
        let message = format!("the sandbox does not support {}", what.into());
        Self {
            unsupported: true,
            ..Self::new(400, code, message)
        }
    }

    /// The same with one more member in a JSON body.
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.members.insert(member.to_owned(), value);
        self
    }
}

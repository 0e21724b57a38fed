//! What can go wrong while a message is evaluated.

use std::fmt;

use mqtt_topic::InvalidTopic;

use crate::external::ExternalFailure;
use crate::json::JsonProblem;

/// Why an evaluation has no result. AWS runs no action then, not even the error action.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalError {
    /// The message's topic is not a topic name.
    Topic(InvalidTopic),
    /// The payload is larger than 128 KiB.
    PayloadTooLarge,
    /// The payload is JSON that this crate does not hold.
    Payload(JsonProblem),
    /// An intermediate or final result is larger than this crate allows.
    ResultTooLarge,
    /// A limit of AWS on the size of something; the text names both.
    LimitExceeded(&'static str),
    /// The evaluation takes more steps than this crate allows.
    TooManySteps,
    /// The variable is not among those that the rule's statement set.
    UnknownVariable(String),
    /// The regular expression is beyond the supported size or effort.
    Regex {
        /// What is wrong with it.
        reason: String,
    },
    /// A letter or a form of a date pattern that is not supported.
    DatePattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A function that reaches outside, called more often than AWS allows per statement.
    TooManyCalls(&'static str),
    /// An argument of a function that reaches outside is not what it needs.
    ExternalArgument {
        /// The function.
        function: &'static str,
        /// What it needs.
        wanted: &'static str,
    },
    /// A function that reaches outside did not answer.
    External(ExternalFailure),
}

impl EvalError {
    /// Whether the sandbox lacks something, so that the answer of AWS is not known: `get_or_default` must not hide it.
    pub(crate) const fn is_unsupported(&self) -> bool {
        matches!(
            self,
            Self::External(ExternalFailure::Unsupported { .. })
                | Self::Regex { .. }
                | Self::DatePattern { .. }
                | Self::TooManySteps
                | Self::ResultTooLarge
                | Self::UnknownVariable(_)
        )
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(cause) => write!(f, "invalid topic of the message: {cause}"),
            Self::PayloadTooLarge => write!(
                f,
                "the payload is larger than {} bytes",
                crate::MAX_PAYLOAD_BYTES
            ),
            Self::Payload(cause) => write!(f, "the payload cannot be read: {cause}"),
            Self::ResultTooLarge => write!(
                f,
                "a result is larger than {} bytes: select less",
                crate::MAX_RESULT_BYTES
            ),
            Self::LimitExceeded(limit) => f.write_str(limit),
            Self::TooManySteps => {
                f.write_str("the evaluation takes too many steps: simplify the statement")
            }
            Self::UnknownVariable(name) => write!(
                f,
                "variable `@{name}` is not set by the rule's statement: add it to SET"
            ),
            Self::Regex { reason } => write!(f, "regular expression not supported: {reason}"),
            Self::DatePattern { pattern, reason } => {
                write!(f, "date pattern `{pattern}` not supported: {reason}")
            }
            Self::TooManyCalls(function) => {
                write!(
                    f,
                    "{function}() was called more often than AWS allows per statement"
                )
            }
            Self::ExternalArgument { function, wanted } => write!(f, "{function}() needs {wanted}"),
            Self::External(cause) => write!(f, "{cause}"),
        }
    }
}

impl std::error::Error for EvalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Topic(cause) => Some(cause),
            Self::Payload(cause) => Some(cause),
            Self::External(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<ExternalFailure> for EvalError {
    fn from(cause: ExternalFailure) -> Self {
        Self::External(cause)
    }
}

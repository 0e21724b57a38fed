//! Why a text is not a policy document.

use std::fmt;

use crate::action::UnknownAction;
use crate::key::Key;
use crate::pattern::InvalidPattern;

/// A document that cannot be read: where, and why.
#[derive(Debug)]
pub struct InvalidPolicy {
    /// The element, for example `Statement[1].Condition.StringEquals`; empty for the document itself.
    pub at: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an element of a policy document.
#[derive(Debug)]
pub enum Problem {
    /// The text is not JSON, nests too deep, or has a name twice in one object.
    NotJson(serde_json::Error),
    /// More characters than the API accepts at all.
    TooLong {
        /// Characters in the text.
        characters: usize,
        /// Most that `CreatePolicy` takes.
        limit: usize,
    },
    /// An element of the wrong JSON type.
    WrongType {
        /// What it must be.
        expected: &'static str,
    },
    /// A required element is absent.
    Missing(&'static str),
    /// An element that AWS IoT policies do not have.
    UnknownElement {
        /// Its name.
        name: String,
        /// What to do instead.
        advice: &'static str,
    },
    /// `Version` is not `2012-10-17`.
    UnsupportedVersion(String),
    /// `Effect` is neither `Allow` nor `Deny`.
    UnknownEffect(String),
    /// An empty list, which would never match.
    Empty,
    /// Both `Resource` and `NotResource`.
    ResourceAndNotResource,
    /// A resource that is neither `*` nor an ARN.
    NotAnArn(String),
    /// An action AWS IoT Core's data plane does not have.
    Action(UnknownAction),
    /// A resource or value with a bad `${…}`.
    Pattern(InvalidPattern),
    /// A condition operator that does not exist or is not supported.
    UnknownOperator {
        /// The name as given.
        name: String,
        /// The operator it probably means.
        meant: Option<String>,
    },
    /// A condition key AWS IoT Core does not have.
    UnknownKey {
        /// The name as given.
        name: String,
        /// The key it probably means.
        meant: Option<String>,
    },
    /// A key with several values under an operator without set qualifier.
    NeedsQualifier(Key),
    /// A value the operator cannot compare with.
    Value {
        /// The value as given.
        value: String,
        /// What the operator needs.
        expected: &'static str,
    },
}

impl InvalidPolicy {
    pub(crate) fn new(at: impl Into<String>, problem: Problem) -> Self {
        Self {
            at: at.into(),
            problem,
        }
    }
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "at {}: ", self.at)?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for InvalidPolicy {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::NotJson(source) => Some(source),
            Problem::Action(source) => Some(source),
            Problem::Pattern(source) => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not a JSON policy document: {why}"),
            Self::TooLong { characters, limit } => {
                write!(
                    f,
                    "{characters} characters are more than the {limit} that CreatePolicy takes"
                )
            }
            Self::WrongType { expected } => write!(f, "must be {expected}"),
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::UnknownElement { name, advice } => {
                write!(f, "unknown element `{name}`; {advice}")
            }
            Self::UnsupportedVersion(version) => {
                write!(
                    f,
                    "unsupported version `{version}`; write \"Version\": \"2012-10-17\""
                )
            }
            Self::UnknownEffect(effect) => {
                write!(f, "unknown effect `{effect}`; write `Allow` or `Deny`")
            }
            Self::Empty => f.write_str("must not be empty, it would never match"),
            Self::ResourceAndNotResource => {
                f.write_str("has both `Resource` and `NotResource`; keep one")
            }
            Self::NotAnArn(text) => {
                write!(
                    f,
                    "`{text}` is not a resource; write `*` or `arn:aws:iot:<region>:<account>:<type>/<name>`"
                )
            }
            Self::Action(why) => why.fmt(f),
            Self::Pattern(why) => why.fmt(f),
            Self::UnknownOperator {
                name,
                meant: Some(meant),
            } => {
                write!(
                    f,
                    "unknown condition operator `{name}`; did you mean `{meant}`?"
                )
            }
            Self::UnknownOperator { name, meant: None } => {
                write!(f, "unsupported condition operator `{name}`")
            }
            Self::UnknownKey {
                name,
                meant: Some(meant),
            } => {
                write!(f, "unknown condition key `{name}`; did you mean `{meant}`?")
            }
            Self::UnknownKey { name, meant: None } => {
                write!(
                    f,
                    "unknown condition key `{name}`; AWS IoT Core would never give it a value"
                )
            }
            Self::NeedsQualifier(key) => write!(
                f,
                "`{key}` can have several values; put `ForAllValues:` or `ForAnyValue:` before the operator"
            ),
            Self::Value { value, expected } => write!(f, "`{value}` is not {expected}"),
        }
    }
}

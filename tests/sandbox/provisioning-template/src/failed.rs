//! Why a template cannot be evaluated for a device.

use std::fmt;

/// A template that does not work out with these parameters: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationFailed {
    /// The element, for example `Resources.thing.Properties.ThingName`.
    pub at: String,
    /// What went wrong there. A device's text is never part of it.
    pub failure: Failure,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A declared parameter without default has no value.
    MissingParameter,
    /// `Fn::Select` points past the end of its list.
    NoSuchItem {
        /// Items in the list.
        length: usize,
    },
    /// The index of `Fn::Select` is not a number from 0.
    NotAnIndex,
    /// `Fn::FindInMap` finds no such key in this mapping.
    NoSuchKey {
        /// The mapping.
        mapping: String,
    },
    /// A value that is none of those the property can have.
    NotOneOf(&'static [&'static str]),
}

impl EvaluationFailed {
    pub(crate) fn new(at: impl Into<String>, failure: Failure) -> Self {
        let at = at.into();
        Self { at, failure }
    }
}

impl fmt::Display for EvaluationFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.at, self.failure)
    }
}

impl std::error::Error for EvaluationFailed {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingParameter => f.write_str("the parameter has no value and no default"),
            Self::NoSuchItem { length } => {
                write!(f, "the index is outside of a list of {length}")
            }
            Self::NotAnIndex => f.write_str("the index is not a number from 0"),
            Self::NoSuchKey { mapping } => write!(f, "the mapping `{mapping}` has no such key"),
            Self::NotOneOf(words) => write!(f, "must be one of {}", words.join(", ")),
        }
    }
}

//! JSON with exact numbers, a depth limit and a size limit.
//!
//! An own reader and writer, because `serde_json` keeps number texts only through a feature that changes the
//! number type of every other crate of the build.

mod read;
mod write;

use std::fmt;

pub(crate) use read::read;
pub(crate) use write::{size_within, write};

/// Deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 128;

/// Why a text was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonProblem {
    /// The text is not JSON.
    NotJson,
    /// Arrays and objects are nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A number is above 9.99…E999.
    NumberTooLarge,
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("the text is not JSON"),
            Self::TooDeep => write!(
                f,
                "arrays and objects are nested more than {MAX_DEPTH} levels deep"
            ),
            Self::NumberTooLarge => f.write_str("a number is larger than 9.99E999"),
        }
    }
}

impl std::error::Error for JsonProblem {}

#[cfg(test)]
mod tests;

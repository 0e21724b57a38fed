//! What is wrong with a manifest, and where. Never what it holds.

use std::fmt;

use sci_domain::{admission::InvalidSecret, thing::InvalidName};

use super::Column;

/// How many problems are told; the others are counted.
pub const MAX_SHOWN: usize = 100;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1, on which the device begins.
    pub line: u64,
    /// The column, if it is about one.
    pub column: Option<Column>,
    /// What it is.
    pub what: What,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// There is no value.
    Missing,
    /// A number, a list or an object in JSON.
    NotText,
    /// Bytes that are no text.
    NotUtf8,
    /// A name that breaks its pattern.
    Name(InvalidName),
    /// A name of a thing that would break its pattern.
    Thing(InvalidName),
    /// A device type that there is not.
    UnknownType,
    /// Another batch than the one given for the whole manifest.
    OtherBatch,
    /// A secret that is neither base64url nor hexadecimal.
    SecretText,
    /// A secret that is too short or too long.
    Secret(InvalidSecret),
    /// A secret with too few different bytes to be random.
    SecretNotRandom,
    /// The serial number of another line.
    SerialOf(u64),
    /// The secret of another line.
    SecretOf(u64),
    /// A header without a column that must be there.
    HeaderLacks,
    /// A header that names a column twice.
    HeaderTwice,
    /// A name in the header, at this place from 1, that is not one of ours.
    HeaderUnknown(usize),
    /// A line with another number of fields than the header.
    Fields {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// Not JSON, from this character on.
    Syntax(usize),
    /// JSON, but no object.
    NotAnObject,
    /// A key that is not one of ours.
    KeyUnknown,
    /// A key that is there twice.
    KeyTwice,
    /// No device at all.
    Empty,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// What a header or an object may hold.
const COLUMNS: &str = "serial_number, property_id, device_type, batch and voucher_secret";

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::NotText => f.write_str("must be text, in quotes"),
            Self::NotUtf8 => f.write_str("is not UTF-8"),
            Self::Name(invalid) => invalid.fmt(f),
            Self::Thing(invalid) => write!(
                f,
                "the thing sci-<property>-<type>-<serial> could not be named: {invalid}"
            ),
            Self::UnknownType => f.write_str("must be environmental, camera or lock"),
            Self::OtherBatch => f.write_str("is not the batch that --batch gives"),
            Self::SecretText => f.write_str("must be base64url or hexadecimal digits"),
            Self::Secret(invalid) => invalid.fmt(f),
            Self::SecretNotRandom => {
                f.write_str("is not random: it has at most 16 different bytes")
            }
            Self::SerialOf(line) => write!(f, "is the serial number of line {line}"),
            Self::SecretOf(line) => write!(
                f,
                "is the secret of line {line}: whoever opens one of the devices could pass for the other"
            ),
            Self::HeaderLacks => write!(
                f,
                "the header lacks it; it names {COLUMNS}, separated by commas"
            ),
            Self::HeaderTwice => f.write_str("the header names it twice"),
            Self::HeaderUnknown(place) => write!(
                f,
                "name {place} of the header is none of {COLUMNS}; is it a header?"
            ),
            Self::Fields { found, expected } => {
                write!(f, "has {found} fields, and the header {expected}")
            }
            Self::Syntax(place) => write!(f, "no JSON from character {place} on"),
            Self::NotAnObject => f.write_str("is no JSON object"),
            Self::KeyUnknown => write!(f, "a key is none of {COLUMNS}"),
            Self::KeyTwice => f.write_str("is there twice"),
            Self::Empty => f.write_str("the manifest holds no device"),
        }
    }
}

/// All problems of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// The first [`MAX_SHOWN`].
    pub shown: Vec<Problem>,
    /// How many there are.
    pub count: u64,
}

impl Problems {
    pub(super) fn add(&mut self, problem: Problem) {
        self.count += 1;
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(problem);
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.shown {
            writeln!(f, "{problem}")?;
        }
        let shown = u64::try_from(self.shown.len()).unwrap_or(u64::MAX);
        match self.count.saturating_sub(shown) {
            0 => {}
            more => writeln!(f, "… and {more} more")?,
        }
        let s = if self.count == 1 { "" } else { "s" };
        write!(f, "{} problem{s}; nothing was written", self.count)
    }
}

impl std::error::Error for Problems {}

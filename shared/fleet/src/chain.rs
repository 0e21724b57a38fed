//! Whether the chain of a subject is whole, in itself and beside the allow-list.

use std::fmt;

use sci_domain::admission::{
    Subject,
    audit::{Broken, Head, Record, verify},
};

/// Why what a chain tells cannot be relied upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The chain itself is broken.
    Broken(Broken),
    /// The device was written more often than it has records, and each write has its record: the chain was set back to an
    /// earlier end, or taken away.
    Behind {
        /// How often the device was written.
        version: u64,
        /// How many records there are.
        records: usize,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(broken) => broken.fmt(f),
            Self::Behind { version, records } => write!(
                f,
                "the device is at version {version} and its chain has {records} records: the chain was set back or taken away"
            ),
        }
    }
}

/// Checks a chain. `version` is that of the device, read before the chain was.
///
/// # Errors
/// The first flaw.
pub fn check(
    subject: &Subject,
    records: &[Record],
    head: Head,
    version: Option<u64>,
) -> Result<(), Flaw> {
    verify(subject, records, head).map_err(Flaw::Broken)?;
    let count = records.len();
    let written = u64::try_from(count).unwrap_or(u64::MAX);
    match version {
        Some(version) if version > written => Err(Flaw::Behind {
            version,
            records: count,
        }),
        _ => Ok(()),
    }
}

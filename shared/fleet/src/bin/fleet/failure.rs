//! Why a command ended early. No text repeats an argument that could be a secret in the wrong place.

use std::fmt;

use sci_domain::{ports::PortFailure, settings::InvalidSetting};
use sci_fleet::{failure::explained, manifest::Problems};

/// Bad input, or a store that fails.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line.
    Usage(String),
    /// A file that cannot be used.
    File(String),
    /// A manifest with problems.
    Manifest(Problems),
    /// The store failed.
    Store(PortFailure),
}

impl Failure {
    pub(crate) fn usage(why: impl fmt::Display) -> Self {
        Self::Usage(format!("{why}; try `cargo fleet --help`"))
    }

    /// The exit status.
    pub(crate) const fn status(&self) -> u8 {
        match self {
            Self::Store(_) => super::NOT_DONE,
            Self::Usage(_) | Self::File(_) | Self::Manifest(_) => 3,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::File(why) => f.write_str(why),
            Self::Manifest(problems) => write!(f, "the manifest cannot be used\n{problems}"),
            Self::Store(failure) => f.write_str(&explained(failure)),
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::usage(error)
    }
}

impl From<InvalidSetting> for Failure {
    fn from(invalid: InvalidSetting) -> Self {
        let option = match invalid.name {
            "ALLOW_LIST_TABLE" => "--allow-list-table",
            "INTRODUCERS_TABLE" => "--introducers-table",
            _ => "--audit-table",
        };
        Self::usage(format!("{invalid}; give it, or {option}"))
    }
}

impl From<PortFailure> for Failure {
    fn from(failure: PortFailure) -> Self {
        Self::Store(failure)
    }
}

//! Why the command could not answer.

use std::fmt;
use std::path::{Path, PathBuf};

use iot_policy::{InvalidPolicy, Policy, PolicyDocument};

/// Bad input.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line.
    Usage(String),
    /// A file that cannot be read.
    File(PathBuf, std::io::Error),
    /// A file that holds no policy document.
    Policy(PathBuf, InvalidPolicy),
    /// A template from which the policies cannot be taken.
    Template(PathBuf, String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) => f.write_str(why),
            Self::File(path, why) => write!(f, "failed to read {}: {why}", path.display()),
            Self::Policy(path, why) => write!(f, "{}: {why}", path.display()),
            Self::Template(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|why| Failure::File(path.to_owned(), why))
}

/// Reads a policy, named after its file, and its text.
pub(crate) fn read_policy(path: &Path) -> Result<(Policy, String), Failure> {
    let text = read(path)?;
    let document =
        PolicyDocument::parse(&text).map_err(|why| Failure::Policy(path.to_owned(), why))?;
    Ok((Policy::new(path.display().to_string(), document), text))
}

//! What a function is: its binary, environment and limits.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::environment;

/// A function to run.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// Function name: 1 to 64 of `a-z A-Z 0-9 - _`.
    pub name: String,
    /// The executable, as `bootstrap` would be in the deployment package.
    pub binary: PathBuf,
    /// Environment of the function, beside the variables Lambda sets itself.
    pub environment: BTreeMap<String, String>,
    /// Longest run of one invocation, above 0 and up to 15 minutes. AWS counts in seconds; shorter is for tests.
    pub timeout: Duration,
    /// Reported to the function, 128 to 10,240 MB. Not enforced.
    pub memory_mb: u32,
    /// Most instances at one time; 0 throttles every invocation, as reserved concurrency 0 does.
    pub max_concurrency: u32,
    /// What happens to asynchronous events.
    pub event_invoke: EventInvoke,
}

impl FunctionSpec {
    /// A function with AWS's defaults: 3 s, 128 MB, two retries, six hours; ten instances at most.
    #[must_use]
    pub fn new(name: impl Into<String>, binary: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            binary: binary.into(),
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            max_concurrency: 10,
            event_invoke: EventInvoke::default(),
        }
    }

    /// Checks the limits documented on each field.
    pub(crate) fn validate(&self) -> Result<(), RegisterError> {
        if !is_function_name(&self.name) {
            return Err(RegisterError::Name(self.name.clone()));
        }
        if !self.binary.is_file() {
            return Err(RegisterError::BinaryMissing(self.binary.clone()));
        }
        if self.timeout.is_zero() || self.timeout > Duration::from_secs(900) {
            return Err(RegisterError::OutOfRange("timeout", "above 0 up to 900 s"));
        }
        if !(128..=10_240).contains(&self.memory_mb) {
            return Err(RegisterError::OutOfRange("memory_mb", "128 to 10240"));
        }
        if self.event_invoke.max_retry_attempts > 2 {
            return Err(RegisterError::OutOfRange("max_retry_attempts", "0 to 2"));
        }
        let age = self.event_invoke.max_event_age.as_secs();
        if !(60..=21_600).contains(&age) {
            return Err(RegisterError::OutOfRange("max_event_age", "60 to 21600 s"));
        }
        match self
            .environment
            .keys()
            .find(|k| environment::is_reserved(k))
        {
            Some(name) => Err(RegisterError::ReservedVariable(name.clone())),
            None => Ok(()),
        }
    }
}

/// What happens to asynchronous events of a function (`AWS::Lambda::EventInvokeConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventInvoke {
    /// Further attempts after a function error, 0 to 2.
    pub max_retry_attempts: u8,
    /// Longest stay in the queue, 60 s to 6 h, measured on the host's clock.
    pub max_event_age: Duration,
    /// ARN that receives the record of an event that was given up.
    pub on_failure: Option<String>,
    /// ARN that receives the record of an event that succeeded.
    pub on_success: Option<String>,
}

impl Default for EventInvoke {
    fn default() -> Self {
        Self {
            max_retry_attempts: 2,
            max_event_age: Duration::from_secs(21_600),
            on_failure: None,
            on_success: None,
        }
    }
}

pub(crate) fn is_function_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Why a function was not registered.
#[derive(Debug)]
#[non_exhaustive]
pub enum RegisterError {
    /// The name is not 1 to 64 of `a-z A-Z 0-9 - _`.
    Name(String),
    /// There is no file at the binary's path.
    BinaryMissing(PathBuf),
    /// A field is outside AWS's range.
    OutOfRange(&'static str, &'static str),
    /// The environment sets a variable that Lambda sets itself.
    ReservedVariable(String),
    /// The name is taken.
    AlreadyRegistered(String),
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "function name {name:?} is not 1 to 64 letters, digits, '-' or '_'"
            ),
            Self::BinaryMissing(path) => write!(
                f,
                "no binary at {}: build the function first",
                path.display()
            ),
            Self::OutOfRange(field, range) => write!(f, "{field} is out of range: use {range}"),
            Self::ReservedVariable(name) => write!(
                f,
                "environment variable {name} is reserved by Lambda: remove it from the function's environment"
            ),
            Self::AlreadyRegistered(name) => write!(f, "function {name} is registered already"),
        }
    }
}

impl Error for RegisterError {}

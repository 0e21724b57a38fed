//! What Lambda is told of a failure: a stable type that alarms and people can match, and a message that says what to do.

use std::{error::Error, fmt};

use lambda_runtime::Diagnostic;
use sci_domain::ports::{FailureKind, PortFailure};

/// A message that failed. Lambda tries it again and then hands it to the failure destination.
pub struct Failed(pub PortFailure);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// As `Display`: `lambda_runtime` logs the `Debug` form, as the one error line of the failure.
impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Failed> for Diagnostic {
    fn from(failed: Failed) -> Self {
        let error_type = match failed.0.kind {
            FailureKind::Throttled => "Port.Throttled",
            FailureKind::Unavailable => "Port.Unavailable",
            FailureKind::Misconfigured => "Port.Misconfigured",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: failed.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_kind_and_the_causes() {
        let failed = Failed(PortFailure {
            operation: "load an alarm",
            kind: FailureKind::Misconfigured,
            source: "the service answered AccessDeniedException".into(),
        });
        let diagnostic = Diagnostic::from(failed);
        assert_eq!(diagnostic.error_type, "Port.Misconfigured");
        assert_eq!(
            diagnostic.error_message,
            "failed to load an alarm (check the function's role, environment and resources): \
             the service answered AccessDeniedException"
        );
    }
}

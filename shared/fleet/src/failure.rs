//! What an operator is told of a failure.

use sci_domain::ports::{FailureKind, PortFailure};

/// One line: what was tried, why it failed, what to do. The failure's own text speaks of functions.
#[must_use]
pub fn explained(failure: &PortFailure) -> String {
    let advice = match failure.kind {
        FailureKind::Throttled => "; try again, with a lower --rate",
        FailureKind::Unavailable => "; try again",
        FailureKind::Misconfigured => {
            "; check the names of the tables, the Region and your permissions"
        }
    };
    format!(
        "failed to {}: {}{advice}",
        failure.operation, failure.source
    )
}

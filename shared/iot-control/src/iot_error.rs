//! Answers of AWS IoT that are no failures.

use aws_sdk_iot::error::{ProvideErrorMetadata, SdkError};

/// The code for what is not there.
pub(crate) const NOT_FOUND: &str = "ResourceNotFoundException";

/// Whether the service answered with `code`.
pub(crate) fn is<E: ProvideErrorMetadata>(error: &SdkError<E>, code: &str) -> bool {
    let answer = error.as_service_error();
    answer.is_some_and(|answer| answer.code() == Some(code))
}

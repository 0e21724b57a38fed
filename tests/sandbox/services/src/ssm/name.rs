//! Names of parameters.
//!
//! Source: AWS Systems Manager API Reference, `PutParameter`, member `Name`.

use crate::api_error::ApiError;

/// With the ARN's characters that stand before the name.
const MAX_LENGTH: usize = 1011;
const MAX_LEVELS: usize = 15;

/// Refuses a name under which no parameter can be made.
///
/// # Errors
/// Says which rule the name breaks.
pub(super) fn check(name: &str, arn: &str) -> Result<(), ApiError> {
    let invalid = |rule: &str| Err(ApiError::validation(format!("Parameter name: {rule}")));
    let legal = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let path = name.strip_prefix('/').unwrap_or(name);
    if path.is_empty() || path.split('/').any(str::is_empty) || !name.chars().all(legal) {
        return invalid("can't be empty, and only a mix of letters, numbers and .-_/ is allowed");
    }
    if path.contains('/') && !name.starts_with('/') {
        return invalid("must be a fully qualified name, which begins with a slash");
    }
    let reserved = path.to_ascii_lowercase();
    if reserved.starts_with("aws") || reserved.starts_with("ssm") {
        return invalid("can't be prefixed with \"aws\" or \"ssm\" (case-insensitive)");
    }
    if arn.len() > MAX_LENGTH {
        return invalid("is at most 1011 characters long, those of the ARN before it included");
    }
    if path.split('/').count() > MAX_LEVELS {
        return Err(ApiError::new(
            400,
            "HierarchyLevelLimitExceededException",
            "A hierarchy can have a maximum of 15 levels.",
        ));
    }
    Ok(())
}

/// What `GetParameter` asks for: `name`, `name:version`, or the same with an ARN.
pub(super) struct Wanted<'a> {
    /// Name or ARN.
    pub(super) parameter: &'a str,
    pub(super) version: Option<u64>,
}

impl<'a> Wanted<'a> {
    /// Takes the version off a name.
    ///
    /// # Errors
    /// A label, which is not supported.
    pub(super) fn parse(name: &'a str) -> Result<Self, ApiError> {
        // The colons of an ARN are before its first slash.
        let end_of_arn = name.find('/').filter(|_| name.starts_with("arn:"));
        let colon = name
            .rfind(':')
            .filter(|at| end_of_arn.is_none_or(|end| *at > end));
        let Some((parameter, selector)) = colon.and_then(|at| name.split_at_checked(at)) else {
            return Ok(Self {
                parameter: name,
                version: None,
            });
        };
        let selector = selector.trim_start_matches(':');
        let version = selector.parse().map_err(|_| {
            ApiError::unsupported(
                "ValidationException",
                format!("parameter labels (`{selector}`)"),
            )
        })?;
        Ok(Self {
            parameter,
            version: Some(version),
        })
    }
}

//! Naming rules.
//!
//! Source: Timestream developer guide, "Naming constraints" and "Reserved keywords" of "Quotas".

use super::invalid;
use crate::api_error::ApiError;

/// Names no dimension or measure may have.
const RESERVED: &[&str] = &["measure_name", "measure_value", "time"];

/// Databases and tables: 3 to 256 of letters, digits, `_`, `-`, `.`.
pub(super) fn check_resource(what: &str, name: &str) -> Result<(), ApiError> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (3..=256).contains(&name.len()) && name.chars().all(known) {
        return Ok(());
    }
    Err(invalid(format!(
        "{what} '{name}' must have 3 to 256 characters out of letters, digits, '_', '-' and '.'"
    )))
}

/// Why a dimension or a value of a multi-measure record may not be called so.
pub(super) fn column_problem(what: &str, name: &str, most_bytes: usize) -> Option<String> {
    if name.is_empty() {
        return Some(format!("The {what} name must not be empty."));
    }
    if name.len() > most_bytes {
        return Some(format!(
            "The {what} name exceeds the limit of {most_bytes} bytes."
        ));
    }
    if RESERVED.contains(&name) || name.starts_with("ts_") || name.starts_with("measure_value") {
        return Some(format!("The {what} name '{name}' is reserved."));
    }
    name.contains(':')
        .then(|| format!("The {what} name '{name}' must not contain a colon."))
}

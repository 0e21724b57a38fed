//! CloudFormation's scalars are text that looks like a number or a Boolean as often as the real thing.

use serde_json::Value;

use crate::TemplateError;
use crate::path::Path;

/// The text of a scalar, as CloudFormation writes it into a string property.
pub(crate) fn text(value: &Value, path: &Path<'_>) -> Result<String, TemplateError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(path.expected("text, a number or a Boolean"))
        }
    }
}

//! Message attributes: String, String.Array, Number, Binary.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::invalid;
use crate::{api_error::ApiError, wire::Params};

/// A message attribute as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAttribute {
    /// `String`, `String.Array`, `Number` or `Binary`.
    pub data_type: String,
    /// Text; base64 for `Binary`.
    pub value: String,
}

impl PublishedAttribute {
    /// Bytes that count toward the message size.
    pub(super) fn size(&self) -> usize {
        self.data_type.len() + self.value.len()
    }
}

/// Takes `MessageAttributes.entry.N` from the parameters.
///
/// # Errors
/// `InvalidParameterValue` (code `ParameterValueInvalid`) that names the attribute.
pub(super) fn take(params: &mut Params) -> Result<BTreeMap<String, PublishedAttribute>, ApiError> {
    let mut attributes = BTreeMap::new();
    for mut entry in params.take_list("MessageAttributes.entry") {
        let name = entry.require("Name")?;
        check_name(&name)?;
        let data_type = entry.require("Value.DataType")?;
        let text = entry.take("Value.StringValue");
        let binary = entry.take("Value.BinaryValue");
        entry.finish("Publish")?;
        let value = match (data_type.as_str(), text, binary) {
            ("String" | "String.Array" | "Number", Some(text), None) => text,
            ("Binary", None, Some(binary)) => binary,
            ("String" | "String.Array" | "Number" | "Binary", _, _) => {
                return Err(bad_value(&format!(
                    "The message attribute '{name}' must contain non-empty message attribute value for message \
                     attribute type '{data_type}'."
                )));
            }
            _ => {
                return Err(bad_value(&format!(
                    "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                     prefixes is Binary, Number, and String."
                )));
            }
        };
        check_value(&name, &data_type, &value)?;
        if attributes
            .insert(name.clone(), PublishedAttribute { data_type, value })
            .is_some()
        {
            return Err(bad_value(&format!(
                "The message attribute '{name}' is given twice."
            )));
        }
    }
    Ok(attributes)
}

/// Rules of the developer guide, "Message attribute items": letters, digits, `_`, `-`, `.`; up to 256 characters; no
/// period at either end and no two in a row.
fn check_name(name: &str) -> Result<(), ApiError> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if name.is_empty() || name.len() > 256 || !name.chars().all(known) || dots {
        return Err(invalid(
            "MessageAttributes",
            &format!("the attribute name '{name}' is not valid"),
        ));
    }
    Ok(())
}

fn check_value(name: &str, data_type: &str, value: &str) -> Result<(), ApiError> {
    if value.is_empty() {
        return Err(bad_value(&format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{data_type}'."
        )));
    }
    let fits = match data_type {
        "Number" => value.trim() == value && value.parse::<f64>().is_ok_and(f64::is_finite),
        "Binary" => STANDARD.decode(value).is_ok(),
        "String.Array" => matches!(serde_json::from_str(value), Ok(Value::Array(items))
            if items.iter().all(|item| !item.is_array() && !item.is_object())),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(bad_value(&format!(
            "Could not cast message attribute '{name}' value to {data_type}."
        )))
    }
}

fn bad_value(message: &str) -> ApiError {
    ApiError::new(400, "ParameterValueInvalid", message)
}

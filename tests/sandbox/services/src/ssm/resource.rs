//! `AWS::SSM::Parameter`.

use serde_json::{Value, json};

use super::Ssm;
use crate::{properties::Properties, resources::ServiceError};

/// Creates a parameter.
pub(crate) fn create(service: &Ssm, name: &str, properties: &Value) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::SSM::Parameter", properties)?;
    properties.ignore(&["Name", "Description", "Tags"]);
    let mut request = json!({
        "Name": name,
        "Type": properties.require_text("Type")?,
        "Value": properties.require_text("Value")?,
    });
    for member in ["DataType", "Tier"] {
        if let (Some(value), Some(object)) = (properties.take(member), request.as_object_mut()) {
            object.insert(member.to_owned(), value);
        }
    }
    properties.finish()?;
    let outcome = service.call("PutParameter", request.to_string().as_bytes());
    outcome
        .map(drop)
        .map_err(|error| ServiceError::refused("ssm", "PutParameter", error))
}

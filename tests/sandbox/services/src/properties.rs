//! CloudFormation properties, consumed one by one so that what nobody handled is refused by name.

use serde_json::{Map, Value};

use crate::resources::ServiceError;

/// The properties of one resource.
#[derive(Debug)]
pub(crate) struct Properties {
    resource_type: &'static str,
    left: Map<String, Value>,
}

impl Properties {
    /// Properties of a resource.
    ///
    /// # Errors
    /// When they are not an object.
    pub(crate) fn new(
        resource_type: &'static str,
        properties: &Value,
    ) -> Result<Self, ServiceError> {
        match properties {
            Value::Object(left) => Ok(Self {
                resource_type,
                left: left.clone(),
            }),
            Value::Null => Ok(Self {
                resource_type,
                left: Map::new(),
            }),
            _ => Err(ServiceError::InvalidProperty {
                resource_type,
                property: "Properties".to_owned(),
                reason: "must be an object".to_owned(),
            }),
        }
    }

    /// Removes a property.
    pub(crate) fn take(&mut self, property: &str) -> Option<Value> {
        self.left.remove(property)
    }

    /// Removes a property that is a string, number or boolean, as text.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn take_text(&mut self, property: &str) -> Result<Option<String>, ServiceError> {
        match self.take(property) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            Some(_) => Err(self.invalid(property, "must be a string")),
        }
    }

    /// The same for a property that must be there.
    ///
    /// # Errors
    /// When it is missing or no scalar.
    pub(crate) fn require_text(&mut self, property: &str) -> Result<String, ServiceError> {
        self.take_text(property)?
            .ok_or_else(|| self.invalid(property, "is missing"))
    }

    /// Removes properties that change nothing here.
    pub(crate) fn ignore(&mut self, properties: &[&str]) {
        for property in properties {
            self.left.remove(*property);
        }
    }

    /// An error about a property.
    pub(crate) fn invalid(&self, property: &str, reason: &str) -> ServiceError {
        ServiceError::InvalidProperty {
            resource_type: self.resource_type,
            property: property.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// Refuses what is left.
    ///
    /// # Errors
    /// Names the first property nobody took.
    pub(crate) fn finish(self) -> Result<(), ServiceError> {
        match self.left.into_iter().next() {
            None => Ok(()),
            Some((property, _)) => Err(ServiceError::UnknownProperty {
                resource_type: self.resource_type,
                property,
            }),
        }
    }
}

//! SAM's `Globals` section: properties that every function has unless it says otherwise.

use serde_json::{Map, Value};

use crate::path::Path;
use crate::{Problem, TemplateError};

/// Merges the globals into a resource's properties.
///
/// Source: AWS SAM, "Globals section", overridable properties: maps are merged, lists are joined with the global part
/// first, everything else is replaced by the resource's own.
pub(crate) fn apply(
    globals: &Map<String, Value>,
    type_name: &str,
    own: Value,
) -> Result<Value, TemplateError> {
    let path = Path::Root.key("Globals");
    let mut result = own;
    for (kind, properties) in globals {
        if kind != "Function" {
            return Err(path.error(Problem::UnsupportedSection(kind.clone())));
        }
        if !properties.is_object() {
            return Err(path.key(kind).expected("a map"));
        }
        if type_name == "AWS::Serverless::Function" {
            result = merged(properties, result);
        }
    }
    Ok(result)
}

fn merged(global: &Value, own: Value) -> Value {
    match (global, own) {
        // An intrinsic function is a value, not a map.
        (Value::Object(global), Value::Object(own)) if !is_call(global) && !is_call(&own) => {
            let mut result = global.clone();
            for (key, value) in own {
                let value = match global.get(&key) {
                    Some(global) => merged(global, value),
                    None => value,
                };
                result.insert(key, value);
            }
            Value::Object(result)
        }
        (Value::Array(global), Value::Array(own)) => global.iter().cloned().chain(own).collect(),
        (_, own) => own,
    }
}

fn is_call(members: &Map<String, Value>) -> bool {
    crate::intrinsics::call(members).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_merge_lists_join_and_the_rest_is_replaced() {
        let global = json!({"Timeout": 3, "Layers": ["a"], "Environment": {"Variables": {"A": "1", "B": {"Ref": "X"}}}});
        let own = json!({"Timeout": 30, "Layers": ["b"], "Environment": {"Variables": {"B": {"Fn::Sub": "y"}, "C": "3"}}});
        assert_eq!(
            merged(&global, own),
            json!({
                "Timeout": 30, "Layers": ["a", "b"],
                "Environment": {"Variables": {"A": "1", "B": {"Fn::Sub": "y"}, "C": "3"}},
            })
        );
    }
}

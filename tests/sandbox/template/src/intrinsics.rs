//! The intrinsic functions that give values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::environment::Environment;
use crate::identity::Identity;
use crate::path::Path;
use crate::scalar::text;
use crate::substitution::{Part, parts};
use crate::{Problem, TemplateError};

/// What names mean at this point of the resolution.
pub(crate) struct Scope<'a> {
    pub(crate) parameters: &'a BTreeMap<String, Value>,
    pub(crate) mappings: &'a Map<String, Value>,
    pub(crate) environment: &'a Environment,
    /// Resources whose condition is false, with that condition.
    pub(crate) left_out: BTreeMap<String, String>,
    /// Resources that are already resolved. The order of resolution makes sure that those a value needs are here.
    pub(crate) resources: BTreeMap<String, Identity>,
}

impl Scope<'_> {
    fn reference(&self, name: &str, path: &Path<'_>) -> Result<Value, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if let Some(value) = self.environment.pseudo(name) {
            return Ok(value);
        }
        self.resource(name, path)
            .map(|identity| identity.physical_id.clone().into())
    }

    fn attribute(
        &self,
        logical_id: &str,
        attribute: &str,
        path: &Path<'_>,
    ) -> Result<Value, TemplateError> {
        let identity = self.resource(logical_id, path)?;
        identity
            .attributes
            .get(attribute)
            .map(|value| value.clone().into())
            .ok_or_else(|| {
                path.error(Problem::UnsupportedAttribute {
                    logical_id: logical_id.to_owned(),
                    type_name: identity.type_name.clone(),
                    attribute: attribute.to_owned(),
                })
            })
    }

    fn resource(&self, logical_id: &str, path: &Path<'_>) -> Result<&Identity, TemplateError> {
        self.resources
            .get(logical_id)
            .ok_or_else(|| match self.left_out.get(logical_id) {
                Some(condition) => path.error(Problem::LeftOut {
                    logical_id: logical_id.to_owned(),
                    condition: condition.clone(),
                }),
                None => path.error(Problem::UnknownReference(logical_id.to_owned())),
            })
    }
}

/// Resolves a value in which no `Fn::If` is left.
pub(crate) fn resolve(
    scope: &Scope<'_>,
    value: &Value,
    path: &Path<'_>,
) -> Result<Value, TemplateError> {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| resolve(scope, item, &path.index(index)))
            .collect(),
        Value::Object(members) => {
            if let Some((name, argument)) = call(members) {
                return function(scope, name, argument, &path.key(name));
            }
            let mut resolved = Map::new();
            for (key, member) in members {
                resolved.insert(key.clone(), resolve(scope, member, &path.key(key))?);
            }
            Ok(Value::Object(resolved))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value.clone()),
    }
}

/// The intrinsic function that an object is, if it is one.
pub(crate) fn call(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

fn function(
    scope: &Scope<'_>,
    name: &str,
    argument: &Value,
    path: &Path<'_>,
) -> Result<Value, TemplateError> {
    match name {
        "Ref" => scope.reference(
            argument.as_str().ok_or_else(|| path.expected("a name"))?,
            path,
        ),
        "Fn::GetAtt" => match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(id), Value::String(attribute)]) => {
                scope.attribute(id, attribute, path)
            }
            _ => Err(path.expected("a logical id and an attribute")),
        },
        "Fn::Sub" => substitute(scope, argument, path),
        "Fn::Join" => match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(delimiter), list]) => {
                let path = path.index(1);
                let items = list_of(scope, list, &path)?;
                let items = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| text(item, &path.index(index)));
                Ok(items.collect::<Result<Vec<_>, _>>()?.join(delimiter).into())
            }
            _ => Err(path.expected("a delimiter and a list")),
        },
        "Fn::Split" => match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(delimiter), whole]) if !delimiter.is_empty() => {
                let path = path.index(1);
                let whole = text(&resolve(scope, whole, &path)?, &path)?;
                Ok(whole.split(delimiter.as_str()).map(Value::from).collect())
            }
            _ => Err(path.expected("a delimiter and text")),
        },
        "Fn::Select" => match argument.as_array().map(Vec::as_slice) {
            Some([index, list]) => {
                let at = path.index(0);
                let index = text(&resolve(scope, index, &at)?, &at)?;
                let index: usize = index.parse().map_err(|_| at.expected("an index from 0"))?;
                let items = list_of(scope, list, &path.index(1))?;
                items
                    .get(index)
                    .cloned()
                    .ok_or_else(|| path.expected("an index within the list"))
            }
            _ => Err(path.expected("an index and a list")),
        },
        "Fn::FindInMap" => match argument.as_array().map(Vec::as_slice) {
            Some([map, top, second]) => find_in_map(scope, [map, top, second], path),
            _ => Err(path.expected("a mapping and two keys")),
        },
        _ => Err(path.error(Problem::UnsupportedIntrinsic(name.to_owned()))),
    }
}

fn list_of(scope: &Scope<'_>, value: &Value, path: &Path<'_>) -> Result<Vec<Value>, TemplateError> {
    match resolve(scope, value, path)? {
        Value::Array(items) => Ok(items),
        _ => Err(path.expected("a list")),
    }
}

fn find_in_map(
    scope: &Scope<'_>,
    keys: [&Value; 3],
    path: &Path<'_>,
) -> Result<Value, TemplateError> {
    let mut level = Value::Object(scope.mappings.clone());
    for (index, key) in keys.into_iter().enumerate() {
        let path = path.index(index);
        let key = text(&resolve(scope, key, &path)?, &path)?;
        level = level
            .get(&key)
            .cloned()
            .ok_or_else(|| path.error(Problem::UnknownMappingKey(key)))?;
    }
    Ok(level)
}

fn substitute(
    scope: &Scope<'_>,
    argument: &Value,
    path: &Path<'_>,
) -> Result<Value, TemplateError> {
    let (template, variables) = match argument {
        Value::String(template) => (template, None),
        Value::Array(items) => match items.as_slice() {
            [Value::String(template), Value::Object(variables)] => (template, Some(variables)),
            _ => return Err(path.expected("text and a map of variables")),
        },
        _ => return Err(path.expected("text, or text and a map of variables")),
    };
    let mut result = String::new();
    for part in parts(template).map_err(|expected| path.expected(expected))? {
        match part {
            Part::Text(literal) => result.push_str(&literal),
            Part::Variable(name) => {
                let value = match variables.and_then(|variables| variables.get(name)) {
                    Some(value) => resolve(scope, value, &path.index(1).key(name))?,
                    None => match name.split_once('.') {
                        Some((id, attribute)) => scope.attribute(id, attribute, path)?,
                        None => scope.reference(name, path)?,
                    },
                };
                result.push_str(&text(&value, path)?);
            }
        }
    }
    Ok(result.into())
}

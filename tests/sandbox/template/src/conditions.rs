//! The template's conditions: their values, and what they leave of a resource.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::intrinsics::{Scope, resolve};
use crate::path::Path;
use crate::scalar::text;
use crate::{Problem, TemplateError};

/// The value of every condition.
pub(crate) type Conditions = BTreeMap<String, bool>;

/// Evaluates all declared conditions.
pub(crate) fn evaluate(
    declared: &Map<String, Value>,
    scope: &Scope<'_>,
) -> Result<Conditions, TemplateError> {
    let mut evaluator = Evaluator {
        declared,
        scope,
        values: BTreeMap::new(),
        open: Vec::new(),
    };
    for name in declared.keys() {
        evaluator.named(name, &Path::Root.key("Conditions").key(name))?;
    }
    Ok(evaluator.values)
}

struct Evaluator<'a> {
    declared: &'a Map<String, Value>,
    scope: &'a Scope<'a>,
    values: Conditions,
    open: Vec<String>,
}

impl Evaluator<'_> {
    fn named(&mut self, name: &str, at: &Path<'_>) -> Result<bool, TemplateError> {
        if let Some(value) = self.values.get(name) {
            return Ok(*value);
        }
        if self.open.iter().any(|open| open == name) {
            let mut members = std::mem::take(&mut self.open);
            members.push(name.to_owned());
            return Err(at.error(Problem::Cycle(members)));
        }
        let Some(expression) = self.declared.get(name) else {
            return Err(at.error(Problem::UnknownCondition(name.to_owned())));
        };
        self.open.push(name.to_owned());
        let value = self.expression(expression, &Path::Root.key("Conditions").key(name))?;
        self.open.pop();
        self.values.insert(name.to_owned(), value);
        Ok(value)
    }

    fn expression(&mut self, expression: &Value, path: &Path<'_>) -> Result<bool, TemplateError> {
        const EXPECTED: &str = "Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition";
        let members = expression.as_object().filter(|members| members.len() == 1);
        let (function, argument) = members
            .and_then(|members| members.iter().next())
            .ok_or_else(|| path.expected(EXPECTED))?;
        let path = path.key(function);
        if function == "Condition" {
            let name = argument
                .as_str()
                .ok_or_else(|| path.expected("the name of a condition"))?;
            return self.named(name, &path);
        }
        let arguments = argument.as_array().ok_or_else(|| path.expected("a list"))?;
        match (function.as_str(), arguments.as_slice()) {
            ("Fn::Equals", [left, right]) => {
                let side = |value, index| {
                    let path = path.index(index);
                    text(&resolve(self.scope, value, &path)?, &path)
                };
                Ok(side(left, 0)? == side(right, 1)?)
            }
            ("Fn::Equals", _) => Err(path.expected("two values")),
            ("Fn::Not", [inner]) => Ok(!self.expression(inner, &path.index(0))?),
            ("Fn::Not", _) => Err(path.expected("one condition")),
            ("Fn::And" | "Fn::Or", inner) if (2..=10).contains(&inner.len()) => {
                let values = inner
                    .iter()
                    .enumerate()
                    .map(|(index, inner)| self.expression(inner, &path.index(index)));
                let values = values.collect::<Result<Vec<_>, _>>()?;
                Ok(if function == "Fn::And" {
                    values.iter().all(|v| *v)
                } else {
                    values.iter().any(|v| *v)
                })
            }
            ("Fn::And" | "Fn::Or", _) => Err(path.expected("two to ten conditions")),
            _ => Err(path.error(Problem::UnsupportedIntrinsic(function.clone()))),
        }
    }
}

/// Takes every `Fn::If` branch and removes what `AWS::NoValue` stands for. `None` when nothing is left of the value.
pub(crate) fn prune(
    conditions: &Conditions,
    value: &Value,
    path: &Path<'_>,
) -> Result<Option<Value>, TemplateError> {
    match value {
        Value::Array(items) => {
            let mut kept = Vec::new();
            for (index, item) in items.iter().enumerate() {
                kept.extend(prune(conditions, item, &path.index(index))?);
            }
            Ok(Some(Value::Array(kept)))
        }
        Value::Object(members) => {
            if let Some(argument) = members.get("Fn::If").filter(|_| members.len() == 1) {
                let path = path.key("Fn::If");
                return match argument.as_array().map(Vec::as_slice) {
                    Some([Value::String(name), yes, no]) => match conditions.get(name) {
                        Some(true) => prune(conditions, yes, &path.index(1)),
                        Some(false) => prune(conditions, no, &path.index(2)),
                        None => Err(path.error(Problem::UnknownCondition(name.clone()))),
                    },
                    _ => Err(path.expected("a condition's name and two values")),
                };
            }
            if members.len() == 1
                && members.get("Ref").and_then(Value::as_str) == Some("AWS::NoValue")
            {
                return Ok(None);
            }
            let mut kept = Map::new();
            for (key, member) in members {
                if let Some(member) = prune(conditions, member, &path.key(key))? {
                    kept.insert(key.clone(), member);
                }
            }
            Ok(Some(Value::Object(kept)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Ok(Some(value.clone()))
        }
    }
}

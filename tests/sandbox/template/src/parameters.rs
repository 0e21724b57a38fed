//! The template's parameters: declarations, and the values of one deployment.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

use crate::path::Path;
use crate::scalar::text;
use crate::{Problem, TemplateError};

/// Values for the template's parameters, by name. What is absent takes its default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// No values: every parameter takes its default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// The value of every declared parameter, checked. CloudFormation keeps numbers as text, and so do we.
pub(crate) fn values(
    declared: &Map<String, Value>,
    given: &Parameters,
) -> Result<BTreeMap<String, Value>, TemplateError> {
    let section = Path::Root.key("Parameters");
    if let Some(name) = given.0.keys().find(|name| !declared.contains_key(*name)) {
        return Err(section.key(name).error(Problem::ParameterUnknown));
    }
    let mut values = BTreeMap::new();
    for (name, declaration) in declared {
        let path = section.key(name);
        let declaration = declaration
            .as_object()
            .ok_or_else(|| path.expected("a map"))?;
        let value = match (given.0.get(name), declaration.get("Default")) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => text(default, &path.key("Default"))?,
            (None, None) => return Err(path.error(Problem::ParameterMissing)),
        };
        values.insert(name.clone(), checked(value, declaration, &path)?);
    }
    Ok(values)
}

fn checked(
    value: String,
    declaration: &Map<String, Value>,
    path: &Path<'_>,
) -> Result<Value, TemplateError> {
    let refuse = |rule: String| {
        path.error(Problem::ParameterRefused {
            value: value.clone(),
            rule,
        })
    };
    let type_name = declaration
        .get("Type")
        .and_then(Value::as_str)
        .ok_or_else(|| path.error(Problem::Missing("Type")))?;
    for (key, rule) in declaration {
        let path = path.key(key);
        match key.as_str() {
            "Type" | "Default" | "Description" | "ConstraintDescription" | "NoEcho" => {}
            "AllowedValues" => {
                let allowed = rule.as_array().ok_or_else(|| path.expected("a list"))?;
                let allowed = allowed
                    .iter()
                    .map(|v| text(v, &path))
                    .collect::<Result<Vec<_>, _>>()?;
                if !allowed.contains(&value) {
                    return Err(refuse(format!("not one of {}", allowed.join(", "))));
                }
            }
            "AllowedPattern" => {
                let pattern = rule.as_str().ok_or_else(|| path.expected("text"))?;
                // CloudFormation matches the whole value.
                let regex = Regex::new(&format!("^(?:{pattern})$"))
                    .map_err(|_| path.expected("a regular expression without look-around"))?;
                if !regex.is_match(&value) {
                    return Err(refuse(format!("does not match {pattern}")));
                }
            }
            "MinValue" | "MaxValue" | "MinLength" | "MaxLength" => {
                let limit = number(&text(rule, &path)?).ok_or_else(|| path.expected("a number"))?;
                let measured = if key.ends_with("Length") {
                    // A length of 2^53 does not occur.
                    u32::try_from(value.chars().count()).map(f64::from).ok()
                } else {
                    number(&value)
                };
                let measured = measured.ok_or_else(|| refuse("not a number".to_owned()))?;
                let broken = if key.starts_with("Min") {
                    measured < limit
                } else {
                    measured > limit
                };
                if broken {
                    return Err(refuse(format!("{key} is {limit}")));
                }
            }
            _ => {
                return Err(path.error(Problem::UnsupportedProperty(format!(
                    "parameter rule `{key}`"
                ))));
            }
        }
    }
    match type_name {
        "String" => Ok(value.into()),
        "Number" if number(&value).is_some() => Ok(value.into()),
        "Number" => Err(refuse("not a number".to_owned())),
        "CommaDelimitedList" => Ok(value
            .split(',')
            .map(|item| Value::from(item.trim()))
            .collect()),
        other => Err(path
            .key("Type")
            .error(Problem::UnsupportedParameterType(other.to_owned()))),
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

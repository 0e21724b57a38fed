//! A template as it is written: sections and resource declarations, nothing resolved.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::path::Path;
use crate::{Problem, TemplateError, globals, identity, yaml};

/// A SAM or CloudFormation template.
///
/// Source: AWS, "CloudFormation template anatomy" and "AWS SAM template anatomy".
#[derive(Debug, Clone)]
pub struct Template {
    pub(crate) parameters: Map<String, Value>,
    pub(crate) mappings: Map<String, Value>,
    pub(crate) conditions: Map<String, Value>,
    pub(crate) resources: BTreeMap<String, Declaration>,
    pub(crate) outputs: Map<String, Value>,
}

/// A resource as it is written, SAM's globals merged in.
#[derive(Debug, Clone)]
pub(crate) struct Declaration {
    pub(crate) type_name: String,
    pub(crate) condition: Option<String>,
    pub(crate) depends_on: Vec<String>,
    pub(crate) properties: Value,
    pub(crate) metadata: Value,
}

impl Template {
    /// Reads a template's text.
    ///
    /// # Errors
    /// What is not YAML, has not the shape of a template, or names a section, tag or resource type that this crate does
    /// not know.
    pub fn parse(yaml: &str) -> Result<Self, TemplateError> {
        let document = yaml::read(yaml)?;
        let root = Path::Root;
        let sections = document
            .as_object()
            .ok_or_else(|| root.expected("a template: a map of sections"))?;
        for name in sections.keys() {
            match name.as_str() {
                "AWSTemplateFormatVersion" | "Description" | "Metadata" => {}
                "Conditions" | "Globals" | "Mappings" | "Outputs" | "Parameters" | "Resources" => {}
                "Transform"
                    if sections.get(name).and_then(Value::as_str)
                        == Some("AWS::Serverless-2016-10-31") => {}
                "Transform" => return Err(root.key(name).expected("AWS::Serverless-2016-10-31")),
                _ => return Err(root.error(Problem::UnsupportedSection(name.clone()))),
            }
        }
        let section = |name: &str| match sections.get(name) {
            None => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(root.key(name).expected("a map")),
        };
        let globals = section("Globals")?;
        let resources = section("Resources")?;
        if resources.is_empty() {
            return Err(root.error(Problem::Missing("Resources")));
        }
        let at = root.key("Resources");
        let resources = resources
            .into_iter()
            .map(|(id, value)| {
                Ok((
                    id.clone(),
                    Declaration::parse(&value, &globals, &at.key(&id))?,
                ))
            })
            .collect::<Result<_, TemplateError>>()?;
        Ok(Self {
            parameters: section("Parameters")?,
            mappings: section("Mappings")?,
            conditions: section("Conditions")?,
            resources,
            outputs: section("Outputs")?,
        })
    }
}

impl Declaration {
    fn parse(
        value: &Value,
        globals: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<Self, TemplateError> {
        let members = value.as_object().ok_or_else(|| path.expected("a map"))?;
        for key in members.keys() {
            match key.as_str() {
                // The two policies matter when a stack is deleted or changed; a local one is neither.
                "DeletionPolicy" | "UpdateReplacePolicy" => {}
                "Condition" | "DependsOn" | "Metadata" | "Properties" | "Type" => {}
                _ => {
                    return Err(path.error(Problem::UnsupportedProperty(format!(
                        "resource attribute `{key}`"
                    ))));
                }
            }
        }
        let text = |value: &Value, key: &str| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| path.key(key).expected("text"))
        };
        let type_name = members
            .get("Type")
            .ok_or_else(|| path.error(Problem::Missing("Type")))?;
        let type_name = text(type_name, "Type")?;
        identity::check_type(&type_name, path)?;
        let depends_on = match members.get("DependsOn") {
            None => Vec::new(),
            Some(Value::Array(names)) => names
                .iter()
                .map(|name| text(name, "DependsOn"))
                .collect::<Result<_, _>>()?,
            Some(name) => vec![text(name, "DependsOn")?],
        };
        let properties = members
            .get("Properties")
            .cloned()
            .unwrap_or_else(|| Value::Object(Map::new()));
        if !properties.is_object() {
            return Err(path.key("Properties").expected("a map"));
        }
        Ok(Self {
            condition: members
                .get("Condition")
                .map(|name| text(name, "Condition"))
                .transpose()?,
            depends_on,
            properties: globals::apply(globals, &type_name, properties)?,
            metadata: members.get("Metadata").cloned().unwrap_or_default(),
            type_name,
        })
    }
}

//! `AWS::IoT::Policy`.

use serde_json::{Map, Value};

use crate::expression::{self, Function, List, Text};
use crate::failed::{EvaluationFailed, Failure};
use crate::invalid::{InvalidTemplate, Problem};
use crate::json;
use crate::node::Node;
use crate::provisioned::PolicySpec;
use crate::scope::{Declared, Values};

#[derive(Debug, Clone)]
pub(crate) struct Policy {
    at: String,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Name(Text),
    Document(Document),
}

/// A policy document with functions in it.
#[derive(Debug, Clone)]
enum Document {
    Value(Value),
    Text(Text),
    List(List),
    Array(Vec<Document>),
    Object(Vec<(String, Document)>),
}

impl Policy {
    pub(crate) fn parse(
        resource: &Node<'_>,
        declared: &Declared<'_>,
    ) -> Result<Self, InvalidTemplate> {
        resource.only(&["Type", "Properties"])?;
        let properties = resource.require("Properties")?;
        properties.only(&["PolicyName", "PolicyDocument"])?;
        refuse_join(&properties)?;
        let source = match (
            properties.get("PolicyName"),
            properties.get("PolicyDocument"),
        ) {
            (Some(name), None) => Source::Name(Text::parse(&name, declared)?),
            (None, Some(document)) => Source::Document(Document::outermost(&document, declared)?),
            _ => return Err(properties.error(Problem::NameOrDocument)),
        };
        let at = properties.at;
        Ok(Self { at, source })
    }

    pub(crate) fn evaluate(&self, values: &Values<'_>) -> Result<PolicySpec, EvaluationFailed> {
        let failed = |property: &str, failure| {
            EvaluationFailed::new(format!("{}.{property}", self.at), failure)
        };
        match &self.source {
            Source::Name(name) => name
                .evaluate(values)
                .map(PolicySpec::Existing)
                .map_err(|failure| failed("PolicyName", failure)),
            Source::Document(document) => document
                .evaluate(values)
                .map(PolicySpec::Document)
                .map_err(|failure| failed("PolicyDocument", failure)),
        }
    }
}

impl Document {
    fn outermost(node: &Node<'_>, declared: &Declared<'_>) -> Result<Self, InvalidTemplate> {
        if let Some(text) = node.value.as_str() {
            let value = json::parse(text).map_err(|why| node.error(Problem::NotJson(why)))?;
            let inner = Node {
                at: node.at.clone(),
                value: &value,
            };
            inner.object()?;
            refuse_functions(&inner)?;
            return Ok(Self::Value(value));
        }
        node.object()?;
        match expression::name(node)? {
            Some(_) => Err(node.error(Problem::DocumentFromFunction)),
            None => Self::parse(node, declared),
        }
    }

    fn parse(node: &Node<'_>, declared: &Declared<'_>) -> Result<Self, InvalidTemplate> {
        match Function::parse(node, declared)? {
            Some(Function::Text(text)) => return Ok(Self::Text(text)),
            Some(Function::List(list)) => return Ok(Self::List(list)),
            None => {}
        }
        if let Some(items) = node.items() {
            let items = items.iter().map(|item| Self::parse(item, declared));
            return Ok(Self::Array(items.collect::<Result<_, _>>()?));
        }
        if node.value.is_object() {
            let mut members = Vec::new();
            for (name, value) in node.members()? {
                members.push((name.clone(), Self::parse(&value, declared)?));
            }
            return Ok(Self::Object(members));
        }
        Ok(Self::Value(node.value.clone()))
    }

    fn evaluate(&self, values: &Values<'_>) -> Result<Value, Failure> {
        Ok(match self {
            Self::Value(value) => value.clone(),
            Self::Text(text) => text.evaluate(values)?.into(),
            Self::List(list) => list.evaluate(values)?.into(),
            Self::Array(items) => {
                let items = items.iter().map(|item| item.evaluate(values));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for (name, value) in members {
                    object.insert(name.clone(), value.evaluate(values)?);
                }
                Value::Object(object)
            }
        })
    }
}

fn refuse_join(node: &Node<'_>) -> Result<(), InvalidTemplate> {
    for child in children(node) {
        if expression::name(&child)?.as_deref() == Some("Fn::Join") {
            return Err(child.error(Problem::JoinInPolicy));
        }
        refuse_join(&child)?;
    }
    Ok(())
}

fn refuse_functions(node: &Node<'_>) -> Result<(), InvalidTemplate> {
    if let Some(name) = expression::name(node)? {
        return Err(node.error(Problem::FunctionInEscapedDocument(name)));
    }
    children(node).iter().try_for_each(refuse_functions)
}

fn children<'a>(node: &Node<'a>) -> Vec<Node<'a>> {
    match node.object() {
        Ok(object) => object
            .iter()
            .map(|(name, value)| node.key(name, value))
            .collect(),
        Err(_) => node.items().unwrap_or_default(),
    }
}

//! Subscription filter policies.
//!
//! Source: SNS developer guide, "Amazon SNS subscription filter policies" and "Filter policy constraints".

mod matching;
mod parse;

use std::{collections::BTreeMap, net::IpAddr};

use serde_json::{Map, Number, Value};

use super::attribute::PublishedAttribute;

/// What a policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The message attributes.
    MessageAttributes,
    /// The message text, a JSON object.
    MessageBody,
}

/// A parsed filter policy.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FilterPolicy {
    scope: Scope,
    root: Node,
}

/// All keys and all `$or` groups of one object must hold.
#[derive(Debug, Clone, PartialEq, Default)]
struct Node {
    keys: Vec<(String, Rule)>,
    /// Of each group one branch must hold.
    or: Vec<Vec<Node>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// One of the conditions must hold for one of the values.
    Leaf(Vec<Condition>),
    Nested(Node),
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String),
    Suffix(String),
    /// None of these.
    AnythingBut(Vec<Condition>),
    /// All of these comparisons.
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Cidr(IpAddr, u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl FilterPolicy {
    /// Whether a message passes.
    pub(super) fn matches(
        &self,
        attributes: &BTreeMap<String, PublishedAttribute>,
        text: &str,
    ) -> bool {
        let object = match self.scope {
            Scope::MessageAttributes => {
                let values = attributes.iter();
                values
                    .filter_map(|(name, attribute)| Some((name.clone(), json_value(attribute)?)))
                    .collect()
            }
            Scope::MessageBody => match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(object) => object,
                // A text that is no JSON object passes no body filter.
                Err(_) => return false,
            },
        };
        matching::node(&self.root, &[&object])
    }
}

/// An attribute as policies see it. Binary attributes are invisible to them.
fn json_value(attribute: &PublishedAttribute) -> Option<Value> {
    match attribute.data_type.as_str() {
        "String" => Some(Value::String(attribute.value.clone())),
        "Number" => Number::from_f64(attribute.value.parse().ok()?).map(Value::Number),
        "String.Array" => serde_json::from_str(&attribute.value).ok(),
        _ => None,
    }
}

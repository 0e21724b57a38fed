//! Decides whether values satisfy a policy.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{Comparison, Condition, Node, Rule};

/// Whether a node holds for the objects at its place: several when an array of objects leads there.
pub(super) fn node(node: &Node, objects: &[&Map<String, Value>]) -> bool {
    node.keys.iter().all(|(key, rule)| {
        let found: Vec<&Value> = objects
            .iter()
            .filter_map(|object| object.get(key))
            .collect();
        match rule {
            Rule::Leaf(conditions) => conditions.iter().any(|condition| leaf(condition, &found)),
            Rule::Nested(nested) => {
                let below: Vec<_> = found
                    .into_iter()
                    .flat_map(elements)
                    .filter_map(Value::as_object)
                    .collect();
                self::node(nested, &below)
            }
        }
    }) && node
        .or
        .iter()
        .all(|group| group.iter().any(|branch| self::node(branch, objects)))
}

fn leaf(condition: &Condition, found: &[&Value]) -> bool {
    match condition {
        Condition::Exists(wanted) => *wanted != found.is_empty(),
        condition => found
            .iter()
            .flat_map(|value| elements(value))
            .any(|value| scalar(condition, value)),
    }
}

/// The elements of an array, or the value itself.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

fn scalar(condition: &Condition, value: &Value) -> bool {
    let text = value.as_str();
    match condition {
        Condition::Equals(wanted) => equal(wanted, value),
        Condition::EqualsIgnoreCase(wanted) => {
            text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
        }
        Condition::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
        Condition::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
        Condition::AnythingBut(unwanted) => {
            !value.is_object() && !unwanted.iter().any(|condition| scalar(condition, value))
        }
        Condition::Numeric(comparisons) => value.as_f64().is_some_and(|number| {
            comparisons
                .iter()
                .all(|(comparison, bound)| match comparison {
                    Comparison::Equal => number == *bound,
                    Comparison::Less => number < *bound,
                    Comparison::LessOrEqual => number <= *bound,
                    Comparison::Greater => number > *bound,
                    Comparison::GreaterOrEqual => number >= *bound,
                })
        }),
        Condition::Cidr(network, bits) => text
            .and_then(|text| text.parse().ok())
            .is_some_and(|address| within(address, *network, *bits)),
        Condition::Exists(_) => false,
    }
}

/// Numbers are equal by value, so that 5 and 5.0 are one.
fn equal(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(wanted), Some(value)) => wanted == value,
        _ => wanted == value,
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (
            u128::from(address.to_bits()),
            u128::from(network.to_bits()),
            32,
        ),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    let host_bits = u32::from(width - bits);
    address.checked_shr(host_bits).unwrap_or(0) == network.checked_shr(host_bits).unwrap_or(0)
}

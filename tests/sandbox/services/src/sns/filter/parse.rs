//! Reads a filter policy and enforces its limits.

use serde_json::{Map, Value};

use super::{Comparison, Condition, FilterPolicy, Node, Rule, Scope};
use crate::api_error::ApiError;

/// Leaf keys of a policy.
const MAX_KEYS: usize = 5;
/// Combinations of values of a policy.
const MAX_COMBINATIONS: usize = 150;
/// Numbers lie between minus and plus this.
const MAX_NUMBER: f64 = 1e9;

impl FilterPolicy {
    /// Parses the text of a `FilterPolicy` attribute.
    ///
    /// # Errors
    /// `InvalidParameter` that names the construct; an operator the sandbox does not know is named as unsupported.
    pub(crate) fn parse(text: &str, scope: Scope) -> Result<Self, ApiError> {
        let value: Value =
            serde_json::from_str(text).map_err(|_| refuse("failed to parse JSON."))?;
        let object = value
            .as_object()
            .ok_or_else(|| refuse("Filter policy must be a JSON object"))?;
        let root = node(object, scope)?;
        if leaves(&root) > MAX_KEYS {
            return Err(refuse("Filter policy can not have more than 5 keys"));
        }
        if combinations(&root, 1, scope) > MAX_COMBINATIONS {
            return Err(refuse(
                "Filter policy is too complex: more than 150 combinations",
            ));
        }
        Ok(Self { scope, root })
    }
}

fn refuse(reason: &str) -> ApiError {
    ApiError::new(
        400,
        "InvalidParameter",
        format!("Invalid parameter: FilterPolicy: {reason}"),
    )
}

fn node(object: &Map<String, Value>, scope: Scope) -> Result<Node, ApiError> {
    let mut parsed = Node::default();
    for (key, value) in object {
        match value {
            Value::Array(branches) if key == "$or" => parsed.or.push(or_branches(branches, scope)?),
            Value::Array(values) if values.is_empty() => {
                return Err(refuse("Empty arrays are not allowed"));
            }
            Value::Array(values) => {
                let conditions = values.iter().map(condition).collect::<Result<_, _>>()?;
                parsed.keys.push((key.clone(), Rule::Leaf(conditions)));
            }
            Value::Object(nested) if scope == Scope::MessageBody => {
                parsed
                    .keys
                    .push((key.clone(), Rule::Nested(node(nested, scope)?)));
            }
            Value::Object(_) => {
                return Err(refuse(
                    "Filter policy scope MessageAttributes does not support nested filter policy",
                ));
            }
            _ => return Err(refuse(&format!("\"{key}\" must be an object or an array"))),
        }
    }
    if parsed.keys.is_empty() && parsed.or.is_empty() {
        return Err(refuse("An object without keys is not allowed"));
    }
    Ok(parsed)
}

fn or_branches(branches: &[Value], scope: Scope) -> Result<Vec<Node>, ApiError> {
    let two = || refuse("$or must be an array of at least two objects");
    if branches.len() < 2 {
        return Err(two());
    }
    branches
        .iter()
        .map(|branch| node(branch.as_object().ok_or_else(two)?, scope))
        .collect()
}

fn condition(value: &Value) -> Result<Condition, ApiError> {
    match value {
        Value::Object(operator) => {
            let mut operators = operator.iter();
            match (operators.next(), operators.next()) {
                (Some((name, operand)), None) => operation(name, operand),
                _ => Err(refuse("A match object must have exactly one operator")),
            }
        }
        Value::Array(_) => Err(refuse("Arrays within arrays are not allowed")),
        scalar => Ok(Condition::Equals(in_range(scalar)?)),
    }
}

fn operation(name: &str, operand: &Value) -> Result<Condition, ApiError> {
    match name {
        "prefix" => Ok(Condition::Prefix(text(name, operand)?)),
        "suffix" => Ok(Condition::Suffix(text(name, operand)?)),
        "equals-ignore-case" => Ok(Condition::EqualsIgnoreCase(text(name, operand)?)),
        "exists" => match operand {
            Value::Bool(exists) => Ok(Condition::Exists(*exists)),
            _ => Err(refuse("exists match pattern must be either true or false.")),
        },
        "anything-but" => anything_but(operand),
        "numeric" => numeric(operand),
        "cidr" => cidr(&text(name, operand)?),
        "wildcard" => Err(ApiError::unsupported(
            "InvalidParameter",
            "the filter policy operator wildcard",
        )),
        other => Err(refuse(&format!("Unrecognized match type {other}"))),
    }
}

fn text(operator: &str, operand: &Value) -> Result<String, ApiError> {
    match operand.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(refuse(&format!(
            "{operator} match pattern must be a non-empty string"
        ))),
    }
}

fn anything_but(operand: &Value) -> Result<Condition, ApiError> {
    let one = std::slice::from_ref(operand);
    let (values, operator): (&[Value], Option<&str>) = match operand {
        Value::Array(values) => (values, None),
        Value::Object(operator) => match operator.iter().next() {
            Some((name, Value::Array(values))) => (values, Some(name)),
            Some((name, value)) => (std::slice::from_ref(value), Some(name)),
            None => return Err(refuse("anything-but must not be an empty object")),
        },
        _ => (one, None),
    };
    if values.is_empty() {
        return Err(refuse("anything-but must not be an empty list"));
    }
    let unwanted = values.iter().map(|value| match operator {
        Some(name @ ("prefix" | "suffix" | "equals-ignore-case")) => operation(name, value),
        Some("wildcard") => operation("wildcard", value),
        Some(name) => Err(refuse(&format!(
            "Unrecognized match type {name} within anything-but"
        ))),
        None if value.is_string() || value.is_number() => Ok(Condition::Equals(in_range(value)?)),
        None => Err(refuse("anything-but takes strings and numbers")),
    });
    Ok(Condition::AnythingBut(unwanted.collect::<Result<_, _>>()?))
}

fn numeric(operand: &Value) -> Result<Condition, ApiError> {
    let parts = operand
        .as_array()
        .ok_or_else(|| refuse("Value of numeric must be an array."))?;
    let mut comparisons = Vec::new();
    let (pairs, rest) = parts.as_chunks::<2>();
    for [operator, number] in pairs {
        let comparison = match operator.as_str() {
            Some("=") => Comparison::Equal,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::GreaterOrEqual,
            _ => {
                return Err(refuse(&format!(
                    "Invalid member in numeric match: {operator}"
                )));
            }
        };
        let number = in_range(number)?
            .as_f64()
            .ok_or_else(|| refuse("numeric compares with numbers"))?;
        comparisons.push((comparison, number));
    }
    if !rest.is_empty() || comparisons.is_empty() || comparisons.len() > 2 {
        return Err(refuse("numeric takes one or two comparisons"));
    }
    Ok(Condition::Numeric(comparisons))
}

fn cidr(text: &str) -> Result<Condition, ApiError> {
    let wrong = || refuse(&format!("{text} is not a CIDR block"));
    let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
    let address: std::net::IpAddr = address.parse().map_err(|_| wrong())?;
    let bits: u8 = bits.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    if bits > most {
        Err(wrong())
    } else {
        Ok(Condition::Cidr(address, bits))
    }
}

fn in_range(value: &Value) -> Result<Value, ApiError> {
    match value.as_f64() {
        Some(number) if number.abs() > MAX_NUMBER => {
            Err(refuse("Numbers must be from -1e9 to 1e9"))
        }
        _ => Ok(value.clone()),
    }
}

fn leaves(node: &Node) -> usize {
    let keys = node.keys.iter().map(|(_, rule)| match rule {
        Rule::Leaf(_) => 1,
        Rule::Nested(nested) => leaves(nested),
    });
    keys.sum::<usize>() + node.or.iter().flatten().map(leaves).sum::<usize>()
}

/// For attributes the product of the list lengths; for bodies each list counts times its nesting level.
fn combinations(node: &Node, level: usize, scope: Scope) -> usize {
    let keys = node.keys.iter().map(|(_, rule)| match rule {
        Rule::Leaf(conditions) if scope == Scope::MessageBody => {
            conditions.len().saturating_mul(level)
        }
        Rule::Leaf(conditions) => conditions.len(),
        Rule::Nested(nested) => combinations(nested, level + 1, scope),
    });
    let groups = node.or.iter().map(|group| {
        group
            .iter()
            .map(|branch| combinations(branch, level, scope))
            .sum()
    });
    keys.chain(groups).fold(1, usize::saturating_mul)
}

//! The policy documents of a CloudFormation or SAM template in YAML, with the intrinsics that occur in them.
//!
//! What is known only at deployment stands as its name (`${StageName}` as `StageName`): it holds no wildcard, so the
//! findings are those of the deployed policy.

use saphyr::{LoadableYamlNode, Mapping, Scalar, Yaml};
use serde_json::{Map, Value};

/// Deeper nesting than any template has.
const MAX_DEPTH: usize = 64;

/// Logical ids and documents as JSON text, in the template's order.
pub(crate) fn policies(template: &str) -> Result<Vec<(String, String)>, String> {
    let documents = Yaml::load_from_str(template).map_err(|why| format!("not YAML: {why}"))?;
    let root = documents
        .first()
        .and_then(Yaml::as_mapping)
        .ok_or("not a template: no mapping")?;
    let resources = get(root, "Resources")
        .and_then(Yaml::as_mapping)
        .ok_or("not a template: no `Resources`")?;
    let mut found = Vec::new();
    for (name, resource) in resources {
        let (Some(name), Some(resource)) = (name.as_str(), resource.as_mapping()) else {
            continue;
        };
        if get(resource, "Type").and_then(Yaml::as_str) != Some("AWS::IoT::Policy") {
            continue;
        }
        let properties = get(resource, "Properties").and_then(Yaml::as_mapping);
        let document = properties.and_then(|properties| get(properties, "PolicyDocument"));
        let document = document.ok_or_else(|| format!("{name}: no `PolicyDocument`"))?;
        let document =
            resolve(document, root, MAX_DEPTH).map_err(|why| format!("{name}: {why}"))?;
        // A document may also be given as JSON text.
        let text = document
            .as_str()
            .map_or_else(|| document.to_string(), str::to_owned);
        found.push((name.to_owned(), text));
    }
    if found.is_empty() {
        Err("no resource of type AWS::IoT::Policy".to_owned())
    } else {
        Ok(found)
    }
}

fn get<'t, 'y>(mapping: &'t Mapping<'y>, name: &str) -> Option<&'t Yaml<'y>> {
    mapping
        .iter()
        .find(|(key, _)| key.as_str() == Some(name))
        .map(|(_, value)| value)
}

fn resolve(yaml: &Yaml<'_>, root: &Mapping<'_>, depth: usize) -> Result<Value, String> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    match yaml {
        Yaml::Value(Scalar::String(text)) => Ok(Value::from(text.as_ref())),
        Yaml::Value(Scalar::Boolean(value)) => Ok(Value::from(*value)),
        Yaml::Value(Scalar::Integer(value)) => Ok(Value::from(*value)),
        Yaml::Value(Scalar::FloatingPoint(value)) => Ok(Value::from(value.into_inner())),
        Yaml::Value(Scalar::Null) => Ok(Value::Null),
        Yaml::Sequence(items) => items
            .iter()
            .map(|item| resolve(item, root, depth))
            .collect(),
        Yaml::Tagged(tag, argument) if tag.handle == "!" => {
            intrinsic(&tag.suffix, resolve(argument, root, depth)?, root)
        }
        Yaml::Mapping(mapping) => {
            let mut members = Map::new();
            for (name, value) in mapping {
                let name = name.as_str().ok_or("a name that is not text")?;
                members.insert(name.to_owned(), resolve(value, root, depth)?);
            }
            match members.iter().next() {
                Some((name, argument)) if members.len() == 1 && name == "Ref" => {
                    intrinsic("Ref", argument.clone(), root)
                }
                Some((name, argument)) if members.len() == 1 && name.starts_with("Fn::") => {
                    intrinsic(name.trim_start_matches("Fn::"), argument.clone(), root)
                }
                _ => Ok(Value::Object(members)),
            }
        }
        other => Err(format!("unsupported YAML: {other:?}")),
    }
}

fn intrinsic(name: &str, argument: Value, root: &Mapping<'_>) -> Result<Value, String> {
    let malformed = || format!("malformed intrinsic `!{name}`");
    let text = match (name, &argument) {
        ("Ref", Value::String(name)) => value_of(name, root),
        ("Sub", Value::String(text)) => substitute(text, &Map::new(), root)?,
        ("Sub", Value::Array(parts)) => match parts.as_slice() {
            [Value::String(text), Value::Object(values)] => substitute(text, values, root)?,
            _ => return Err(malformed()),
        },
        ("GetAtt", Value::String(path)) => path.clone(),
        ("GetAtt", Value::Array(path)) => join(path, ".").ok_or_else(malformed)?,
        ("Join", Value::Array(parts)) => match parts.as_slice() {
            [Value::String(separator), Value::Array(parts)] => {
                join(parts, separator).ok_or_else(malformed)?
            }
            _ => return Err(malformed()),
        },
        ("Ref" | "Sub" | "GetAtt" | "Join", _) => return Err(malformed()),
        _ => {
            return Err(format!(
                "unsupported intrinsic `!{name}` in a policy document"
            ));
        }
    };
    Ok(Value::String(text))
}

fn join(parts: &[Value], separator: &str) -> Option<String> {
    let parts: Option<Vec<_>> = parts.iter().map(Value::as_str).collect();
    Some(parts?.join(separator))
}

/// `${Name}` from the values or the template; `${!name}` is `${name}` for AWS IoT.
fn substitute(
    text: &str,
    values: &Map<String, Value>,
    root: &Mapping<'_>,
) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("`${{` without `}}` in `{text}`"))?;
        result.push_str(before);
        match (name.strip_prefix('!'), values.get(name)) {
            (Some(literal), _) => {
                result.push_str("${");
                result.push_str(literal);
                result.push('}');
            }
            (None, Some(Value::String(value))) => result.push_str(value),
            // AWS IoT's variables have a colon, CloudFormation's names do not: the `!` was forgotten.
            (None, _) if name.contains(':') && !name.starts_with("AWS::") => {
                return Err(format!(
                    "`${{{name}}}` inside !Sub is CloudFormation's; write `${{!{name}}}`"
                ));
            }
            (None, _) => result.push_str(&value_of(name, root)),
        }
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

/// A pseudo parameter, a parameter's default, or else the name itself.
fn value_of(name: &str, root: &Mapping<'_>) -> String {
    match name {
        "AWS::Partition" => return "aws".to_owned(),
        "AWS::Region" => return "eu-west-1".to_owned(),
        "AWS::AccountId" => return "123456789012".to_owned(),
        _ => {}
    }
    let parameters = get(root, "Parameters").and_then(Yaml::as_mapping);
    let parameter = parameters
        .and_then(|parameters| get(parameters, name))
        .and_then(Yaml::as_mapping);
    let default = parameter.and_then(|parameter| get(parameter, "Default"));
    match default {
        Some(Yaml::Value(Scalar::String(text))) => text.to_string(),
        Some(Yaml::Value(Scalar::Integer(value))) => value.to_string(),
        _ => name.replace("::", "-"),
    }
}

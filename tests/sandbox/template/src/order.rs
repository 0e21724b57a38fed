//! In which order resources can be made: each after those it refers to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::intrinsics::call;
use crate::path::Path;
use crate::substitution::{Part, parts};
use crate::{Problem, TemplateError};

/// The names a value refers to, resources or not.
pub(crate) fn references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        Value::Object(members) => {
            match call(members) {
                Some(("Ref", Value::String(name))) => _ = names.insert(name.clone()),
                Some(("Fn::GetAtt", Value::Array(argument))) => {
                    names.extend(argument.first().and_then(Value::as_str).map(str::to_owned));
                }
                Some(("Fn::Sub", argument)) => {
                    let template = argument
                        .as_str()
                        .or_else(|| argument.get(0).and_then(Value::as_str));
                    let variables = argument.get(1);
                    // A broken template is reported when it is resolved.
                    for part in template
                        .and_then(|template| parts(template).ok())
                        .unwrap_or_default()
                    {
                        if let Part::Variable(name) = part
                            && variables
                                .and_then(|variables| variables.get(name))
                                .is_none()
                        {
                            let id = name.split_once('.').map_or(name, |(id, _)| id);
                            names.insert(id.to_owned());
                        }
                    }
                }
                _ => {}
            }
            members
                .values()
                .for_each(|member| references(member, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Sorts: dependencies first, otherwise by name. `needs` maps every resource to the resources it refers to.
pub(crate) fn sorted(
    needs: &BTreeMap<String, BTreeSet<String>>,
) -> Result<Vec<String>, TemplateError> {
    let mut order = Vec::new();
    let mut open = Vec::new();
    for name in needs.keys() {
        visit(name, needs, &mut order, &mut open)?;
    }
    Ok(order)
}

fn visit(
    name: &str,
    needs: &BTreeMap<String, BTreeSet<String>>,
    order: &mut Vec<String>,
    open: &mut Vec<String>,
) -> Result<(), TemplateError> {
    if order.iter().any(|done| done == name) {
        return Ok(());
    }
    if let Some(start) = open.iter().position(|open| open == name) {
        let mut members = open.split_off(start);
        members.push(name.to_owned());
        return Err(Path::Root.key("Resources").error(Problem::Cycle(members)));
    }
    open.push(name.to_owned());
    for needed in needs.get(name).into_iter().flatten() {
        visit(needed, needs, order, open)?;
    }
    open.pop();
    order.push(name.to_owned());
    Ok(())
}

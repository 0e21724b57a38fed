//! From a template to a stack.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::environment::Environment;
use crate::intrinsics::{Scope, resolve};
use crate::path::Path;
use crate::scalar::text;
use crate::stack::{Resource, Stack};
use crate::template::Declaration;
use crate::{
    Parameters, Problem, Template, TemplateError, conditions, identity, order, parameters,
};

impl Template {
    /// What this template makes in this environment with these parameters: every resource that its condition does not
    /// leave out, with its names, in an order in which they can be made.
    ///
    /// # Errors
    /// A parameter that is missing or refused, a name that means nothing, a circle, and everything that this crate does
    /// not support. The error says where.
    pub fn resolve(
        &self,
        parameters: &Parameters,
        environment: &Environment,
    ) -> Result<Stack, TemplateError> {
        let values = parameters::values(&self.parameters, parameters)?;
        let mut scope = Scope {
            parameters: &values,
            mappings: &self.mappings,
            environment,
            left_out: BTreeMap::new(),
            resources: BTreeMap::new(),
        };
        let conditions = conditions::evaluate(&self.conditions, &scope)?;

        let section = Path::Root.key("Resources");
        let mut kept: BTreeMap<&str, (&Declaration, Value)> = BTreeMap::new();
        for (id, declaration) in &self.resources {
            let path = section.key(id);
            if !is_wanted(declaration.condition.as_ref(), &conditions, &path)? {
                scope.left_out.insert(
                    id.clone(),
                    declaration.condition.clone().unwrap_or_default(),
                );
                continue;
            }
            let properties = conditions::prune(
                &conditions,
                &declaration.properties,
                &path.key("Properties"),
            )?;
            kept.insert(id, (declaration, properties.unwrap_or_default()));
        }

        let mut needs = BTreeMap::new();
        for (id, (declaration, properties)) in &kept {
            let mut names = BTreeSet::new();
            order::references(properties, &mut names);
            for name in &declaration.depends_on {
                if !self.resources.contains_key(name) {
                    let path = section.key(id);
                    return Err(path
                        .key("DependsOn")
                        .error(Problem::UnknownReference(name.clone())));
                }
                names.insert(name.clone());
            }
            names.retain(|name| kept.contains_key(name.as_str()));
            needs.insert((*id).to_owned(), names);
        }

        let mut resources = Vec::new();
        for id in order::sorted(&needs)? {
            let Some((declaration, properties)) = kept.get(id.as_str()) else {
                continue;
            };
            let path = section.key(&id);
            let path = path.key("Properties");
            let properties = resolve(&scope, properties, &path)?;
            let identity =
                identity::identify(environment, &id, &declaration.type_name, &properties, &path)?;
            scope.resources.insert(id.clone(), identity.clone());
            resources.push(Resource {
                depends_on: needs.get(&id).into_iter().flatten().cloned().collect(),
                logical_id: id,
                type_: declaration.type_name.clone(),
                physical_id: identity.physical_id,
                properties,
                attributes: identity.attributes,
                metadata: declaration.metadata.clone(),
            });
        }

        let mut outputs = BTreeMap::new();
        let section = Path::Root.key("Outputs");
        for (name, output) in &self.outputs {
            let path = section.key(name);
            let condition = output
                .get("Condition")
                .map(|condition| text(condition, &path.key("Condition")))
                .transpose()?;
            if is_wanted(condition.as_ref(), &conditions, &path)? {
                let value = output
                    .get("Value")
                    .ok_or_else(|| path.error(Problem::Missing("Value")))?;
                let path = path.key("Value");
                let value = conditions::prune(&conditions, value, &path)?.unwrap_or_default();
                outputs.insert(name.clone(), text(&resolve(&scope, &value, &path)?, &path)?);
            }
        }
        Stack::new(resources, outputs)
    }
}

fn is_wanted(
    condition: Option<&String>,
    conditions: &conditions::Conditions,
    path: &Path<'_>,
) -> Result<bool, TemplateError> {
    match condition {
        None => Ok(true),
        Some(name) => conditions.get(name).copied().ok_or_else(|| {
            path.key("Condition")
                .error(Problem::UnknownCondition(name.clone()))
        }),
    }
}

//! Who may do what.

use std::collections::BTreeSet;

use sam_template::{Effect, Stack};

use crate::helpers::{arn_of, condition_keys, resource_policies, texts};

/// Actions that AWS offers without a resource level.
///
/// Source: Service Authorization Reference.
const WITHOUT_RESOURCE_LEVEL: &[&str] = &[
    "iot:ListCACertificates",
    "iot:ListCertificatesByCA",
    "timestream:DescribeEndpoints",
];

pub(crate) fn permissions(stack: &Stack) -> Vec<String> {
    let open = stack
        .permissions()
        .iter()
        .filter(|p| p.source_arn.is_none() || p.source_account.is_none());
    open.map(|p| format!("{}: no SourceArn or SourceAccount", p.logical_id))
        .collect()
}

pub(crate) fn trusts(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for role in stack.roles() {
        for statement in &role.trust {
            let service = statement
                .principal
                .as_ref()
                .and_then(|principal| principal.get("Service"));
            if service.is_none() {
                found.push(format!(
                    "{}: trusts something that is no service",
                    role.logical_id
                ));
            }
            let keys = condition_keys(&statement.conditions);
            if !keys.contains("aws:SourceAccount") && !keys.contains("aws:SourceArn") {
                found.push(format!(
                    "{}: trust without source condition",
                    role.logical_id
                ));
            }
        }
    }
    found
}

/// Roles and resource policies: exact actions, listed resources, the key only through services.
pub(crate) fn statements(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for role in stack.roles() {
        for statement in role
            .statements
            .iter()
            .filter(|statement| statement.effect == Effect::Allow)
        {
            for action in &statement.actions {
                if action.contains('*') {
                    found.push(format!("{}: action {action}", role.logical_id));
                }
                let all = statement.resources.iter().any(|resource| resource == "*");
                if all && !WITHOUT_RESOURCE_LEVEL.contains(&action.as_str()) {
                    found.push(format!("{}: {action} on every resource", role.logical_id));
                }
                if action.starts_with("kms:")
                    && !condition_keys(&statement.conditions).contains("kms:ViaService")
                {
                    found.push(format!(
                        "{}: {action} not only through services",
                        role.logical_id
                    ));
                }
                if action.starts_with("iam:") {
                    found.push(format!("{}: {action}", role.logical_id));
                }
            }
        }
    }
    for (resource, statement) in resource_policies(stack) {
        if statement["Effect"] != "Allow" {
            continue;
        }
        // A key whose policy names no administrator is lost; AWS's own default policy says the same.
        let administrator = statement["Principal"]["AWS"] == "arn:aws:iam::123456789012:root";
        let scoped = !condition_keys(&statement["Condition"]).is_empty();
        let keeper = administrator && resource.type_ == "AWS::KMS::Key";
        if !scoped && !keeper {
            found.push(format!("{}: allows without condition", resource.logical_id));
        }
        let star = texts(&statement["Action"])
            .iter()
            .any(|action| action.contains('*'));
        if star && !administrator {
            found.push(format!("{}: wildcard action", resource.logical_id));
        }
    }
    found
}

/// ARNs that are written out, because a reference would be circular, name what exists.
pub(crate) fn written_out_arns(stack: &Stack) -> Vec<String> {
    let known = stack
        .resources
        .iter()
        .filter_map(arn_of)
        .map(|arn| arn.trim_end_matches(":*").to_owned());
    let known = known.collect::<BTreeSet<_>>();
    let mut found = Vec::new();
    let conditions = stack.roles().iter().flat_map(|role| {
        role.trust
            .iter()
            .map(|s| (&role.logical_id, s.conditions.clone()))
    });
    let key = stack.of_type("AWS::KMS::Key").next().unwrap();
    let key_statements = key.properties["KeyPolicy"]["Statement"].as_array().unwrap();
    let conditions = conditions.chain(
        key_statements
            .iter()
            .map(|s| (&key.logical_id, s["Condition"].clone())),
    );
    for (id, condition) in conditions {
        for (key, value) in condition
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, keys)| keys.as_object().unwrap().clone())
        {
            if key.to_ascii_lowercase().ends_with("arn") {
                found.extend(
                    texts(&value)
                        .into_iter()
                        .filter(|arn| !known.contains(arn))
                        .map(|arn| format!("{id}: {arn} is nothing")),
                );
            }
        }
    }
    found
}

//! Custom authorizers: nobody else invokes the function, it answers in time, may look up what it needs and nothing more,
//! and no client gets around it.

use sam_template::{Authorizer, Effect, Function, Stack};

use crate::helpers::{allows, has_alarm, has_decision_alarm, role_of};

/// All that an authorizer's role may allow: its log, the deny list, the device keys, the issuers' keys.
const ACTIONS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "kms:Decrypt",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "ssm:GetParameter",
];

/// Source: AWS IoT Developer Guide, "Creating and managing custom authorizers".
const LIMIT_SECONDS: u64 = 5;

/// The authorizer that a function decides for. Such a function is never invoked asynchronously.
pub(crate) fn authorizer_of<'a>(stack: &'a Stack, function: &Function) -> Option<&'a Authorizer> {
    stack
        .authorizers()
        .iter()
        .find(|authorizer| authorizer.function_arn == function.arn)
}

pub(crate) fn invocation(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for authorizer in stack.authorizers() {
        let (id, arn) = (&authorizer.logical_id, &authorizer.arn);
        let permissions = stack.permissions().iter();
        let permissions = permissions
            .filter(|permission| permission.function_arn == authorizer.function_arn)
            .collect::<Vec<_>>();
        if !permissions
            .iter()
            .any(|p| p.allows(&p.function_arn, "iot.amazonaws.com", arn, "123456789012"))
        {
            found.push(format!("{id}: may not invoke its function"));
        }
        let foreign = permissions.iter().filter(|permission| {
            permission.principal != "iot.amazonaws.com"
                || permission.source_arn.as_ref() != Some(arn)
                || permission.source_account.as_deref() != Some("123456789012")
        });
        found.extend(foreign.map(|permission| {
            format!(
                "{}: lets more than {id} invoke the function",
                permission.logical_id
            )
        }));
        if authorizer.caching_for_http {
            found.push(format!("{id}: a cached answer outlives a revocation"));
        }
    }
    for domain in stack.domain_configurations() {
        if domain.allow_authorizer_override || domain.default_authorizer.is_none() {
            found.push(format!(
                "{}: a client may choose its authorizer",
                domain.logical_id
            ));
        }
    }
    found
}

pub(crate) fn functions(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for function in stack.functions() {
        let Some(authorizer) = authorizer_of(stack, function) else {
            continue;
        };
        let id = &function.logical_id;
        if function.timeout.as_secs() > LIMIT_SECONDS {
            found.push(format!("{id}: may run longer than AWS IoT waits"));
        }
        if function.event_invoke.max_retries > 0 {
            found.push(format!("{id}: is tried again though nobody waits"));
        }
        let role = role_of(stack, function);
        let allowed = role.statements.iter().filter(|s| s.effect == Effect::Allow);
        let further = allowed
            .flat_map(|statement| &statement.actions)
            .filter(|action| !ACTIONS.contains(&action.as_str()));
        found.extend(
            further.map(|action| format!("{}: an authorizer needs no {action}", role.logical_id)),
        );
        // The one parameter that it reads, and none while it reads none.
        let parameter = function.environment["JWT_KEYS_PARAMETER"].as_str();
        let arn = format!("arn:aws:ssm:eu-west-1:123456789012:parameter{parameter}");
        let mut readable = role
            .statements
            .iter()
            .filter(|statement| statement.actions.iter().any(|a| a == "ssm:GetParameter"))
            .flat_map(|statement| &statement.resources);
        if !parameter.is_empty() && !allows(role, "ssm:GetParameter", &arn)
            || readable.any(|resource| parameter.is_empty() || *resource != arn)
        {
            found.push(format!(
                "{}: reads other keys than `{parameter}`",
                role.logical_id
            ));
        }
        let signing = if authorizer.signing_disabled {
            "disabled"
        } else {
            "required"
        };
        if function.environment["TOKEN_SIGNING"] != signing {
            found.push(format!(
                "{id}: believes otherwise than that signing is {signing}"
            ));
        }
        for (metric, dimension) in [
            ("Duration", "FunctionName"),
            ("StaleKeys", "function"),
            ("KeyRefreshFailures", "function"),
        ] {
            if !has_alarm(stack, metric, dimension, &function.name) {
                found.push(format!("{id}: no alarm on {metric}"));
            }
        }
        for outcome in ["deny", "fail"] {
            if !has_decision_alarm(stack, function, outcome) {
                found.push(format!("{id}: no alarm on decisions that {outcome}"));
            }
        }
    }
    found
}

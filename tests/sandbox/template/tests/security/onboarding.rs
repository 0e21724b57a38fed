//! Enrolment: who decides, and who acts.

use std::collections::BTreeSet;

use sam_template::{Effect, Function, ProvisioningKind, ProvisioningTemplate, RuleAction, Stack};
use serde_json::{Value, json};

use crate::helpers::{has_alarm, has_decision_alarm, role_of};

/// All that the role of a hook may allow: its log, one read, and one transaction's writes. Nothing of `iot:`.
const HOOK: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// Source: AWS IoT Developer Guide, "Pre-provisioning hooks".
const LIMIT_SECONDS: u64 = 5;

/// What the hook promises to answer within.
const PROMISE_MILLIS: u64 = 4_000;

/// The event that just-in-time registration acts on.
const REGISTERED: &str = "FROM '$aws/events/certificates/registered/+'";

/// The provisioning template that a function decides for. Such a function is never invoked asynchronously.
pub(crate) fn template_of<'a>(
    stack: &'a Stack,
    function: &Function,
) -> Option<&'a ProvisioningTemplate> {
    let mut templates = stack.provisioning_templates().iter();
    templates.find(|template| template.hook_function_arn.as_ref() == Some(&function.arn))
}

pub(crate) fn hooks(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for template in stack.provisioning_templates() {
        let (id, arn) = (&template.logical_id, &template.arn);
        if template.kind == ProvisioningKind::Jitp {
            continue;
        }
        let Some(function) = stack
            .functions()
            .iter()
            .find(|function| template.hook_function_arn.as_ref() == Some(&function.arn))
        else {
            found.push(format!("{id}: nobody decides"));
            continue;
        };
        let permissions = stack.permissions().iter();
        let permissions = permissions.filter(|permission| permission.function_arn == function.arn);
        let (own, foreign): (Vec<_>, Vec<_>) = permissions.partition(|permission| {
            permission.principal == "iot.amazonaws.com"
                && permission.source_arn.as_ref() == Some(arn)
                && permission.source_account.as_deref() == Some("123456789012")
        });
        if own.is_empty() {
            found.push(format!("{id}: may not invoke its hook"));
        }
        found.extend(foreign.iter().map(|permission| {
            format!(
                "{}: lets more than {id} invoke the hook",
                permission.logical_id
            )
        }));
        // Devices that come while the hook cannot be asked are refused.
        let made = &stack.resource(id).unwrap().depends_on;
        if !own.iter().any(|own| made.contains(&own.logical_id)) {
            found.push(format!("{id}: is there before its hook can be asked"));
        }
        found.extend(hook(stack, template, function));
    }
    found
}

fn hook(stack: &Stack, template: &ProvisioningTemplate, function: &Function) -> Vec<String> {
    let mut found = Vec::new();
    let id = &function.logical_id;
    if function.timeout.as_secs() > LIMIT_SECONDS {
        found.push(format!("{id}: may run longer than AWS IoT waits"));
    }
    if function.event_invoke.max_retries > 0 {
        found.push(format!("{id}: is tried again though nobody waits"));
    }
    if function.environment["TEMPLATE_NAME"] != template.name {
        found.push(format!("{id}: believes to decide for another template"));
    }
    let role = role_of(stack, function);
    let allowed = role.statements.iter().filter(|s| s.effect == Effect::Allow);
    let further = allowed
        .flat_map(|statement| &statement.actions)
        .filter(|action| !HOOK.contains(&action.as_str()));
    found.extend(further.map(|action| format!("{}: a hook needs no {action}", role.logical_id)));
    let noticed = stack.of_type("AWS::CloudWatch::Alarm").any(|alarm| {
        let properties = &alarm.properties;
        properties["MetricName"] == "Duration"
            && properties["Dimensions"] == json!([{"Name": "FunctionName", "Value": function.name}])
            && properties["Threshold"]
                .as_u64()
                .is_some_and(|millis| millis < PROMISE_MILLIS)
    });
    if !noticed {
        found.push(format!("{id}: nobody notices when it is slow"));
    }
    found
}

/// Whoever lets devices in says how often it does not, and when it cannot say why in the audit.
pub(crate) fn decisions(stack: &Stack) -> Vec<String> {
    let registered = stack
        .topic_rules()
        .iter()
        .filter(|rule| rule.sql.contains(REGISTERED));
    let registered = registered
        .flat_map(|rule| &rule.actions)
        .filter_map(|action| match action {
            RuleAction::Lambda { function_arn } => Some(function_arn),
            _ => None,
        })
        .collect::<BTreeSet<_>>();
    let mut found = Vec::new();
    for function in stack.functions() {
        if template_of(stack, function).is_none() && !registered.contains(&function.arn) {
            continue;
        }
        let id = &function.logical_id;
        if !has_alarm(stack, "Unrecorded", "function", &function.name) {
            found.push(format!("{id}: no alarm on Unrecorded"));
        }
        for outcome in ["deny", "fail"] {
            if !has_decision_alarm(stack, function, outcome) {
                found.push(format!("{id}: no alarm on decisions that {outcome}"));
            }
        }
    }
    found
}

/// The bodies of provisioning templates: what a device says decides nothing in them.
pub(crate) fn bodies(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for template in stack.provisioning_templates() {
        let id = &template.logical_id;
        let mut finding = |what: &str| found.push(format!("{id}: {what}"));
        let body: Value = serde_json::from_str(&template.body).unwrap();
        for (name, parameter) in body["Parameters"].as_object().unwrap() {
            let certificate = name.starts_with("AWS::IoT::Certificate::");
            match template.kind {
                ProvisioningKind::Jitp if certificate => {}
                ProvisioningKind::Jitp => finding(&format!("{name} is no part of a subject")),
                // The hook gives the others. Their defaults say nothing, so that forgetting one makes no thing.
                ProvisioningKind::FleetProvisioning => {
                    let said = certificate || name == "SerialNumber";
                    let default = (!said).then(|| json!(""));
                    if parameter.get("Default") != default.as_ref() {
                        finding(&format!("the default of {name}"));
                    }
                }
            }
        }
        let resources = body["Resources"].as_object().unwrap();
        let types = resources.values().map(|resource| &resource["Type"]);
        if types.clone().any(|type_| type_ == "AWS::IoT::Policy") {
            finding("attaches a policy, for which its role would have to attach any");
        }
        for resource in resources.values() {
            let properties = &resource["Properties"];
            if resource["Type"] == "AWS::IoT::Certificate"
                && *properties
                    != json!({
                        "CertificateId": {"Ref": "AWS::IoT::Certificate::Id"},
                        "Status": "ACTIVE",
                        "ThingPrincipalType": "EXCLUSIVE_THING",
                    })
            {
                finding("takes a certificate otherwise than for one thing alone");
            }
            if resource["Type"] != "AWS::IoT::Thing" {
                continue;
            }
            let overrides = &resource["OverrideSettings"];
            let (name, kept) = match template.kind {
                ProvisioningKind::FleetProvisioning => ("ThingName", "MERGE"),
                ProvisioningKind::Jitp => ("AWS::IoT::Certificate::CommonName", "FAIL"),
            };
            if properties["ThingName"] != json!({"Ref": name}) {
                finding(&format!("a thing is not named {name}"));
            }
            if overrides["ThingGroups"] != kept {
                finding("takes things out of groups, or over from others");
            }
            let known = stack.thing_groups().iter().map(|group| &group.name);
            let known = known.map(|name| json!([name])).collect::<Vec<_>>();
            if !known.contains(&properties["ThingGroups"]) {
                finding("puts things into groups that are not the fleet");
            }
        }
    }
    found
}

/// What gives its holder, step by step, everything: a policy for whom it likes, a CA, a certificate without an owner's key.
const LADDER: &[&str] = &[
    "iot:AcceptCertificateTransfer",
    "iot:AttachPolicy",
    "iot:AttachPrincipalPolicy",
    "iot:CreateKeysAndCertificate",
    "iot:CreatePolicy",
    "iot:CreatePolicyVersion",
    "iot:CreateProvisioningClaim",
    "iot:CreateProvisioningTemplate",
    "iot:CreateProvisioningTemplateVersion",
    "iot:CreateRoleAlias",
    "iot:RegisterCACertificate",
    "iot:RegisterCertificate",
    "iot:RegisterCertificateWithoutCA",
    "iot:SetDefaultPolicyVersion",
    "iot:UpdateCACertificate",
    "iot:UpdateProvisioningTemplate",
];

/// Whatever a role may do to things, it may do to the fleet's alone.
pub(crate) fn reach(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    let fleet = "arn:aws:iot:eu-west-1:123456789012:thing/sci-*";
    for role in stack.roles() {
        let id = &role.logical_id;
        let allowed = role.statements.iter().filter(|s| s.effect == Effect::Allow);
        for statement in allowed {
            for resource in &statement.resources {
                if resource.contains(":iot:") && resource.contains(":thing/") && resource != fleet {
                    found.push(format!("{id}: reaches {resource}"));
                }
                let groups = stack.thing_groups().iter().map(|group| &group.arn);
                if resource.contains(":thinggroup/")
                    && !groups.into_iter().any(|arn| arn == resource)
                {
                    found.push(format!("{id}: reaches {resource}"));
                }
            }
            for action in &statement.actions {
                if LADDER.contains(&action.as_str()) {
                    found.push(format!("{id}: {action} leads to everything"));
                }
                // Their resource is the certificate; the thing is only in the condition.
                let conditions = &statement.conditions;
                let thing = ["ArnLike", "ArnLikeIfExists"]
                    .iter()
                    .any(|operator| conditions[*operator]["iot:thingArn"] == fleet);
                if action.ends_with("ThingPrincipal") && !thing {
                    found.push(format!("{id}: {action} of any thing"));
                }
            }
        }
    }
    found
}

//! Looking things up in a stack.

use std::collections::BTreeSet;

use sam_template::{Effect, Function, Resource, Role, Stack, Statement};
use serde_json::{Value, json};

pub(crate) fn arn_of(resource: &Resource) -> Option<String> {
    let attributes = &resource.attributes;
    attributes
        .get("Arn")
        .or_else(|| attributes.get("TopicArn"))
        .or_else(|| attributes.get("TemplateArn"))
        .cloned()
}

pub(crate) fn role_of<'a>(stack: &'a Stack, function: &Function) -> &'a Role {
    let mut roles = stack.roles().iter();
    roles.find(|role| role.logical_id == function.role).unwrap()
}

pub(crate) fn allows(role: &Role, action: &str, resource: &str) -> bool {
    let holds = |statement: &&Statement| {
        statement.actions.iter().any(|a| a == action)
            && statement.resources.iter().any(|r| r == resource)
    };
    role.statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow)
        .any(|statement| holds(&statement))
}

pub(crate) fn has_alarm(stack: &Stack, metric: &str, dimension: &str, value: &str) -> bool {
    stack.of_type("AWS::CloudWatch::Alarm").any(|alarm| {
        let properties = &alarm.properties;
        properties["MetricName"] == metric
            && properties["Dimensions"][0]["Name"] == dimension
            && properties["Dimensions"][0]["Value"] == value
            && texts(&properties["AlarmActions"])
                .iter()
                .any(|arn| stack.topics().iter().any(|topic| topic.arn == *arn))
    })
}

/// What the alarms look at, alone or as part of an expression.
fn alarm_metrics(stack: &Stack) -> impl Iterator<Item = &Value> {
    stack.of_type("AWS::CloudWatch::Alarm").flat_map(|alarm| {
        match alarm.properties["Metrics"].as_array() {
            Some(metrics) => metrics
                .iter()
                .map(|metric| &metric["MetricStat"]["Metric"])
                .collect(),
            None => vec![&alarm.properties],
        }
    })
}

/// Whether an alarm looks at how often a function decides so.
pub(crate) fn has_decision_alarm(stack: &Stack, function: &Function, outcome: &str) -> bool {
    let dimensions = json!([
        {"Name": "function", "Value": function.name},
        {"Name": "outcome", "Value": outcome},
    ]);
    alarm_metrics(stack)
        .any(|metric| metric["MetricName"] == "Decisions" && metric["Dimensions"] == dimensions)
}

/// Every statement of every key, topic, queue and bucket policy.
pub(crate) fn resource_policies(stack: &Stack) -> Vec<(&Resource, &Value)> {
    let documents = stack
        .resources
        .iter()
        .filter(|resource| resource.type_ != "AWS::IoT::Policy")
        .filter_map(|resource| {
            let properties = &resource.properties;
            let document = properties
                .get("KeyPolicy")
                .or_else(|| properties.get("PolicyDocument"))?;
            Some((resource, document["Statement"].as_array().unwrap()))
        });
    documents
        .flat_map(|(resource, statements)| {
            statements
                .iter()
                .map(move |statement| (resource, statement))
        })
        .collect()
}

pub(crate) fn condition_keys(conditions: &Value) -> BTreeSet<String> {
    let operators = conditions.as_object().into_iter().flatten();
    operators
        .flat_map(|(_, keys)| keys.as_object().unwrap().keys().cloned())
        .collect()
}

pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

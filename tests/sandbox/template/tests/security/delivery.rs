//! Nothing is lost on the way, and somebody notices when it is.

use std::collections::BTreeSet;

use mqtt_topic::{TopicFilter, TopicName};
use sam_template::{RuleAction, Stack};

use crate::authorizers::authorizer_of;
use crate::helpers::{allows, arn_of, has_alarm, role_of};
use crate::onboarding::template_of;

/// Names that sound like secrets and are none.
const NO_SECRETS: &[&str] = &["TOKEN_SIGNING"];

/// Names that are there to be named: one store has all three tables, and this function asks it nothing about introducers.
const NAMED_ONLY: &[(&str, &str)] = &[("EnrolmentConfirmerFunction", "INTRODUCERS_TABLE")];

pub(crate) fn functions(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    let mut roles = BTreeSet::new();
    for function in stack.functions() {
        let id = &function.logical_id;
        if !roles.insert(&function.role) {
            found.push(format!("{id}: shares its role"));
        }
        let role = role_of(stack, function);
        let log_group = stack
            .of_type("AWS::Logs::LogGroup")
            .find(|group| Some(&group.physical_id) == function.log_group.as_ref());
        if log_group.is_none_or(|group| group.properties.get("RetentionInDays").is_none()) {
            found.push(format!("{id}: no log group with retention"));
        }
        // Nothing of a synchronous invocation is left to keep: the caller has the error.
        let asynchronous =
            authorizer_of(stack, function).is_none() && template_of(stack, function).is_none();
        match &function.event_invoke.on_failure {
            None if !asynchronous => {}
            Some(arn) if stack.queues().iter().any(|queue| queue.arn == *arn) => {
                if !allows(role, "sqs:SendMessage", arn) {
                    found.push(format!("{id}: may not send to its failure destination"));
                }
            }
            _ => found.push(format!("{id}: no failure destination")),
        }
        for metric in ["Errors", "Throttles", "DestinationDeliveryFailures"] {
            let kept = asynchronous || metric != "DestinationDeliveryFailures";
            if kept && !has_alarm(stack, metric, "FunctionName", &function.name) {
                found.push(format!("{id}: no alarm on {metric}"));
            }
        }
        // What the environment names, the role may use, and the other way round.
        for (name, value) in &function.environment {
            let named = stack
                .resources
                .iter()
                .find(|resource| resource.physical_id == *value);
            let type_ = named.map_or("", |resource| resource.type_.as_str());
            let service = match (type_, name.as_str()) {
                ("AWS::DynamoDB::Table", _) => "dynamodb:",
                ("AWS::SQS::Queue", _) => "sqs:",
                ("AWS::SNS::Topic", _) => "sns:",
                (_, name) if name.ends_with("_TABLE") && !name.starts_with("TIMESTREAM") => {
                    "dynamodb:"
                }
                (_, name) if name.ends_with("_QUEUE_URL") => "sqs:",
                (_, name) if name.ends_with("_TOPIC_ARN") => "sns:",
                _ => continue,
            };
            let arn = named.and_then(arn_of);
            let may = role.statements.iter().any(|statement| {
                statement
                    .resources
                    .iter()
                    .any(|resource| Some(resource) == arn.as_ref())
                    && statement
                        .actions
                        .iter()
                        .any(|action| action.starts_with(service))
            });
            if !may && !NAMED_ONLY.contains(&(id.as_str(), name.as_str())) {
                found.push(format!("{id}: {name} without permission"));
            }
        }
        let secret = function.environment.keys().find(|name| {
            !NO_SECRETS.contains(&name.as_str())
                && ["SECRET", "TOKEN", "PASSWORD"]
                    .iter()
                    .any(|s| name.contains(s))
        });
        found.extend(secret.map(|name| format!("{id}: secret in {name}")));
    }
    for queue in stack.queues() {
        if !has_alarm(
            stack,
            "ApproximateNumberOfMessagesVisible",
            "QueueName",
            &queue.name,
        ) {
            found.push(format!("{}: no alarm on its depth", queue.logical_id));
        }
    }
    found
}

pub(crate) fn rules(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for rule in stack.topic_rules() {
        let Some(RuleAction::Sqs {
            queue_url,
            role_arn,
            ..
        }) = &rule.error_action
        else {
            found.push(format!("{}: no error action to a queue", rule.logical_id));
            continue;
        };
        let queue = stack.queues().iter().find(|queue| queue.url == *queue_url);
        let role = stack.roles().iter().find(|role| role.arn == *role_arn);
        if !queue
            .zip(role)
            .is_some_and(|(queue, role)| allows(role, "sqs:SendMessage", &queue.arn))
        {
            found.push(format!(
                "{}: error action without permission",
                rule.logical_id
            ));
        }
        for action in &rule.actions {
            if let RuleAction::Lambda { function_arn } = action
                && !stack
                    .permissions()
                    .iter()
                    .any(|p| p.allows(function_arn, "iot.amazonaws.com", &rule.arn, "123456789012"))
            {
                found.push(format!("{}: may not invoke its function", rule.logical_id));
            }
        }
    }
    found
}

/// A rule that publishes what a rule selects runs for ever.
pub(crate) fn loops(stack: &Stack) -> Vec<String> {
    let filters = stack.topic_rules().iter().map(|rule| {
        let (_, from) = rule
            .sql
            .split_once("FROM '")
            .unwrap_or_else(|| panic!("{}: no FROM", rule.logical_id));
        TopicFilter::parse(from.split('\'').next().unwrap()).unwrap()
    });
    let filters = filters.collect::<Vec<_>>();
    let mut found = Vec::new();
    for rule in stack.topic_rules() {
        for action in rule.actions.iter().chain(&rule.error_action) {
            let RuleAction::Republish { topic, .. } = action else {
                continue;
            };
            let loops = TopicName::parse(topic).map_or(true, |topic| {
                filters.iter().any(|filter| filter.matches(&topic))
            });
            if loops || topic.contains("${") {
                found.push(format!("{}: republishes to {topic}", rule.logical_id));
            }
        }
    }
    found
}

pub(crate) fn schedules(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for schedule in stack.schedules() {
        let role = stack
            .roles()
            .iter()
            .find(|role| role.arn == schedule.role_arn)
            .unwrap();
        if !allows(role, "lambda:InvokeFunction", &schedule.target_arn) {
            found.push(format!(
                "{}: may not invoke its function",
                schedule.logical_id
            ));
        }
        match &schedule.dead_letter_arn {
            Some(arn) if allows(role, "sqs:SendMessage", arn) => {}
            _ => found.push(format!(
                "{}: loses what it cannot deliver",
                schedule.logical_id
            )),
        }
        if !has_alarm(
            stack,
            "InvocationAttemptCount",
            "ScheduleGroup",
            &schedule.group,
        ) {
            found.push(format!(
                "{}: nobody notices when it stops",
                schedule.logical_id
            ));
        }
    }
    found
}

//! Subscriptions: what a Deny misses and what an Allow forgets.

use super::tail::{Tail, covers, tails};
use super::{Add, Code, is_about, statements};
use crate::Action;
use crate::document::{Effect, PolicyDocument, Statement};

pub(super) fn check_deny(document: &PolicyDocument, statement: &Statement, add: Add<'_>) {
    for (pattern, tail) in tails(statement) {
        let sample = tail.sample();
        let about_topics = sample.starts_with("topic/") || sample.starts_with("topicfilter/");
        if about_topics && tail.holds_mqtt_wildcard() {
            add(
                Code::MqttWildcardInDeny,
                format!(
                    "the Deny on `{pattern}` holds an MQTT wildcard, which a policy takes literally"
                ),
            );
        }
        if !is_about(statement, Action::Subscribe) {
            continue;
        }
        let Some(denied) = sample.strip_prefix("topicfilter/") else {
            continue;
        };
        // With an MQTT wildcard in it, the Deny is meant for the topics that the wildcard selects.
        let topic = denied.replace(['+', '#'], "x");
        if !receives(document, &topic) {
            continue;
        }
        if let Some(wider) = wider_filters(&topic)
            .into_iter()
            .find(|wider| subscribes(document, wider))
        {
            add(
                Code::DenyBypassedByWiderFilter,
                format!(
                    "a client can subscribe to `{wider}` and receive `{topic}`, past the Deny on `{pattern}`"
                ),
            );
        }
    }
}

pub(super) fn check_allow(document: &PolicyDocument, statement: &Statement, add: Add<'_>) {
    if !is_about(statement, Action::Subscribe) {
        return;
    }
    if covers(statement, "topicfilter/#") {
        add(
            Code::SubscribeToEverything,
            "iot:Subscribe is allowed on the topic filter `#`".to_owned(),
        );
    }
    let receives = || statements(document, Effect::Allow, Action::Receive);
    if receives().next().is_none() {
        let message =
            "iot:Subscribe is allowed but iot:Receive is not: the subscription stays silent";
        add(Code::ReceiveForgotten, message.to_owned());
        return;
    }
    for (pattern, filter) in tails(statement) {
        if !filter.sample().starts_with("topicfilter/") {
            continue;
        }
        let mut received = receives();
        if !received.any(|receive| delivers(&filter, receive)) {
            add(
                Code::ReceiveForgotten,
                format!(
                    "iot:Subscribe is allowed on `{pattern}`, but iot:Receive on none of its topics"
                ),
            );
        }
    }
}

/// Whether the statement lets through a message that answers the filter; perhaps, for `NotResource`.
fn delivers(filter: &Tail, receive: &Statement) -> bool {
    let topics = tails(receive);
    topics.is_empty()
        || topics
            .iter()
            .any(|(_, topics)| filter.could_deliver(topics))
}

/// Filters with MQTT wildcards that select `topic`: `#` after each number of levels, `+` in place of each level.
fn wider_filters(topic: &str) -> Vec<String> {
    let levels: Vec<_> = topic.split('/').collect();
    let mut filters = Vec::new();
    for (index, _) in levels.iter().enumerate() {
        let before = levels.iter().take(index).copied();
        filters.push(before.clone().chain(["#"]).collect::<Vec<_>>().join("/"));
        let after = levels.iter().skip(index + 1).copied();
        filters.push(
            before
                .chain(["+"])
                .chain(after)
                .collect::<Vec<_>>()
                .join("/"),
        );
    }
    filters
}

fn subscribes(document: &PolicyDocument, filter: &str) -> bool {
    allowed(
        document,
        Action::Subscribe,
        &format!("topicfilter/{filter}"),
    )
}

fn receives(document: &PolicyDocument, topic: &str) -> bool {
    allowed(document, Action::Receive, &format!("topic/{topic}"))
}

fn allowed(document: &PolicyDocument, action: Action, resource: &str) -> bool {
    let unconditional = |statement: &&Statement| statement.condition.is_empty();
    let mut denies = statements(document, Effect::Deny, action).filter(unconditional);
    let mut allows = statements(document, Effect::Allow, action);
    allows.any(|statement| covers(statement, resource))
        && !denies.any(|statement| covers(statement, resource))
}

//! Actions and resources that never meet, such as `iot:Subscribe` on `topic/…`.

use super::Code::ResourceTypeMismatch;
use super::tail::tails;
use super::{Add, Code};
use crate::ResourceType;
use crate::document::Statement;
use crate::pattern::{Pattern, Token};
use crate::value::ArnPattern;

/// Every resource type that stands in an ARN.
const TYPES: [ResourceType; 5] = [
    ResourceType::Client,
    ResourceType::Topic,
    ResourceType::TopicFilter,
    ResourceType::Thing,
    ResourceType::RoleAlias,
];

pub(super) fn check(statement: &Statement, add: Add<'_>) {
    let resources: Vec<_> = tails(statement)
        .into_iter()
        .map(|(pattern, _)| (pattern, types(pattern)))
        .collect();
    if resources.is_empty() {
        return;
    }
    // A pattern of actions (`iot:*`) is meant to reach over several types.
    for action in statement
        .actions
        .iter()
        .filter(|action| !action.as_str().contains(['*', '?']))
    {
        let wanted = action
            .selected()
            .iter()
            .map(|action| action.resource_type());
        for wanted in wanted {
            if !resources
                .iter()
                .any(|(pattern, found)| meets(wanted, pattern, found))
            {
                add(ResourceTypeMismatch, never(action.as_str(), wanted));
            }
        }
    }
    for (pattern, found) in &resources {
        let mut selected = statement
            .actions
            .iter()
            .flat_map(|action| action.selected());
        if !selected.any(|action| meets(action.resource_type(), pattern, found)) {
            add(
                Code::ResourceTypeMismatch,
                format!("no action of the statement is checked against `{pattern}`"),
            );
        }
    }
}

fn never(action: &str, wanted: ResourceType) -> String {
    match wanted {
        ResourceType::Any => format!("{action} has no resource level and needs the resource `*`"),
        wanted => format!(
            "{action} is checked against `{}/…`, which no resource of the statement covers",
            wanted.as_str()
        ),
    }
}

fn meets(wanted: ResourceType, pattern: &Pattern, found: &[ResourceType]) -> bool {
    found.contains(&wanted) || (wanted == ResourceType::Any && pattern.as_str() == "*")
}

/// The types a resource can have: by the text before its first slash, as far as that is not a wildcard.
fn types(pattern: &Pattern) -> Vec<ResourceType> {
    let Some(arn) = ArnPattern::parse(pattern) else {
        return TYPES.to_vec();
    };
    let tokens = arn.into_resource();
    let (beginning, open) = match tokens.as_slice() {
        [Token::Text(text)] => (text.as_str(), false),
        [Token::Text(text), ..] => (text.as_str(), true),
        _ => ("", true),
    };
    let fits = |kind: &&ResourceType| match beginning.split_once('/') {
        Some((word, _)) => word == kind.as_str(),
        None => open && kind.as_str().starts_with(beginning),
    };
    TYPES.iter().filter(fits).copied().collect()
}

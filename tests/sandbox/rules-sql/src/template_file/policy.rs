//! What the IoT policies of a template let devices publish to.

use super::InvalidTemplateFile;
use super::node::Node;
use super::resolve::Resolver;

/// Adds the patterns that the Allow statements of a policy document let publish to.
pub(super) fn add(
    document: &Node,
    parameters: &[(String, Node)],
    publishable: &mut Vec<String>,
) -> Result<(), InvalidTemplateFile> {
    let lenient = Resolver {
        parameters,
        unknown: Some("*"),
    };
    // The document may be JSON in a text, which is YAML too.
    if let Ok(text) = lenient.text(document) {
        let inner = Node::read(&text)?;
        if inner.text().is_some() {
            return Ok(());
        }
        return add(&inner, parameters, publishable);
    }
    for statement in document.get("Statement").map_or(&[][..], Node::items) {
        if statement.get("Effect").and_then(Node::text) != Some("Allow") {
            continue;
        }
        let texts = |key: &str| -> Vec<String> {
            statement
                .get(key)
                .map_or(&[][..], Node::items)
                .iter()
                .map(|n| lenient.text(n).unwrap_or_else(|_| "*".to_owned()))
                .collect()
        };
        let publishes = statement.get("NotAction").is_some()
            || texts("Action").iter().any(|a| {
                let action = a.to_ascii_lowercase();
                action == "*"
                    || action == "iot:*"
                    || "iot:publish".starts_with(action.trim_end_matches('*'))
            });
        if !publishes {
            continue;
        }
        if statement.get("NotResource").is_some() {
            publishable.push("*".to_owned());
        }
        for resource in texts("Resource") {
            match resource.split_once(":topic/") {
                Some((_, pattern)) => publishable.push(variables_as_wildcards(pattern)),
                None if resource.contains('*') && !resource.contains(":topicfilter/") => {
                    publishable.push("*".to_owned())
                }
                None => {}
            }
        }
    }
    Ok(())
}

/// A policy variable `${…}` may be anything without a slash, which is written `+`.
fn variables_as_wildcards(pattern: &str) -> String {
    let mut result = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        result.push_str(before);
        match after.split_once('}') {
            // `${*}`, `${?}` and `${$}` stand for the characters themselves.
            Some((literal @ ("*" | "?" | "$"), following)) => {
                result.push_str(if literal == "$" { "$" } else { "?" });
                rest = following;
            }
            Some((_, following)) => {
                result.push('+');
                rest = following;
            }
            None => rest = "",
        }
    }
    result.push_str(rest);
    result
}

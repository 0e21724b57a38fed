//! The topic rules and device policies of a CloudFormation or SAM template.
//!
//! Reads what rules and lints need: statements as literal texts or with `!Sub` of parameters that have defaults.
//! It is no template engine: what depends on the deployed stack is an error of that rule, by name.

mod node;
mod resolve;

use std::fmt;

use node::Node;
use resolve::Resolver;

use crate::statement::{InvalidRule, Statement};

/// The rules and device policies of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateFile {
    /// The topic rules in the order of the file.
    pub rules: Vec<TopicRule>,
    /// The patterns behind `topic/` of everything that the IoT policies of the template allow to publish to, with
    /// policy variables and unknown parts as `*`. `None` when the template has no IoT policy.
    pub publishable: Option<Vec<String>>,
}

/// A rule: an `AWS::IoT::TopicRule`, or an event of type `IoTRule` of a SAM function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicRule {
    /// The logical id; for an event of a function `<function>.<event>`.
    pub logical_id: String,
    /// The name that the template gives the rule.
    pub name: Option<String>,
    /// The statement, or why it is not known here.
    pub sql: Result<String, String>,
    /// `AwsIotSqlVersion`
    pub version: Option<String>,
    /// Whether there is an `ErrorAction`.
    pub has_error_action: bool,
    /// The texts in the actions that hold `${`, with their property paths.
    pub templates: Vec<(String, String)>,
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidTemplateFile {
    /// The text is not YAML.
    Yaml(String),
    /// The text holds no document.
    Empty,
    /// Values are nested too deep.
    TooDeep,
    /// There is no map of resources.
    NoResources,
    /// No rule has this logical id or name.
    NoSuchRule {
        /// What was asked for.
        wanted: String,
        /// The logical ids that there are.
        known: Vec<String>,
    },
    /// The rule's statement is not known without the deployed stack.
    UnknownSql(String),
    /// The rule's statement does not parse.
    Rule(InvalidRule),
}

impl fmt::Display for InvalidTemplateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yaml(cause) => write!(f, "the template is not YAML: {cause}"),
            Self::Empty => f.write_str("the template is empty"),
            Self::TooDeep => f.write_str("the template is nested too deep"),
            Self::NoResources => f.write_str("the template has no `Resources`"),
            Self::NoSuchRule { wanted, known } => {
                write!(
                    f,
                    "no topic rule `{wanted}` in the template; it has: {}",
                    known.join(", ")
                )
            }
            Self::UnknownSql(reason) => write!(f, "the rule's Sql cannot be read: {reason}"),
            Self::Rule(cause) => write!(f, "{cause}"),
        }
    }
}

impl std::error::Error for InvalidTemplateFile {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Rule(cause) => Some(cause),
            _ => None,
        }
    }
}

impl TemplateFile {
    /// Reads a template in YAML or JSON.
    ///
    /// # Errors
    /// [`InvalidTemplateFile`] when the text as a whole is no template; problems of one rule are kept in the rule.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplateFile> {
        let root = Node::read(text)?;
        let resources = root
            .get("Resources")
            .ok_or(InvalidTemplateFile::NoResources)?;
        let parameters = root.get("Parameters").map_or(&[][..], Node::members);
        let mut file = Self::default();
        for (id, resource) in resources.members() {
            let properties = resource.get("Properties");
            match (resource.get("Type").and_then(Node::text), properties) {
                (Some("AWS::IoT::TopicRule"), Some(properties)) => {
                    if let Some(payload) = properties.get("TopicRulePayload") {
                        let name = properties.get("RuleName");
                        file.rules.push(rule(id.clone(), name, payload, parameters));
                    }
                }
                (Some("AWS::Serverless::Function"), Some(properties)) => {
                    for (event_id, event) in properties.get("Events").map_or(&[][..], Node::members)
                    {
                        if event.get("Type").and_then(Node::text) == Some("IoTRule")
                            && let Some(payload) = event.get("Properties")
                        {
                            file.rules.push(rule(
                                format!("{id}.{event_id}"),
                                None,
                                payload,
                                parameters,
                            ));
                        }
                    }
                }
                (Some("AWS::IoT::Policy"), Some(properties)) => {
                    let publishable = file.publishable.get_or_insert_default();
                    if let Some(document) = properties.get("PolicyDocument") {
                        add_policy(document, parameters, publishable)?;
                    }
                }
                _ => {}
            }
        }
        Ok(file)
    }

    /// The statement of the rule with this logical id or name.
    ///
    /// # Errors
    /// [`InvalidTemplateFile`] when there is no such rule or its statement does not parse.
    pub fn statement(&self, wanted: &str) -> Result<Statement, InvalidTemplateFile> {
        let rule = self
            .rules
            .iter()
            .find(|r| r.logical_id == wanted || r.name.as_deref() == Some(wanted))
            .ok_or_else(|| InvalidTemplateFile::NoSuchRule {
                wanted: wanted.to_owned(),
                known: self.rules.iter().map(|r| r.logical_id.clone()).collect(),
            })?;
        let sql = rule
            .sql
            .as_ref()
            .map_err(|reason| InvalidTemplateFile::UnknownSql(reason.clone()))?;
        Statement::parse_rule(sql, rule.version.as_deref()).map_err(InvalidTemplateFile::Rule)
    }
}

fn rule(
    logical_id: String,
    name: Option<&Node>,
    payload: &Node,
    parameters: &[(String, Node)],
) -> TopicRule {
    let strict = Resolver {
        parameters,
        unknown: None,
    };
    let text = |key: &str| payload.get(key).map(|node| strict.text(node));
    let mut templates = Vec::new();
    for key in ["Actions", "ErrorAction"] {
        if let Some(node) = payload.get(key) {
            collect_templates(node, key, parameters, &mut templates);
        }
    }
    TopicRule {
        logical_id,
        name: name.and_then(|n| strict.text(n).ok()),
        sql: text("Sql").unwrap_or_else(|| Err("the property Sql is missing".to_owned())),
        version: text("AwsIotSqlVersion").and_then(Result::ok),
        has_error_action: payload.get("ErrorAction").is_some(),
        templates,
    }
}

fn collect_templates(
    node: &Node,
    path: &str,
    parameters: &[(String, Node)],
    templates: &mut Vec<(String, String)>,
) {
    // In an Fn::Sub, `${!…}` is what remains for the rules engine.
    let lenient = Resolver {
        parameters,
        unknown: Some("unknown"),
    };
    if let Ok(text) = lenient.text(node) {
        if text.contains("${") {
            templates.push((path.to_owned(), text));
        }
        return;
    }
    match node {
        Node::Text(_) => {}
        Node::List(items) => {
            for (n, item) in items.iter().enumerate() {
                collect_templates(item, &format!("{path}[{n}]"), parameters, templates);
            }
        }
        Node::Map(members) => {
            for (key, item) in members {
                collect_templates(item, &format!("{path}.{key}"), parameters, templates);
            }
        }
    }
}

/// Adds the patterns that the Allow statements of a policy document let publish to.
fn add_policy(
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
        return add_policy(&inner, parameters, publishable);
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

/// A policy variable `${…}` may be anything.
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
                result.push('*');
                rest = following;
            }
            None => rest = "",
        }
    }
    result.push_str(rest);
    result
}

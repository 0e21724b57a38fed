//! Policy documents: shape and reading.
//!
//! Source: AWS IoT developer guide, "AWS IoT Core policies" and its examples.

use crate::action::ActionPattern;
use crate::condition::Clause;
use crate::invalid::{InvalidPolicy, Problem};
use crate::json::Json;
use crate::limits::MAX_WIRE_CHARACTERS;
use crate::operator::Operator;
use crate::pattern::{Pattern, Wildcards};

/// What a statement does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the policy language")]
pub enum Effect {
    Allow,
    Deny,
}

/// The resources a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    /// `Resource`: those that one of the patterns covers.
    Only(Vec<Pattern>),
    /// `NotResource`: those that none of the patterns covers.
    Except(Vec<Pattern>),
}

impl Resources {
    /// The patterns, whichever way they count.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        match self {
            Self::Only(patterns) | Self::Except(patterns) => patterns,
        }
    }
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The author's name for it.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// The actions it is about.
    pub actions: Vec<ActionPattern>,
    /// The resources it is about.
    pub resources: Resources,
    /// When it applies: all clauses must hold.
    pub condition: Vec<Clause>,
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// Its statements in order, at least one.
    pub statements: Vec<Statement>,
}

/// A named policy of the registry, or a document of an authorizer under a name of the caller's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The name.
    pub name: String,
    /// The document in force.
    pub document: PolicyDocument,
}

impl Policy {
    /// A policy with this name and document.
    #[must_use]
    pub fn new(name: impl Into<String>, document: PolicyDocument) -> Self {
        Self {
            name: name.into(),
            document,
        }
    }
}

impl PolicyDocument {
    /// Reads a JSON policy document. Its size limit is the registry's business: [`crate::limits::check_document_size`].
    ///
    /// # Errors
    /// [`InvalidPolicy`] names the element and what is wrong with it. Whatever is not understood is an error: an
    /// element, action, operator, key or variable that AWS IoT Core does not have never counts as "does not match".
    pub fn parse(json: &str) -> Result<Self, InvalidPolicy> {
        let characters = json.chars().count();
        if characters > MAX_WIRE_CHARACTERS {
            return Err(InvalidPolicy::new(
                "",
                Problem::TooLong {
                    characters,
                    limit: MAX_WIRE_CHARACTERS,
                },
            ));
        }
        let json: Json = serde_json::from_str(json)
            .map_err(|why| InvalidPolicy::new("", Problem::NotJson(why)))?;
        let Json::Object(members) = json else {
            return Err(InvalidPolicy::new(
                "",
                Problem::WrongType {
                    expected: "a JSON object",
                },
            ));
        };
        let (mut version, mut statements) = (None, None);
        for (name, value) in &members {
            match name.as_str() {
                "Version" => version = Some(value),
                "Statement" => statements = Some(value),
                other => return Err(unknown("", other)),
            }
        }
        match version {
            Some(Json::Text(version)) if version == "2012-10-17" => {}
            Some(Json::Text(other)) => {
                return Err(InvalidPolicy::new(
                    "Version",
                    Problem::UnsupportedVersion(other.clone()),
                ));
            }
            Some(_) => {
                return Err(InvalidPolicy::new(
                    "Version",
                    Problem::WrongType {
                        expected: "a string",
                    },
                ));
            }
            None => return Err(InvalidPolicy::new("", Problem::Missing("Version"))),
        }
        let statements = match statements {
            None => return Err(InvalidPolicy::new("", Problem::Missing("Statement"))),
            Some(Json::Array(items)) if items.is_empty() => {
                return Err(InvalidPolicy::new("Statement", Problem::Empty));
            }
            Some(Json::Array(items)) => {
                let numbered = items.iter().enumerate();
                numbered
                    .map(|(index, item)| Statement::read(item, &format!("Statement[{index}]")))
                    .collect()
            }
            Some(single) => Statement::read(single, "Statement").map(|statement| vec![statement]),
        }?;
        Ok(Self { statements })
    }
}

impl Statement {
    fn read(json: &Json, at: &str) -> Result<Self, InvalidPolicy> {
        let fail = |problem| Err(InvalidPolicy::new(at, problem));
        let Json::Object(members) = json else {
            return fail(Problem::WrongType {
                expected: "an object",
            });
        };
        let (mut sid, mut effect, mut actions, mut resources, mut condition) =
            (None, None, None, None, Vec::new());
        for (name, value) in members {
            let at = format!("{at}.{name}");
            match (name.as_str(), value) {
                ("Sid", Json::Text(text)) => sid = Some(text.clone()),
                ("Effect", Json::Text(text)) => {
                    effect = Some(match text.as_str() {
                        "Allow" => Effect::Allow,
                        "Deny" => Effect::Deny,
                        other => {
                            return Err(InvalidPolicy::new(
                                at,
                                Problem::UnknownEffect(other.to_owned()),
                            ));
                        }
                    });
                }
                ("Sid" | "Effect", _) => {
                    return Err(InvalidPolicy::new(
                        at,
                        Problem::WrongType {
                            expected: "a string",
                        },
                    ));
                }
                ("Action", value) => {
                    actions = Some(list(value, &at, |text| {
                        ActionPattern::parse(text).map_err(Problem::Action)
                    })?);
                }
                ("Resource" | "NotResource", _) if resources.is_some() => {
                    return fail(Problem::ResourceAndNotResource);
                }
                ("Resource", value) => {
                    resources = Some(Resources::Only(list(value, &at, resource)?))
                }
                ("NotResource", value) => {
                    resources = Some(Resources::Except(list(value, &at, resource)?))
                }
                ("Condition", value) => condition = read_condition(value, &at)?,
                (other, _) => {
                    return Err(unknown(
                        at.trim_end_matches(other).trim_end_matches('.'),
                        other,
                    ));
                }
            }
        }
        let missing = |name| InvalidPolicy::new(at, Problem::Missing(name));
        Ok(Self {
            sid,
            effect: effect.ok_or_else(|| missing("Effect"))?,
            actions: actions.ok_or_else(|| missing("Action"))?,
            resources: resources.ok_or_else(|| missing("Resource"))?,
            condition,
        })
    }
}

fn read_condition(json: &Json, at: &str) -> Result<Vec<Clause>, InvalidPolicy> {
    let object = |json: &Json, at: &str| match json {
        Json::Object(members) => Ok(members.clone()),
        _ => Err(InvalidPolicy::new(
            at,
            Problem::WrongType {
                expected: "an object",
            },
        )),
    };
    let mut clauses = Vec::new();
    for (name, keys) in object(json, at)? {
        let at = format!("{at}.{name}");
        let operator = Operator::parse(&name).ok_or_else(|| {
            InvalidPolicy::new(
                &at,
                Problem::UnknownOperator {
                    name: name.clone(),
                    meant: Operator::meant_by(&name),
                },
            )
        })?;
        let keys = object(&keys, &at)?;
        if keys.is_empty() {
            return Err(InvalidPolicy::new(at, Problem::Empty));
        }
        for (key, values) in &keys {
            clauses.push(Clause::parse(&operator, key, values, &at)?);
        }
    }
    Ok(clauses)
}

/// A string or a list of strings, not empty.
fn list<T>(
    json: &Json,
    at: &str,
    read: impl Fn(&str) -> Result<T, Problem>,
) -> Result<Vec<T>, InvalidPolicy> {
    let one = |json: &Json| match json {
        Json::Text(text) => read(text),
        _ => Err(Problem::WrongType {
            expected: "a string or a list of strings",
        }),
    };
    let read = match json {
        Json::Array(items) if items.is_empty() => Err(Problem::Empty),
        Json::Array(items) => items.iter().map(one).collect(),
        single => one(single).map(|item| vec![item]),
    };
    read.map_err(|problem| InvalidPolicy::new(at, problem))
}

/// `*`, an ARN, or an ARN that begins with a wildcard.
fn resource(text: &str) -> Result<Pattern, Problem> {
    if !text.starts_with("arn:") && !text.starts_with('*') {
        return Err(Problem::NotAnArn(text.to_owned()));
    }
    Pattern::parse(text, Wildcards::Active).map_err(Problem::Pattern)
}

fn unknown(at: &str, name: &str) -> InvalidPolicy {
    let advice = match name {
        "Principal" | "NotPrincipal" => "an AWS IoT policy applies to whatever it is attached to",
        "NotAction" => "AWS IoT policies have only `Action`; list the actions",
        "Id" => "AWS IoT policies have a name instead",
        _ => {
            "elements are `Version` and `Statement` with `Sid`, `Effect`, `Action`, `Resource` or `NotResource`, `Condition`"
        }
    };
    InvalidPolicy::new(
        at,
        Problem::UnknownElement {
            name: name.to_owned(),
            advice,
        },
    )
}

//! Conditions: when a statement applies.

use std::borrow::Cow;

use ipnet::IpNet;
use time::OffsetDateTime;

use crate::context::Context;
use crate::document::Effect;
use crate::invalid::{InvalidPolicy, Problem};
use crate::json::Json;
use crate::key::Key;
use crate::operator::{Comparison, Operator, Order, Qualifier};
use crate::pattern::{Pattern, Wildcards};
use crate::value::{ArnPattern, Number, address, boolean, date, network};

/// One operator on one key. All clauses of a statement must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The operator.
    pub operator: Operator,
    /// The key.
    pub key: Key,
    /// The policy's values as written.
    pub values: Vec<String>,
    expected: Expected,
}

/// The policy's values, read as the operator needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    Equals(Vec<Pattern>),
    EqualsIgnoreCase(Vec<Pattern>),
    Like(Vec<Pattern>),
    Arns(Vec<ArnPattern>),
    Numbers(Order, Vec<Number>),
    Dates(Order, Vec<OffsetDateTime>),
    Bools(Vec<bool>),
    Networks(Vec<IpNet>),
    Absent(Vec<bool>),
}

impl Clause {
    /// Reads `"<key>": <value or list>` under an operator.
    pub(crate) fn parse(
        operator: &Operator,
        name: &str,
        values: &Json,
        at: &str,
    ) -> Result<Self, InvalidPolicy> {
        let fail = |problem| InvalidPolicy::new(at, problem);
        let Some(key) = Key::parse(name) else {
            return Err(fail(Problem::UnknownKey {
                name: name.to_owned(),
                meant: Key::meant_by(name),
            }));
        };
        if key.is_multi_valued()
            && operator.qualifier.is_none()
            && operator.comparison != Comparison::Null
        {
            return Err(fail(Problem::NeedsQualifier(key)));
        }
        let values = texts(values).map_err(fail)?;
        let expected = Expected::read(operator.comparison, &values).map_err(fail)?;
        Ok(Self {
            operator: operator.clone(),
            key,
            values,
            expected,
        })
    }

    /// Whether the clause holds; variables and keys without value are added to `missing`.
    ///
    /// A policy value whose variable has no value never compares equal. It must not widen an Allow either, so a negated
    /// operator that depends on it fails there.
    pub(crate) fn holds(&self, context: &Context, effect: Effect, missing: &mut Vec<Key>) -> bool {
        let given = self.key.values(context);
        if let Expected::Absent(wanted) = &self.expected {
            return wanted.contains(&given.is_empty());
        }
        if given.is_empty() {
            let holds = match self.operator.qualifier {
                Some(Qualifier::All) => true,
                Some(Qualifier::Any) => false,
                None => self.operator.if_exists || self.operator.negated,
            };
            if !holds {
                missing.push(self.key.clone());
            }
            return holds;
        }
        let unresolved_before = missing.len();
        let mut passes = |value: &Cow<'_, str>| {
            self.expected.accepts(value, context, missing) != self.operator.negated
        };
        let holds = match self.operator.qualifier {
            Some(Qualifier::Any) => given.iter().any(&mut passes),
            Some(Qualifier::All) | None => given.iter().all(&mut passes),
        };
        let unresolved = missing.len() > unresolved_before;
        holds && !(unresolved && self.operator.negated && effect == Effect::Allow)
    }
}

impl Expected {
    fn read(comparison: Comparison, values: &[String]) -> Result<Self, Problem> {
        Ok(match comparison {
            Comparison::StringEquals => Self::Equals(patterns(values, Wildcards::Literal)?),
            Comparison::StringEqualsIgnoreCase => {
                Self::EqualsIgnoreCase(patterns(values, Wildcards::Literal)?)
            }
            Comparison::StringLike => Self::Like(patterns(values, Wildcards::Active)?),
            Comparison::Arn => {
                let arn =
                    |text: &str| ArnPattern::parse(&Pattern::parse(text, Wildcards::Active).ok()?);
                patterns(values, Wildcards::Active)?;
                Self::Arns(typed(
                    values,
                    "an ARN of six parts separated by colons",
                    arn,
                )?)
            }
            Comparison::Numeric(order) => {
                Self::Numbers(order, typed(values, "a number", Number::parse)?)
            }
            Comparison::Date(order) => {
                let expected = "a date such as `2026-01-31T00:00:00Z` or seconds since the epoch";
                Self::Dates(order, typed(values, expected, date)?)
            }
            Comparison::Bool => Self::Bools(typed(values, "`true` or `false`", boolean)?),
            Comparison::IpAddress => {
                Self::Networks(typed(values, "an IP address or CIDR block", network)?)
            }
            Comparison::Null => Self::Absent(typed(values, "`true` or `false`", boolean)?),
        })
    }

    /// Whether one of the policy's values accepts the request's.
    fn accepts(&self, given: &str, context: &Context, missing: &mut Vec<Key>) -> bool {
        match self {
            Self::Equals(patterns) => any(patterns, missing, |pattern| {
                Ok(pattern.resolve_text(context)? == given)
            }),
            Self::EqualsIgnoreCase(patterns) => any(patterns, missing, |pattern| {
                Ok(pattern.resolve_text(context)?.to_lowercase() == given.to_lowercase())
            }),
            Self::Like(patterns) => any(patterns, missing, |pattern| {
                Ok(pattern.resolve(context)?.matches(given))
            }),
            Self::Arns(arns) => any(arns, missing, |arn| arn.matches(given, context)),
            Self::Numbers(order, numbers) => Number::parse(given).is_some_and(|given| {
                numbers
                    .iter()
                    .any(|number| order.accepts(given.cmp(number)))
            }),
            Self::Dates(order, dates) => date(given)
                .is_some_and(|given| dates.iter().any(|date| order.accepts(given.cmp(date)))),
            Self::Bools(wanted) => boolean(given).is_some_and(|given| wanted.contains(&given)),
            Self::Networks(networks) => address(given)
                .is_some_and(|given| networks.iter().any(|network| network.contains(&given))),
            Self::Absent(_) => false,
        }
    }
}

/// Whether one of the values accepts; a value with a missing variable does not, and names it.
fn any<'v, T>(
    values: &'v [T],
    missing: &mut Vec<Key>,
    accepts: impl Fn(&'v T) -> Result<bool, Vec<&'v Key>>,
) -> bool {
    values.iter().any(|value| {
        accepts(value).unwrap_or_else(|keys| {
            missing.extend(keys.into_iter().cloned());
            false
        })
    })
}

fn patterns(values: &[String], wildcards: Wildcards) -> Result<Vec<Pattern>, Problem> {
    values
        .iter()
        .map(|value| Pattern::parse(value, wildcards).map_err(Problem::Pattern))
        .collect()
}

fn typed<T>(
    values: &[String],
    expected: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Problem> {
    let value = |value: &String| {
        read(value).ok_or_else(|| Problem::Value {
            value: value.clone(),
            expected,
        })
    };
    values.iter().map(value).collect()
}

/// A text, number or truth value, or a list of them.
fn texts(json: &Json) -> Result<Vec<String>, Problem> {
    let text = |json: &Json| match json {
        Json::Text(text) | Json::Number(text) => Ok(text.clone()),
        Json::Bool(value) => Ok(value.to_string()),
        _ => Err(Problem::WrongType {
            expected: "a string or a list of strings",
        }),
    };
    match json {
        Json::Array(items) => items.iter().map(text).collect(),
        single => Ok(vec![text(single)?]),
    }
}

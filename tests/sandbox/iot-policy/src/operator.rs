//! The names of condition operators.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators".

use std::cmp::Ordering;
use std::fmt;

/// How a value is compared with the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Same text; `*` and `?` are plain characters.
    StringEquals,
    /// Same text, whatever the case of its letters.
    StringEqualsIgnoreCase,
    /// Text with wildcards.
    StringLike,
    /// ARN, each of its six parts with wildcards. IAM treats `ArnEquals` and `ArnLike` alike.
    Arn,
    /// Decimal numbers.
    Numeric(Order),
    /// Points in time.
    Date(Order),
    /// `true` or `false`.
    Bool,
    /// Within an address range.
    IpAddress,
    /// Whether the key is absent.
    Null,
}

/// Which order of request value and policy value is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "IAM's own names")]
pub enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Order {
    /// Whether a request value that stands in `ordering` to the policy's is wanted.
    #[must_use]
    pub fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

/// What a set qualifier asks of the request's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// `ForAllValues:` every value passes; also true when there is none.
    All,
    /// `ForAnyValue:` at least one value passes; false when there is none.
    Any,
}

/// A condition operator with its qualifier and suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The set qualifier.
    pub qualifier: Option<Qualifier>,
    /// The comparison.
    pub comparison: Comparison,
    /// Whether none of the policy's values may pass the comparison (`…NotEquals`, `…NotLike`, `NotIpAddress`).
    pub negated: bool,
    /// Whether an absent key makes it true.
    pub if_exists: bool,
    name: String,
}

const NAMES: [(&str, Comparison, bool); 26] = [
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    (
        "StringEqualsIgnoreCase",
        Comparison::StringEqualsIgnoreCase,
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Comparison::StringEqualsIgnoreCase,
        true,
    ),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotLike", Comparison::Arn, true),
    ("NumericEquals", Comparison::Numeric(Order::Equals), false),
    ("NumericNotEquals", Comparison::Numeric(Order::Equals), true),
    (
        "NumericLessThan",
        Comparison::Numeric(Order::LessThan),
        false,
    ),
    (
        "NumericLessThanEquals",
        Comparison::Numeric(Order::LessThanEquals),
        false,
    ),
    (
        "NumericGreaterThan",
        Comparison::Numeric(Order::GreaterThan),
        false,
    ),
    (
        "NumericGreaterThanEquals",
        Comparison::Numeric(Order::GreaterThanEquals),
        false,
    ),
    ("DateEquals", Comparison::Date(Order::Equals), false),
    ("DateNotEquals", Comparison::Date(Order::Equals), true),
    ("DateLessThan", Comparison::Date(Order::LessThan), false),
    (
        "DateLessThanEquals",
        Comparison::Date(Order::LessThanEquals),
        false,
    ),
    (
        "DateGreaterThan",
        Comparison::Date(Order::GreaterThan),
        false,
    ),
    (
        "DateGreaterThanEquals",
        Comparison::Date(Order::GreaterThanEquals),
        false,
    ),
    ("Bool", Comparison::Bool, false),
    ("IpAddress", Comparison::IpAddress, false),
    ("NotIpAddress", Comparison::IpAddress, true),
    ("Null", Comparison::Null, false),
];

impl Operator {
    /// Reads `[ForAllValues:|ForAnyValue:]<operator>[IfExists]`; nothing when there is no such operator.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (qualifier, rest) = match name.split_once(':') {
            None => (None, name),
            Some(("ForAllValues", rest)) => (Some(Qualifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Qualifier::Any), rest),
            Some(_) => return None,
        };
        let (bare, if_exists) = rest
            .strip_suffix("IfExists")
            .map_or((rest, false), |bare| (bare, true));
        let (_, comparison, negated) = NAMES.iter().find(|(known, ..)| *known == bare)?;
        if *comparison == Comparison::Null && (if_exists || qualifier.is_some()) {
            return None;
        }
        Some(Self {
            qualifier,
            comparison: *comparison,
            negated: *negated,
            if_exists,
            name: name.to_owned(),
        })
    }

    /// The operator that a misspelt name probably means.
    #[must_use]
    pub fn meant_by(name: &str) -> Option<String> {
        let names = NAMES.iter().map(|(known, ..)| *known);
        let mut close = names.filter(|known| known.eq_ignore_ascii_case(name));
        close.next().map(str::to_owned)
    }

    /// As the policy writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

//! The values that expressions have.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::number::{self, Decimal, Number};
use crate::version::SqlVersion;

/// Members of an Object in the order in which they were written.
pub type Members = IndexMap<String, Value>;

/// A value of the rules SQL. An error is not a value: evaluation returns it as `Err`.
///
/// `==` compares structure; the SQL operator `=` is something else (`1 = 1.0` is true in SQL).
/// Copies share their content. Source: AWS IoT developer guide, "Data types".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// No value: a key that is not there, a conversion that is not possible.
    #[default]
    Undefined,
    /// JSON `null`.
    Null,
    /// A whole number of at most 34 digits.
    Int(i128),
    /// A decimal number of at most 34 significant digits.
    Decimal(Decimal),
    /// `true` or `false`.
    Boolean(bool),
    /// UTF-8 text.
    String(Arc<str>),
    /// An ordered list; never holds [`Value::Undefined`].
    Array(Arc<Vec<Value>>),
    /// A JSON object; never holds [`Value::Undefined`].
    Object(Arc<Members>),
}

impl Value {
    /// A String.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// An Array without its Undefined elements.
    #[must_use]
    pub fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Array(Arc::new(
            items.into_iter().filter(Self::is_defined).collect(),
        ))
    }

    /// An Object without its Undefined members.
    #[must_use]
    pub fn object(members: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self::Object(Arc::new(
            members
                .into_iter()
                .filter(|(_, v)| v.is_defined())
                .collect(),
        ))
    }

    /// Whether this is anything but [`Value::Undefined`].
    #[must_use]
    pub fn is_defined(&self) -> bool {
        !matches!(self, Self::Undefined)
    }

    /// The member of an Object; Undefined for everything else.
    #[must_use]
    pub fn member(&self, key: &str) -> Self {
        match self {
            Self::Object(members) => members.get(key).cloned().unwrap_or_default(),
            _ => Self::Undefined,
        }
    }

    /// The name of the type, for messages.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined => "Undefined",
            Self::Null => "Null",
            Self::Int(_) => "Int",
            Self::Decimal(_) => "Decimal",
            Self::Boolean(_) => "Boolean",
            Self::String(_) => "String",
            Self::Array(_) => "Array",
            Self::Object(_) => "Object",
        }
    }

    /// An Int, or a Decimal when it has more than 34 digits.
    pub(crate) fn int(value: i128) -> Self {
        if number::int_in_range(value) {
            Self::Int(value)
        } else {
            Self::Decimal(Decimal::from(value))
        }
    }

    /// A Decimal, Undefined when there is none.
    pub(crate) fn decimal(value: Option<Decimal>) -> Self {
        value.map_or(Self::Undefined, Self::Decimal)
    }

    /// A number as a payload or a statement writes it: from 2016-03-23 on, `10.0` is the Int 10.
    pub(crate) fn number(number: Number, version: SqlVersion) -> Self {
        match number {
            Number::Int(value) => Self::Int(value),
            Number::Decimal(value) => Self::Decimal(value).typed(version),
        }
    }

    /// Whole Decimals become Int from 2016-03-23 on.
    pub(crate) fn typed(self, version: SqlVersion) -> Self {
        match self {
            Self::Decimal(value) if version.has_2016() => match value.whole() {
                Some(whole) => Self::Int(whole),
                None => Self::Decimal(value),
            },
            other => other,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

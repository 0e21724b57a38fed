//! What can be wrong with a template, and where.

use std::fmt;

/// A template that cannot be read or resolved.
///
/// Prints as `Resources.X.Properties.Y: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// Where: the keys from the template's root, for example `Resources.Queue.Properties.QueueName`. Empty for a text
    /// that is not YAML.
    pub path: String,
    /// What.
    pub problem: Problem,
}

/// What is wrong at the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Not YAML, or YAML beyond what CloudFormation takes.
    Yaml {
        /// Line, from 1.
        line: usize,
        /// The parser's words.
        message: String,
    },
    /// Something other than the expected shape.
    Shape {
        /// What belongs there.
        expected: &'static str,
    },
    /// A required key is absent.
    Missing(&'static str),
    /// A section of the template that this crate does not know.
    UnsupportedSection(String),
    /// A resource type that this crate does not know.
    UnsupportedType(String),
    /// An intrinsic function that this crate does not know.
    UnsupportedIntrinsic(String),
    /// A `Fn::GetAtt` of an attribute that this crate does not know for the type.
    UnsupportedAttribute {
        /// The resource.
        logical_id: String,
        /// Its type.
        type_name: String,
        /// The attribute.
        attribute: String,
    },
    /// A property (or a value of one) that this crate does not honour.
    UnsupportedProperty(String),
    /// A parameter type that this crate does not know.
    UnsupportedParameterType(String),
    /// A name that is neither parameter, pseudo parameter nor resource.
    UnknownReference(String),
    /// A condition that is not declared.
    UnknownCondition(String),
    /// A key that is not in the mapping.
    UnknownMappingKey(String),
    /// A reference to a resource whose condition is false.
    LeftOut {
        /// The resource.
        logical_id: String,
        /// Its condition.
        condition: String,
    },
    /// A parameter without default that got no value.
    ParameterMissing,
    /// A value was given for a parameter that the template does not declare.
    ParameterUnknown,
    /// A parameter's value breaks the parameter's own rule.
    ParameterRefused {
        /// The value.
        value: String,
        /// The rule.
        rule: String,
    },
    /// Resources or conditions that need each other.
    Cycle(Vec<String>),
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}", self.problem)
        } else {
            write!(f, "{}: {}", self.path, self.problem)
        }
    }
}

impl std::error::Error for TemplateError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yaml { line, message } => write!(f, "line {line}: {message}"),
            Self::Shape { expected } => write!(f, "expected {expected}"),
            Self::Missing(key) => write!(f, "`{key}` is required"),
            Self::UnsupportedSection(name) => write!(f, "unsupported section `{name}`"),
            Self::UnsupportedType(name) => write!(f, "unsupported resource type `{name}`"),
            Self::UnsupportedIntrinsic(name) => write!(f, "unsupported intrinsic `{name}`"),
            Self::UnsupportedAttribute {
                logical_id,
                type_name,
                attribute,
            } => {
                write!(
                    f,
                    "unsupported attribute `{attribute}` of `{logical_id}` ({type_name})"
                )
            }
            Self::UnsupportedProperty(what) => write!(f, "unsupported: {what}"),
            Self::UnsupportedParameterType(name) => {
                write!(f, "unsupported parameter type `{name}`")
            }
            Self::UnknownReference(name) => {
                write!(f, "`{name}` is no parameter, pseudo parameter or resource")
            }
            Self::UnknownCondition(name) => write!(f, "condition `{name}` is not declared"),
            Self::UnknownMappingKey(name) => write!(f, "no `{name}` in the mapping"),
            Self::LeftOut {
                logical_id,
                condition,
            } => {
                write!(
                    f,
                    "`{logical_id}` does not exist while condition `{condition}` is false"
                )
            }
            Self::ParameterMissing => f.write_str("no default and no value given"),
            Self::ParameterUnknown => {
                f.write_str("a value is given, but the template declares no such parameter")
            }
            Self::ParameterRefused { value, rule } => {
                write!(f, "value `{value}` is refused: {rule}")
            }
            Self::Cycle(members) => write!(f, "circular: {}", members.join(" -> ")),
        }
    }
}

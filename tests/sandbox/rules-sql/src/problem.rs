//! What can be wrong with the text of a statement or a template.

use std::fmt;

use mqtt_topic::InvalidTopic;

/// Why a text is not a statement, with the place and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Byte offset in the text, from 0.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl ParseError {
    pub(crate) fn new(text: &str, offset: usize, problem: Problem) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            offset,
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            problem,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {} column {}: {}",
            self.line, self.column, self.problem
        )
    }
}

impl std::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::TopicFilter(cause) => Some(cause),
            _ => None,
        }
    }
}

/// The kinds of mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The text is longer than a rule may be.
    TooLong,
    /// Expressions are nested deeper than this crate reads.
    TooDeep,
    /// A character that begins no token.
    Character(char),
    /// An operator or a mark of another SQL dialect.
    ForeignMark {
        /// The mark.
        mark: &'static str,
        /// What to write instead.
        hint: &'static str,
    },
    /// A number with a trailing point, an empty exponent, or letters behind it.
    NumberForm,
    /// A number above 9.99E999.
    NumberTooLarge,
    /// A string without its closing quote.
    UnclosedString,
    /// `\u` without four hexadecimal digits of a character.
    UnicodeEscape,
    /// `@` without a name of 1 to 64 letters, digits and underscores.
    VariableName,
    /// Something else was expected.
    Expected {
        /// What could stand here.
        wanted: &'static str,
        /// What stands here.
        found: String,
    },
    /// A word that means something in other SQL dialects or at other places.
    Unsupported {
        /// What was written.
        what: String,
        /// What to write instead.
        hint: &'static str,
    },
    /// No function of this name.
    UnknownFunction {
        /// The name.
        name: String,
        /// The most similar known name.
        similar: Option<&'static str>,
    },
    /// A wrong number of arguments.
    Arity {
        /// The function.
        function: &'static str,
        /// What it takes.
        wanted: String,
        /// What it was given.
        found: usize,
    },
    /// `*` as an argument of a function that does not take it.
    StarArgument(&'static str),
    /// Something that came with 2016-03-23, in a statement of 2015-10-08.
    NeedsVersion2016(String),
    /// `cast(… as <word>)` with a word that names no type.
    UnknownType(String),
    /// A variable that no SET clause before it assigns.
    UnknownVariable(String),
    /// A variable that is assigned twice.
    AssignedTwice(String),
    /// More than ten variables.
    TooManyVariables,
    /// The text after FROM is not a topic filter.
    TopicFilter(InvalidTopic),
    /// A function that a substitution template cannot use.
    NotInTemplates(&'static str),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the text is longer than {} bytes", crate::MAX_STATEMENT_BYTES),
            Self::TooDeep => write!(
                f,
                "expressions are nested more than {} levels deep",
                crate::MAX_STATEMENT_DEPTH
            ),
            Self::Character(c) => write!(
                f,
                "unexpected character `{}`: names consist of letters, digits and `_`; read other keys with get()",
                c.escape_default()
            ),
            Self::ForeignMark { mark, hint } => write!(f, "`{mark}` is not supported: {hint}"),
            Self::NumberForm => f.write_str(
                "malformed number: write digits, optionally `.` and digits, optionally an exponent; read keys that begin with a digit with get()",
            ),
            Self::NumberTooLarge => f.write_str("the number is larger than 9.99E999"),
            Self::UnclosedString => f.write_str("the string has no closing quote"),
            Self::UnicodeEscape => f.write_str("`\\u` needs the four hexadecimal digits of a character"),
            Self::VariableName => {
                f.write_str("`@` needs a variable name of 1 to 64 letters, digits and underscores")
            }
            Self::Expected { wanted, found } => write!(f, "expected {wanted}, found {found}"),
            Self::Unsupported { what, hint } => write!(f, "{what} is not supported: {hint}"),
            Self::UnknownFunction { name, similar } => {
                write!(f, "unknown function `{name}`")?;
                match similar {
                    Some(similar) => write!(f, ": did you mean `{similar}`?"),
                    None => Ok(()),
                }
            }
            Self::Arity {
                function,
                wanted,
                found,
            } => write!(f, "{function}() takes {wanted}, found {found}"),
            Self::StarArgument(function) => write!(
                f,
                "{function}() does not take `*`: name a key of the payload"
            ),
            Self::NeedsVersion2016(what) => write!(
                f,
                "{what} needs SQL version 2016-03-23: set AwsIotSqlVersion"
            ),
            Self::UnknownType(word) => write!(
                f,
                "unknown type `{word}` in cast(): write String, Nvarchar, Text, Ntext, Varchar, Int, Integer, Double, or from 2016-03-23 on Decimal, Bool, Boolean"
            ),
            Self::UnknownVariable(name) => write!(
                f,
                "variable `@{name}` is not assigned before its use: add it to SET"
            ),
            Self::AssignedTwice(name) => write!(f, "variable `@{name}` is assigned twice"),
            Self::TooManyVariables => f.write_str("SET assigns more than 10 variables"),
            Self::TopicFilter(cause) => write!(f, "invalid topic filter: {cause}"),
            Self::NotInTemplates(function) => {
                write!(f, "{function}() cannot be used in a substitution template")
            }
        }
    }
}

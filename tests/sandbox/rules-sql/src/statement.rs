//! Statements: from text, back to text, and onto messages.

use std::fmt;
use std::str::FromStr as _;

use indexmap::IndexMap;
use mqtt_topic::{TopicFilter, TopicName};

use crate::ast::Query;
use crate::convert::to_boolean;
use crate::error::EvalError;
use crate::eval::{Evaluator, Scope, Selection};
use crate::external::External;
use crate::json::{self, JsonProblem};
use crate::message::Message;
use crate::parser;
use crate::problem::ParseError;
use crate::value::Value;
use crate::version::SqlVersion;
use crate::{MAX_PAYLOAD_BYTES, MAX_RESULT_BYTES};

/// Largest variable, and largest sum of all variables, in bytes of JSON. Source: "SET clause".
const MAX_VARIABLE_BYTES: usize = 128 * 1024;

/// A rule's SQL statement. `Display` prints it in one canonical form that parses to an equal statement.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) query: Query,
    pub(crate) version: SqlVersion,
    salt: u64,
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query && self.version == other.version
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}

/// The values of the SET clause, for the templates of the rule's actions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(IndexMap<String, Value>);

impl Variables {
    /// The value of `@name`; `None` when the statement does not set it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// What a statement makes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evaluation {
    /// The topic or the condition does not match: no action runs.
    NoMatch,
    /// The actions run.
    Match(Selected),
}

/// The input of the actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The payload that the SELECT clause makes.
    pub output: Output,
    /// The values of the SET clause.
    pub variables: Variables,
}

/// The payload for the actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// JSON text without spaces.
    Json(String),
    /// The message's payload as it came: `SELECT *` on a payload that is not JSON.
    Raw(Vec<u8>),
    /// SELECT VALUE of something Undefined; AWS serialises it as an empty string.
    Undefined,
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`ParseError`] says where the text is not a statement of this version, and what to write instead.
    pub fn parse(sql: &str, version: SqlVersion) -> Result<Self, ParseError> {
        let query = parser::statement(sql, version)?;
        let salt = salt(&query.to_string());
        Ok(Self {
            query,
            version,
            salt,
        })
    }

    /// The filter of the FROM clause; `None` for a statement that only Basic Ingest can reach.
    #[must_use]
    pub const fn topic_filter(&self) -> Option<&TopicFilter> {
        self.query.from.as_ref()
    }

    /// The version that the statement was read as.
    #[must_use]
    pub const fn version(&self) -> SqlVersion {
        self.version
    }

    /// Applies the statement to a message: topic, SET, WHERE, SELECT.
    ///
    /// A topic of Basic Ingest (`$aws/rules/<rule>/…`) passes any FROM clause: the caller looks up the rule.
    ///
    /// # Errors
    /// [`EvalError`] when there is no result; AWS runs no action then.
    pub fn evaluate(
        &self,
        message: &Message<'_>,
        external: &dyn External,
    ) -> Result<Evaluation, EvalError> {
        let topic = TopicName::parse(message.topic).map_err(EvalError::Topic)?;
        let filtered_out = self.query.from.as_ref().is_none_or(|f| !f.matches(&topic));
        if topic.basic_ingest().is_none() && filtered_out {
            return Ok(Evaluation::NoMatch);
        }
        let mut evaluator = Evaluator::new(message, external, self.version, self.salt)?;
        let mut total = 0;
        for (name, expr) in &self.query.variables {
            let value = evaluator.eval(expr, &Scope::Payload)?;
            let size = json::size_within(&value, MAX_VARIABLE_BYTES);
            total += size.unwrap_or(usize::MAX / 16);
            if total > MAX_VARIABLE_BYTES {
                return Err(EvalError::LimitExceeded(
                    "the variables of SET are larger than 128 KiB: keep less in them",
                ));
            }
            evaluator.variables.0.insert(name.clone(), value);
        }
        if let Some(condition) = &self.query.condition
            && to_boolean(&evaluator.eval(condition, &Scope::Payload)?) != Some(true)
        {
            return Ok(Evaluation::NoMatch);
        }
        let output = match evaluator.select(&self.query.select)? {
            Selection::RawPayload => Output::Raw(message.payload.to_vec()),
            Selection::Value(Value::Undefined) => Output::Undefined,
            Selection::Value(Value::Array(_)) if !self.version.has_2016() => {
                return Err(EvalError::LimitExceeded(
                    "an Array as the whole output needs SQL version 2016-03-23: set AwsIotSqlVersion",
                ));
            }
            Selection::Value(value) => Output::Json(
                json::write(&value, MAX_RESULT_BYTES).ok_or(EvalError::ResultTooLarge)?,
            ),
        };
        let variables = evaluator.variables;
        Ok(Evaluation::Match(Selected { output, variables }))
    }
}

/// Checks a message's size, cuts a Basic Ingest prefix off its topic and reads its payload.
pub(crate) fn open<'a>(
    message: &Message<'a>,
    version: SqlVersion,
) -> Result<(&'a str, Option<Value>), EvalError> {
    if message.payload.len() > MAX_PAYLOAD_BYTES {
        return Err(EvalError::PayloadTooLarge);
    }
    let name = TopicName::parse(message.topic).map_err(EvalError::Topic)?;
    let prefix = name
        .basic_ingest()
        .map_or(0, |(_, rest)| message.topic.len() - rest.len());
    let topic = message.topic.get(prefix..).unwrap_or(message.topic);
    match json::read(message.payload, version) {
        Ok(value) => Ok((topic, Some(value))),
        Err(JsonProblem::NotJson) => Ok((topic, None)),
        Err(problem) => Err(EvalError::Payload(problem)),
    }
}

/// A number that depends on a text (FNV-1a).
pub(crate) fn salt(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

impl std::str::FromStr for Variables {
    type Err = JsonProblem;

    /// Reads variables from a JSON object, as for trying out a template.
    fn from_str(text: &str) -> Result<Self, JsonProblem> {
        match json::read(text.as_bytes(), SqlVersion::default())? {
            Value::Object(members) => Ok(Self(
                members
                    .iter()
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect(),
            )),
            _ => Err(JsonProblem::NotJson),
        }
    }
}

impl Statement {
    /// Reads a statement with the version as a rule's `AwsIotSqlVersion` writes it; without one, the rule is 2015-10-08.
    ///
    /// # Errors
    /// [`InvalidRule`]
    pub fn parse_rule(sql: &str, version: Option<&str>) -> Result<Self, InvalidRule> {
        let version = match version {
            None => SqlVersion::V20151008,
            Some(text) => SqlVersion::from_str(text).map_err(InvalidRule::Version)?,
        };
        Self::parse(sql, version).map_err(InvalidRule::Sql)
    }
}

/// Why SQL and version of a rule are not a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidRule {
    /// The version is none.
    Version(crate::version::UnknownVersion),
    /// The statement does not parse.
    Sql(ParseError),
}

impl fmt::Display for InvalidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(cause) => write!(f, "{cause}"),
            Self::Sql(cause) => write!(f, "{cause}"),
        }
    }
}

impl std::error::Error for InvalidRule {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Version(cause) => Some(cause),
            Self::Sql(cause) => Some(cause),
        }
    }
}

//! Substitution templates: the `${expression}` in the fields of actions.
//!
//! Source: AWS IoT developer guide, "Substitution templates".

use std::fmt;

use crate::ast::Expr;
use crate::convert::to_text;
use crate::error::EvalError;
use crate::eval::{Evaluator, Scope};
use crate::external::External;
use crate::message::Message;
use crate::parser;
use crate::problem::{ParseError, Problem};
use crate::statement::{Variables, salt};
use crate::value::Value;
use crate::version::SqlVersion;
use crate::{MAX_RESULT_BYTES, MAX_STATEMENT_BYTES};

/// A text with expressions in it. `$$` stands for one `$`, as in `$$aws/things/…` (documented for republish topics).
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
    version: SqlVersion,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Expr(Box<Expr>),
}

impl Template {
    /// Reads a template of a rule with SQL version 2016-03-23.
    ///
    /// # Errors
    /// [`ParseError`] says where an expression is none, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::parse_as(text, SqlVersion::default())
    }

    /// Reads a template of a rule with the given version.
    ///
    /// # Errors
    /// [`ParseError`] says where an expression is none, and what to write instead.
    pub fn parse_as(text: &str, version: SqlVersion) -> Result<Self, ParseError> {
        if text.len() > MAX_STATEMENT_BYTES {
            return Err(ParseError::new(text, 0, Problem::TooLong));
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
            let plain = rest.find('$').unwrap_or(rest.len());
            literal.push_str(rest.get(..plain).unwrap_or_default());
            at += plain;
            let rest = rest.get(plain..).unwrap_or_default();
            if rest.starts_with("${") {
                let (expr, end) = parser::placeholder(text, at + 2, version)?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Expr(Box::new(expr)));
                at = end;
            } else if rest.starts_with("$$") {
                literal.push('$');
                at += 2;
            } else if rest.starts_with('$') {
                literal.push('$');
                at += 1;
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts, version })
    }

    /// Whether the template has no expressions.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.parts.iter().all(|p| matches!(p, Part::Text(_)))
    }

    /// Puts values in the places of the expressions. They see the original message, not the output of SELECT.
    /// What is Undefined becomes nothing; Null becomes `null`.
    ///
    /// # Errors
    /// [`EvalError`] when an expression has no result.
    pub fn render(
        &self,
        message: &Message<'_>,
        variables: &Variables,
        external: &dyn External,
    ) -> Result<String, EvalError> {
        let mut evaluator =
            Evaluator::new(message, external, self.version, salt(&self.to_string()))?;
        evaluator.variables = variables.clone();
        let mut rendered = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => rendered.push_str(text),
                Part::Expr(expr) => match evaluator.eval(expr, &Scope::Payload)? {
                    Value::Null => rendered.push_str("null"),
                    value => rendered.push_str(&to_text(&value)?.unwrap_or_default()),
                },
            }
            if rendered.len() > MAX_RESULT_BYTES {
                return Err(EvalError::ResultTooLarge);
            }
        }
        Ok(rendered)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('$', "$$")),
            Part::Expr(expr) => write!(f, "${{{expr}}}"),
        })
    }
}

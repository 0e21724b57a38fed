//! Constants of a query: literals, durations and instants.

use rusqlite::types::Value as Sql;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator,
    Value,
};

use super::super::invalid;
use crate::api_error::ApiError;

/// Stands before a duration literal that was turned into a string token.
pub(super) const DURATION_MARK: char = '\u{1}';

/// A constant and the columns it can be compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Number(Sql),
    Text(String),
    Boolean(bool),
    /// Nanoseconds since the epoch.
    Instant(i64),
    /// Nanoseconds.
    Duration(i64),
}

impl Constant {
    /// As SQLite keeps values of that kind.
    pub(super) fn into_sql(self) -> Sql {
        match self {
            Self::Number(number) => number,
            Self::Text(text) => Sql::Text(text),
            Self::Boolean(value) => Sql::Integer(i64::from(value)),
            Self::Instant(ns) | Self::Duration(ns) => Sql::Integer(ns),
        }
    }
}

/// The constant an expression is, if it is one.
///
/// # Errors
/// A duration or a number that cannot be.
pub(super) fn constant(expr: &Expr, now_ns: i64) -> Result<Option<Constant>, ApiError> {
    Ok(match expr {
        Expr::Value(literal) => match &literal.value {
            Value::Number(text, _) => Some(Constant::Number(number(text)?)),
            Value::SingleQuotedString(text) => Some(match text.strip_prefix(DURATION_MARK) {
                Some(text) => Constant::Duration(duration(text)?),
                None => Constant::Text(text.clone()),
            }),
            Value::Boolean(value) => Some(Constant::Boolean(*value)),
            _ => None,
        },
        Expr::Nested(inner) => constant(inner, now_ns)?,
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => match constant(expr, now_ns)? {
            Some(Constant::Number(Sql::Integer(value))) => value
                .checked_neg()
                .map(|value| Constant::Number(Sql::Integer(value))),
            Some(Constant::Number(Sql::Real(value))) => Some(Constant::Number(Sql::Real(-value))),
            _ => None,
        },
        Expr::BinaryOp { left, op, right } => {
            let sides = (constant(left, now_ns)?, constant(right, now_ns)?);
            match (sides, op) {
                (
                    (Some(Constant::Instant(at)), Some(Constant::Duration(by))),
                    BinaryOperator::Minus,
                ) => Some(Constant::Instant(at.saturating_sub(by))),
                (
                    (Some(Constant::Instant(at)), Some(Constant::Duration(by))),
                    BinaryOperator::Plus,
                ) => Some(Constant::Instant(at.saturating_add(by))),
                _ => None,
            }
        }
        Expr::Function(function) => instant(function, now_ns)?,
        _ => None,
    })
}

fn number(text: &str) -> Result<Sql, ApiError> {
    let number = text
        .parse()
        .map(Sql::Integer)
        .or_else(|_| text.parse().map(Sql::Real));
    number.map_err(|_| invalid(format!("invalid number {text}")))
}

/// `90m` in nanoseconds.
fn duration(text: &str) -> Result<i64, ApiError> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (count, unit) = text.split_at(digits);
    let unit: i64 = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => {
            return Err(invalid(format!(
                "invalid duration {text}; the units are ns, us, ms, s, m, h and d"
            )));
        }
    };
    let ns = count
        .parse::<i64>()
        .ok()
        .and_then(|count| count.checked_mul(unit));
    ns.ok_or_else(|| invalid(format!("invalid duration {text}")))
}

/// `now()`, `ago(1h)`, `from_milliseconds(n)`, `from_nanoseconds(n)`.
fn instant(function: &Function, now_ns: i64) -> Result<Option<Constant>, ApiError> {
    let name = function.name.to_string().to_lowercase();
    let arguments = arguments(function, now_ns)?;
    Ok(match (name.as_str(), arguments.as_slice()) {
        ("now", []) => Some(Constant::Instant(now_ns)),
        ("ago", [Constant::Duration(ns)]) => Some(Constant::Instant(now_ns.saturating_sub(*ns))),
        ("from_milliseconds", [Constant::Number(Sql::Integer(ms))]) => {
            Some(Constant::Instant(ms.saturating_mul(1_000_000)))
        }
        ("from_nanoseconds", [Constant::Number(Sql::Integer(ns))]) => Some(Constant::Instant(*ns)),
        ("now" | "ago" | "from_milliseconds" | "from_nanoseconds", _) => {
            return Err(invalid(format!("unexpected arguments of {name}")));
        }
        _ => None,
    })
}

/// The arguments that are constants.
fn arguments(function: &Function, now_ns: i64) -> Result<Vec<Constant>, ApiError> {
    let FunctionArguments::List(list) = &function.args else {
        return Ok(Vec::new());
    };
    let mut constants = Vec::new();
    for argument in &list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
            constants.extend(constant(expr, now_ns)?);
        }
    }
    Ok(constants)
}

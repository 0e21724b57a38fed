//! The `WHERE` clause.

use rusqlite::types::Value as Sql;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::{
    super::{catalog::Table, invalid, value::ScalarType},
    constant::{Constant, constant},
    projection::column,
    unsupported,
};
use crate::api_error::ApiError;

/// Translates conditions; constants become parameters.
pub(super) struct Conditions<'t> {
    pub(super) table: &'t Table,
    pub(super) now_ns: i64,
    pub(super) params: Vec<Sql>,
}

/// What can be compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Text,
    Boolean,
    Time,
}

impl Conditions<'_> {
    /// A condition in SQLite's terms.
    ///
    /// # Errors
    /// Names the construct that is not supported, or the comparison that makes no sense.
    pub(super) fn translate(&mut self, expr: &Expr) -> Result<String, ApiError> {
        match expr {
            Expr::Nested(inner) => Ok(format!("({})", self.translate(inner)?)),
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => Ok(format!("NOT ({})", self.translate(expr)?)),
            Expr::BinaryOp {
                left,
                op: op @ (BinaryOperator::And | BinaryOperator::Or),
                right,
            } => Ok(format!(
                "({}) {op} ({})",
                self.translate(left)?,
                self.translate(right)?
            )),
            Expr::BinaryOp { left, op, right } => {
                let op = match op {
                    BinaryOperator::Eq => "=",
                    BinaryOperator::NotEq => "<>",
                    BinaryOperator::Lt => "<",
                    BinaryOperator::LtEq => "<=",
                    BinaryOperator::Gt => ">",
                    BinaryOperator::GtEq => ">=",
                    other => return Err(unsupported(format!("the operator `{other}`"))),
                };
                let sides = self.same_class(expr, &[left, right])?;
                Ok(sides.join(&format!(" {op} ")))
            }
            Expr::Between {
                expr: value,
                negated,
                low,
                high,
            } => {
                let [value, low, high] = self
                    .same_class(expr, &[value, low, high])?
                    .try_into()
                    .map_err(|_| odd())?;
                Ok(format!("{value} {}BETWEEN {low} AND {high}", not(*negated)))
            }
            Expr::InList {
                expr: value,
                list,
                negated,
            } => {
                let mut operands: Vec<&Expr> = vec![value];
                operands.extend(list);
                let sql = self.same_class(expr, &operands)?;
                let (value, list) = sql.split_first().ok_or_else(odd)?;
                Ok(format!("{value} {}IN ({})", not(*negated), list.join(", ")))
            }
            Expr::IsNull(value) => Ok(format!("{} IS NULL", column(value, self.table)?.sql)),
            Expr::IsNotNull(value) => Ok(format!("{} IS NOT NULL", column(value, self.table)?.sql)),
            other => Err(unsupported(format!("the condition `{}`", other))),
        }
    }

    /// Operands that must be comparable with each other, in order.
    fn same_class(&mut self, whole: &Expr, operands: &[&Expr]) -> Result<Vec<String>, ApiError> {
        let mut sql = Vec::new();
        let mut common = None;
        for operand in operands {
            let (text, class) = self.operand(operand)?;
            if *common.get_or_insert(class) != class {
                return Err(invalid(format!(
                    "types that cannot be compared in `{}`",
                    shown(whole)
                )));
            }
            sql.push(text);
        }
        Ok(sql)
    }

    fn operand(&mut self, expr: &Expr) -> Result<(String, Class), ApiError> {
        let Some(constant) = constant(expr, self.now_ns)? else {
            let column = column(expr, self.table)?;
            let class = match column.scalar {
                ScalarType::Double | ScalarType::Bigint => Class::Number,
                ScalarType::Varchar => Class::Text,
                ScalarType::Boolean => Class::Boolean,
                ScalarType::Timestamp => Class::Time,
            };
            return Ok((column.sql, class));
        };
        let class = match constant {
            Constant::Number(_) => Class::Number,
            Constant::Text(_) => Class::Text,
            Constant::Boolean(_) => Class::Boolean,
            Constant::Instant(_) => Class::Time,
            Constant::Duration(_) => {
                return Err(unsupported(format!(
                    "comparing with the duration {}",
                    shown(expr)
                )));
            }
        };
        self.params.push(constant.into_sql());
        Ok((format!("?{}", self.params.len()), class))
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn odd() -> ApiError {
    invalid("a comparison without operands")
}

/// The expression without the marks of durations.
fn shown(expr: &Expr) -> String {
    expr.to_string().replace(super::constant::DURATION_MARK, "")
}

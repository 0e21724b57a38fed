//! Divisions of whole numbers, which lose their remainder.

use crate::ast::{CastType, Expr, Operator};
use crate::ast_walk;
use crate::number::{self, Number};
use crate::statement::Statement;
use crate::version::SqlVersion;

/// What is known about the type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Int,
    /// A Decimal, or no number at all.
    NotInt,
    /// A key of the payload may hold a whole number in one message and a fraction in the next.
    Nothing,
}

/// Reports every division whose operands are, or may be, both Int.
pub(super) fn check(statement: &Statement, mut report: impl FnMut(String)) {
    let version = statement.version;
    ast_walk::expressions(&statement.query, &mut |expr| {
        let Expr::Chain(first, rest) = expr else {
            return;
        };
        let mut left = known(first, version);
        for (place, (operator, right)) in rest.iter().enumerate() {
            let divisor = known(right, version);
            if *operator == Operator::Divide
                && left != Known::NotInt
                && divisor != Known::NotInt
                && !(place == 0 && exact(first, right))
            {
                let certain = left == Known::Int && divisor == Known::Int;
                report(format!(
                    "`{expr}` {} whole numbers, and Int/Int is an Int: the remainder is lost; multiply by a fraction like 0.5 instead, or round on purpose with floor()",
                    if certain { "divides" } else { "may divide" },
                ));
            }
            left = combine(left, divisor);
        }
    });
}

/// Two literals that divide without a remainder.
fn exact(left: &Expr, right: &Expr) -> bool {
    match (int_literal(left), int_literal(right)) {
        (Some(a), Some(b)) => a.checked_rem(b) == Some(0),
        _ => false,
    }
}

fn int_literal(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Number(text) => match number::parse(text) {
            Some(Number::Int(value)) => Some(value),
            _ => None,
        },
        Expr::Negate(inner) => int_literal(inner).map(|i| -i),
        _ => None,
    }
}

const fn combine(left: Known, right: Known) -> Known {
    match (left, right) {
        (Known::Int, Known::Int) => Known::Int,
        (Known::NotInt, _) | (_, Known::NotInt) => Known::NotInt,
        _ => Known::Nothing,
    }
}

fn known(expr: &Expr, version: SqlVersion) -> Known {
    match expr {
        Expr::Number(text) => match number::parse(text) {
            Some(Number::Int(_)) => Known::Int,
            // From 2016-03-23 on, 2.0 is the Int 2.
            Some(Number::Decimal(d)) if version.has_2016() && d.whole().is_some() => Known::Int,
            _ => Known::NotInt,
        },
        Expr::Negate(inner) => known(inner, version),
        Expr::Chain(first, rest) => rest.iter().fold(
            known(first, version),
            |all, (operator, operand)| match operator {
                Operator::Add
                | Operator::Subtract
                | Operator::Multiply
                | Operator::Divide
                | Operator::Modulo => combine(all, known(operand, version)),
                _ => Known::NotInt,
            },
        ),
        Expr::Cast(_, CastType::Int) => Known::Int,
        Expr::Cast(_, CastType::Decimal | CastType::Double) if version.has_2016() => Known::Nothing,
        Expr::Cast(..)
        | Expr::Text(_)
        | Expr::Boolean(_)
        | Expr::Null
        | Expr::Object(_)
        | Expr::Array(_) => Known::NotInt,
        Expr::Call(function, _) => match function.name {
            "timestamp" | "length" | "numbytes" | "floor" | "ceil" | "round" | "sign"
            | "indexof" | "time_to_epoch" | "bitand" | "bitor" | "bitxor" | "bitnot" => Known::Int,
            "acos" | "asin" | "atan" | "atan2" | "cos" | "cosh" | "exp" | "ln" | "log"
            | "power" | "sin" | "sinh" | "sqrt" | "tan" | "tanh" | "rand" => Known::NotInt,
            _ => Known::Nothing,
        },
        _ => Known::Nothing,
    }
}

//! The operators on two values. Source: AWS IoT developer guide, "Operators".

use std::cmp::Ordering;

use crate::MAX_RESULT_BYTES;
use crate::ast::Operator;
use crate::convert::{to_boolean, to_decimal, to_text};
use crate::error::EvalError;
use crate::number::{Decimal, int_in_range};
use crate::value::Value;

pub(crate) fn apply(operator: Operator, left: &Value, right: &Value) -> Result<Value, EvalError> {
    Ok(match operator {
        Operator::And => logical(left, right, |a, b| a && b),
        Operator::Or => logical(left, right, |a, b| a || b),
        Operator::Equal => equality(left, right, true),
        Operator::NotEqual => equality(left, right, false),
        Operator::Less => comparison(left, right, Ordering::is_lt),
        Operator::LessOrEqual => comparison(left, right, Ordering::is_le),
        Operator::Greater => comparison(left, right, Ordering::is_gt),
        Operator::GreaterOrEqual => comparison(left, right, Ordering::is_ge),
        Operator::In => contained(left, right),
        Operator::Add => add(left, right)?,
        Operator::Subtract => numeric(left, right, i128::checked_sub, Decimal::sub),
        Operator::Multiply => numeric(left, right, i128::checked_mul, Decimal::mul),
        Operator::Divide => numeric(left, right, i128::checked_div, Decimal::div),
        Operator::Modulo => numeric(left, right, i128::checked_rem, Decimal::rem),
    })
}

/// Both sides count, even when one alone would decide: `true OR 5` is Undefined by the table.
fn logical(left: &Value, right: &Value, operation: fn(bool, bool) -> bool) -> Value {
    match (to_boolean(left), to_boolean(right)) {
        (Some(a), Some(b)) => Value::Boolean(operation(a, b)),
        _ => Value::Undefined,
    }
}

pub(crate) fn not(value: &Value) -> Value {
    to_boolean(value).map_or(Value::Undefined, |b| Value::Boolean(!b))
}

fn equality(left: &Value, right: &Value, wanted: bool) -> Value {
    if left.is_defined() && right.is_defined() {
        Value::Boolean(equal(left, right) == wanted)
    } else {
        Value::Undefined
    }
}

/// `=` on defined values: numbers by value, everything else without conversion.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Decimal(b)) | (Value::Decimal(b), Value::Int(a)) => {
            Decimal::from(*a) == *b
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| equal(x, y))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, x)| b.get(key).is_some_and(|y| equal(x, y)))
        }
        _ => left == right,
    }
}

/// Only numbers and numeric strings have an order; there is no lexicographic comparison.
fn comparison(left: &Value, right: &Value, wanted: fn(Ordering) -> bool) -> Value {
    let ordering = match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        _ => to_decimal(left)
            .zip(to_decimal(right))
            .map(|(a, b)| a.cmp(&b)),
    };
    ordering.map_or(Value::Undefined, |o| Value::Boolean(wanted(o)))
}

fn contained(left: &Value, right: &Value) -> Value {
    match (left, right) {
        (
            Value::Int(_)
            | Value::Decimal(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_),
            Value::Array(items),
        ) => Value::Boolean(items.iter().any(|item| equal(left, item))),
        _ => Value::Undefined,
    }
}

fn add(left: &Value, right: &Value) -> Result<Value, EvalError> {
    if matches!(left, Value::String(_)) || matches!(right, Value::String(_)) {
        return Ok(match (to_text(left)?, to_text(right)?) {
            (Some(a), Some(b)) if a.len() + b.len() > MAX_RESULT_BYTES => {
                return Err(EvalError::ResultTooLarge);
            }
            (Some(a), Some(b)) => Value::from([&*a, &*b].concat()),
            _ => Value::Undefined,
        });
    }
    Ok(match (left, right) {
        (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
            numeric(left, right, i128::checked_add, Decimal::add)
        }
        _ => Value::Undefined,
    })
}

/// Int and Int stay Int; everything else that has a number becomes Decimal. What has no result (a division by zero,
/// a number above 9.99E999) is Undefined.
pub(crate) fn numeric(
    left: &Value,
    right: &Value,
    of_int: fn(i128, i128) -> Option<i128>,
    of_decimal: fn(&Decimal, &Decimal) -> Option<Decimal>,
) -> Value {
    if let (Value::Int(a), Value::Int(b)) = (left, right)
        && let Some(result) = of_int(*a, *b).filter(|i| int_in_range(*i))
    {
        return Value::Int(result);
    }
    match (to_decimal(left), to_decimal(right)) {
        (Some(a), Some(b)) => Value::decimal(of_decimal(&a, &b)),
        _ => Value::Undefined,
    }
}

pub(crate) fn negate(value: &Value) -> Value {
    match value {
        Value::Int(i) => Value::Int(-i),
        other => Value::decimal(to_decimal(other).map(|d| d.neg())),
    }
}

#[cfg(test)]
mod tests;

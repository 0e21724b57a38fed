//! Standard conversions and `cast`.
//!
//! Source: AWS IoT developer guide, "Data types: conversions" and "cast(value as type)".

use std::sync::Arc;

use crate::MAX_RESULT_BYTES;
use crate::ast::CastType;
use crate::error::EvalError;
use crate::json;
use crate::number::{self, Decimal, Number};
use crate::value::Value;
use crate::version::SqlVersion;

/// To Decimal without a change of type: an Int stays exact. Null stays Null; what has no number is Undefined.
pub(crate) fn to_number(value: &Value) -> Value {
    match value {
        Value::Int(_) | Value::Decimal(_) | Value::Null => value.clone(),
        // A numeric string is a Decimal, also when it has no fraction.
        Value::String(text) => match number::parse_numeric_string(text) {
            Some(Number::Int(i)) => Value::Decimal(Decimal::from(i)),
            Some(Number::Decimal(d)) => Value::Decimal(d),
            None => Value::Undefined,
        },
        _ => Value::Undefined,
    }
}

/// To Decimal; `None` for what has no number.
pub(crate) fn to_decimal(value: &Value) -> Option<Decimal> {
    match to_number(value) {
        Value::Int(i) => Some(Decimal::from(i)),
        Value::Decimal(d) => Some(d),
        _ => None,
    }
}

/// To Int by the standard table: a Decimal is rounded to the nearest, a String is truncated.
#[cfg(test)]
pub(crate) fn to_int(value: &Value) -> Value {
    match (value, to_number(value)) {
        (_, Value::Int(i)) => Value::Int(i),
        (_, Value::Null) => Value::Null,
        (Value::String(_), Value::Decimal(d)) => d.trunc().map_or(Value::Undefined, Value::Int),
        (_, Value::Decimal(d)) => d.round().map_or(Value::Undefined, Value::Int),
        _ => Value::Undefined,
    }
}

/// To Int by rounding down, as most functions do it; `None` for what has no Int.
pub(crate) fn to_int_floor(value: &Value) -> Option<i128> {
    match to_number(value) {
        Value::Int(i) => Some(i),
        Value::Decimal(d) => d.floor(),
        _ => None,
    }
}

/// To a position by rounding down; numbers beyond the range of Int are held at its ends.
pub(crate) fn to_position(value: &Value) -> Option<i128> {
    match to_number(value) {
        Value::Int(i) => Some(i),
        Value::Decimal(d) => Some(
            d.floor()
                .unwrap_or_else(|| d.signum() * i128::from(i64::MAX)),
        ),
        _ => None,
    }
}

/// To Boolean; `None` for everything but Booleans and the texts `true` and `false` in any case.
pub(crate) fn to_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(b) => Some(*b),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// To String; `None` for Null and Undefined.
pub(crate) fn to_text(value: &Value) -> Result<Option<Arc<str>>, EvalError> {
    Ok(match value {
        Value::Undefined | Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(
            json::write(other, MAX_RESULT_BYTES)
                .ok_or(EvalError::ResultTooLarge)?
                .into(),
        ),
    })
}

/// `cast(value AS type)`.
pub(crate) fn cast(
    value: &Value,
    target: CastType,
    version: SqlVersion,
) -> Result<Value, EvalError> {
    Ok(match target {
        CastType::String => to_text(value)?.map_or(Value::Undefined, Value::String),
        CastType::Int => cast_to_int(value),
        CastType::Decimal => cast_to_decimal(value).typed(version),
        CastType::Double => match cast_to_decimal(value) {
            Value::Decimal(d) => Value::decimal(Decimal::from_f64(d.to_f64())).typed(version),
            other => other,
        },
        CastType::Boolean => cast_to_boolean(value),
    })
}

fn cast_to_int(value: &Value) -> Value {
    match value {
        Value::Null => Value::Undefined,
        Value::Boolean(b) => Value::Int(i128::from(*b)),
        other => to_int_floor(other).map_or(Value::Undefined, Value::Int),
    }
}

fn cast_to_decimal(value: &Value) -> Value {
    match value {
        Value::Null => Value::Undefined,
        Value::Boolean(b) => Value::decimal(Decimal::from_f64(f64::from(u8::from(*b)))),
        other => to_number(other),
    }
}

fn cast_to_boolean(value: &Value) -> Value {
    match value {
        Value::Int(i) => Value::Boolean(*i != 0),
        Value::Decimal(d) => Value::Boolean(d.signum() != 0),
        other => to_boolean(other).map_or(Value::Undefined, Value::Boolean),
    }
}

#[cfg(test)]
mod tests;

//! Exact arithmetic on Int and Decimal.

use super::{Function, Outcome, argument};
use crate::convert::{to_number, to_position};
use crate::eval::Evaluator;
use crate::number::Decimal;
use crate::operators;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "abs",
        &[1],
        abs,
        &[
            ("abs(-5)", "5"),
            ("abs(-5.5)", "5.5"),
            ("abs('-2.25')", "2.25"),
            ("abs(null)", "UNDEFINED"),
            ("abs(true)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "ceil",
        &[1],
        ceil,
        &[
            ("ceil(1.2)", "2"),
            ("ceil(-1.2)", "-1"),
            ("ceil('1.2')", "2"),
            ("ceil([1])", "UNDEFINED"),
        ],
    ),
    Function::new(
        "floor",
        &[1],
        floor,
        &[
            ("floor(1.2)", "1"),
            ("floor(-1.2)", "-2"),
            ("floor('1.2')", "1"),
            ("floor('x')", "UNDEFINED"),
        ],
    ),
    Function::new(
        "round",
        &[1],
        round,
        &[
            ("round(1.2)", "1"),
            ("round(1.5)", "2"),
            ("round(1.7)", "2"),
            ("round(-1.1)", "-1"),
            ("round(-1.5)", "-2"),
            ("round('2.5')", "3"),
            ("round(null)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "sign",
        &[1],
        sign,
        &[
            ("sign(-7)", "-1"),
            ("sign(0)", "0"),
            ("sign(13)", "1"),
            ("sign('-0.5')", "-1"),
            ("sign(false)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "trunc",
        &[2],
        trunc,
        &[
            ("trunc(2.3, 0)", "2"),
            ("trunc(2.3123, 2)", "2.31"),
            ("trunc(2.888, 2)", "2.88"),
            ("trunc(2.00, 5)", "2"),
            ("trunc('-2.389', 1.9)", "-2.3"),
            ("trunc(2.389, -3)", "2"),
            ("trunc(2.389, 'x')", "UNDEFINED"),
        ],
    ),
    Function::new(
        "mod",
        &[2],
        modulo,
        &[
            ("mod(8, 3)", "2"),
            ("mod(-8, 3)", "-2"),
            ("mod(8.5, 3)", "2.5"),
            ("mod('8', '3')", "2"),
            ("mod(8, 0)", "UNDEFINED"),
            ("mod(8, null)", "UNDEFINED"),
        ],
    ),
    Function::new("remainder", &[2], modulo, &[("remainder(8, 3)", "2")]),
];

/// Applies a function to the number of the only argument.
fn number(
    arguments: &[Value],
    of_int: fn(i128) -> i128,
    of_decimal: fn(&Decimal) -> Option<Value>,
) -> Value {
    match to_number(argument(arguments, 0)) {
        Value::Int(i) => Value::int(of_int(i)),
        Value::Decimal(d) => of_decimal(&d).unwrap_or_default(),
        _ => Value::Undefined,
    }
}

fn abs(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(number(arguments, i128::abs, |d| {
        Some(Value::Decimal(d.abs()))
    }))
}

fn ceil(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(number(arguments, |i| i, |d| d.ceil().map(Value::Int)))
}

fn floor(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(number(arguments, |i| i, |d| d.floor().map(Value::Int)))
}

fn round(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(number(arguments, |i| i, |d| d.round().map(Value::Int)))
}

fn sign(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(number(arguments, i128::signum, |d| {
        Some(Value::Int(d.signum()))
    }))
}

/// Places are held between 0 and 34.
fn trunc(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Some(places) = to_position(argument(arguments, 1)) else {
        return Ok(Value::Undefined);
    };
    let places = u32::try_from(places.clamp(0, 34)).unwrap_or(0);
    Ok(match to_number(argument(arguments, 0)) {
        Value::Int(i) => Value::Int(i),
        Value::Decimal(d) => Value::Decimal(d.trunc_places(places)).typed(e.version),
        _ => Value::Undefined,
    })
}

fn modulo(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(operators::numeric(
        argument(arguments, 0),
        argument(arguments, 1),
        i128::checked_rem,
        Decimal::rem,
    ))
}

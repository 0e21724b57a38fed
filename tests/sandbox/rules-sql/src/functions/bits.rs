//! Bitwise functions on two's complement numbers. Arguments become Int by rounding down.

use super::{Function, Outcome, argument};
use crate::convert::to_int_floor;
use crate::eval::Evaluator;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "bitand",
        &[2],
        bitand,
        &[
            ("bitand(13, 5)", "5"),
            ("bitand(13.9, '5.5')", "5"),
            ("bitand(13, true)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "bitor",
        &[2],
        bitor,
        &[("bitor(8, 5)", "13"), ("bitor(8, null)", "UNDEFINED")],
    ),
    Function::new(
        "bitxor",
        &[2],
        bitxor,
        &[("bitxor(13, 5)", "8"), ("bitxor('x', 5)", "UNDEFINED")],
    ),
    // The AWS page says bitnot(13) = 2, which no width of integer gives.
    Function::new(
        "bitnot",
        &[1],
        bitnot,
        &[("bitnot(13)", "-14"), ("bitnot([])", "UNDEFINED")],
    ),
];

fn both(arguments: &[Value], operation: fn(i128, i128) -> i128) -> Outcome {
    let left = to_int_floor(argument(arguments, 0));
    let right = to_int_floor(argument(arguments, 1));
    Ok(match (left, right) {
        (Some(a), Some(b)) => Value::int(operation(a, b)),
        _ => Value::Undefined,
    })
}

fn bitand(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    both(arguments, |a, b| a & b)
}

fn bitor(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    both(arguments, |a, b| a | b)
}

fn bitxor(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    both(arguments, |a, b| a ^ b)
}

fn bitnot(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(to_int_floor(argument(arguments, 0)).map_or(Value::Undefined, |i| Value::int(!i)))
}

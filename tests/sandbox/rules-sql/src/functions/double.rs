//! Functions that AWS documents with double precision.

use super::{Function, Outcome, argument};
use crate::convert::to_decimal;
use crate::eval::Evaluator;
use crate::number::Decimal;
use crate::value::Value;

/// A function of one double.
macro_rules! double {
    ($name:literal, $operation:expr, $examples:expr) => {
        Function::new(
            $name,
            &[1],
            |_, arguments| one(arguments, $operation),
            $examples,
        )
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    double!(
        "acos",
        f64::acos,
        &[("acos(0)", "1.5707963267948966"), ("acos(2)", "UNDEFINED")]
    ),
    double!("asin", f64::asin, &[("asin(0)", "0.0")]),
    double!("atan", f64::atan, &[("atan(0)", "0.0")]),
    double!("cos", f64::cos, &[("cos(0)", "1.0")]),
    double!("cosh", f64::cosh, &[("cosh(2.3)", "5.037220649268761")]),
    double!(
        "exp",
        f64::exp,
        &[
            ("exp(1)", "2.718281828459045"),
            ("exp('1')", "2.718281828459045"),
            ("exp(1000)", "UNDEFINED")
        ]
    ),
    double!(
        "ln",
        f64::ln,
        &[
            ("ln(2.718281828459045)", "1.0"),
            ("ln(0)", "UNDEFINED"),
            ("ln(-1)", "UNDEFINED")
        ]
    ),
    double!(
        "log",
        f64::log10,
        &[("log(100)", "2.0"), ("log(null)", "UNDEFINED")]
    ),
    double!("sin", f64::sin, &[("sin(0)", "0.0")]),
    double!("sinh", f64::sinh, &[("sinh(2.3)", "4.936961805545957")]),
    double!(
        "sqrt",
        f64::sqrt,
        &[
            ("sqrt(9)", "3.0"),
            ("sqrt(-1)", "UNDEFINED"),
            ("sqrt(true)", "UNDEFINED")
        ]
    ),
    double!("tan", f64::tan, &[("tan(3)", "-0.1425465430742778")]),
    double!("tanh", f64::tanh, &[("tanh(2.3)", "0.9800963962661914")]),
    Function::new(
        "atan2",
        &[2],
        atan2,
        &[
            ("atan2(1, 0)", "1.5707963267948966"),
            ("atan2(1, [])", "UNDEFINED"),
        ],
    ),
    Function::new(
        "power",
        &[2],
        power,
        &[
            ("power(2, 5)", "32.0"),
            ("power('2', 0.5)", "1.4142135623730951"),
            ("power(-1, 0.5)", "UNDEFINED"),
        ],
    ),
];

fn double(value: &Value) -> Option<f64> {
    to_decimal(value).map(|d| d.to_f64())
}

/// Results that are imaginary, infinite or not defined are Undefined.
fn one(arguments: &[Value], operation: fn(f64) -> f64) -> Outcome {
    let result = double(argument(arguments, 0)).map(operation);
    Ok(Value::decimal(result.and_then(Decimal::from_f64)))
}

fn two(arguments: &[Value], operation: fn(f64, f64) -> f64) -> Outcome {
    let left = double(argument(arguments, 0));
    let right = double(argument(arguments, 1));
    let result = left.zip(right).map(|(a, b)| operation(a, b));
    Ok(Value::decimal(result.and_then(Decimal::from_f64)))
}

/// The first argument is y: the documented example says so, its text says x.
fn atan2(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    two(arguments, f64::atan2)
}

fn power(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    two(arguments, f64::powf)
}

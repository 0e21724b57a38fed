//! Functions about what is there and what is not.

use super::{Function, Outcome, argument};
use crate::ast::Expr;
use crate::eval::{Evaluator, Scope};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "isNull",
        &[1],
        is_null,
        &[
            ("isNull(nothing)", "true"),
            ("isNull(missing)", "false"),
            ("isNull(5)", "false"),
        ],
    ),
    Function::new(
        "isUndefined",
        &[1],
        is_undefined,
        &[
            ("isUndefined(missing)", "true"),
            ("isUndefined(nothing)", "false"),
            ("isUndefined(floor([1,2]))", "true"),
        ],
    )
    .since_2016(),
    Function::new(
        "nanvl",
        &[2],
        nanvl,
        &[
            ("Nanvl(8, 3)", "8"),
            ("nanvl(missing, 3)", "3"),
            ("nanvl(null, 'x')", r#""x""#),
            ("nanvl('a', 3)", r#""a""#),
        ],
    ),
    Function::lazy(
        "get_or_default",
        &[1, 2],
        get_or_default,
        &[
            ("get_or_default(n, 7)", "1"),
            ("get_or_default(missing, 7)", "7"),
            ("get_or_default(nothing, 7)", "7"),
            ("get_or_default(n > 30, true)", "false"),
            ("get_or_default(missing > 30, true)", "true"),
            ("get_or_default(nothing)", "UNDEFINED"),
        ],
    )
    .since_2016()
    .takes_star(),
];

fn is_null(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(Value::Boolean(matches!(
        argument(arguments, 0),
        Value::Null
    )))
}

fn is_undefined(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    Ok(Value::Boolean(!argument(arguments, 0).is_defined()))
}

/// A Decimal of this crate is never NaN.
fn nanvl(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let place = usize::from(matches!(
        argument(arguments, 0),
        Value::Undefined | Value::Null
    ));
    Ok(argument(arguments, place).clone())
}

/// A failure counts like Undefined, unless it says that the answer of AWS is not known here.
fn get_or_default(e: &Evaluator<'_>, arguments: &[Expr], scope: &Scope<'_>) -> Outcome {
    let Some((expr, default)) = arguments.split_first() else {
        return Ok(Value::Undefined);
    };
    match e.eval(expr, scope) {
        Ok(Value::Null | Value::Undefined) => {}
        Err(problem) if problem.is_unsupported() => return Err(problem),
        Err(_) => {}
        Ok(value) => return Ok(value),
    }
    match default.first() {
        Some(default) => e.eval(default, scope),
        None => Ok(Value::Undefined),
    }
}

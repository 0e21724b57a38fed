//! Functions on texts. Positions count characters (Unicode scalar values) from 0.

use super::{Function, Outcome, argument};
use crate::MAX_RESULT_BYTES;
use crate::convert::{to_int_floor, to_position, to_text};
use crate::error::EvalError;
use crate::eval::Evaluator;
use crate::value::Value;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chr",
        &[1],
        chr,
        &[
            ("chr(65)", r#""A""#),
            ("chr(49)", r#""1""#),
            ("chr('65.9')", r#""A""#),
            ("chr(128)", "UNDEFINED"),
            ("chr(-1)", "UNDEFINED"),
            ("chr(true)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "concat",
        &[],
        concat,
        &[
            ("concat()", "UNDEFINED"),
            // The AWS page says "1" for this one, and "returned unmodified" in its text.
            ("concat(1)", "1"),
            ("concat([1, 2, 3], 4)", "[1,2,3,4]"),
            ("concat([1, 2, 3], 'hello')", r#"[1,2,3,"hello"]"#),
            ("concat('hello', null, [1])", r#"["hello",null,1]"#),
            ("concat('con', 'cat')", r#""concat""#),
            ("concat(1, 'hello')", r#""1hello""#),
            ("concat('he', 'is', 'man')", r#""heisman""#),
            (
                "concat([1, 2, 3], 'hello', [4, 5, 6])",
                r#"[1,2,3,"hello",4,5,6]"#,
            ),
            ("concat(1, 2)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "endswith",
        &[2],
        endswith,
        &[
            ("endswith('cat', 'at')", "true"),
            ("endswith(12, 2)", "true"),
            ("endswith('cat', null)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "startswith",
        &[2],
        startswith,
        &[
            ("startswith('ranger', 'ran')", "true"),
            ("startswith('ranger', 'x')", "false"),
        ],
    ),
    Function::new(
        "indexof",
        &[2],
        indexof,
        &[
            ("indexof('abcd', 'bc')", "1"),
            ("indexof('äbcd', 'bc')", "1"),
            ("indexof('abcd', 'x')", "-1"),
            ("indexof('abcd', missing)", "UNDEFINED"),
        ],
    )
    .since_2016(),
    Function::new(
        "length",
        &[1],
        length,
        &[
            ("length('hi')", "2"),
            ("length(false)", "5"),
            ("length('€')", "1"),
            ("length(null)", "UNDEFINED"),
        ],
    )
    .since_2016(),
    Function::new(
        "numbytes",
        &[1],
        numbytes,
        &[("numbytes('hi')", "2"), ("numbytes('€')", "3")],
    )
    .since_2016(),
    Function::new(
        "lower",
        &[1],
        lower,
        &[
            ("lower('HELLO')", r#""hello""#),
            ("lower(['HELLO'])", r#""[\"hello\"]""#),
        ],
    ),
    Function::new(
        "upper",
        &[1],
        upper,
        &[
            ("upper('hello')", r#""HELLO""#),
            ("upper(['hello'])", r#""[\"HELLO\"]""#),
        ],
    ),
    Function::new(
        "replace",
        &[3],
        replace,
        &[
            ("replace('abcd', 'bc', 'x')", r#""axd""#),
            ("replace('abcdbcd', 'bc', 1)", r#""a1d1d""#),
            ("replace('abc', '', 'x')", r#""xaxbxcx""#),
            ("replace('abc', null, 'x')", "UNDEFINED"),
        ],
    ),
    Function::new(
        "substring",
        &[2, 3],
        substring,
        &[
            ("substring('012345', 0)", r#""012345""#),
            ("substring('012345', 2)", r#""2345""#),
            ("substring('012345', 2.745)", r#""2345""#),
            ("substring(123, 2)", r#""3""#),
            ("substring('012345', -1)", r#""012345""#),
            ("substring(true, 1.2)", r#""rue""#),
            ("substring(false, -2.411E247)", r#""false""#),
            ("substring('012345', 1, 3)", r#""12""#),
            ("substring('012345', -50, 50)", r#""012345""#),
            ("substring('012345', 3, 1)", r#""""#),
            ("substring('012345', 'x')", "UNDEFINED"),
            ("substring(null, 1)", "UNDEFINED"),
        ],
    ),
];

fn chr(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let code = to_int_floor(argument(arguments, 0)).and_then(|i| u8::try_from(i).ok());
    Ok(code.filter(u8::is_ascii).map_or(Value::Undefined, |code| {
        Value::from(char::from(code).to_string())
    }))
}

fn concat(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    if let [only] = arguments {
        return Ok(only.clone());
    }
    if arguments.iter().any(|a| matches!(a, Value::Array(_))) {
        let items = arguments.iter().flat_map(|a| match a {
            Value::Array(items) => items.to_vec(),
            other => vec![other.clone()],
        });
        return Ok(Value::array(items));
    }
    if !arguments.iter().any(|a| matches!(a, Value::String(_))) {
        return Ok(Value::Undefined);
    }
    let mut joined = String::new();
    for value in arguments {
        match to_text(value)? {
            Some(text) => joined.push_str(&text),
            None => return Ok(Value::Undefined),
        }
        if joined.len() > MAX_RESULT_BYTES {
            return Err(EvalError::ResultTooLarge);
        }
    }
    Ok(Value::from(joined))
}

/// Applies a function to the text of the only argument.
fn one(arguments: &[Value], operation: impl Fn(&str) -> Value) -> Outcome {
    Ok(to_text(argument(arguments, 0))?.map_or(Value::Undefined, |text| operation(&text)))
}

fn pair(arguments: &[Value]) -> Result<Option<(Arc<str>, Arc<str>)>, EvalError> {
    let left = to_text(argument(arguments, 0))?;
    let right = to_text(argument(arguments, 1))?;
    Ok(left.zip(right))
}

fn two(arguments: &[Value], operation: impl Fn(&str, &str) -> Value) -> Outcome {
    Ok(pair(arguments)?.map_or(Value::Undefined, |(a, b)| operation(&a, &b)))
}

fn size(count: usize) -> Value {
    i128::try_from(count).map_or(Value::Undefined, Value::Int)
}

fn endswith(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    two(arguments, |a, b| Value::Boolean(a.ends_with(b)))
}

fn startswith(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    two(arguments, |a, b| Value::Boolean(a.starts_with(b)))
}

fn indexof(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    two(arguments, |a, b| match a.find(b) {
        Some(at) => size(a.get(..at).unwrap_or_default().chars().count()),
        None => Value::Int(-1),
    })
}

fn length(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    one(arguments, |text| size(text.chars().count()))
}

fn numbytes(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    one(arguments, |text| size(text.len()))
}

fn lower(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    one(arguments, |text| Value::from(text.to_lowercase()))
}

fn upper(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    one(arguments, |text| Value::from(text.to_uppercase()))
}

fn replace(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Some(with) = to_text(argument(arguments, 2))? else {
        return Ok(Value::Undefined);
    };
    let Some((text, from)) = pair(arguments)? else {
        return Ok(Value::Undefined);
    };
    let grown = text.matches(&*from).count().saturating_mul(with.len());
    if text.len().saturating_add(grown) > MAX_RESULT_BYTES {
        return Err(EvalError::ResultTooLarge);
    }
    Ok(Value::from(text.replace(&*from, &with)))
}

/// The start counts, the end does not; both are held within the text.
fn substring(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Some(text) = to_text(argument(arguments, 0))? else {
        return Ok(Value::Undefined);
    };
    let length = i128::try_from(text.chars().count()).unwrap_or(i128::MAX);
    let end = if arguments.len() > 2 {
        to_position(argument(arguments, 2))
    } else {
        Some(length)
    };
    let Some((start, end)) = to_position(argument(arguments, 1)).zip(end) else {
        return Ok(Value::Undefined);
    };
    let (start, end) = (start.clamp(0, length), end.clamp(0, length));
    let skip = usize::try_from(start).unwrap_or(usize::MAX);
    let take = usize::try_from(end - start).unwrap_or(0);
    let part: String = text.chars().skip(skip).take(take).collect();
    Ok(Value::from(part))
}

//! `get` and `transform`.

use super::{Function, Outcome, argument};
use crate::convert::to_position;
use crate::error::EvalError;
use crate::eval::Evaluator;
use crate::json;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "get",
        &[2],
        get,
        &[
            (r#"get(["a", "b", "c"], 1)"#, r#""b""#),
            (r#"get({"a":"b"}, "a")"#, r#""b""#),
            (r#"get("abc", 0)"#, r#""a""#),
            ("get('abc', '1.9')", r#""b""#),
            ("get([1], 1)", "UNDEFINED"),
            ("get([1], -1)", "UNDEFINED"),
            ("get([1], 'x')", "UNDEFINED"),
            ("get({'1': 2}, 1)", "UNDEFINED"),
            ("get(*, 'n')", "1"),
            ("get(5, 0)", "UNDEFINED"),
        ],
    )
    .takes_star(),
    Function::new(
        "transform",
        &[3],
        transform,
        &[
            (
                "transform('enrichArray', {'id': 7}, [{'a': 1}, {'a': 2}])",
                r#"[{"a":1,"id":7},{"a":2,"id":7}]"#,
            ),
            (
                "transform('enrichArray', {'a': 7}, [{'a': 1}])",
                r#"[{"a":1}]"#,
            ),
            ("transform('enrichArray', {'id': 7}, {})", "UNDEFINED"),
            ("transform('enrichArray', 7, [{}])", "UNDEFINED"),
            ("transform('flatten', {'id': 7}, [{}])", "UNDEFINED"),
        ],
    )
    .since_2016()
    .takes_star(),
];

/// Arrays and Strings are read by position from 0, Objects by a String.
fn get(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let (collection, key) = (argument(arguments, 0), argument(arguments, 1));
    let position = || to_position(key).and_then(|p| usize::try_from(p).ok());
    Ok(match (collection, key) {
        (Value::Object(_), Value::String(key)) => collection.member(key),
        (Value::Array(items), _) => position()
            .and_then(|p| items.get(p))
            .cloned()
            .unwrap_or_default(),
        (Value::String(text), _) => position()
            .and_then(|p| text.chars().nth(p))
            .map_or(Value::Undefined, |c| Value::from(c.to_string())),
        _ => Value::Undefined,
    })
}

/// Adds the members of an Object to every Object of an Array. Members that are there already stay.
fn transform(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let [
        Value::String(mode),
        Value::Object(extra),
        Value::Array(items),
    ] = arguments
    else {
        return Ok(Value::Undefined);
    };
    if &**mode != "enrichArray" {
        return Ok(Value::Undefined);
    }
    let mut enriched = Vec::new();
    let mut size = 0;
    for item in items.iter() {
        let item = match item {
            Value::Object(own) => {
                let mut members = (**own).clone();
                for (key, value) in extra.iter() {
                    members.entry(key.clone()).or_insert_with(|| value.clone());
                }
                Value::object(members)
            }
            other => other.clone(),
        };
        size += json::size_within(&item, MAX_BYTES).unwrap_or(MAX_BYTES) + 1;
        if size > MAX_BYTES {
            return Err(EvalError::LimitExceeded(
                "the result of transform() is larger than 128 KiB",
            ));
        }
        enriched.push(item);
    }
    Ok(Value::array(enriched))
}

/// The documented limit of the result.
const MAX_BYTES: usize = 128 * 1024;

//! Spaces added to texts and cut off them.

use super::{Function, Outcome, argument};
use crate::convert::{to_position, to_text};
use crate::eval::Evaluator;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "lpad",
        &[2],
        lpad,
        &[
            ("lpad('hello', 2)", r#""  hello""#),
            ("lpad(1, 3)", r#""   1""#),
            ("lpad('hello', -2)", r#""hello""#),
            ("lpad('hello', '1.9')", r#"" hello""#),
            ("lpad('hello', true)", "UNDEFINED"),
            ("lpad(null, 2)", "UNDEFINED"),
        ],
    ),
    Function::new(
        "rpad",
        &[2],
        rpad,
        &[
            ("rpad('hello', 2)", r#""hello  ""#),
            ("rpad(1, 3)", r#""1   ""#),
        ],
    ),
    Function::new("ltrim", &[1], ltrim, &[(r"ltrim(' \t h i ')", r#""h i ""#)]),
    Function::new("rtrim", &[1], rtrim, &[(r"rtrim(' h i \t ')", r#"" h i""#)]),
    Function::new(
        "trim",
        &[1],
        trim,
        &[
            (r"Trim(' \n hi \r ')", r#""hi""#),
            ("trim(null)", "UNDEFINED"),
        ],
    ),
];

/// The documented range of the number of spaces.
const MAX_SPACES: i128 = 1000;

fn pad(arguments: &[Value], join: fn(&str, &str) -> String) -> Outcome {
    let text = to_text(argument(arguments, 0))?;
    let count = to_position(argument(arguments, 1));
    Ok(match text.zip(count) {
        Some((text, count)) => {
            let count = usize::try_from(count.clamp(0, MAX_SPACES)).unwrap_or(0);
            Value::from(join(&text, &" ".repeat(count)))
        }
        None => Value::Undefined,
    })
}

fn lpad(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    pad(arguments, |text, spaces| format!("{spaces}{text}"))
}

fn rpad(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    pad(arguments, |text, spaces| format!("{text}{spaces}"))
}

fn cut(arguments: &[Value], operation: fn(&str) -> &str) -> Outcome {
    Ok(to_text(argument(arguments, 0))?
        .map_or(Value::Undefined, |text| Value::from(operation(&text))))
}

/// Tabs and spaces.
const BLANKS: [char; 2] = ['\t', ' '];

fn ltrim(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    cut(arguments, |text| text.trim_start_matches(BLANKS))
}

fn rtrim(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    cut(arguments, |text| text.trim_end_matches(BLANKS))
}

fn trim(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    cut(arguments, str::trim)
}

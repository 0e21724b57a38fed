//! Regular expressions in Java's syntax.
//!
//! Most expressions run in linear time. Look-around, back-references, possessive quantifiers and atomic groups are
//! backtracking with a limit: reaching it is an error, never a hang and never "no match".

mod java;

use fancy_regex::{CompileError, Error as RegexError, Regex, RegexBuilder};

use self::java::Refusal;
use super::{Function, Outcome, argument};
use crate::MAX_RESULT_BYTES;
use crate::convert::to_text;
use crate::error::EvalError;
use crate::eval::Evaluator;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "regexp_matches",
        &[2],
        regexp_matches,
        &[
            ("regexp_matches('aaaa', 'a{2,}')", "true"),
            ("regexp_matches('aaaa', 'b')", "false"),
            ("regexp_matches('abcd', '(bc|x)')", "true"),
            (r"regexp_matches('a1', '\d')", "true"),
            (r"regexp_matches('a1', '\\d')", "true"),
            ("regexp_matches(12, '2')", "true"),
            ("regexp_matches(null, '2')", "UNDEFINED"),
            ("regexp_matches('x', '(')", "UNDEFINED"),
            ("regexp_matches('foobar', 'foo(?=bar)')", "true"),
        ],
    ),
    Function::new(
        "regexp_replace",
        &[3],
        regexp_replace,
        &[
            (r#"regexp_replace("abcd", "bc", "x")"#, r#""axd""#),
            (r#"regexp_replace("abcd", "b(.*)d", "$1")"#, r#""ac""#),
            ("regexp_replace('abab', 'b', '-$0-')", r#""a-b-a-b-""#),
            (r"regexp_replace('ab', 'b', '\\$1')", r#""a$1""#),
            ("regexp_replace('ab', '(?<x>b)', '${x}${x}')", r#""abb""#),
            ("regexp_replace('ab', 'b', '${x}')", "UNDEFINED"),
            ("regexp_replace('ab', 'b', '$7')", "UNDEFINED"),
            ("regexp_replace('ab', '[', '')", "UNDEFINED"),
            ("regexp_replace(null, 'a', '')", "UNDEFINED"),
        ],
    ),
    Function::new(
        "regexp_substr",
        &[2],
        regexp_substr,
        &[
            ("regexp_substr('hihihello', 'hi')", r#""hi""#),
            ("regexp_substr('hihihello', '(hi)*')", r#""hihi""#),
            ("regexp_substr('hihihello', 'x')", "UNDEFINED"),
            ("regexp_substr('hihihello', '*')", "UNDEFINED"),
        ],
    ),
];

/// Longest expression in bytes.
const MAX_REGEX_BYTES: usize = 4096;
/// Largest compiled expression in bytes.
const MAX_COMPILED_BYTES: usize = 1024 * 1024;
/// Steps of backtracking per search.
const MAX_BACKTRACKING: usize = 100_000;
/// Forms that this engine runs by backtracking.
const BACKTRACKING: [&str; 14] = [
    "(?=", "(?!", "(?<", "(?>", "(?P", "++", "*+", "?+", "}+", "\\k", "\\G", "\\1", "\\2", "\\3",
];
/// Different expressions in one evaluation.
const MAX_EXPRESSIONS: usize = 64;

fn unsupported(reason: impl Into<String>) -> EvalError {
    EvalError::Regex {
        reason: reason.into(),
    }
}

/// Runs an operation with the compiled expression; Undefined for an invalid one (documented).
fn with_regex(
    e: &Evaluator<'_>,
    source: &str,
    text: &str,
    operation: impl FnOnce(&Regex) -> Outcome,
) -> Outcome {
    if source.len() > MAX_REGEX_BYTES {
        return Err(unsupported(format!("longer than {MAX_REGEX_BYTES} bytes")));
    }
    let translated = match java::translate(source, java::ends_with_terminator(text)) {
        Ok(translated) => translated,
        Err(Refusal::Invalid) => return Ok(Value::Undefined),
        Err(Refusal::Unsupported(what)) => return Err(unsupported(what)),
    };
    e.charge(translated.len())?;
    if !e.regexes.borrow().contains_key(&translated) {
        if e.regexes.borrow().len() >= MAX_EXPRESSIONS {
            return Err(unsupported(format!(
                "more than {MAX_EXPRESSIONS} different expressions"
            )));
        }
        e.charge(translated.len() * 100)?;
        let compiled = compile(&translated)?;
        e.regexes.borrow_mut().insert(translated.clone(), compiled);
    }
    match e.regexes.borrow().get(&translated) {
        Some(Some(regex)) => operation(regex),
        _ => Ok(Value::Undefined),
    }
}

fn compile(translated: &str) -> Result<Option<Regex>, EvalError> {
    let compiled = RegexBuilder::new(translated)
        .backtrack_limit(MAX_BACKTRACKING)
        .delegate_size_limit(MAX_COMPILED_BYTES)
        .delegate_dfa_size_limit(MAX_COMPILED_BYTES)
        .build();
    match compiled {
        Ok(regex) => Ok(Some(regex)),
        Err(RegexError::CompileError(cause)) if is_too_large(&cause) => {
            Err(unsupported("larger than the compiled size limit"))
        }
        Err(RegexError::ParseError(..) | RegexError::CompileError(_)) => Ok(None),
        Err(other) => Err(unsupported(other.to_string())),
    }
}

fn is_too_large(cause: &CompileError) -> bool {
    let text = cause.to_string();
    text.contains("size limit") || text.contains("exceeds")
}

/// Turns the limit of backtracking into an error.
fn found<T>(result: Result<T, RegexError>) -> Result<T, EvalError> {
    result.map_err(|cause| unsupported(cause.to_string()))
}

fn regexp_matches(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let (Some(text), Value::String(source)) =
        (to_text(argument(arguments, 0))?, argument(arguments, 1))
    else {
        return Ok(Value::Undefined);
    };
    with_regex(e, source, &text, |regex| {
        found(regex.is_match(&*text)).map(Value::Boolean)
    })
}

fn regexp_substr(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let (Some(text), Value::String(source)) =
        (to_text(argument(arguments, 0))?, argument(arguments, 1))
    else {
        return Ok(Value::Undefined);
    };
    with_regex(e, source, &text, |regex| {
        Ok(found(regex.find(&*text))?.map_or(Value::Undefined, |m| Value::from(m.as_str())))
    })
}

fn regexp_replace(e: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let (Some(text), Value::String(source), Some(replacement)) = (
        to_text(argument(arguments, 0))?,
        argument(arguments, 1),
        to_text(argument(arguments, 2))?,
    ) else {
        return Ok(Value::Undefined);
    };
    with_regex(e, source, &text, |regex| {
        let Some(parts) = parse_replacement(&replacement, regex) else {
            return Ok(Value::Undefined);
        };
        let mut replaced = String::new();
        let mut at = 0;
        let backtracks = BACKTRACKING.iter().any(|form| source.contains(form));
        for captures in regex.captures_iter(&*text) {
            let captures = found(captures)?;
            let Some(whole) = captures.get(0) else {
                continue;
            };
            // Every search may look at the whole rest, and one that backtracks may use up its limit.
            let effort = if backtracks { MAX_BACKTRACKING / 50 } else { 0 };
            e.charge(1 + parts.len() + (text.len() - whole.end()) / 64 + effort)?;
            replaced.push_str(text.get(at..whole.start()).unwrap_or_default());
            for part in &parts {
                match part {
                    Part::Text(text) => replaced.push_str(text),
                    Part::Name(name) => {
                        replaced.push_str(captures.name(name).map_or("", |m| m.as_str()))
                    }
                    Part::Group(group) => {
                        replaced.push_str(captures.get(*group).map_or("", |m| m.as_str()))
                    }
                }
            }
            at = whole.end();
            if replaced.len() > MAX_RESULT_BYTES {
                return Err(EvalError::ResultTooLarge);
            }
        }
        replaced.push_str(text.get(at..).unwrap_or_default());
        Ok(Value::from(replaced))
    })
}

enum Part {
    Text(String),
    Group(usize),
    Name(String),
}

/// Java's replacement syntax: `$n`, with further digits as long as there is such a group, and `\` before a literal
/// character; `${name}`. `None` for a group that does not exist and for a trailing `$` or `\`.
fn parse_replacement(text: &str, regex: &Regex) -> Option<Vec<Part>> {
    let groups = regex.captures_len();
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => literal.push(chars.next()?),
            '$' if chars.peek() == Some(&'{') => {
                let name: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                regex.capture_names().flatten().find(|n| *n == name)?;
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::Name(name));
            }
            '$' => {
                parts.push(Part::Text(std::mem::take(&mut literal)));
                let digit = |c: char| c.to_digit(10).and_then(|d| usize::try_from(d).ok());
                let mut group = digit(chars.next()?).filter(|g| *g < groups)?;
                while let Some(longer) = chars
                    .peek()
                    .copied()
                    .and_then(digit)
                    .map(|d| group * 10 + d)
                {
                    if longer >= groups {
                        break;
                    }
                    group = longer;
                    chars.next();
                }
                parts.push(Part::Group(group));
            }
            c => literal.push(c),
        }
    }
    parts.push(Part::Text(literal));
    Some(parts)
}

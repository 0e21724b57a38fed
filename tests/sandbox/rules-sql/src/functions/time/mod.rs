//! `parse_time` (Joda-Time patterns, number to text) and `time_to_epoch` (java.time patterns, text to number).

mod java_pattern;
mod java_text;
mod joda;
mod names;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::{Function, Outcome, argument};
use crate::convert::{to_int_floor, to_text};
use crate::error::EvalError;
use crate::eval::Evaluator;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "parse_time",
        &[2, 3],
        parse_time,
        &[
            (
                r#"parse_time("yyyy.MM.dd G 'at' HH:mm:ss z", 100000000, 'America/Belize')"#,
                r#""1970.01.01 AD at 21:46:40 CST""#,
            ),
            (
                r#"parse_time("yyyy.MM.dd G 'at' HH:mm:ss z", "100000000")"#,
                r#""1970.01.02 AD at 03:46:40 UTC""#,
            ),
            (
                r#"parse_time("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", 1450396800123, '+05:30')"#,
                r#""2015-12-18T05:30:00.123+05:30""#,
            ),
            ("parse_time('EEEE, d MMMM yy', 1450396800000)", r#""Friday, 18 December 15""#),
            ("parse_time('yyyy', null)", "UNDEFINED"),
            ("parse_time('yyyy', 'soon')", "UNDEFINED"),
        ],
    )
    .since_2016(),
    Function::new(
        "time_to_epoch",
        &[2],
        time_to_epoch,
        &[
            ("time_to_epoch('2020-04-03 09:45:18 UTC+01:00', 'yyyy-MM-dd HH:mm:ss VV')", "1585903518000"),
            ("time_to_epoch('18 December 2015', 'dd MMMM yyyy')", "1450396800000"),
            (
                "time_to_epoch('2007-12-03 10:15:30.592 America/Los_Angeles', 'yyyy-MM-dd HH:mm:ss.SSS z')",
                "1196705730592",
            ),
            ("time_to_epoch('2007-12-03T10:15:30Z', \"yyyy-MM-dd'T'HH:mm:ssX\")", "1196676930000"),
            ("time_to_epoch('20071203', 'yyyyMMdd')", "1196640000000"),
            ("time_to_epoch('tomorrow', 'yyyyMMdd')", "UNDEFINED"),
            ("time_to_epoch(null, 'yyyyMMdd')", "UNDEFINED"),
        ],
    )
    .since_2016(),
];

/// Longest pattern and longest text in bytes.
const MAX_TEXT_BYTES: usize = 1024;

fn problem(pattern: &str, reason: impl Into<String>) -> EvalError {
    EvalError::DatePattern {
        pattern: pattern.chars().take(80).collect(),
        reason: reason.into(),
    }
}

/// Reads `UTC`, a name of the time zone database, or an offset like `+05:30`.
fn zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "UTC" | "Z" | "GMT") {
        return Some(TimeZone::UTC);
    }
    if let Some(offset) = name
        .strip_prefix("UTC")
        .or(name.strip_prefix("GMT"))
        .and_then(offset)
    {
        return Some(offset.to_time_zone());
    }
    if let Some(offset) = offset(name) {
        return Some(offset.to_time_zone());
    }
    // A fixed name or path of the operating system must not decide: only the bundled database is compiled in.
    TimeZone::get(name).ok()
}

/// `±hh`, `±hhmm`, `±hh:mm`, `±hh:mm:ss`
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let compact: String = digits.split(':').collect();
    let well_formed =
        matches!(digits.len(), 1 | 2 | 4 | 5 | 8) && compact.bytes().all(|b| b.is_ascii_digit());
    if !well_formed || (digits.contains(':') && digits.find(':') != Some(2)) {
        return None;
    }
    let part = |from: usize, to: usize| -> Option<i32> {
        match compact.get(from..to.min(compact.len())) {
            Some("") | None => Some(0),
            Some(text) => text.parse().ok(),
        }
    };
    let seconds = part(0, 2)? * 3600 + part(2, 4)? * 60 + part(4, 6)?;
    Offset::from_seconds(sign * seconds).ok()
}

fn parse_time(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Some(pattern) = to_text(argument(arguments, 0))? else {
        return Ok(Value::Undefined);
    };
    let Some(millis) = to_int_floor(argument(arguments, 1)) else {
        return Ok(Value::Undefined);
    };
    let zone_name = match arguments.get(2) {
        None => "UTC".into(),
        Some(name) => match to_text(name)? {
            Some(name) => name,
            None => return Ok(Value::Undefined),
        },
    };
    if pattern.len() > MAX_TEXT_BYTES {
        return Err(problem(
            &pattern,
            format!("longer than {MAX_TEXT_BYTES} bytes"),
        ));
    }
    let zone = zone(&zone_name)
        .ok_or_else(|| problem(&pattern, format!("unknown time zone `{zone_name}`")))?;
    let moment = i64::try_from(millis)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .ok_or_else(|| problem(&pattern, "the time is outside the years -9999 to 9999"))?;
    joda::format(&pattern, &moment.to_zoned(zone), &zone_name)
        .map(Value::from)
        .map_err(|reason| problem(&pattern, reason))
}

fn time_to_epoch(_: &Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Some(text) = to_text(argument(arguments, 0))? else {
        return Ok(Value::Undefined);
    };
    let Some(pattern) = to_text(argument(arguments, 1))? else {
        return Ok(Value::Undefined);
    };
    if pattern.len() > MAX_TEXT_BYTES {
        return Err(problem(
            &pattern,
            format!("longer than {MAX_TEXT_BYTES} bytes"),
        ));
    }
    let elements = java_pattern::parse(&pattern).map_err(|reason| problem(&pattern, reason))?;
    if text.len() > MAX_TEXT_BYTES {
        return Ok(Value::Undefined);
    }
    let millis = java_text::parse(&elements, &text).map_err(|reason| problem(&pattern, reason))?;
    Ok(millis.map_or(Value::Undefined, |ms| Value::Int(i128::from(ms))))
}

//! The tables of the documentation, cell by cell.

use super::{cast, to_boolean, to_int, to_int_floor, to_number, to_position, to_text};
use crate::ast::CastType;
use crate::json;
use crate::value::Value;
use crate::version::SqlVersion;

const V15: SqlVersion = SqlVersion::V20151008;
const V16: SqlVersion = SqlVersion::V20160323;

/// A value from JSON; `undefined` for Undefined. Decimals stay Decimals.
fn value(text: &str) -> Value {
    if text == "undefined" {
        return Value::Undefined;
    }
    json::read(text.as_bytes(), V15).unwrap()
}

/// The type and the text of a value.
fn show(value: &Value) -> String {
    let text = json::write(value, 1000).unwrap();
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Int(_) => format!("Int {text}"),
        Value::Decimal(_) => format!("Decimal {text}"),
        _ => text,
    }
}

/// Source: "Conversions": to Decimal, to Int, to Boolean, to String.
#[test]
fn standard_conversions() {
    for (from, decimal, int, boolean, string) in [
        ("5", "Int 5", "Int 5", "undefined", "\"5\""),
        ("-5", "Int -5", "Int -5", "undefined", "\"-5\""),
        ("2.4", "Decimal 2.4", "Int 2", "undefined", "\"2.4\""),
        ("2.5", "Decimal 2.5", "Int 3", "undefined", "\"2.5\""),
        ("-2.5", "Decimal -2.5", "Int -3", "undefined", "\"-2.5\""),
        ("1e40", "Decimal 1E40", "undefined", "undefined", "\"1E40\""),
        ("true", "undefined", "undefined", "true", "\"true\""),
        ("false", "undefined", "undefined", "false", "\"false\""),
        ("\"2.9\"", "Decimal 2.9", "Int 2", "undefined", "\"2.9\""),
        (
            "\"-2.9\"",
            "Decimal -2.9",
            "Int -2",
            "undefined",
            "\"-2.9\"",
        ),
        ("\"7\"", "Decimal 7", "Int 7", "undefined", "\"7\""),
        ("\"1e2\"", "Decimal 100", "Int 100", "undefined", "\"1e2\""),
        ("\"+7\"", "undefined", "undefined", "undefined", "\"+7\""),
        ("\"TRUE\"", "undefined", "undefined", "true", "\"TRUE\""),
        ("\"False\"", "undefined", "undefined", "false", "\"False\""),
        ("\"\"", "undefined", "undefined", "undefined", "\"\""),
        (
            "[1,\"a\"]",
            "undefined",
            "undefined",
            "undefined",
            r#""[1,\"a\"]""#,
        ),
        (
            "{\"a\":\"b\"}",
            "undefined",
            "undefined",
            "undefined",
            r#""{\"a\":\"b\"}""#,
        ),
        ("null", "null", "null", "undefined", "undefined"),
        (
            "undefined",
            "undefined",
            "undefined",
            "undefined",
            "undefined",
        ),
    ] {
        let from_value = value(from);
        assert_eq!(show(&to_number(&from_value)), decimal, "{from} to Decimal");
        assert_eq!(show(&to_int(&from_value)), int, "{from} to Int");
        let found = to_boolean(&from_value).map_or(Value::Undefined, Value::Boolean);
        assert_eq!(show(&found), boolean, "{from} to Boolean");
        let found = to_text(&from_value)
            .unwrap()
            .map_or(Value::Undefined, Value::String);
        assert_eq!(show(&found), string, "{from} to String");
    }
}

/// Source: "cast(value as type)", in version 2016-03-23: to Decimal, to Int, to Boolean, to String.
#[test]
fn casts() {
    for (from, decimal, int, boolean, string) in [
        ("5", "Int 5", "Int 5", "true", "\"5\""),
        ("0", "Int 0", "Int 0", "false", "\"0\""),
        ("2.9", "Decimal 2.9", "Int 2", "true", "\"2.9\""),
        ("-2.1", "Decimal -2.1", "Int -3", "true", "\"-2.1\""),
        ("10.0", "Int 10", "Int 10", "true", "\"10.0\""),
        ("0.0", "Int 0", "Int 0", "false", "\"0.0\""),
        ("true", "Int 1", "Int 1", "true", "\"true\""),
        ("false", "Int 0", "Int 0", "false", "\"false\""),
        ("\"2.9\"", "Decimal 2.9", "Int 2", "undefined", "\"2.9\""),
        (
            "\"-2.1\"",
            "Decimal -2.1",
            "Int -3",
            "undefined",
            "\"-2.1\"",
        ),
        ("\"x\"", "undefined", "undefined", "undefined", "\"x\""),
        ("\"True\"", "undefined", "undefined", "true", "\"True\""),
        ("[1]", "undefined", "undefined", "undefined", "\"[1]\""),
        ("{}", "undefined", "undefined", "undefined", "\"{}\""),
        ("null", "undefined", "undefined", "undefined", "undefined"),
        (
            "undefined",
            "undefined",
            "undefined",
            "undefined",
            "undefined",
        ),
    ] {
        for (target, expected) in [
            (CastType::Decimal, decimal),
            (CastType::Int, int),
            (CastType::Boolean, boolean),
            (CastType::String, string),
        ] {
            let found = cast(&value(from), target, V16).unwrap();
            assert_eq!(show(&found), expected, "{from} as {}", target.word());
        }
    }
}

#[test]
fn casts_of_2015_keep_decimals() {
    let cast = |text: &str| show(&cast(&value(text), CastType::Double, V15).unwrap());
    assert_eq!(cast("10.0"), "Decimal 10.0");
    assert_eq!(cast("true"), "Decimal 1.0");
    assert_eq!(cast("false"), "Decimal 0.0");
    assert_eq!(cast("0.1234567890123456789"), "Decimal 0.12345678901234568");
}

#[test]
fn type_words() {
    for (words, target) in [
        ("String Nvarchar Text Ntext varchar", CastType::String),
        ("Int INTEGER", CastType::Int),
        ("Double", CastType::Double),
        ("Decimal", CastType::Decimal),
        ("Bool boolean", CastType::Boolean),
    ] {
        for word in words.split(' ') {
            assert_eq!(CastType::from_word(word), Some(target), "{word}");
        }
    }
    assert_eq!(CastType::from_word("Float"), None);
}

#[test]
fn positions_are_rounded_down_and_held_in_range() {
    assert_eq!(to_int_floor(&value("-2.1")), Some(-3));
    assert_eq!(to_int_floor(&value("\"2.9\"")), Some(2));
    assert_eq!(to_int_floor(&value("1e300")), None);
    assert_eq!(to_position(&value("1e300")), Some(i128::from(i64::MAX)));
    assert_eq!(
        to_position(&value("\"-1e300\"")),
        Some(-i128::from(i64::MAX))
    );
    assert_eq!(to_position(&value("null")), None);
    assert_eq!(to_position(&value("true")), None);
}

//! Executes the examples of every function.

use super::{all, distance, similar};
use crate::{Evaluation, Message, NoExternal, Output, SqlVersion, Statement};

/// The value of an expression as JSON, or `UNDEFINED`.
fn value(expr: &str) -> String {
    let sql = format!("SELECT VALUE ({expr}) FROM 'a/b/c'");
    let statement =
        Statement::parse(&sql, SqlVersion::V20160323).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let properties = [
        ("k".to_owned(), "v1".to_owned()),
        ("other".to_owned(), "w".to_owned()),
        ("k".to_owned(), "v2".to_owned()),
    ];
    let message = Message {
        client_id: Some("client"),
        principal: Some("certificate"),
        source_ip: Some("192.0.2.1"),
        trace_id: Some("5ed9d9d5-c2f7-4a5c-9e3f-0f1e2d3c4b5a"),
        now_ms: 1_481_825_251_155,
        content_type: Some("text/plain"),
        response_topic: Some("answers/client"),
        correlation_data: Some(b"hello"),
        user_properties: &properties,
        ..Message::new(
            "a/b/c",
            br#"{"n":1,"nothing":null,"list":[1,2],"o":{"k":"v"}}"#,
        )
    };
    match statement
        .evaluate(&message, &NoExternal)
        .unwrap_or_else(|e| panic!("{sql}: {e}"))
    {
        Evaluation::NoMatch => "NOMATCH".to_owned(),
        Evaluation::Match(selected) => match selected.output {
            Output::Json(text) => text,
            Output::Raw(_) => "RAW".to_owned(),
            Output::Undefined => "UNDEFINED".to_owned(),
        },
    }
}

#[test]
fn examples() {
    for function in all() {
        for (expr, expected) in function.examples {
            assert_eq!(value(expr), *expected, "{expr}");
        }
    }
}

#[test]
fn every_pure_function_has_examples() {
    for function in all() {
        let outside = matches!(
            function.name,
            "aws_lambda"
                | "get_thing_shadow"
                | "get_dynamodb"
                | "get_registry_data"
                | "get_secret"
                | "rand"
                | "newuuid"
        );
        assert!(
            outside || !function.examples.is_empty(),
            "{}",
            function.name
        );
    }
}

#[test]
fn names_are_unique_in_any_case() {
    let mut names: Vec<String> = all().map(|f| f.name.to_ascii_lowercase()).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn names_in_any_case_and_similar_names() {
    assert_eq!(value("ROUND(1.5)"), "2");
    assert_eq!(value("Ltrim(' x')"), r#""x""#);
    assert_eq!(similar("flor"), Some("floor"));
    assert_eq!(similar("topc"), Some("topic"));
    assert_eq!(similar("completely_different"), None);
    assert_eq!(distance(b"kitten", b"sitting"), 3);
}

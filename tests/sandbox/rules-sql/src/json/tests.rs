//! The reader and the writer against `serde_json`.

use proptest::prelude::*;

use super::{JsonProblem, MAX_DEPTH, read, write};
use crate::version::SqlVersion;

const LIMIT: usize = 1 << 20;

/// The value as read and written again.
fn round_trip(text: &str) -> Result<String, JsonProblem> {
    read(text.as_bytes(), SqlVersion::V20151008).map(|v| write(&v, LIMIT).unwrap())
}

#[test]
fn depth() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(round_trip(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(
        round_trip(&nested(MAX_DEPTH + 1)),
        Err(JsonProblem::TooDeep)
    );
    assert_eq!(
        round_trip(&"[".repeat(128 * 1024)),
        Err(JsonProblem::TooDeep)
    );
    assert_eq!(
        round_trip(&"{\"a\":".repeat(20_000)),
        Err(JsonProblem::TooDeep)
    );
}

#[test]
fn texts_that_are_no_json() {
    for text in [
        "",
        " ",
        "nul",
        "tru",
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "-",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\u{1}\"",
        "1 2",
        "NaN",
        "\u{feff}{}",
    ] {
        assert_eq!(round_trip(text), Err(JsonProblem::NotJson), "{text:?}");
        assert!(
            serde_json::from_str::<serde_json::Value>(text).is_err(),
            "{text:?}"
        );
    }
    assert_eq!(
        read(&[b'"', 0xff, b'"'], SqlVersion::V20160323),
        Err(JsonProblem::NotJson)
    );
}

#[test]
fn the_writer_stops_at_its_limit() {
    let value = read(b"[[1,2],[3,4]]", SqlVersion::V20160323).unwrap();
    assert_eq!(write(&value, 13).as_deref(), Some("[[1,2],[3,4]]"));
    assert_eq!(write(&value, 12), None);
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn documents(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let written = round_trip(&text).unwrap();
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), value);
    }

    #[test]
    fn texts_made_of_pieces(pieces in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "a", "\\", "u00e9", "1", "-", ".", "e", "+", "0", " ", "null", "true", "\"k\"",
    ]), 0..12)) {
        let text = pieces.concat();
        let ours = round_trip(&text);
        // serde_json reads numbers as doubles, so that it refuses some that are fine here.
        let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        prop_assert_eq!(ours.is_ok() || ours == Err(JsonProblem::NumberTooLarge), theirs, "{} {:?}", text, ours);
    }
}

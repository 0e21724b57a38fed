//! No input makes an entry point panic, hang or overflow the stack; limits are errors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use proptest::prelude::*;
use rules_sql::{
    EvalError, Evaluation, MAX_PAYLOAD_BYTES, MAX_STATEMENT_BYTES, MAX_STATEMENT_DEPTH, Message,
    NoExternal, Problem, SqlVersion, Statement, Template, TemplateFile, Variables, check,
};

fn parse(sql: &str) -> Result<Statement, Problem> {
    Statement::parse(sql, SqlVersion::V20160323).map_err(|e| e.problem)
}

fn evaluate(sql: &str, payload: &str) -> Result<Evaluation, EvalError> {
    Statement::parse(sql, SqlVersion::V20160323)
        .unwrap_or_else(|e| panic!("{e}"))
        .evaluate(&Message::new("a/b", payload.as_bytes()), &NoExternal)
}

/// Pieces of statements, valid and not.
const PIECES: [&str; 70] = [
    "SELECT ",
    "VALUE ",
    "*",
    " FROM ",
    "'a/#'",
    " WHERE ",
    " AS ",
    "SET ",
    "@v",
    "=",
    " AND ",
    " OR ",
    " NOT ",
    " IN ",
    "EXISTS (",
    "CASE ",
    " WHEN ",
    " THEN ",
    " ELSE ",
    " END",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    ":",
    "<>",
    "<=",
    "<",
    "+",
    "-",
    "/",
    "%",
    "1",
    "2.5",
    "1e999",
    "9999999999999999999999999999999999",
    "'text'",
    "'(a+)+$'",
    "\"q\"",
    "'",
    "temp",
    "a",
    "value",
    "null",
    "true",
    "cast(",
    " AS Int)",
    "encode(",
    "decode(",
    "regexp_replace(",
    "parse_time(",
    "time_to_epoch(",
    "transform('enrichArray',",
    "get(",
    "topic(",
    "concat(",
    "substring(",
    "power(",
    "get_or_default(",
    "lpad(",
    "trunc(",
    "replace(",
    "(SELECT ",
    "'base64'",
    "'yyyy-MM-dd z'",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn arbitrary_texts(text in any::<String>(), topic in any::<String>(), payload in any::<Vec<u8>>()) {
        let _ = Statement::parse(&text, SqlVersion::V20151008);
        let _ = TemplateFile::parse(&text).map(|f| check(&f));
        if let Ok(template) = Template::parse(&text) {
            let _ = template.render(&Message::new(&topic, &payload), &Variables::default(), &NoExternal);
        }
        let _ = parse("SELECT *, encode(*, 'base64') AS p").unwrap().evaluate(&Message::new(&topic, &payload), &NoExternal);
    }

    #[test]
    fn statements_made_of_pieces(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..25),
        payload in prop::sample::select(vec!["{}", "x", "[1,{\"temp\":2}]", "{\"temp\":-1.5,\"a\":[{\"a\":\"x\"}],\"value\":null}"]),
    ) {
        let sql = format!("SELECT {}", pieces.concat());
        let message = Message::new("$aws/rules/r/a/b", payload.as_bytes());
        for version in [SqlVersion::V20151008, SqlVersion::V20160323] {
            if let Ok(statement) = Statement::parse(&sql, version) {
                prop_assert_eq!(&Statement::parse(&statement.to_string(), version).unwrap(), &statement);
                let _ = statement.evaluate(&message, &NoExternal);
            }
        }
        if let Ok(template) = Template::parse(&format!("x${{{}}}", pieces.concat())) {
            prop_assert_eq!(&Template::parse(&template.to_string()).unwrap(), &template);
            let _ = template.render(&message, &Variables::default(), &NoExternal);
        }
    }

    #[test]
    fn functions_on_arbitrary_values(
        name in prop::sample::select(vec![
            "abs", "bitnot", "ceil", "chr", "cosh", "exp", "isNull", "length", "ln", "lower", "md5", "numbytes", "round",
            "sign", "sqrt", "tan", "topic", "trim", "upper", "concat", "get_mqtt_property", "get_user_properties",
        ]),
        number in any::<f64>(),
        text in any::<String>(),
    ) {
        for json in [format!("{number:?}"), format!("{number:e}"), format!("{text:?}"), "[1]".to_owned(), "null".to_owned()] {
            let payload = format!("{{\"x\":{json}}}");
            let sql = format!("SELECT {name}(x) AS r, x + x AS s, x * 3 AS m, x / 7 AS d, cast(x AS Int) AS i FROM 'a/b'");
            let _ = evaluate(&sql, &payload);
        }
    }
}

/// Runs on a thread with the 2 MiB stack that a worker thread has.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    thread.spawn(run).unwrap().join().unwrap();
}

#[test]
fn nesting_is_limited() {
    on_a_small_stack(|| {
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{'a':", "1", "}"),
            ("NOT ", "true", ""),
            ("- ", "1", ""),
            ("abs(", "1", ")"),
            ("cast(", "1", " AS Int)"),
            ("CASE 1 WHEN 1 THEN ", "1", " END"),
            ("(SELECT VALUE ", "1", " FROM l)"),
            ("EXISTS (SELECT * FROM l WHERE ", "true", ")"),
            ("get_or_default(", "1", ")"),
        ] {
            let sql = |depth: usize| {
                format!(
                    "SELECT VALUE ({}{middle}{}) FROM 'a/b'",
                    open.repeat(depth),
                    close.repeat(depth)
                )
            };
            let deepest = (1..MAX_STATEMENT_DEPTH)
                .rev()
                .find(|d| parse(&sql(*d)).is_ok())
                .unwrap();
            assert!(deepest >= MAX_STATEMENT_DEPTH / 2 - 2, "{open}: {deepest}");
            let statement = parse(&sql(deepest)).unwrap();
            assert_eq!(parse(&statement.to_string()), Ok(statement.clone()));
            let payload = br#"{"l":[{"l":[{}]}]}"#;
            let _ = statement
                .evaluate(&Message::new("a/b", payload), &NoExternal)
                .unwrap();
            assert_eq!(
                parse(&sql(20_000 / open.len())),
                Err(Problem::TooDeep),
                "{open}"
            );
        }
    });
}

#[test]
fn long_chains_are_not_deep() {
    on_a_small_stack(|| {
        let sum = format!("SELECT VALUE 1{} FROM 'a/b'", " + 1".repeat(30_000));
        assert!(evaluate(&sum, "{}").is_ok());
        let path = format!("SELECT VALUE a{} FROM 'a/b'", ".a".repeat(60_000));
        assert!(evaluate(&path, "{\"a\":1}").is_ok());
    });
}

#[test]
fn sizes_are_limited() {
    let long = format!("SELECT '{}' FROM 'a/b'", "x".repeat(MAX_STATEMENT_BYTES));
    assert_eq!(parse(&long), Err(Problem::TooLong));
    assert!(Template::parse(&"x".repeat(MAX_STATEMENT_BYTES + 1)).is_err());
    let payload = " ".repeat(MAX_PAYLOAD_BYTES + 1);
    assert_eq!(
        evaluate("SELECT * FROM 'a/b'", &payload),
        Err(EvalError::PayloadTooLarge)
    );
}

#[test]
fn a_deep_payload_is_an_error() {
    on_a_small_stack(|| {
        let payload = "[".repeat(MAX_PAYLOAD_BYTES);
        let found = evaluate("SELECT * FROM 'a/b'", &payload);
        assert!(matches!(found, Err(EvalError::Payload(_))), "{found:?}");
    });
}

#[test]
fn results_cannot_grow_without_limit() {
    let text = "x".repeat(100_000);
    let payload = format!("{{\"t\":\"{text}\"}}");
    for sql in [
        format!("SELECT VALUE [{}1] FROM 'a/b'", "t,".repeat(30_000)),
        format!("SELECT VALUE t{} FROM 'a/b'", " + t".repeat(30_000)),
        format!("SELECT VALUE concat({}t) FROM 'a/b'", "t,".repeat(30_000)),
        "SELECT VALUE replace(t, 'x', t) FROM 'a/b'".to_owned(),
        "SELECT VALUE regexp_replace(t, 'x', t) FROM 'a/b'".to_owned(),
    ] {
        let found = evaluate(&sql, &payload);
        let limited = matches!(
            found,
            Err(EvalError::ResultTooLarge | EvalError::TooManySteps)
        );
        assert!(limited, "{}: {found:?}", &sql[..40]);
    }
}

#[test]
fn variables_are_limited_to_128_kib() {
    let payload = format!("{{\"t\":\"{}\"}}", "x".repeat(70_000));
    assert!(evaluate("SET @a = t SELECT 1 AS x FROM 'a/b'", &payload).is_ok());
    for sql in [
        "SET @a = t, @b = t SELECT 1 AS x FROM 'a/b'",
        "SET @a = [t, t] SELECT 1 AS x FROM 'a/b'",
    ] {
        let found = evaluate(sql, &payload);
        assert!(
            matches!(found, Err(EvalError::LimitExceeded(_))),
            "{found:?}"
        );
    }
}

#[test]
fn steps_are_limited() {
    let numbers = vec!["1"; 60_000].join(",");
    let payload = format!("{{\"l\":[{numbers}]}}");
    for sql in [
        "SET @l = l SELECT VALUE (SELECT VALUE (SELECT VALUE 1 FROM @l) FROM l) FROM 'a/b'"
            .to_owned(),
        format!(
            "SELECT VALUE l = l{} FROM 'a/b'",
            " AND l = l".repeat(5_000)
        ),
    ] {
        assert_eq!(evaluate(&sql, &payload), Err(EvalError::TooManySteps));
    }
}

#[test]
fn pathological_regular_expressions_end() {
    let payload = format!("{{\"t\":\"{}!\"}}", "a".repeat(100_000));
    for regex in [
        "(a+)+$",
        "(a|aa)+$",
        "(.*)*x",
        r"^(?:(a+)|(aa))+\\1\\2b",
        "(?:a{0,1000}){0,1000}",
        "((a{1,100}){1,100}){1,100}",
    ] {
        let sql = format!("SELECT regexp_matches(t, '{regex}') AS m FROM 'a/b'");
        match evaluate(&sql, &payload) {
            Ok(_) | Err(EvalError::Regex { .. } | EvalError::TooManySteps) => {}
            Err(other) => panic!("{regex}: {other}"),
        }
    }
    let quadratic = "SELECT regexp_replace(t, 'a*?[^a]|a', 'b') AS m FROM 'a/b'";
    let _ = evaluate(quadratic, &payload);
    let long = format!(
        "SELECT regexp_matches('a', '{}') AS m FROM 'a/b'",
        "a".repeat(5_000)
    );
    assert!(matches!(
        evaluate(&long, "{}"),
        Err(EvalError::Regex { .. })
    ));
}

#[test]
fn the_same_seed_gives_the_same_random_values() {
    let sql = "SELECT rand() AS r, rand() AS s, newuuid() AS u FROM 'a/b'";
    let run = |seed| {
        let message = Message {
            seed,
            ..Message::new("a/b", b"{}")
        };
        parse(sql).unwrap().evaluate(&message, &NoExternal).unwrap()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let Evaluation::Match(selected) = run(1) else {
        panic!()
    };
    let rules_sql::Output::Json(text) = selected.output else {
        panic!()
    };
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (r, s) = (value["r"].as_f64().unwrap(), value["s"].as_f64().unwrap());
    assert!((0.0..1.0).contains(&r) && (0.0..1.0).contains(&s) && r.to_bits() != s.to_bits());
    let uuid = value["u"].as_str().unwrap();
    assert_eq!(uuid.len(), 36);
    assert_eq!(&uuid[14..15], "4");
    assert!("89ab".contains(&uuid[19..20]));
}

//! Statements and templates as the sandbox uses them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use rules_sql::{
    Evaluation, External, ExternalFailure, Message, NoExternal, Output, SqlVersion, Statement,
    Template, Variables,
};

const READING: &str = "SELECT *, temp AS temperature, topic(2) AS thing, clientid() AS client_id, \
     principal() AS principal, timestamp() AS received_at, traceid() AS trace_id, \
     encode(*, 'base64') AS payload, 'reading' AS type \
     FROM 'sensors/+/data' WHERE get_or_default(temp > 30, true)";

fn message<'a>(topic: &'a str, payload: &'a str) -> Message<'a> {
    Message {
        client_id: Some("sci-property-001-environmental-0042"),
        principal: Some("c0ffee"),
        trace_id: Some("8f1c"),
        now_ms: 1_700_000_000_000,
        ..Message::new(topic, payload.as_bytes())
    }
}

fn run(sql: &str, message: &Message<'_>) -> Evaluation {
    Statement::parse(sql, SqlVersion::V20160323)
        .unwrap()
        .evaluate(message, &NoExternal)
        .unwrap()
}

fn json(evaluation: Evaluation) -> String {
    match evaluation {
        Evaluation::Match(selected) => match selected.output {
            Output::Json(text) => text,
            other => panic!("{other:?}"),
        },
        Evaluation::NoMatch => panic!("no match"),
    }
}

#[test]
fn the_reading_rule_takes_identity_from_the_service() {
    let spoofed = r#"{"temp":33.2,"deviceId":"x","client_id":"someone else"}"#;
    assert_eq!(
        json(run(READING, &message("sensors/t1/data", spoofed))),
        "{\"temp\":33.2,\"deviceId\":\"x\",\"client_id\":\"sci-property-001-environmental-0042\",\
         \"temperature\":33.2,\"thing\":\"t1\",\"principal\":\"c0ffee\",\"received_at\":1700000000000,\
         \"trace_id\":\"8f1c\",\"payload\":\"eyJ0ZW1wIjozMy4yLCJkZXZpY2VJZCI6IngiLCJjbGllbnRfaWQiOiJzb21lb25lIGVsc2UifQ==\",\
         \"type\":\"reading\"}"
    );
}

#[test]
fn the_reading_rule_drops_what_is_cold_and_keeps_what_it_cannot_read() {
    for (topic, payload, runs) in [
        ("sensors/t1/data", r#"{"temp":30}"#, false),
        ("sensors/t1/data", r#"{"temp":30.1}"#, true),
        ("sensors/t1/data", r#"{"temp":"31"}"#, true),
        ("sensors/t1/data", r#"{"temp":"hot"}"#, true),
        ("sensors/t1/data", "{}", true),
        ("sensors/t1/data", "not json", true),
        ("sensors/t1", r#"{"temp":33}"#, false),
        ("sensors/t1/data/x", r#"{"temp":33}"#, false),
    ] {
        let matched = run(READING, &message(topic, payload)) != Evaluation::NoMatch;
        assert_eq!(matched, runs, "{topic} {payload}");
    }
}

#[test]
fn basic_ingest_passes_any_filter_and_hides_its_prefix() {
    let message = message("$aws/rules/SCI_Rule/other/t9", r#"{"temp":31}"#);
    assert_eq!(
        json(run(
            "SELECT topic() AS t, topic(2) AS n FROM 'sensors/+/data'",
            &message
        )),
        r#"{"t":"other/t9","n":"t9"}"#
    );
    assert_eq!(json(run("SELECT temp", &message)), r#"{"temp":31}"#);
}

#[test]
fn a_statement_without_from_is_reached_only_by_basic_ingest() {
    assert_eq!(run("SELECT *", &message("a/b", "{}")), Evaluation::NoMatch);
}

#[test]
fn a_payload_that_is_not_json() {
    let binary = Message::new("a", &[0xff, 0x00, 0x80]);
    let Evaluation::Match(selected) = run("SELECT * FROM 'a'", &binary) else {
        panic!("no match");
    };
    assert_eq!(selected.output, Output::Raw(vec![0xff, 0x00, 0x80]));
    assert_eq!(
        json(run("SELECT *, topic() AS t FROM 'a'", &binary)),
        r#"{"payload":"/wCA","t":"a"}"#
    );
    assert_eq!(
        run("SELECT * FROM 'a' WHERE x = 1", &binary),
        Evaluation::NoMatch
    );
}

#[test]
fn templates_see_the_original_payload_and_the_variables() {
    let sql = "SET @hot = temp > 30 SELECT temp AS t FROM 'sensors/+/data'";
    let message = message("sensors/t1/data", r#"{"temp":33.2,"id":"a b"}"#);
    let Evaluation::Match(selected) = run(sql, &message) else {
        panic!("no match");
    };
    let render = |text: &str| {
        Template::parse(text)
            .unwrap()
            .render(&message, &selected.variables, &NoExternal)
            .unwrap()
    };
    assert_eq!(render("${topic(2)}#${@hot}"), "t1#true");
    assert_eq!(render("${t}-${temp}-${id}"), "-33.2-a b");
    assert_eq!(render("plain"), "plain");
    assert_eq!(render("$$aws/things/${topic(2)}/x"), "$aws/things/t1/x");
    assert_eq!(
        render("it's ${ {'a': '}'} } and 5$"),
        r#"it's {"a":"}"} and 5$"#
    );
    assert_eq!(render("${null}"), "null");
}

#[test]
fn a_template_names_the_variable_that_the_statement_does_not_set() {
    let error = Template::parse("${@x}")
        .unwrap()
        .render(&message("a", "{}"), &Variables::default(), &NoExternal)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "variable `@x` is not set by the rule's statement: add it to SET"
    );
}

struct Shadows;

impl External for Shadows {
    fn get_thing_shadow(
        &self,
        thing: &str,
        shadow: Option<&str>,
        role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        assert_eq!((shadow, role_arn), (None, "arn:role"));
        match thing {
            "t1" => Ok(r#"{"state":{"reported":{"x":1}}}"#.to_owned()),
            _ => Err(ExternalFailure::Failed {
                function: "get_thing_shadow",
                reason: "no shadow".to_owned(),
            }),
        }
    }
}

#[test]
fn external_functions_answer_fail_or_are_missing() {
    let sql = "SELECT VALUE get_or_default(get_thing_shadow(topic(1), 'arn:role').state.reported.x, 'none') FROM '+'";
    let statement = Statement::parse(sql, SqlVersion::V20160323).unwrap();
    let t1 = Message::new("t1", b"{}");
    assert_eq!(json(statement.evaluate(&t1, &Shadows).unwrap()), "1");
    let t2 = Message::new("t2", b"{}");
    assert_eq!(
        json(statement.evaluate(&t2, &Shadows).unwrap()),
        r#""none""#
    );
    // What the surroundings do not offer is not hidden by get_or_default.
    assert_eq!(
        statement
            .evaluate(&t1, &NoExternal)
            .unwrap_err()
            .to_string(),
        "get_thing_shadow() is not available here: no service is connected for it"
    );
}

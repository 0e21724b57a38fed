//! Any statement on any message ends, with a result or an error; the output is JSON that the engine reads again.
//!
//! Input: the statement, a NUL byte, the payload.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules_sql::{Evaluation, Message, NoExternal, Output, SqlVersion, Statement};

fuzz_target!(|input: &[u8]| {
    let cut = input.iter().position(|b| *b == 0).unwrap_or(input.len());
    let (sql, payload) = input.split_at(cut);
    let Ok(sql) = std::str::from_utf8(sql) else {
        return;
    };
    for version in [SqlVersion::V20151008, SqlVersion::V20160323] {
        let Ok(statement) = Statement::parse(sql, version) else {
            continue;
        };
        let message = Message {
            client_id: Some("client"),
            now_ms: 1_700_000_000_000,
            // Basic Ingest passes every FROM clause.
            ..Message::new("$aws/rules/rule/a/b", payload.get(1..).unwrap_or_default())
        };
        if let Ok(Evaluation::Match(selected)) = statement.evaluate(&message, &NoExternal)
            && let Output::Json(text) = selected.output
            && text.len() <= rules_sql::MAX_PAYLOAD_BYTES
        {
            let copy = Statement::parse("SELECT VALUE *", version).expect("a statement");
            let again = copy.evaluate(
                &Message::new("$aws/rules/rule/a", text.as_bytes()),
                &NoExternal,
            );
            // Literals may nest deeper than a payload can.
            if let Ok(Evaluation::Match(again)) = again {
                assert!(matches!(again.output, Output::Json(_)), "no JSON: {text}");
            }
        }
    }
});

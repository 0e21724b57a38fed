//! Any statement on any message ends, with a result or an error. The output is JSON that the engine reads again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules_sql::{Evaluation, Message, NoExternal, Output, SqlVersion, Statement};

fuzz_target!(|input: (&str, &str, &[u8], u64)| {
    let (sql, topic, payload, now_ms) = input;
    let Ok(statement) = Statement::parse(sql, SqlVersion::V20160323) else {
        return;
    };
    let message = Message {
        client_id: Some(topic),
        now_ms,
        seed: now_ms,
        ..Message::new(topic, payload)
    };
    if let Ok(Evaluation::Match(selected)) = statement.evaluate(&message, &NoExternal)
        && let Output::Json(text) = selected.output
        && text.len() <= rules_sql::MAX_PAYLOAD_BYTES
    {
        let again = Statement::parse("SELECT VALUE * FROM '#'", SqlVersion::V20160323);
        if let Ok(again) = again {
            let _ = again.evaluate(&Message::new("a", text.as_bytes()), &NoExternal);
        }
    }
});

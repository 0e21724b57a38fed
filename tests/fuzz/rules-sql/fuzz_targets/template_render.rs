//! Any template on any message ends, with a text or an error.
//!
//! Input: the template, a NUL byte, the payload, which serves as the variables too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules_sql::{Message, NoExternal, Template, Variables};

fuzz_target!(|input: &[u8]| {
    let cut = input.iter().position(|b| *b == 0).unwrap_or(input.len());
    let (text, payload) = input.split_at(cut);
    let payload = payload.get(1..).unwrap_or_default();
    let (Ok(text), Ok(json)) = (std::str::from_utf8(text), std::str::from_utf8(payload)) else {
        return;
    };
    if let Ok(template) = Template::parse(text) {
        let variables: Variables = json.parse().unwrap_or_default();
        let _ = template.render(&Message::new("a/b", payload), &variables, &NoExternal);
    }
});

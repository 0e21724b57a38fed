//! Any template on any message ends, with a text or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules_sql::{Message, NoExternal, Template, Variables};

fuzz_target!(|input: (&str, &str, &[u8], &str)| {
    let (text, topic, payload, variables) = input;
    if let Ok(template) = Template::parse(text) {
        let variables: Variables = variables.parse().unwrap_or_default();
        let _ = template.render(&Message::new(topic, payload), &variables, &NoExternal);
    }
});

//! The matcher against a table of which beginnings match, and substituted values that must stay literal.

#![no_main]

use iot_policy::Context;
use iot_policy::glob::Glob;
use iot_policy::pattern::{Pattern, Wildcards};
use libfuzzer_sys::fuzz_target;

fn table(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for sign in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match sign {
                '*' => row[..=end].contains(&true),
                '?' => end > 0 && row[end - 1],
                literal => end > 0 && row[end - 1] && text[end - 1] == literal,
            };
        }
        row = next;
    }
    row[text.len()]
}

fuzz_target!(|input: (&str, &str)| {
    let (pattern, text) = input;
    assert_eq!(Glob::parse(pattern).matches(text), table(pattern, text));
    let context = Context::of_client(text);
    if let Ok(parsed) = Pattern::parse(pattern, Wildcards::Active) {
        if let Ok(glob) = parsed.resolve(&context) {
            let _ = glob.matches(text);
        }
    }
    let own = Pattern::parse("${iot:ClientId}", Wildcards::Active).unwrap().resolve(&context).unwrap();
    assert_eq!(own.matches(pattern), pattern == text);
});

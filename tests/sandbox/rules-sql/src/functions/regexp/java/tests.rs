//! Expressions that Java and the engine read in different ways.

use super::{Refusal, translate};
use fancy_regex::Regex;

fn matches(source: &str, text: &str) -> bool {
    let translated = translate(source, super::ends_with_terminator(text)).unwrap();
    Regex::new(&translated)
        .unwrap_or_else(|e| panic!("{source} -> {translated}: {e}"))
        .is_match(text)
        .unwrap()
}

#[test]
fn where_java_differs_from_the_engine() {
    for (source, text, expected) in [
        (r"^\d$", "5", true),
        (r"^\d$", "٥", false),
        (r"^\w+$", "a_9", true),
        (r"\w", "é", false),
        (r"^[\w.-]+$", "a.b-c", true),
        (r"[\D]", "5", false),
        (r"^\S+$", "a b", false),
        ("a.b", "a\rb", false),
        ("a.b", "a\u{2028}b", false),
        ("(?s)a.b", "a\nb", true),
        ("ab$", "ab\n", true),
        ("ab$", "ab\r\n", true),
        ("ab$", "ab\n\n", false),
        (r"ab\Z", "ab\n", true),
        (r"ab\z", "ab\n", false),
        ("(?m)^b$", "a\nb\nc", true),
        (r"\Qa.b\E.", "a.bc", true),
        (r"\Qa.b\E", "axb", false),
        (r"\p{Alpha}", "é", false),
        (r"\P{Alpha}", "é", true),
        (r"\p{L}\pL\p{IsLatin}", "éaé", true),
        (r"\u00e9\x41\x{42}", "éAB", true),
        ("[]a]+b", "]ab", true),
        ("[~a]", "~", true),
        (r"(?<n>a)\k<n>", "aa", true),
        (r"(a)\1", "aa", true),
        ("(?i)ABC", "abc", true),
        ("a++b", "aab", true),
        (r"a\/b", "a/b", true),
    ] {
        assert_eq!(matches(source, text), expected, "{source} on {text:?}");
    }
}

#[test]
fn refusals() {
    for source in [r"\y", r"\", "(?P<n>a)", "(?|a)", r"\u12", r"\i"] {
        assert_eq!(translate(source, false), Err(Refusal::Invalid), "{source}");
    }
    for source in [
        "[a&&b]",
        "[a--b]",
        "[[:alpha:]]",
        r"\h",
        r"\R",
        r"\p{InGreek}",
        "(?U)a",
        "a(?s:.)",
        r"\07",
    ] {
        let refusal = translate(source, false);
        assert!(
            matches!(refusal, Err(Refusal::Unsupported(_))),
            "{source}: {refusal:?}"
        );
    }
}

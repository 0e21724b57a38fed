//! Java's regular expressions in the words of the engine.
//!
//! Where the two read the same characters in different ways, the expression is rewritten: `\d`, `\w`, `\s` are ASCII
//! in Java, `.` stops at every line terminator, `$` also stands before a final one. What has no rewriting is refused
//! by name. Source: `java.util.regex.Pattern` (JDK 11).

/// Why an expression is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Java refuses it too.
    Invalid,
    /// Java knows it, this engine does not.
    Unsupported(String),
}

fn unsupported(what: impl Into<String>) -> Refusal {
    Refusal::Unsupported(what.into())
}

/// The line terminators besides `\r\n`, inside a class.
const TERMINATORS: &str = r"\n\r\x{85}\x{2028}\x{2029}";
/// POSIX names in Java, which mean ASCII; the second is the name in the engine.
const POSIX: [(&str, &str); 13] = [
    ("Lower", "lower"),
    ("Upper", "upper"),
    ("ASCII", "ascii"),
    ("Alpha", "alpha"),
    ("Digit", "digit"),
    ("Alnum", "alnum"),
    ("Punct", "punct"),
    ("Graph", "graph"),
    ("Print", "print"),
    ("Blank", "blank"),
    ("Cntrl", "cntrl"),
    ("XDigit", "xdigit"),
    ("Space", "space"),
];

/// Whether a text ends so that `$` has two places to stand.
pub(super) fn ends_with_terminator(text: &str) -> bool {
    text.ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// Rewrites an expression. `terminated` says whether the text ends with a line terminator: only then does `$` need a
/// look-ahead, which costs the linear running time.
pub(super) fn translate(source: &str, terminated: bool) -> Result<String, Refusal> {
    let mut translator = Translator {
        rest: source,
        out: String::with_capacity(source.len() * 2),
        depth: 0,
        dot_all: false,
        multi_line: false,
        terminated,
    };
    if let Some(flags) = source
        .strip_prefix("(?")
        .and_then(|r| r.split_once(')'))
        .map(|(f, _)| f)
        && flags.bytes().all(|b| b.is_ascii_lowercase())
    {
        translator.dot_all = flags.contains('s');
        translator.multi_line = flags.contains('m');
    }
    let mut first = true;
    while let Some(c) = translator.next() {
        translator.character(c, first)?;
        first = false;
    }
    Ok(translator.out)
}

struct Translator<'s> {
    rest: &'s str,
    out: String,
    /// How many character classes are open.
    depth: usize,
    dot_all: bool,
    multi_line: bool,
    terminated: bool,
}

impl<'s> Translator<'s> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.skip(c.len_utf8());
        Some(c)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn character(&mut self, c: char, first: bool) -> Result<(), Refusal> {
        match c {
            '\\' => return self.escape(),
            '[' => self.open_class()?,
            ']' if self.depth > 0 => {
                self.depth -= 1;
                self.out.push(']');
            }
            '&' if self.depth > 0 && self.rest.starts_with('&') => {
                return Err(unsupported("character class intersection `&&`"));
            }
            '-' if self.depth > 0 && self.rest.starts_with('-') => {
                return Err(unsupported("`--` in a character class"));
            }
            '~' if self.depth > 0 => self.out.push_str("\\~"),
            '.' if self.depth == 0 && !self.dot_all => {
                self.out.push_str("[^");
                self.out.push_str(TERMINATORS);
                self.out.push(']');
            }
            '$' if self.depth == 0 && !self.multi_line => self.end_of_text(),
            '(' if self.depth == 0 => self.group(first)?,
            c => self.out.push(c),
        }
        Ok(())
    }

    /// `$` and `\Z`
    fn end_of_text(&mut self) {
        if self.terminated {
            self.out.push_str(r"(?=(?:\r\n|[");
            self.out.push_str(TERMINATORS);
            self.out.push_str(r"])?\z)");
        } else {
            self.out.push_str(r"\z");
        }
    }

    fn open_class(&mut self) -> Result<(), Refusal> {
        if self.depth > 0 && self.rest.starts_with(':') {
            return Err(unsupported("`[:` in a character class"));
        }
        self.depth += 1;
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.skip(1);
            self.out.push('^');
        }
        // As the first character, a closing bracket stands for itself.
        if self.rest.starts_with(']') {
            self.skip(1);
            self.out.push_str("\\]");
        }
        Ok(())
    }

    fn group(&mut self, first: bool) -> Result<(), Refusal> {
        self.out.push('(');
        let Some(kind) = self.rest.strip_prefix('?') else {
            return Ok(());
        };
        let name_follows = kind
            .strip_prefix('<')
            .and_then(|r| r.chars().next())
            .is_some_and(|c| c.is_ascii_alphabetic());
        if name_follows
            || [":", "=", "!", "<=", "<!", ">"]
                .iter()
                .any(|k| kind.starts_with(k))
        {
            return Ok(());
        }
        let flags = kind.split([')', ':']).next().unwrap_or_default();
        if !flags.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') || flags.is_empty() {
            return Err(Refusal::Invalid);
        }
        match flags.chars().find(|c| !"imsx-".contains(*c)) {
            Some(c @ ('d' | 'u' | 'U')) => return Err(unsupported(format!("the flag `{c}`"))),
            Some(_) => return Err(Refusal::Invalid),
            None => {}
        }
        let global = first && kind.get(flags.len()..).is_some_and(|r| r.starts_with(')'));
        if flags.contains(['s', 'm', '-']) && !global {
            return Err(unsupported(
                "the flags `s` and `m` elsewhere than at the beginning",
            ));
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        let c = self.next().ok_or(Refusal::Invalid)?;
        let in_class = self.depth > 0;
        match c {
            'd' => self.set("0-9"),
            'w' => self.set("a-zA-Z_0-9"),
            's' => self.set(r"\x20\t\n\x0B\f\r"),
            'D' => self.out.push_str("[^0-9]"),
            'W' => self.out.push_str("[^a-zA-Z_0-9]"),
            'S' => self.out.push_str(r"[^\x20\t\n\x0B\f\r]"),
            'n' | 'r' | 't' | 'f' | 'a' => self.out.extend(['\\', c]),
            'e' => self.out.push_str(r"\x1B"),
            'b' | 'B' | 'A' | 'z' | '1'..='9' if !in_class => self.out.extend(['\\', c]),
            'Z' if !in_class => self.end_of_text(),
            'k' if !in_class && self.rest.starts_with('<') => self.out.push_str("\\k"),
            'x' => self.out.push_str("\\x"),
            'u' => self.unicode()?,
            'p' | 'P' => self.property(c == 'P')?,
            'Q' => {
                let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
                for c in quoted.chars() {
                    self.out
                        .extend(format!("\\x{{{:x}}}", u32::from(c)).chars());
                }
                self.rest = rest;
            }
            'h' | 'H' | 'v' | 'V' | 'R' | 'X' | 'N' | 'G' | '0' | 'c' => {
                return Err(unsupported(format!("`\\{c}`")));
            }
            c if c.is_ascii_alphanumeric() => return Err(Refusal::Invalid),
            c if c.is_ascii() => self.out.extend(['\\', c]),
            c => self.out.push(c),
        }
        Ok(())
    }

    /// A set of characters, in brackets unless a class is open.
    fn set(&mut self, content: &str) {
        if self.depth > 0 {
            self.out.push_str(content);
        } else {
            self.out.extend(["[", content, "]"]);
        }
    }

    fn unicode(&mut self) -> Result<(), Refusal> {
        let code = self
            .rest
            .get(..4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|d| u32::from_str_radix(d, 16).ok())
            .ok_or(Refusal::Invalid)?;
        if char::from_u32(code).is_none() {
            return Err(unsupported("surrogates: write the character itself"));
        }
        self.skip(4);
        self.out.push_str(&format!("\\x{{{code:x}}}"));
        Ok(())
    }

    /// `\p{Name}` and `\pL`
    fn property(&mut self, negated: bool) -> Result<(), Refusal> {
        let sign = if negated { "P" } else { "p" };
        let Some(braced) = self.rest.strip_prefix('{') else {
            let c = self.next().ok_or(Refusal::Invalid)?;
            self.out.push_str(&format!("\\{sign}{{{c}}}"));
            return Ok(());
        };
        let (name, rest) = braced.split_once('}').ok_or(Refusal::Invalid)?;
        self.rest = rest;
        if let Some((_, ascii)) = POSIX.iter().find(|(java, _)| *java == name) {
            let caret = if negated { "^" } else { "" };
            self.out.push_str(&format!("[[:{caret}{ascii}:]]"));
            return Ok(());
        }
        if name.starts_with("In") || name.starts_with("java") || name.contains('=') {
            return Err(unsupported(format!("`\\{sign}{{{name}}}`")));
        }
        let name = name.strip_prefix("Is").unwrap_or(name);
        self.out.push_str(&format!("\\{sign}{{{name}}}"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
}

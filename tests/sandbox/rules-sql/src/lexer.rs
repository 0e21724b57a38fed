//! Text into tokens, one at a time: a substitution template must not be read past its closing brace.

use crate::problem::{ParseError, Problem};

/// A token without its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A keyword or a name: `[A-Za-z_][A-Za-z0-9_]*`.
    Word(String),
    /// `@name`.
    Variable(String),
    /// An unsigned number, as it was written.
    Number(String),
    /// A string in single quotes (`true`) or double quotes.
    Text { value: String, single: bool },
    /// An operator or a punctuation mark.
    Mark(&'static str),
    /// The end of the text.
    End,
}

/// A token and the byte offsets of its start and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned {
    pub(crate) token: Token,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

const MARKS: [&str; 18] = [
    "<>", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "*", "/", "%",
];
const SIGNS: [&str; 2] = ["+", "-"];

/// Marks of other SQL dialects, each with what to write instead.
const FOREIGN: [(&str, &str); 9] = [
    ("--", "comments are not supported: remove it"),
    ("/*", "comments are not supported: remove it"),
    ("!=", "write `<>`"),
    ("==", "write `=`"),
    (
        "||",
        "join strings with `+` or concat(); the logical operator is OR",
    ),
    ("&&", "write AND"),
    ("!", "write NOT"),
    (";", "a statement has no terminator: remove it"),
    ("`", "names are not quoted: read the key with get()"),
];

pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) const fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn next(&mut self) -> Result<Spanned, ParseError> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let start = self.at;
        let token = self.token(start)?;
        Ok(Spanned {
            token,
            start,
            end: self.at,
        })
    }

    fn token(&mut self, start: usize) -> Result<Token, ParseError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(Token::End);
        };
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok(Token::Word(self.word().to_owned())),
            '0'..='9' => self.number(start),
            '\'' | '"' => self.string(start, first),
            '@' => {
                self.at += 1;
                let name = self.variable();
                if name.is_empty() || name.len() > 64 {
                    return Err(self.error(start, Problem::VariableName));
                }
                Ok(Token::Variable(name.to_owned()))
            }
            _ => self.mark(start, first),
        }
    }

    fn mark(&mut self, start: usize, first: char) -> Result<Token, ParseError> {
        let rest = self.rest();
        for (mark, hint) in FOREIGN {
            if rest.starts_with(mark) {
                return Err(self.error(start, Problem::ForeignMark { mark, hint }));
            }
        }
        match MARKS.iter().chain(&SIGNS).find(|m| rest.starts_with(**m)) {
            Some(mark) => {
                self.at += mark.len();
                Ok(Token::Mark(mark))
            }
            None => Err(self.error(start, Problem::Character(first))),
        }
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let len = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    fn word(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    /// Letters, digits and underscore (documented for `@variables`).
    fn variable(&mut self) -> &'t str {
        self.word()
    }

    fn number(&mut self, start: usize) -> Result<Token, ParseError> {
        self.take_while(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') {
            self.at += 1;
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return Err(self.error(start, Problem::NumberForm));
            }
        }
        if self.rest().starts_with(['e', 'E']) {
            self.at += 1;
            if self.rest().starts_with(['+', '-']) {
                self.at += 1;
            }
            if self.take_while(|c| c.is_ascii_digit()).is_empty() {
                return Err(self.error(start, Problem::NumberForm));
            }
        }
        if !self.word().is_empty() {
            return Err(self.error(start, Problem::NumberForm));
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Token::Number(text.to_owned()))
    }

    /// Backslash escapes that are not known keep their backslash, so that regular expressions can be written as in the
    /// AWS documentation (`'\d+'`). A doubled quote stands for one.
    fn string(&mut self, start: usize, quote: char) -> Result<Token, ParseError> {
        self.at += 1;
        let mut value = String::new();
        loop {
            value.push_str(self.take_while(|c| c != quote && c != '\\'));
            let mut following = self.rest().chars();
            match (following.next(), following.next()) {
                (None, _) => return Err(self.error(start, Problem::UnclosedString)),
                (Some('\\'), Some(escaped)) => {
                    self.at += 1 + escaped.len_utf8();
                    match escaped {
                        '\\' | '\'' | '"' | '/' => value.push(escaped),
                        'n' => value.push('\n'),
                        'r' => value.push('\r'),
                        't' => value.push('\t'),
                        'u' => value.push(self.unicode(start)?),
                        other => value.extend(['\\', other]),
                    }
                }
                (Some('\\'), None) => return Err(self.error(start, Problem::UnclosedString)),
                (Some(_), Some(next)) if next == quote => {
                    self.at += 2;
                    value.push(quote);
                }
                _ => {
                    self.at += 1;
                    let single = quote == '\'';
                    return Ok(Token::Text { value, single });
                }
            }
        }
    }

    fn unicode(&mut self, start: usize) -> Result<char, ParseError> {
        let digits = self.rest().get(..4).unwrap_or_default();
        let code = if digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            u32::from_str_radix(digits, 16).ok()
        } else {
            None
        };
        match code.and_then(char::from_u32) {
            Some(c) => {
                self.at += 4;
                Ok(c)
            }
            None => Err(self.error(start, Problem::UnicodeEscape)),
        }
    }

    fn error(&self, at: usize, problem: Problem) -> ParseError {
        ParseError::new(self.text, at, problem)
    }
}

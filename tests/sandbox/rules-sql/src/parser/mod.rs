//! Tokens into syntax trees: the cursor, and the parts that statements are made of.

mod expression;
mod primary;
mod query;

use crate::ast::{Expr, Query};
use crate::lexer::{Lexer, Spanned, Token};
use crate::problem::{ParseError, Problem};
use crate::version::SqlVersion;
use crate::{MAX_STATEMENT_BYTES, MAX_STATEMENT_DEPTH};

/// Words that cannot be the first name of a path.
pub(crate) const RESERVED: [&str; 16] = [
    "SELECT", "FROM", "WHERE", "AS", "AND", "OR", "NOT", "IN", "CASE", "WHEN", "THEN", "ELSE",
    "END", "TRUE", "FALSE", "NULL",
];

/// Whether a word is one of [`RESERVED`], in any case.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|r| word.eq_ignore_ascii_case(r))
}

/// Reads a whole statement.
pub(crate) fn statement(text: &str, version: SqlVersion) -> Result<Query, ParseError> {
    if text.len() > MAX_STATEMENT_BYTES {
        return Err(ParseError::new(text, 0, Problem::TooLong));
    }
    let mut parser = Parser::new(text, 0, version, Some(Vec::new()))?;
    let query = parser.query()?;
    parser.end_of_statement()?;
    Ok(query)
}

/// Reads the expression of `${…}` in a template from the byte behind `${` on.
/// Answers the expression and the offset behind the closing brace.
pub(crate) fn placeholder(
    text: &str,
    at: usize,
    version: SqlVersion,
) -> Result<(Expr, usize), ParseError> {
    let mut parser = Parser::new(text, at, version, None)?;
    let expr = parser.expression()?;
    if parser.is_mark("}") {
        return Ok((expr, parser.current.end));
    }
    Err(parser.expected("an operator or `}`"))
}

pub(crate) struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    current: Spanned,
    version: SqlVersion,
    depth: usize,
    /// The variables assigned so far; `None` in a template, whose statement is not known here.
    variables: Option<Vec<String>>,
}

impl<'t> Parser<'t> {
    fn new(
        text: &'t str,
        at: usize,
        version: SqlVersion,
        variables: Option<Vec<String>>,
    ) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text, at);
        let current = lexer.next()?;
        Ok(Self {
            text,
            lexer,
            current,
            version,
            depth: 0,
            variables,
        })
    }

    /// Steps to the next token and answers the one that was current.
    fn advance(&mut self) -> Result<Spanned, ParseError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.current, next))
    }

    /// The token behind the current one.
    fn ahead(&self) -> Result<Token, ParseError> {
        Ok(Lexer::new(self.text, self.current.end).next()?.token)
    }

    fn is_mark(&self, mark: &str) -> bool {
        matches!(self.current.token, Token::Mark(m) if m == mark)
    }

    fn take_mark(&mut self, mark: &str) -> Result<bool, ParseError> {
        let found = self.is_mark(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect_mark(&mut self, mark: &str, wanted: &'static str) -> Result<(), ParseError> {
        if self.take_mark(mark)? {
            Ok(())
        } else {
            Err(self.expected(wanted))
        }
    }

    fn is_word(&self, keyword: &str) -> bool {
        matches!(&self.current.token, Token::Word(w) if w.eq_ignore_ascii_case(keyword))
    }

    fn take_word(&mut self, keyword: &str) -> Result<bool, ParseError> {
        let found = self.is_word(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect_word(&mut self, keyword: &str, wanted: &'static str) -> Result<(), ParseError> {
        if self.take_word(keyword)? {
            Ok(())
        } else {
            Err(self.expected(wanted))
        }
    }

    /// A name behind `.` or `AS`, where keywords are names too.
    fn any_name(&mut self, wanted: &'static str) -> Result<String, ParseError> {
        if let Token::Word(word) = &self.current.token {
            let word = word.clone();
            self.advance()?;
            return Ok(word);
        }
        Err(self.expected(wanted))
    }

    fn error(&self, problem: Problem) -> ParseError {
        self.error_at(self.current.start, problem)
    }

    fn error_at(&self, at: usize, problem: Problem) -> ParseError {
        ParseError::new(self.text, at, problem)
    }

    fn expected(&self, wanted: &'static str) -> ParseError {
        let found = match &self.current.token {
            Token::End => "the end of the text".to_owned(),
            _ => {
                let text = self.text.get(self.current.start..self.current.end);
                let text = text.unwrap_or_default();
                match text.char_indices().nth(40) {
                    Some((cut, _)) => format!("`{}…`", text.get(..cut).unwrap_or_default()),
                    None => format!("`{text}`"),
                }
            }
        };
        self.error(Problem::Expected { wanted, found })
    }

    fn needs_2016(&self, at: usize, what: &str) -> Result<(), ParseError> {
        if self.version.has_2016() {
            return Ok(());
        }
        Err(self.error_at(at, Problem::NeedsVersion2016(what.to_owned())))
    }

    /// Runs a step of the grammar one level deeper.
    fn nested<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        if self.depth >= MAX_STATEMENT_DEPTH {
            return Err(self.error(Problem::TooDeep));
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }
}

//! Operators, by precedence (which AWS does not document; see the README).

use super::Parser;
use crate::ast::{Expr, Level, Operator};
use crate::lexer::Token;
use crate::problem::{ParseError, Problem};

/// Operators of other SQL dialects.
const FOREIGN: [(&str, &str); 4] = [
    ("IS", "write isNull(…) or isUndefined(…)"),
    ("LIKE", "use regexp_matches(), startswith() or endswith()"),
    ("BETWEEN", "write two comparisons joined with AND"),
    (
        "NOT",
        "NOT stands before the whole comparison: `NOT (a IN b)`",
    ),
];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expr, ParseError> {
        self.nested(|parser| parser.level(Level::Or))
    }

    /// Reads operators that bind at least as tightly as `level`.
    fn level(&mut self, level: Level) -> Result<Expr, ParseError> {
        let tighter = match level {
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Not => {
                if self.is_word("NOT") {
                    self.advance()?;
                    let operand = self.nested(|p| p.level(Level::Not))?;
                    return Ok(Expr::Not(Box::new(operand)));
                }
                return self.level(Level::Comparison);
            }
            Level::Comparison => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product => return self.product(),
            Level::Unary | Level::Primary => return self.unary(),
        };
        let first = self.level(tighter)?;
        self.chain(first, level, tighter)
    }

    fn product(&mut self) -> Result<Expr, ParseError> {
        let first = self.unary()?;
        self.chain(first, Level::Product, Level::Unary)
    }

    fn chain(&mut self, first: Expr, level: Level, tighter: Level) -> Result<Expr, ParseError> {
        let mut rest = Vec::new();
        while let Some(operator) = self.operator().filter(|o| o.level() == level) {
            if level == Level::Comparison && !rest.is_empty() {
                return Err(self.error(Problem::Unsupported {
                    what: "a chain of comparisons".to_owned(),
                    hint: "join comparisons with AND, or use parentheses",
                }));
            }
            self.advance()?;
            rest.push((operator, self.level(tighter)?));
        }
        if level == Level::Comparison {
            self.refuse_foreign()?;
        }
        Ok(if rest.is_empty() {
            first
        } else {
            Expr::Chain(Box::new(first), rest)
        })
    }

    fn operator(&self) -> Option<Operator> {
        Some(match &self.current.token {
            Token::Mark(mark) => match *mark {
                "=" => Operator::Equal,
                "<>" => Operator::NotEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessOrEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterOrEqual,
                "+" => Operator::Add,
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                "%" => Operator::Modulo,
                _ => return None,
            },
            Token::Word(word) if word.eq_ignore_ascii_case("OR") => Operator::Or,
            Token::Word(word) if word.eq_ignore_ascii_case("AND") => Operator::And,
            Token::Word(word) if word.eq_ignore_ascii_case("IN") => Operator::In,
            _ => return None,
        })
    }

    fn refuse_foreign(&self) -> Result<(), ParseError> {
        if let Token::Word(word) = &self.current.token
            && let Some((operator, hint)) =
                FOREIGN.iter().find(|(o, _)| word.eq_ignore_ascii_case(o))
        {
            return Err(self.error(Problem::Unsupported {
                what: format!("the operator {operator} here"),
                hint,
            }));
        }
        Ok(())
    }

    fn unary(&mut self) -> Result<Expr, ParseError> {
        if self.take_mark("-")? {
            let operand = self.nested(Self::unary)?;
            return Ok(Expr::Negate(Box::new(operand)));
        }
        if self.is_mark("+") {
            return Err(self.error(Problem::Unsupported {
                what: "a leading `+`".to_owned(),
                hint: "remove it",
            }));
        }
        self.postfix()
    }
}

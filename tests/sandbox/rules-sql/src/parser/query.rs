//! SET, SELECT, FROM, WHERE, and nested queries.

use mqtt_topic::TopicFilter;

use super::Parser;
use crate::ast::{Expr, Item, Query, Select, SubQuery};
use crate::lexer::Token;
use crate::problem::{ParseError, Problem};

/// Most variables of a SET clause. Source: AWS IoT developer guide, "SET clause".
const MAX_VARIABLES: usize = 10;

const CLAUSES: [(&str, &str); 8] = [
    (
        "GROUP",
        "a rule sees one message: aggregate in the action's target",
    ),
    ("ORDER", "a rule sees one message: there is nothing to sort"),
    ("HAVING", "a rule sees one message: use WHERE"),
    ("LIMIT", "a rule sees one message: use WHERE"),
    (
        "JOIN",
        "read other data with get_dynamodb(), get_thing_shadow() or aws_lambda()",
    ),
    ("UNION", "write one rule per FROM"),
    ("WITH", "assign variables with SET"),
    ("SET", "SET stands before SELECT, once"),
];

impl Parser<'_> {
    pub(super) fn query(&mut self) -> Result<Query, ParseError> {
        let variables = self.set_clause()?;
        self.expect_word("SELECT", "SELECT")?;
        let select = self.select_list()?;
        let from = if self.take_word("FROM")? {
            Some(self.topic_filter()?)
        } else {
            None
        };
        let condition = self.where_clause()?;
        Ok(Query {
            variables,
            select,
            from,
            condition,
        })
    }

    pub(super) fn end_of_statement(&self) -> Result<(), ParseError> {
        if let Token::Word(word) = &self.current.token
            && let Some((clause, hint)) = CLAUSES.iter().find(|(c, _)| word.eq_ignore_ascii_case(c))
        {
            return Err(self.error(Problem::Unsupported {
                what: format!("{clause} here"),
                hint,
            }));
        }
        match self.current.token {
            Token::End => Ok(()),
            _ => {
                Err(self.expected("an operator, `,`, AS, FROM, WHERE or the end of the statement"))
            }
        }
    }

    fn set_clause(&mut self) -> Result<Vec<(String, Expr)>, ParseError> {
        let mut assigned = Vec::new();
        if !self.take_word("SET")? {
            return Ok(assigned);
        }
        loop {
            let at = self.current.start;
            let Token::Variable(name) = &self.current.token else {
                return Err(self.expected("a variable like `@name`"));
            };
            let name = name.clone();
            self.advance()?;
            self.expect_mark("=", "`=`")?;
            let value = self.expression()?;
            let known = self.variables.get_or_insert_default();
            if known.contains(&name) {
                return Err(self.error_at(at, Problem::AssignedTwice(name)));
            }
            if known.len() == MAX_VARIABLES {
                return Err(self.error_at(at, Problem::TooManyVariables));
            }
            known.push(name.clone());
            assigned.push((name, value));
            if !self.take_mark(",")? {
                return Ok(assigned);
            }
        }
    }

    fn select_list(&mut self) -> Result<Select, ParseError> {
        if self.is_word("VALUE") {
            let star = match self.ahead()? {
                Token::Mark("*") => self.star_follows()?,
                Token::Mark("-") => {
                    return Err(self.error(Problem::Unsupported {
                        what: "`VALUE -`".to_owned(),
                        hint: "it is ambiguous: write `VALUE (-…)`, or `(value - …)` for the key `value`",
                    }));
                }
                _ => false,
            };
            if star {
                self.advance()?;
                self.advance()?;
                return Ok(Select::ValueStar);
            }
            if self.value_is_keyword()? {
                self.advance()?;
                let value = self.expression()?;
                if self.is_word("AS") || self.is_mark(",") {
                    return Err(self.error(Problem::Unsupported {
                        what: "AS or a second item after SELECT VALUE".to_owned(),
                        hint: "SELECT VALUE has one item without a name",
                    }));
                }
                return Ok(Select::Value(Box::new(value)));
            }
        }
        let mut items = Vec::new();
        loop {
            items.push(self.item()?);
            if !self.take_mark(",")? {
                return Ok(Select::Items(items));
            }
        }
    }

    /// Whether `VALUE *` is the whole payload and not a product: nothing that could be a factor follows.
    fn star_follows(&self) -> Result<bool, ParseError> {
        let mut ahead = crate::lexer::Lexer::new(self.text, self.current.end);
        ahead.next()?;
        Ok(match ahead.next()?.token {
            Token::End | Token::Mark(")") => true,
            Token::Word(w) => w.eq_ignore_ascii_case("FROM") || w.eq_ignore_ascii_case("WHERE"),
            _ => false,
        })
    }

    /// `VALUE` may also be a key of the payload: it is the keyword when an expression follows.
    fn value_is_keyword(&self) -> Result<bool, ParseError> {
        Ok(match self.ahead()? {
            Token::Number(_) | Token::Text { .. } | Token::Variable(_) => true,
            Token::Mark(mark) => matches!(mark, "(" | "[" | "{"),
            Token::Word(word) => !["FROM", "WHERE", "AS", "AND", "OR", "IN"]
                .iter()
                .any(|k| word.eq_ignore_ascii_case(k)),
            Token::End => false,
        })
    }

    fn item(&mut self) -> Result<Item, ParseError> {
        if self.take_mark("*")? {
            return Ok(Item::Star);
        }
        let expr = self.expression()?;
        let mut alias = Vec::new();
        if self.take_word("AS")? {
            alias.push(self.any_name("a name behind AS")?);
            while self.take_mark(".")? {
                alias.push(self.any_name("a name behind `.`")?);
            }
        }
        Ok(Item::Expr { expr, alias })
    }

    fn topic_filter(&mut self) -> Result<TopicFilter, ParseError> {
        let at = self.current.start;
        match &self.current.token {
            Token::Text {
                value,
                single: true,
            } => {
                let filter = TopicFilter::parse(value.as_str())
                    .map_err(|cause| self.error_at(at, Problem::TopicFilter(cause)))?;
                self.advance()?;
                Ok(filter)
            }
            _ => Err(self.expected("a topic filter in single quotes, like 'sensors/+/data'")),
        }
    }

    fn where_clause(&mut self) -> Result<Option<Expr>, ParseError> {
        if self.take_word("WHERE")? {
            return self.expression().map(Some);
        }
        Ok(None)
    }

    /// A nested query behind its opening parenthesis, including the closing one.
    pub(super) fn sub_query(&mut self) -> Result<SubQuery, ParseError> {
        let at = self.current.start;
        self.needs_2016(at, "a nested query")?;
        self.expect_word("SELECT", "SELECT")?;
        let select = self.select_list()?;
        self.expect_word(
            "FROM",
            "FROM: a nested query selects from an array or an object",
        )?;
        let from = self.expression()?;
        let alias = if self.take_word("AS")? {
            Some(self.any_name("a name behind AS")?)
        } else {
            None
        };
        let condition = self.where_clause()?;
        self.expect_mark(")", "an operator, AS, WHERE or `)`")?;
        Ok(SubQuery {
            select,
            from,
            alias,
            condition,
        })
    }
}

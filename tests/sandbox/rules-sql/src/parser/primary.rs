//! Literals, names, calls, CASE, and what stands in brackets.

use super::{Parser, is_reserved};
use crate::ast::{CastType, Expr};
use crate::functions;
use crate::lexer::Token;
use crate::number;
use crate::problem::{ParseError, Problem};

impl Parser<'_> {
    pub(super) fn postfix(&mut self) -> Result<Expr, ParseError> {
        let base = self.primary()?;
        let mut names = Vec::new();
        while self.take_mark(".")? {
            names.push(self.any_name("a name behind `.`; read other keys with get()")?);
        }
        if self.is_mark("[") {
            return Err(self.error(Problem::Unsupported {
                what: "an index in brackets".to_owned(),
                hint: "write get(list, index), counted from 0",
            }));
        }
        Ok(if names.is_empty() {
            base
        } else {
            match base {
                // Parentheses are not part of the tree: `(a.b).c` is `a.b.c`.
                Expr::Path(inner, mut path) => {
                    path.extend(names);
                    Expr::Path(inner, path)
                }
                other => Expr::Path(Box::new(other), names),
            }
        })
    }

    fn primary(&mut self) -> Result<Expr, ParseError> {
        match &self.current.token {
            Token::Number(text) => {
                let text = text.clone();
                if number::parse(&text).is_none() {
                    return Err(self.error(Problem::NumberTooLarge));
                }
                self.advance()?;
                Ok(Expr::Number(text))
            }
            Token::Text { value, .. } => {
                let value = value.clone();
                self.advance()?;
                Ok(Expr::Text(value))
            }
            Token::Variable(name) => {
                let name = name.clone();
                if self
                    .variables
                    .as_ref()
                    .is_some_and(|known| !known.contains(&name))
                {
                    return Err(self.error(Problem::UnknownVariable(name)));
                }
                self.advance()?;
                Ok(Expr::Variable(name))
            }
            Token::Mark("(") => {
                self.advance()?;
                if self.is_word("SELECT") {
                    let query = self.nested(Self::sub_query)?;
                    return Ok(Expr::SubQuery(Box::new(query)));
                }
                let inner = self.expression()?;
                self.expect_mark(")", "an operator or `)`")?;
                Ok(inner)
            }
            Token::Mark("[") => self.array(),
            Token::Mark("{") => self.object(),
            Token::Mark("*") => Err(self.error(Problem::Unsupported {
                what: "`*` here".to_owned(),
                hint: "`*` stands alone in a SELECT list or as an argument of a function",
            })),
            Token::Word(word) => {
                let word = word.clone();
                self.word(&word)
            }
            _ => Err(self.expected("an expression")),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expr, ParseError> {
        let at = self.current.start;
        match word.to_ascii_uppercase().as_str() {
            "TRUE" => return self.advance().map(|_| Expr::Boolean(true)),
            "FALSE" => return self.advance().map(|_| Expr::Boolean(false)),
            "NULL" => return self.advance().map(|_| Expr::Null),
            "CASE" => return self.case(),
            _ if is_reserved(word) => {
                return Err(
                    self.expected("an expression; read a key that is a keyword with get(*, 'key')")
                );
            }
            _ => {}
        }
        self.advance()?;
        if !self.is_mark("(") {
            return Ok(Expr::Name(word.to_owned()));
        }
        self.advance()?;
        if word.eq_ignore_ascii_case("exists") {
            let query = self.nested(Self::sub_query)?;
            return Ok(Expr::Exists(Box::new(query)));
        }
        if word.eq_ignore_ascii_case("cast") {
            return self.cast();
        }
        self.call(at, word)
    }

    fn call(&mut self, at: usize, name: &str) -> Result<Expr, ParseError> {
        if name.eq_ignore_ascii_case("machinelearning_predict") {
            return Err(self.error_at(
                at,
                Problem::Unsupported {
                    what: "machinelearning_predict()".to_owned(),
                    hint: "Amazon Machine Learning takes no new models: call aws_lambda()",
                },
            ));
        }
        let Some(function) = functions::find(name) else {
            return Err(self.error_at(
                at,
                Problem::UnknownFunction {
                    name: name.to_owned(),
                    similar: functions::similar(name),
                },
            ));
        };
        if function.since_2016 {
            self.needs_2016(at, &format!("{}()", function.name))?;
        }
        let mut arguments = Vec::new();
        if !self.take_mark(")")? {
            loop {
                if self.is_mark("*") {
                    if !function.takes_star {
                        return Err(self.error(Problem::StarArgument(function.name)));
                    }
                    self.advance()?;
                    arguments.push(Expr::Star);
                } else {
                    arguments.push(self.expression()?);
                }
                if !self.take_mark(",")? {
                    break;
                }
            }
            self.expect_mark(")", "an operator, `,` or `)`")?;
        }
        if !function.arity.is_empty() && !function.arity.contains(&arguments.len()) {
            return Err(self.error_at(
                at,
                Problem::Arity {
                    function: function.name,
                    wanted: function.arity_text(),
                    found: arguments.len(),
                },
            ));
        }
        if function.name == "decode" && arguments.len() == 2 && arguments.contains(&Expr::Star) {
            return Err(self.error_at(at, Problem::Unsupported {
                    what: "`*` in decode(…, 'base64')".to_owned(),
                    hint: "name the key that holds base64; a payload that is a JSON scalar is read with decode(encode(*, 'base64'), 'base64')",
                },
            ));
        }
        if function.name == "get_or_default"
            && arguments.get(1).is_some_and(functions::reaches_outside)
        {
            return Err(self.error_at(
                at,
                Problem::Unsupported {
                    what: "a function that fetches data as the default of get_or_default()"
                        .to_owned(),
                    hint: "the default must not need another service",
                },
            ));
        }
        if self.variables.is_none() && function.forbidden_in_templates(&arguments) {
            return Err(self.error_at(at, Problem::NotInTemplates(function.name)));
        }
        for place in function.literal_arguments(arguments.len()) {
            if matches!(arguments.get(place), Some(Expr::Variable(_))) {
                return Err(self.error_at(
                    at,
                    Problem::Unsupported {
                        what: format!("a variable as argument {} of {}()", place + 1, function.name),
                        hint: "role ARNs and modes must not come from SET variables: write the text itself",
                    },
                ));
            }
        }
        Ok(Expr::Call(function, arguments))
    }

    fn cast(&mut self) -> Result<Expr, ParseError> {
        let value = self.expression()?;
        self.expect_word("AS", "an operator or AS")?;
        let at = self.current.start;
        let word = self.any_name("a type")?;
        let Some(target) = CastType::from_word(&word) else {
            return Err(self.error_at(at, Problem::UnknownType(word)));
        };
        if target.needs_2016() {
            self.needs_2016(at, &format!("cast to {}", target.word()))?;
        }
        self.expect_mark(")", "`)`")?;
        Ok(Expr::Cast(Box::new(value), target))
    }

    fn case(&mut self) -> Result<Expr, ParseError> {
        self.advance()?;
        if self.is_word("WHEN") {
            return Err(self.error(Problem::Unsupported {
                what: "CASE without a value".to_owned(),
                hint: "write CASE value WHEN equal THEN result END",
            }));
        }
        let subject = Box::new(self.expression()?);
        let mut branches = Vec::new();
        while self.take_word("WHEN")? {
            let test = self.expression()?;
            self.expect_word("THEN", "an operator or THEN")?;
            branches.push((test, self.expression()?));
        }
        if branches.is_empty() {
            return Err(self.expected("an operator or WHEN"));
        }
        let otherwise = if self.take_word("ELSE")? {
            Some(Box::new(self.expression()?))
        } else {
            None
        };
        self.expect_word("END", "an operator, WHEN, ELSE or END")?;
        Ok(Expr::Case {
            subject,
            branches,
            otherwise,
        })
    }

    fn array(&mut self) -> Result<Expr, ParseError> {
        self.needs_2016(self.current.start, "an array literal")?;
        self.advance()?;
        let mut items = Vec::new();
        if !self.take_mark("]")? {
            loop {
                items.push(self.expression()?);
                if !self.take_mark(",")? {
                    break;
                }
            }
            self.expect_mark("]", "an operator, `,` or `]`")?;
        }
        Ok(Expr::Array(items))
    }

    fn object(&mut self) -> Result<Expr, ParseError> {
        self.needs_2016(self.current.start, "an object literal")?;
        self.advance()?;
        let mut members = Vec::new();
        if !self.take_mark("}")? {
            loop {
                let Token::Text { value, .. } = &self.current.token else {
                    return Err(self.expected("a key in quotes"));
                };
                let key = value.clone();
                self.advance()?;
                self.expect_mark(":", "`:`")?;
                members.push((key, self.expression()?));
                if !self.take_mark(",")? {
                    break;
                }
            }
            self.expect_mark("}", "an operator, `,` or `}`")?;
        }
        Ok(Expr::Object(members))
    }
}

//! Texts of a policy with wildcards and policy variables.

use std::borrow::Cow;
use std::fmt;

use crate::context::Context;
use crate::glob::{Builder, Glob};
use crate::key::Key;

/// A resource or condition value before its variables are substituted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    source: String,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Text(String),
    AnyRun,
    AnyCharacter,
    Variable(Key),
}

/// Whether `*` and `?` are wildcards in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wildcards {
    /// They are: resources, `StringLike`, the `Arn` operators.
    Active,
    /// They stand for themselves: `StringEquals` and its kin.
    Literal,
}

/// Why a text with variables cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidPattern {
    /// `${` without `}`.
    Unclosed,
    /// `$(*)`, as one page of AWS's guide prints the escape.
    ParenthesisEscape(char),
    /// `${…}` names no variable of AWS IoT Core.
    UnknownVariable {
        /// The name as given.
        name: String,
        /// The variable it probably means.
        meant: Option<String>,
    },
    /// The key exists but cannot be substituted: it has several values or belongs to the CONNECT packet.
    NotAVariable(Key),
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed => f.write_str(
                "`${` without `}`; write `${$}` for a literal dollar sign before a brace",
            ),
            Self::ParenthesisEscape(character) => {
                write!(
                    f,
                    "`$({character})` is not an escape; write `${{{character}}}`"
                )
            }
            Self::UnknownVariable {
                name,
                meant: Some(meant),
            } => {
                write!(
                    f,
                    "unknown policy variable `${{{name}}}`; did you mean `${{{meant}}}`?"
                )
            }
            Self::UnknownVariable { name, meant: None } => {
                write!(
                    f,
                    "unknown policy variable `${{{name}}}`; AWS IoT Core would never substitute it"
                )
            }
            Self::NotAVariable(key) => write!(
                f,
                "`{key}` is a condition key only, it cannot be substituted as `${{{key}}}`"
            ),
        }
    }
}

impl std::error::Error for InvalidPattern {}

impl Pattern {
    /// Reads a text; `${*}`, `${?}` and `${$}` stand for the characters, `${<name>}` for a policy variable.
    ///
    /// # Errors
    /// [`InvalidPattern`] for anything else after `${`.
    pub fn parse(source: &str, wildcards: Wildcards) -> Result<Self, InvalidPattern> {
        let mut tokens = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(character) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("${") {
                let (name, after) = after.split_once('}').ok_or(InvalidPattern::Unclosed)?;
                match name {
                    "*" | "?" | "$" => text.push_str(name),
                    name => {
                        push_text(&mut tokens, &mut text);
                        tokens.push(Token::Variable(variable(name)?));
                    }
                }
                rest = after;
                continue;
            }
            for escape in ['*', '?', '$'] {
                let parenthesis = rest
                    .strip_prefix("$(")
                    .and_then(|rest| rest.strip_prefix(escape));
                if parenthesis.is_some_and(|rest| rest.starts_with(')')) {
                    return Err(InvalidPattern::ParenthesisEscape(escape));
                }
            }
            match character {
                '*' if wildcards == Wildcards::Active => {
                    push_text(&mut tokens, &mut text);
                    tokens.push(Token::AnyRun);
                }
                '?' if wildcards == Wildcards::Active => {
                    push_text(&mut tokens, &mut text);
                    tokens.push(Token::AnyCharacter);
                }
                other => text.push(other),
            }
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
        }
        push_text(&mut tokens, &mut text);
        Ok(Self {
            source: source.to_owned(),
            tokens,
        })
    }

    /// As the policy writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The variables in it, in order.
    pub fn variables(&self) -> impl Iterator<Item = &Key> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Variable(key) => Some(key),
            _ => None,
        })
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Substitutes the variables. A substituted value is literal: it can never act as a wildcard.
    ///
    /// # Errors
    /// The variables that have no value in this context.
    pub fn resolve<'p>(&'p self, context: &Context) -> Result<Glob, Vec<&'p Key>> {
        resolve(&self.tokens, context)
    }

    /// Substitutes the variables of a pattern without wildcards.
    ///
    /// # Errors
    /// The variables that have no value in this context.
    pub(crate) fn resolve_text<'p>(
        &'p self,
        context: &Context,
    ) -> Result<Cow<'p, str>, Vec<&'p Key>> {
        if let [Token::Text(text)] = self.tokens.as_slice() {
            return Ok(Cow::Borrowed(text));
        }
        let mut missing = Vec::new();
        let mut resolved = String::new();
        for token in &self.tokens {
            match token {
                Token::Text(text) => resolved.push_str(text),
                Token::AnyRun => resolved.push('*'),
                Token::AnyCharacter => resolved.push('?'),
                Token::Variable(key) => match key.value(context) {
                    Some(value) => resolved.push_str(&value),
                    None => missing.push(key),
                },
            }
        }
        if missing.is_empty() {
            Ok(Cow::Owned(resolved))
        } else {
            Err(missing)
        }
    }
}

/// Substitutes the variables of a stretch of tokens.
pub(crate) fn resolve<'p>(tokens: &'p [Token], context: &Context) -> Result<Glob, Vec<&'p Key>> {
    let mut builder = Builder::default();
    let mut missing = Vec::new();
    for token in tokens {
        match token {
            Token::Text(text) => builder.text(text),
            Token::AnyRun => builder.any_run(),
            Token::AnyCharacter => builder.any_character(),
            Token::Variable(key) => match key.value(context) {
                Some(value) => builder.text(&value),
                None => missing.push(key),
            },
        }
    }
    if missing.is_empty() {
        Ok(builder.finish())
    } else {
        Err(missing)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn push_text(tokens: &mut Vec<Token>, text: &mut String) {
    if !text.is_empty() {
        tokens.push(Token::Text(std::mem::take(text)));
    }
}

fn variable(name: &str) -> Result<Key, InvalidPattern> {
    match Key::parse(name) {
        Some(key) if key.is_variable() => Ok(key),
        Some(key) => Err(InvalidPattern::NotAVariable(key)),
        None => Err(InvalidPattern::UnknownVariable {
            name: name.to_owned(),
            meant: Key::meant_by(name),
        }),
    }
}

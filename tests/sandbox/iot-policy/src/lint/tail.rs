//! The part of a resource after region and account, compared without a context.

use crate::document::{Resources, Statement};
use crate::glob::{Builder, Glob};
use crate::key::Key;
use crate::pattern::{Pattern, Token};
use crate::value::ArnPattern;

/// `topic/a/*` of `arn:aws:iot:<region>:<account>:topic/a/*`; `*` of a pattern that ends before it.
#[derive(Debug, Clone)]
pub(super) struct Tail {
    tokens: Vec<Token>,
}

/// Largest table that [`Tail::overlaps`] fills; beyond it the answer is "perhaps", which gives no finding.
const MAX_CELLS: usize = 1 << 24;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Symbol {
    Character(char),
    AnyCharacter,
    AnyRun,
}

impl Tail {
    pub(super) fn of(pattern: &Pattern) -> Self {
        let tokens = match ArnPattern::parse(pattern) {
            Some(arn) => arn.into_resource(),
            None if pattern.tokens().last() == Some(&Token::AnyRun) => vec![Token::AnyRun],
            None => pattern.tokens().to_vec(),
        };
        Self { tokens }
    }

    /// Whether it covers a text in which a variable stands as `${name}`.
    pub(super) fn covers(&self, text: &str) -> bool {
        self.glob(|builder, key| builder.text(&placeholder(key)))
            .matches(text)
    }

    /// Whether it covers a text when the client picks its client id to fit.
    pub(super) fn covers_for_some_client_id(&self, text: &str) -> bool {
        let free = |builder: &mut Builder, key: &Key| match key {
            Key::ClientId => builder.any_run(),
            key => builder.text(&placeholder(key)),
        };
        self.glob(free).matches(text)
    }

    /// A text it covers: wildcards as `x`, variables as `${name}`.
    pub(super) fn sample(&self) -> String {
        let text = self.tokens.iter().map(|token| match token {
            Token::Text(text) => text.clone(),
            Token::AnyRun | Token::AnyCharacter => "x".to_owned(),
            Token::Variable(key) => placeholder(key),
        });
        text.collect()
    }

    /// Whether it holds `+` or `#` as the policy's own text.
    pub(super) fn holds_mqtt_wildcard(&self) -> bool {
        let holds = |token: &Token| matches!(token, Token::Text(text) if text.contains(['+', '#']));
        self.tokens.iter().any(holds)
    }

    /// Whether a message on a topic of `topics` (`topic/…`) could answer a subscription of this (`topicfilter/…`).
    pub(super) fn could_deliver(&self, topics: &Self) -> bool {
        let filter = self.symbols(&['+', '#']);
        let topics = topics.symbols(&[]);
        // The types differ; a pattern without type (`*`) stays as it is.
        let filter = strip(&filter, "topicfilter/");
        let topics = strip(&topics, "topic/");
        overlap(filter, topics)
    }

    fn glob(&self, variable: impl Fn(&mut Builder, &Key)) -> Glob {
        let mut builder = Builder::default();
        for token in &self.tokens {
            match token {
                Token::Text(text) => builder.text(text),
                Token::AnyRun => builder.any_run(),
                Token::AnyCharacter => builder.any_character(),
                Token::Variable(key) => variable(&mut builder, key),
            }
        }
        builder.finish()
    }

    /// Characters and wildcards; variables and `wild` characters could stand for anything.
    fn symbols(&self, wild: &[char]) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Text(text) => symbols.extend(text.chars().map(|character| {
                    if wild.contains(&character) {
                        Symbol::AnyRun
                    } else {
                        Symbol::Character(character)
                    }
                })),
                Token::AnyCharacter => symbols.push(Symbol::AnyCharacter),
                Token::AnyRun | Token::Variable(_) => symbols.push(Symbol::AnyRun),
            }
        }
        symbols
    }
}

/// Whether a statement is about a resource, variables standing as `${name}`.
pub(super) fn covers(statement: &Statement, resource: &str) -> bool {
    let covered = statement
        .resources
        .patterns()
        .iter()
        .any(|pattern| Tail::of(pattern).covers(resource));
    covered == matches!(statement.resources, Resources::Only(_))
}

/// The tails of `Resource`; none for `NotResource`.
pub(super) fn tails(statement: &Statement) -> Vec<(&Pattern, Tail)> {
    match &statement.resources {
        Resources::Only(patterns) => patterns
            .iter()
            .map(|pattern| (pattern, Tail::of(pattern)))
            .collect(),
        Resources::Except(_) => Vec::new(),
    }
}

fn placeholder(key: &Key) -> String {
    format!("${{{key}}}")
}

fn strip<'s>(symbols: &'s [Symbol], prefix: &str) -> &'s [Symbol] {
    let mut rest = symbols;
    for character in prefix.chars() {
        match rest.split_first() {
            Some((Symbol::Character(first), after)) if *first == character => rest = after,
            _ => return symbols,
        }
    }
    rest
}

/// Whether some text is covered by both: which pairs of beginnings can spell the same text, row by row.
fn overlap(a: &[Symbol], b: &[Symbol]) -> bool {
    if a.len().saturating_mul(b.len()) > MAX_CELLS {
        return true;
    }
    let mut row = vec![false; b.len() + 1];
    if let Some(start) = row.first_mut() {
        *start = true;
    }
    let set = |row: &mut Vec<bool>, index: usize| {
        if let Some(cell) = row.get_mut(index) {
            *cell = true;
        }
    };
    for i in 0..=a.len() {
        let mut next = vec![false; b.len() + 1];
        for j in 0..=b.len() {
            if row.get(j) != Some(&true) {
                continue;
            }
            let (left, right) = (a.get(i), b.get(j));
            let run = left == Some(&Symbol::AnyRun) || right == Some(&Symbol::AnyRun);
            if run && right.is_some() {
                set(&mut row, j + 1);
            }
            if run && left.is_some() {
                set(&mut next, j);
            }
            match (left, right) {
                (None, None) => return true,
                (Some(Symbol::Character(left)), Some(Symbol::Character(right)))
                    if left != right => {}
                (Some(_), Some(_)) => set(&mut next, j + 1),
                _ => {}
            }
        }
        row = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Wildcards;

    fn tail(text: &str) -> Tail {
        let pattern = format!("arn:aws:iot:eu-west-1:123456789012:{text}");
        Tail::of(&Pattern::parse(&pattern, Wildcards::Active).unwrap())
    }

    #[test]
    fn deliveries() {
        for (filter, topic, expected) in [
            ("topicfilter/a/#", "topic/a/b/c", true),
            ("topicfilter/a/+/c", "topic/a/*", true),
            ("topicfilter/a/*", "topic/b/*", false),
            ("topicfilter/a/?", "topic/a/b", true),
            ("topicfilter/a/?", "topic/a/", false),
            ("topicfilter/${iot:ClientId}/in", "topic/*/in", true),
            ("topicfilter/${iot:ClientId}/in", "topic/x/out", false),
            ("topicfilter/a", "*", true),
            ("topicfilter/a", "topic/a", true),
            ("topicfilter/*ab", "topic/aab", true),
        ] {
            assert_eq!(
                tail(filter).could_deliver(&tail(topic)),
                expected,
                "{filter} and {topic}"
            );
        }
    }
}

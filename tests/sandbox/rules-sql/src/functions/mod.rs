//! The functions, one file per function or tight family. Every file lists its functions with the documented examples,
//! which are executed as tests.
//!
//! Source: AWS IoT developer guide, "Functions".

mod arithmetic;
mod bits;
mod collection;
mod context;
mod digest;
mod double;
mod encoding;
mod external;
mod mqtt5;
mod padding;
mod presence;
mod regexp;
mod text;
mod time;

use crate::ast::Expr;
use crate::error::EvalError;
use crate::eval::{Evaluator, Scope};
use crate::value::Value;

/// What a function answers.
pub(crate) type Outcome = Result<Value, EvalError>;

/// How a function is called.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    /// With the values of its arguments.
    Eager(fn(&Evaluator<'_>, &[Value]) -> Outcome),
    /// With the arguments themselves.
    Lazy(fn(&Evaluator<'_>, &[Expr], &Scope<'_>) -> Outcome),
}

/// A function of the SQL.
pub(crate) struct Function {
    /// The name as the documentation writes it; SQL does not distinguish case.
    pub(crate) name: &'static str,
    /// Whether it came with version 2016-03-23.
    pub(crate) since_2016: bool,
    /// The numbers of arguments that it takes; empty for any.
    pub(crate) arity: &'static [usize],
    /// Whether an argument may be `*`.
    pub(crate) takes_star: bool,
    pub(crate) call: Call,
    /// Expressions and their values as JSON, or `UNDEFINED`.
    #[cfg_attr(not(test), expect(dead_code, reason = "executed as tests"))]
    pub(crate) examples: &'static [(&'static str, &'static str)],
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Function {
    const fn new(
        name: &'static str,
        arity: &'static [usize],
        call: fn(&Evaluator<'_>, &[Value]) -> Outcome,
        examples: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            name,
            since_2016: false,
            arity,
            takes_star: false,
            call: Call::Eager(call),
            examples,
        }
    }

    const fn lazy(
        name: &'static str,
        arity: &'static [usize],
        call: fn(&Evaluator<'_>, &[Expr], &Scope<'_>) -> Outcome,
        examples: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            name,
            since_2016: false,
            arity,
            takes_star: false,
            call: Call::Lazy(call),
            examples,
        }
    }

    const fn since_2016(mut self) -> Self {
        self.since_2016 = true;
        self
    }

    const fn takes_star(mut self) -> Self {
        self.takes_star = true;
        self
    }

    /// The numbers of arguments in words.
    pub(crate) fn arity_text(&self) -> String {
        let counts: Vec<String> = self.arity.iter().map(ToString::to_string).collect();
        match self.arity {
            [0] => "no arguments".to_owned(),
            [1] => "1 argument".to_owned(),
            _ => format!("{} arguments", counts.join(" or ")),
        }
    }

    /// The protobuf form of decode is documented as not available in templates.
    pub(crate) fn forbidden_in_templates(&self, arguments: &[Expr]) -> bool {
        self.name == "decode" && arguments.len() == 6
    }

    /// The places of arguments that must not come from SET variables: role ARNs and modes.
    pub(crate) fn literal_arguments(&self, count: usize) -> Vec<usize> {
        match self.name {
            "transform" => vec![0],
            "get_thing_shadow" | "get_dynamodb" | "get_secret" => vec![count.saturating_sub(1)],
            "get_registry_data" => vec![0, 2],
            _ => Vec::new(),
        }
    }
}

const FAMILIES: [&[Function]; 14] = [
    arithmetic::FUNCTIONS,
    bits::FUNCTIONS,
    collection::FUNCTIONS,
    context::FUNCTIONS,
    digest::FUNCTIONS,
    double::FUNCTIONS,
    encoding::FUNCTIONS,
    external::FUNCTIONS,
    mqtt5::FUNCTIONS,
    padding::FUNCTIONS,
    presence::FUNCTIONS,
    regexp::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

/// All functions but cast, which has a syntax of its own.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    static ALL: [&[Function]; 14] = FAMILIES;
    ALL.iter().copied().flatten()
}

/// The function of a name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    all().find(|f| f.name.eq_ignore_ascii_case(name))
}

/// The known name that is most similar to an unknown one, if one is similar at all.
pub(crate) fn similar(name: &str) -> Option<&'static str> {
    let name: Vec<u8> = name.to_ascii_lowercase().bytes().take(40).collect();
    all()
        .map(|f| f.name)
        .chain(["cast"])
        .map(|known| {
            (
                distance(&name, known.to_ascii_lowercase().as_bytes()),
                known,
            )
        })
        .min()
        .filter(|(distance, known)| *distance <= 2 && *distance < known.len())
        .map(|(_, known)| known)
}

/// Edits between two names (Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, slot) in b.iter().zip(row.iter_mut().skip(1)) {
            let replace = diagonal + usize::from(x != y);
            diagonal = *slot;
            left = replace.min(*slot + 1).min(left + 1);
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

/// An argument; Undefined when it is not there.
fn argument(arguments: &[Value], place: usize) -> &Value {
    const UNDEFINED: &Value = &Value::Undefined;
    arguments.get(place).unwrap_or(UNDEFINED)
}

#[cfg(test)]
mod tests;

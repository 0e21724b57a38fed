//! Syntax trees back into text, with parentheses only where the tree needs them.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::ast::{Expr, Item, Level, Query, Select, SubQuery};

/// Characters that a quoted string cannot hold as they are.
pub(crate) fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('\'')?;
    for c in text.chars() {
        match c {
            '\'' => f.write_str("\\'")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('\'')
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (n, (name, value)) in self.variables.iter().enumerate() {
            let before = if n == 0 { "SET " } else { ", " };
            write!(f, "{before}@{name} = {value}")?;
        }
        if !self.variables.is_empty() {
            f.write_char(' ')?;
        }
        write!(f, "SELECT {}", self.select)?;
        if let Some(filter) = &self.from {
            f.write_str(" FROM ")?;
            quoted(filter.as_str(), f)?;
        }
        if let Some(condition) = &self.condition {
            write!(f, " WHERE {condition}")?;
        }
        Ok(())
    }
}

impl Display for Select {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValueStar => f.write_str("VALUE *"),
            // `VALUE -1` would be ambiguous: the key `value` minus one.
            Self::Value(expr) if begins_with(expr, &|e| matches!(e, Expr::Negate(_))) => {
                write!(f, "VALUE ({expr})")
            }
            Self::Value(expr) => write!(f, "VALUE {expr}"),
            Self::Items(items) => {
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        f.write_str(", ")?;
                    }
                    let first = n == 0;
                    match item {
                        Item::Star => f.write_char('*')?,
                        Item::Expr { expr, alias } => {
                            if first && is_key_value(expr) {
                                write!(f, "({expr})")?;
                            } else {
                                write!(f, "{expr}")?;
                            }
                            if !alias.is_empty() {
                                write!(f, " AS {}", alias.join("."))?;
                            }
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

/// Whether operators follow the key `value`, which could read as SELECT VALUE.
fn is_key_value(expr: &Expr) -> bool {
    matches!(expr, Expr::Chain(..))
        && begins_with(
            expr,
            &|e| matches!(e, Expr::Name(name) if name.eq_ignore_ascii_case("value")),
        )
}

fn begins_with(expr: &Expr, found: &dyn Fn(&Expr) -> bool) -> bool {
    found(expr)
        || match expr {
            Expr::Chain(first, _) | Expr::Path(first, _) => begins_with(first, found),
            _ => false,
        }
}

impl Display for SubQuery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "(SELECT {} FROM {}", self.select, self.from)?;
        if let Some(alias) = &self.alias {
            write!(f, " AS {alias}")?;
        }
        if let Some(condition) = &self.condition {
            write!(f, " WHERE {condition}")?;
        }
        f.write_char(')')
    }
}

/// An operand that binds at least as tightly as `level`, else in parentheses.
struct Operand<'e>(&'e Expr, Level);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.level() >= self.1 {
            write!(f, "{}", self.0)
        } else {
            write!(f, "({})", self.0)
        }
    }
}

/// The next tighter level.
const fn tighter(level: Level) -> Level {
    match level {
        Level::Or => Level::And,
        Level::And => Level::Not,
        Level::Not => Level::Comparison,
        Level::Comparison => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product => Level::Unary,
        Level::Unary | Level::Primary => Level::Primary,
    }
}

fn list<T: Display>(items: &[T], f: &mut Formatter<'_>) -> fmt::Result {
    for (n, item) in items.iter().enumerate() {
        let before = if n == 0 { "" } else { ", " };
        write!(f, "{before}{item}")?;
    }
    Ok(())
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(b) => write!(f, "{b}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => quoted(text, f),
            Self::Name(name) => f.write_str(name),
            Self::Variable(name) => write!(f, "@{name}"),
            Self::Star => f.write_char('*'),
            Self::Path(base, names) => {
                // `1.a` would be a malformed number.
                match **base {
                    Self::Number(_) => write!(f, "({base})")?,
                    _ => write!(f, "{}", Operand(base, Level::Primary))?,
                }
                names.iter().try_for_each(|name| write!(f, ".{name}"))
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (n, (key, value)) in members.iter().enumerate() {
                    if n > 0 {
                        f.write_str(", ")?;
                    }
                    quoted(key, f)?;
                    write!(f, ": {value}")?;
                }
                f.write_char('}')
            }
            Self::Array(items) => {
                f.write_char('[')?;
                list(items, f)?;
                f.write_char(']')
            }
            // `--` would read as a comment.
            Self::Negate(operand) if matches!(**operand, Self::Negate(_)) => {
                write!(f, "-({operand})")
            }
            Self::Negate(operand) => write!(f, "-{}", Operand(operand, Level::Unary)),
            Self::Not(operand) => write!(f, "NOT {}", Operand(operand, Level::Not)),
            Self::Chain(first, rest) => {
                let level = tighter(self.level());
                write!(f, "{}", Operand(first, level))?;
                rest.iter().try_for_each(|(operator, operand)| {
                    write!(f, " {} {}", operator.symbol(), Operand(operand, level))
                })
            }
            Self::Case {
                subject,
                branches,
                otherwise,
            } => {
                write!(f, "CASE {subject}")?;
                for (test, result) in branches {
                    write!(f, " WHEN {test} THEN {result}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " ELSE {otherwise}")?;
                }
                f.write_str(" END")
            }
            Self::Cast(value, target) => write!(f, "cast({value} AS {})", target.word()),
            Self::Call(function, arguments) => {
                write!(f, "{}(", function.name)?;
                list(arguments, f)?;
                f.write_char(')')
            }
            Self::SubQuery(query) => write!(f, "{query}"),
            Self::Exists(query) => write!(f, "EXISTS {query}"),
        }
    }
}

/// The text of an expression.
pub(crate) fn text(expr: &Expr) -> String {
    expr.to_string()
}

#[cfg(test)]
mod tests;

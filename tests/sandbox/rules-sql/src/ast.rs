//! The syntax tree. Parentheses are not part of it: the printer puts them where the tree needs them.

use mqtt_topic::TopicFilter;

use crate::functions::Function;

/// `SET … SELECT … FROM … WHERE …`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    pub(crate) variables: Vec<(String, Expr)>,
    pub(crate) select: Select,
    pub(crate) from: Option<TopicFilter>,
    pub(crate) condition: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Select {
    /// `VALUE *`
    ValueStar,
    /// `VALUE expr`
    Value(Box<Expr>),
    Items(Vec<Item>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Star,
    Expr {
        expr: Expr,
        /// The path behind `AS`; empty without it.
        alias: Vec<String>,
    },
}

/// `(SELECT … FROM expr AS alias WHERE …)`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SubQuery {
    pub(crate) select: Select,
    pub(crate) from: Expr,
    pub(crate) alias: Option<String>,
    pub(crate) condition: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Null,
    Boolean(bool),
    /// Unsigned, as it was written.
    Number(String),
    Text(String),
    /// A key of the payload or of the element of a nested query, or the alias of one.
    Name(String),
    Variable(String),
    /// `*`, only as an argument.
    Star,
    /// `base.a.b`; at least one name.
    Path(Box<Expr>, Vec<String>),
    Object(Vec<(String, Expr)>),
    Array(Vec<Expr>),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    /// Operators of one precedence level, applied from left to right; at least one.
    Chain(Box<Expr>, Vec<(Operator, Expr)>),
    Case {
        subject: Box<Expr>,
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Cast(Box<Expr>, CastType),
    Call(&'static Function, Vec<Expr>),
    SubQuery(Box<SubQuery>),
    Exists(Box<SubQuery>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// How tightly something binds, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Unary,
    Primary,
}

impl Operator {
    pub(crate) const fn level(self) -> Level {
        match self {
            Self::Or => Level::Or,
            Self::And => Level::And,
            Self::Add | Self::Subtract => Level::Sum,
            Self::Multiply | Self::Divide | Self::Modulo => Level::Product,
            _ => Level::Comparison,
        }
    }

    pub(crate) const fn symbol(self) -> &'static str {
        match self {
            Self::Or => "OR",
            Self::And => "AND",
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "IN",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}

impl Expr {
    pub(crate) fn level(&self) -> Level {
        match self {
            Self::Chain(_, rest) => rest
                .first()
                .map_or(Level::Primary, |(operator, _)| operator.level()),
            Self::Not(_) => Level::Not,
            Self::Negate(_) => Level::Unary,
            _ => Level::Primary,
        }
    }
}

/// The type words of `cast`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CastType {
    String,
    Int,
    Double,
    Decimal,
    Boolean,
}

impl CastType {
    /// Reads a type word in any case.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "string" | "nvarchar" | "text" | "ntext" | "varchar" => Self::String,
            "int" | "integer" => Self::Int,
            "double" => Self::Double,
            "decimal" => Self::Decimal,
            "bool" | "boolean" => Self::Boolean,
            _ => return None,
        })
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Int => "Int",
            Self::Double => "Double",
            Self::Decimal => "Decimal",
            Self::Boolean => "Boolean",
        }
    }

    pub(crate) const fn needs_2016(self) -> bool {
        matches!(self, Self::Decimal | Self::Boolean)
    }
}

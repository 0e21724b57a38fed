//! From text to the parts of a `SELECT` the sandbox knows.

use sqlparser::{
    ast::{
        Expr, GroupByExpr, LimitClause, ObjectNamePart, OrderByExpr, OrderByKind, Query, Select,
        SelectItem, SetExpr, Statement, TableFactor, Value, ValueWithSpan,
    },
    dialect::GenericDialect,
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};

use super::{super::invalid, constant::DURATION_MARK, unsupported};
use crate::api_error::ApiError;

/// The parts of a query.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) database: String,
    pub(super) table: String,
    pub(super) projection: Vec<SelectItem>,
    pub(super) selection: Option<Expr>,
    pub(super) group_by: Vec<Expr>,
    pub(super) order_by: Vec<OrderByExpr>,
    pub(super) limit: Option<u64>,
}

/// Parses a query.
///
/// # Errors
/// `ValidationException` with the parser's words, or with the name of what is not supported.
pub(super) fn parse(text: &str) -> Result<Parsed, ApiError> {
    let dialect = GenericDialect {};
    let syntax =
        |error: &dyn std::fmt::Display| invalid(format!("The query syntax is invalid: {error}"));
    let tokens = Tokenizer::new(&dialect, text)
        .tokenize()
        .map_err(|error| syntax(&error))?;
    let mut parser = Parser::new(&dialect).with_tokens(mark_durations(tokens));
    let mut statements = parser.parse_statements().map_err(|error| syntax(&error))?;
    let (Some(statement), true) = (statements.pop(), statements.is_empty()) else {
        return Err(invalid("The query must be one statement."));
    };
    match statement {
        Statement::Query(query) => parts(*query),
        other => Err(unsupported(format!("the statement `{other}`"))),
    }
}

/// `1h` is two tokens for the parser; it becomes one marked string.
fn mark_durations(tokens: Vec<Token>) -> Vec<Token> {
    let mut marked = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let duration = match (&token, tokens.peek()) {
            (Token::Number(count, _), Some(Token::Word(unit))) if unit.quote_style.is_none() => {
                Some(format!("{DURATION_MARK}{count}{}", unit.value))
            }
            _ => None,
        };
        match duration {
            Some(duration) => {
                tokens.next();
                marked.push(Token::SingleQuotedString(duration));
            }
            None => marked.push(token),
        }
    }
    marked
}

fn parts(query: Query) -> Result<Parsed, ApiError> {
    let refused = [
        (query.with.is_some(), "WITH"),
        (query.fetch.is_some(), "FETCH"),
        (!query.locks.is_empty(), "FOR UPDATE"),
        (query.for_clause.is_some(), "FOR"),
        (query.settings.is_some(), "SETTINGS"),
        (query.format_clause.is_some(), "FORMAT"),
        (!query.pipe_operators.is_empty(), "pipe operators"),
    ];
    refuse(&refused)?;
    let select = match *query.body {
        SetExpr::Select(select) => *select,
        other => return Err(unsupported(format!("`{other}`"))),
    };
    let order_by = match query.order_by {
        None => Vec::new(),
        Some(order) => match order.kind {
            OrderByKind::Expressions(list) if order.interpolate.is_none() => list,
            _ => return Err(unsupported("this form of ORDER BY")),
        },
    };
    let limit = query.limit_clause.map(limit).transpose()?;
    check(&select)?;
    let (database, table) = source(&select)?;
    let group_by = match select.group_by {
        GroupByExpr::Expressions(list, modifiers) if modifiers.is_empty() => list,
        _ => return Err(unsupported("this form of GROUP BY")),
    };
    Ok(Parsed {
        database,
        table,
        projection: select.projection,
        selection: select.selection,
        group_by,
        order_by,
        limit,
    })
}

/// Names every clause that would otherwise be dropped silently.
fn check(select: &Select) -> Result<(), ApiError> {
    refuse(&[
        (select.distinct.is_some(), "SELECT DISTINCT"),
        (select.top.is_some(), "TOP"),
        (select.exclude.is_some(), "EXCLUDE"),
        (select.into.is_some(), "INTO"),
        (!select.lateral_views.is_empty(), "LATERAL VIEW"),
        (select.prewhere.is_some(), "PREWHERE"),
        (!select.cluster_by.is_empty(), "CLUSTER BY"),
        (!select.distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!select.sort_by.is_empty(), "SORT BY"),
        (select.having.is_some(), "HAVING"),
        (!select.named_window.is_empty(), "WINDOW"),
        (select.qualify.is_some(), "QUALIFY"),
        (select.value_table_mode.is_some(), "SELECT AS"),
        (select.connect_by.is_some(), "CONNECT BY"),
    ])
}

fn refuse(clauses: &[(bool, &str)]) -> Result<(), ApiError> {
    match clauses.iter().find(|(present, _)| *present) {
        None => Ok(()),
        Some((_, clause)) => Err(unsupported(*clause)),
    }
}

/// `"database"."table"`, alone.
fn source(select: &Select) -> Result<(String, String), ApiError> {
    let [from] = select.from.as_slice() else {
        return Err(unsupported("FROM with other than one table"));
    };
    if !from.joins.is_empty() {
        return Err(unsupported("JOIN"));
    }
    let plain = || {
        unsupported(format!(
            "FROM `{}`; it must be \"database\".\"table\"",
            from.relation
        ))
    };
    let TableFactor::Table { name, .. } = &from.relation else {
        return Err(plain());
    };
    // Whatever else the relation holds (alias, hints, sample) shows in its text.
    if from.relation.to_string() != name.to_string() {
        return Err(plain());
    }
    match name.0.as_slice() {
        [
            ObjectNamePart::Identifier(database),
            ObjectNamePart::Identifier(table),
        ] => Ok((database.value.clone(), table.value.clone())),
        _ => Err(plain()),
    }
}

fn limit(clause: LimitClause) -> Result<u64, ApiError> {
    match clause {
        LimitClause::LimitOffset {
            limit:
                Some(Expr::Value(ValueWithSpan {
                    value: Value::Number(count, _),
                    ..
                })),
            offset: None,
            limit_by,
        } if limit_by.is_empty() => count
            .parse()
            .map_err(|_| invalid(format!("invalid LIMIT {count}"))),
        other => Err(unsupported(format!("`{}`", other.to_string().trim()))),
    }
}

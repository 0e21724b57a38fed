//! Visiting every expression of a statement.

use crate::ast::{Expr, Item, Query, Select, SubQuery};

/// Calls `visit` on every expression, outer ones first.
pub(crate) fn expressions<'q>(query: &'q Query, visit: &mut dyn FnMut(&'q Expr)) {
    for (_, value) in &query.variables {
        walk(value, visit);
    }
    select(&query.select, visit);
    if let Some(condition) = &query.condition {
        walk(condition, visit);
    }
}

fn select<'q>(list: &'q Select, visit: &mut dyn FnMut(&'q Expr)) {
    match list {
        Select::ValueStar => {}
        Select::Value(expr) => walk(expr, visit),
        Select::Items(items) => {
            for item in items {
                if let Item::Expr { expr, .. } = item {
                    walk(expr, visit);
                }
            }
        }
    }
}

fn sub_query<'q>(query: &'q SubQuery, visit: &mut dyn FnMut(&'q Expr)) {
    select(&query.select, visit);
    walk(&query.from, visit);
    if let Some(condition) = &query.condition {
        walk(condition, visit);
    }
}

fn walk<'q>(expr: &'q Expr, visit: &mut dyn FnMut(&'q Expr)) {
    visit(expr);
    match expr {
        Expr::Null
        | Expr::Boolean(_)
        | Expr::Number(_)
        | Expr::Text(_)
        | Expr::Name(_)
        | Expr::Variable(_)
        | Expr::Star => {}
        Expr::Path(inner, _) | Expr::Negate(inner) | Expr::Not(inner) | Expr::Cast(inner, _) => {
            walk(inner, visit)
        }
        Expr::Object(members) => members.iter().for_each(|(_, e)| walk(e, visit)),
        Expr::Array(items) | Expr::Call(_, items) => items.iter().for_each(|e| walk(e, visit)),
        Expr::Chain(first, rest) => {
            walk(first, visit);
            rest.iter().for_each(|(_, e)| walk(e, visit));
        }
        Expr::Case {
            subject,
            branches,
            otherwise,
        } => {
            walk(subject, visit);
            for (test, result) in branches {
                walk(test, visit);
                walk(result, visit);
            }
            if let Some(otherwise) = otherwise {
                walk(otherwise, visit);
            }
        }
        Expr::SubQuery(query) | Expr::Exists(query) => sub_query(query, visit),
    }
}

//! Expressions whose key in the output AWS does not document.

use crate::ast::{Expr, Item, Select};
use crate::ast_walk;
use crate::eval::default_key;
use crate::statement::Statement;

/// Reports every item without AS that is not a plain key.
pub(super) fn check(statement: &Statement, mut report: impl FnMut(String)) {
    list(&statement.query.select, &mut report);
    ast_walk::expressions(&statement.query, &mut |expr| {
        if let Expr::SubQuery(query) = expr {
            list(&query.select, &mut report);
        }
    });
}

fn list(select: &Select, report: &mut impl FnMut(String)) {
    let Select::Items(items) = select else { return };
    for item in items {
        if let Item::Expr { expr, alias } = item
            && alias.is_empty()
            && !matches!(expr, Expr::Name(_))
        {
            report(format!(
                "`{expr}` has no alias, and AWS does not document its key (here `{}`): add AS",
                default_key(expr)
            ));
        }
    }
}

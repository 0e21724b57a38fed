//! Puts the translated parts together and checks what SQLite would let pass.

use rusqlite::types::Value as Sql;
use sqlparser::ast::{Expr, OrderByExpr};

use super::{
    super::{catalog::Table, invalid},
    condition::Conditions,
    parse::Parsed,
    projection::{Output, column, outputs},
    unsupported,
};
use crate::api_error::ApiError;

/// A query ready to run.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) sql: String,
    pub(super) params: Vec<Sql>,
    pub(super) outputs: Vec<Output>,
}

/// Translates a parsed query.
///
/// # Errors
/// `ValidationException`.
pub(super) fn translate(
    parsed: &Parsed,
    table: &Table,
    now_ms: u64,
) -> Result<Translated, ApiError> {
    let now_ns = i64::try_from(now_ms)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000_000);
    let outputs = outputs(&parsed.projection, table)?;
    let groups = parsed
        .group_by
        .iter()
        .map(|expr| group(expr, table, &outputs))
        .collect::<Result<Vec<_>, _>>()?;
    let grouped = !groups.is_empty() || outputs.iter().any(|output| output.aggregate);
    if let Some(output) = outputs
        .iter()
        .find(|output| grouped && !output.aggregate && !groups.contains(&output.sql))
    {
        return Err(invalid(format!(
            "'{}' must be an aggregate expression or appear in GROUP BY clause",
            output.name
        )));
    }

    let mut conditions = Conditions {
        table,
        now_ns,
        params: Vec::new(),
    };
    let mut sql = format!(
        "SELECT {} FROM {} WHERE time >= {}",
        outputs
            .iter()
            .map(|output| output.sql.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        table.storage_name,
        oldest_ns(table, now_ms),
    );
    if let Some(selection) = &parsed.selection {
        sql.push_str(&format!(" AND ({})", conditions.translate(selection)?));
    }
    if !groups.is_empty() {
        sql.push_str(&format!(" GROUP BY {}", groups.join(", ")));
    }
    let order = parsed
        .order_by
        .iter()
        .map(|key| order(key, table, &outputs, grouped, &groups));
    let order = order.collect::<Result<Vec<_>, _>>()?;
    if !order.is_empty() {
        sql.push_str(&format!(" ORDER BY {}", order.join(", ")));
    }
    if let Some(limit) = parsed.limit {
        sql.push_str(&format!(" LIMIT {limit}"));
    }
    Ok(Translated {
        sql,
        params: conditions.params,
        outputs,
    })
}

/// What has left both stores is gone.
fn oldest_ns(table: &Table, now_ms: u64) -> i64 {
    let retention = table.retention;
    let hours = retention.memory_store_retention_period_in_hours.max(
        retention
            .magnetic_store_retention_period_in_days
            .saturating_mul(24),
    );
    let oldest_ms = now_ms.saturating_sub(hours.saturating_mul(3_600_000));
    i64::try_from(oldest_ms)
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000_000)
}

/// A `GROUP BY` key: a column or the number of an output.
fn group(expr: &Expr, table: &Table, outputs: &[Output]) -> Result<String, ApiError> {
    if let Ok(position) = expr.to_string().parse::<usize>() {
        let output = position
            .checked_sub(1)
            .and_then(|index| outputs.get(index))
            .filter(|output| !output.aggregate);
        let output = output.ok_or_else(|| {
            invalid(format!(
                "GROUP BY position {position} is not a column of the list"
            ))
        })?;
        return Ok(output.sql.clone());
    }
    Ok(column(expr, table)?.sql)
}

fn order(
    key: &OrderByExpr,
    table: &Table,
    outputs: &[Output],
    grouped: bool,
    groups: &[String],
) -> Result<String, ApiError> {
    if key.with_fill.is_some() || key.options.nulls_first.is_some() {
        return Err(unsupported(format!("ORDER BY `{key}`")));
    }
    let text = key.expr.to_string();
    let name = text.trim_matches('"');
    let by_output = outputs
        .iter()
        .find(|output| output.name.eq_ignore_ascii_case(name));
    let by_position = || {
        text.parse::<usize>()
            .ok()?
            .checked_sub(1)
            .and_then(|index| outputs.get(index))
    };
    let sql = match by_output.or_else(by_position) {
        Some(output) => output.sql.clone(),
        None => column(&key.expr, table)?.sql,
    };
    if grouped && !groups.contains(&sql) && !outputs.iter().any(|output| output.sql == sql) {
        return Err(invalid(format!(
            "'{text}' must be an aggregate expression or appear in GROUP BY clause"
        )));
    }
    let direction = if key.options.asc == Some(false) {
        "DESC"
    } else {
        "ASC"
    };
    Ok(format!("{sql} {direction} NULLS LAST"))
}

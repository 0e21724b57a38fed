//! Columns and aggregates of a query.

use sqlparser::ast::{
    CastKind, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Ident, SelectItem,
};

use super::{
    super::catalog::{ColumnKind, Table},
    super::invalid,
    super::value::ScalarType,
    constant::{Constant, constant},
    unsupported,
};
use crate::api_error::ApiError;

/// A column or expression in SQLite's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) sql: String,
    pub(super) scalar: ScalarType,
}

/// A column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) sql: String,
    pub(super) scalar: ScalarType,
    pub(super) aggregate: bool,
}

/// The columns of the answer, wildcards spread out.
pub(super) fn outputs(items: &[SelectItem], table: &Table) -> Result<Vec<Output>, ApiError> {
    let mut outputs = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item {
            SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                outputs.extend(every_column(table))
            }
            SelectItem::UnnamedExpr(expr) => {
                let mut output = output(expr, table)?;
                if output.name.is_empty() {
                    output.name = format!("_col{index}");
                }
                outputs.push(output);
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                outputs.push(Output {
                    name: alias.value.clone(),
                    ..output(expr, table)?
                });
            }
            other => return Err(unsupported(format!("selecting `{other}`"))),
        }
    }
    Ok(outputs)
}

/// Dimensions, `measure_name`, `time`, then measures.
fn every_column(table: &Table) -> Vec<Output> {
    let plain = |name: &str, sql: String, scalar| Output {
        name: name.to_owned(),
        sql,
        scalar,
        aggregate: false,
    };
    let of_kind = |wanted: &[ColumnKind]| -> Vec<Output> {
        let columns = table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| wanted.contains(&column.kind));
        columns
            .map(|(index, column)| plain(&column.name, format!("c{index}"), column.scalar))
            .collect()
    };
    let mut all = of_kind(&[ColumnKind::Dimension]);
    all.push(plain(
        "measure_name",
        "measure_name".to_owned(),
        ScalarType::Varchar,
    ));
    all.push(plain("time", "time".to_owned(), ScalarType::Timestamp));
    all.extend(of_kind(&[ColumnKind::Single, ColumnKind::Multi]));
    all
}

fn output(expr: &Expr, table: &Table) -> Result<Output, ApiError> {
    if let Expr::Function(function) = expr
        && let Some(Column { sql, scalar }) = aggregate(function, table)?
    {
        return Ok(Output {
            name: String::new(),
            sql,
            scalar,
            aggregate: true,
        });
    }
    let Column { sql, scalar } = column(expr, table)?;
    let name = match expr {
        Expr::Identifier(ident) => ident.value.clone(),
        Expr::Cast { .. } => scalar.measure_value_column(),
        _ => String::new(),
    };
    Ok(Output {
        name,
        sql,
        scalar,
        aggregate: false,
    })
}

/// A column, `measure_value::<type>` or `bin(time, <duration>)`.
///
/// # Errors
/// Names the column that does not exist or the construct that is not supported.
pub(super) fn column(expr: &Expr, table: &Table) -> Result<Column, ApiError> {
    match expr {
        Expr::Identifier(ident) => named(ident, table),
        Expr::Nested(inner) => column(inner, table),
        // `measure_value::double` reads as a cast.
        Expr::Cast {
            kind: CastKind::DoubleColon,
            expr: inner,
            data_type,
            ..
        } if inner.to_string().eq_ignore_ascii_case("measure_value") => named(
            &Ident::new(format!(
                "measure_value::{}",
                data_type.to_string().to_lowercase()
            )),
            table,
        ),
        Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("bin") => {
            bin(function, table)
        }
        other => Err(unsupported(format!("the expression `{other}`"))),
    }
}

fn named(ident: &Ident, table: &Table) -> Result<Column, ApiError> {
    let wanted = &ident.value;
    let same = |name: &str| {
        if ident.quote_style.is_some() {
            name == wanted
        } else {
            name.eq_ignore_ascii_case(wanted)
        }
    };
    if same("time") {
        return Ok(Column {
            sql: "time".to_owned(),
            scalar: ScalarType::Timestamp,
        });
    }
    if same("measure_name") {
        return Ok(Column {
            sql: "measure_name".to_owned(),
            scalar: ScalarType::Varchar,
        });
    }
    let mut found = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| same(&column.name));
    match (found.next(), found.next()) {
        (Some((index, column)), None) => Ok(Column {
            sql: format!("c{index}"),
            scalar: column.scalar,
        }),
        (Some(_), Some(_)) => Err(invalid(format!("Column '{wanted}' is ambiguous"))),
        (None, _) => Err(invalid(format!("Column '{wanted}' does not exist"))),
    }
}

fn bin(function: &Function, table: &Table) -> Result<Column, ApiError> {
    let refuse = || unsupported(format!("`{function}`; bin takes time and a duration"));
    let FunctionArguments::List(list) = &function.args else {
        return Err(refuse());
    };
    let [
        FunctionArg::Unnamed(FunctionArgExpr::Expr(at)),
        FunctionArg::Unnamed(FunctionArgExpr::Expr(width)),
    ] = list.args.as_slice()
    else {
        return Err(refuse());
    };
    match (column(at, table)?, constant(width, 0)?) {
        (
            Column {
                sql,
                scalar: ScalarType::Timestamp,
            },
            Some(Constant::Duration(ns)),
        ) if ns > 0 => Ok(Column {
            sql: format!("({sql} / {ns} * {ns})"),
            scalar: ScalarType::Timestamp,
        }),
        _ => Err(refuse()),
    }
}

/// COUNT, AVG, MIN, MAX or SUM of a column; nothing for any other function.
fn aggregate(function: &Function, table: &Table) -> Result<Option<Column>, ApiError> {
    let name = function.name.to_string().to_uppercase();
    if !matches!(name.as_str(), "COUNT" | "AVG" | "MIN" | "MAX" | "SUM") {
        return Ok(None);
    }
    let refuse = || unsupported(format!("`{function}`"));
    let plain = function.over.is_none()
        && function.filter.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && matches!(function.parameters, FunctionArguments::None);
    let (true, FunctionArguments::List(list)) = (plain, &function.args) else {
        return Err(refuse());
    };
    let distinct = match list.duplicate_treatment {
        None | Some(DuplicateTreatment::All) => "",
        Some(DuplicateTreatment::Distinct) => "DISTINCT ",
    };
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]
            if name == "COUNT" && distinct.is_empty() =>
        {
            Ok(Some(Column {
                sql: "COUNT(*)".to_owned(),
                scalar: ScalarType::Bigint,
            }))
        }
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] if list.clauses.is_empty() => {
            let inner = column(argument, table)?;
            let number = matches!(inner.scalar, ScalarType::Double | ScalarType::Bigint);
            let scalar = match name.as_str() {
                "COUNT" => ScalarType::Bigint,
                "AVG" | "SUM" if !number => {
                    return Err(invalid(format!(
                        "{function}: the column is a {}",
                        inner.scalar.name()
                    )));
                }
                "AVG" => ScalarType::Double,
                _ => inner.scalar,
            };
            Ok(Some(Column {
                sql: format!("{name}({distinct}{})", inner.sql),
                scalar,
            }))
        }
        _ => Err(refuse()),
    }
}

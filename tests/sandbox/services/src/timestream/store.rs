//! Records in SQLite: one table per Timestream table, one column per dimension and measure.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction, params, params_from_iter, types::Value as Sql};

use super::{
    catalog::{Column, ColumnKind, Table},
    merge::{Measures, Point},
    value::{ScalarType, canonical},
};

/// A record whose values are parsed.
pub(super) struct Row {
    /// Identity of the time series: the sorted dimensions.
    series: String,
    /// The values in one spelling, to tell a repetition from a change.
    fingerprint: String,
    cells: Vec<(Column, Sql)>,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// Stored, or the same as what is there.
    Accepted,
    /// Another value is there with this version, and the new version is not greater.
    Exists(i64),
}

/// The fixed columns; the primary key is the identity of a record.
pub(super) fn create_statement(name: &str) -> String {
    format!(
        "CREATE TABLE {name} (series TEXT NOT NULL, measure_name TEXT NOT NULL, time INTEGER NOT NULL, \
         version INTEGER NOT NULL, fingerprint TEXT NOT NULL, PRIMARY KEY (series, measure_name, time))"
    )
}

/// Parses the values of a record and holds them against the types the table already has.
///
/// # Errors
/// The reason for rejecting the record.
pub(super) fn row(table: &Table, point: &Point) -> Result<Row, String> {
    let mut cells = Vec::new();
    for (name, value) in &point.dimensions {
        let column = Column {
            name: name.clone(),
            kind: ColumnKind::Dimension,
            scalar: ScalarType::Varchar,
        };
        cells.push((column, Sql::Text(value.clone())));
    }
    match &point.values {
        Measures::Single(scalar, text) => {
            let name = &point.measure_name;
            if let Some(known) = table
                .single_measures
                .get(name)
                .filter(|known| *known != scalar)
            {
                return Err(conflict(name, *known, *scalar));
            }
            let column = Column {
                name: scalar.measure_value_column(),
                kind: ColumnKind::Single,
                scalar: *scalar,
            };
            cells.push((column, scalar.parse(text, point.unit)?));
        }
        Measures::Multi(values) => {
            for (name, scalar, text) in values {
                let column = Column {
                    name: name.clone(),
                    kind: ColumnKind::Multi,
                    scalar: *scalar,
                };
                cells.push((column, scalar.parse(text, point.unit)?));
            }
        }
    }
    for (column, _) in &cells {
        match table.columns.iter().find(|known| known.name == column.name) {
            Some(known) if known.kind != column.kind => {
                return Err(format!(
                    "'{}' is both a dimension and a measure of the table.",
                    column.name
                ));
            }
            Some(known) if known.scalar != column.scalar => {
                return Err(conflict(&column.name, known.scalar, column.scalar));
            }
            _ => {}
        }
    }
    let values: BTreeMap<_, _> = cells
        .iter()
        .filter(|(column, _)| column.kind != ColumnKind::Dimension)
        .map(|(column, value)| (&column.name, canonical(value)))
        .collect();
    let text = |value| serde_json::to_string(value).unwrap_or_default();
    let fingerprint = serde_json::to_string(&values).unwrap_or_default();
    Ok(Row {
        series: text(&point.dimensions),
        fingerprint,
        cells,
    })
}

fn conflict(name: &str, known: ScalarType, new: ScalarType) -> String {
    let (known, new) = (known.name(), new.name());
    format!(
        "The measure '{name}' already exists with the data type {known}; a value of the type {new} is rejected."
    )
}

/// Stores a record unless another value of the same or a greater version is there.
pub(super) fn put(
    tx: &Transaction<'_>,
    table: &mut Table,
    point: &Point,
    row: Row,
) -> Result<Put, rusqlite::Error> {
    let name = &table.storage_name;
    let identity = params![row.series, point.measure_name, point.time_ns];
    let existing: Option<(i64, String)> = tx
        .prepare_cached(&format!(
            "SELECT version, fingerprint FROM {name} WHERE series = ?1 AND measure_name = ?2 AND time = ?3"
        ))?
        .query_row(identity, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((version, fingerprint)) = existing
        && version >= point.version
    {
        return Ok(if fingerprint == row.fingerprint {
            Put::Accepted
        } else {
            Put::Exists(version)
        });
    }
    let mut columns = "series, measure_name, time, version, fingerprint".to_owned();
    let mut values = vec![
        Sql::Text(row.series),
        Sql::Text(point.measure_name.clone()),
        Sql::Integer(point.time_ns),
        Sql::Integer(point.version),
        Sql::Text(row.fingerprint),
    ];
    for (column, value) in row.cells {
        if column.kind == ColumnKind::Single {
            table
                .single_measures
                .insert(point.measure_name.clone(), column.scalar);
        }
        let index = match table.columns.iter().position(|known| *known == column) {
            Some(index) => index,
            None => {
                let index = table.columns.len();
                tx.execute_batch(&format!("ALTER TABLE {name} ADD COLUMN c{index}"))?;
                table.columns.push(column);
                index
            }
        };
        columns.push_str(&format!(", c{index}"));
        values.push(value);
    }
    let marks = vec!["?"; values.len()].join(", ");
    tx.execute(
        &format!("INSERT OR REPLACE INTO {name} ({columns}) VALUES ({marks})"),
        params_from_iter(values),
    )?;
    Ok(Put::Accepted)
}

//! Databases, tables and the columns that records gave them.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{
    model::{MagneticWrites, Retention},
    value::ScalarType,
};
use crate::api_error::ApiError;

/// What exists, and SQLite underneath.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) connection: Connection,
    pub(super) databases: BTreeMap<String, Database>,
    pub(super) next_table: u64,
}

/// A database and its tables.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) created_ms: u64,
    pub(super) tables: BTreeMap<String, Table>,
}

/// A table and its columns.
#[derive(Debug)]
pub(super) struct Table {
    /// Name of the table in SQLite.
    pub(super) storage_name: String,
    pub(super) retention: Retention,
    pub(super) magnetic_writes: MagneticWrites,
    /// In the order of their first appearance; the n-th is `c<n>` in SQLite.
    pub(super) columns: Vec<Column>,
    /// Type of each single measure.
    pub(super) single_measures: BTreeMap<String, ScalarType>,
    pub(super) created_ms: u64,
    pub(super) updated_ms: u64,
}

/// A column that records brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnKind,
    pub(super) scalar: ScalarType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ColumnKind {
    Dimension,
    /// `measure_value::<type>`.
    Single,
    /// A value of multi-measure records.
    Multi,
}

impl Catalog {
    pub(super) fn new() -> Result<Self, rusqlite::Error> {
        Ok(Self {
            connection: Connection::open_in_memory()?,
            databases: BTreeMap::new(),
            next_table: 0,
        })
    }

    /// A database.
    pub(super) fn database(&mut self, name: &str) -> Result<&mut Database, ApiError> {
        self.databases
            .get_mut(name)
            .ok_or_else(|| absent("database", name))
    }

    /// A table and the connection to write to it.
    pub(super) fn table(
        &mut self,
        database: &str,
        name: &str,
    ) -> Result<(&mut Connection, &mut Table), ApiError> {
        let found = self
            .databases
            .get_mut(database)
            .ok_or_else(|| absent("database", database))?;
        let table = found
            .tables
            .get_mut(name)
            .ok_or_else(|| absent("table", name))?;
        Ok((&mut self.connection, table))
    }
}

/// `ResourceNotFoundException`.
pub(super) fn absent(what: &str, name: &str) -> ApiError {
    ApiError::new(
        400,
        "ResourceNotFoundException",
        format!("The {what} {name} does not exist."),
    )
}

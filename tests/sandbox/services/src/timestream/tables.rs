//! Operations on databases and tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Timestream,
    catalog::{Database, Table, absent},
    invalid,
    model::{CreateDatabase, DatabaseName, List, TableName, TableSettings},
    names, storage,
};
use crate::{api_error::ApiError, sync::lock};

impl Timestream {
    pub(super) fn create_database(&self, request: CreateDatabase) -> Result<Value, ApiError> {
        let name = request.database_name;
        names::check_resource("DatabaseName", &name)?;
        let mut catalog = lock(&self.catalog);
        if catalog.databases.contains_key(&name) {
            return Err(exists("database", &name));
        }
        let database = Database {
            created_ms: self.config.now_ms(),
            tables: BTreeMap::new(),
        };
        let answer = self.database_json(&name, &database);
        catalog.databases.insert(name, database);
        Ok(json!({"Database": answer}))
    }

    pub(super) fn describe_database(&self, request: &DatabaseName) -> Result<Value, ApiError> {
        let mut catalog = lock(&self.catalog);
        let database = catalog.database(&request.database_name)?;
        Ok(json!({"Database": self.database_json(&request.database_name, database)}))
    }

    pub(super) fn delete_database(&self, request: &DatabaseName) -> Result<Value, ApiError> {
        let mut catalog = lock(&self.catalog);
        if !catalog.database(&request.database_name)?.tables.is_empty() {
            return Err(invalid(
                "The database cannot be deleted because it has tables.",
            ));
        }
        catalog.databases.remove(&request.database_name);
        Ok(json!({}))
    }

    pub(super) fn list_databases(&self, request: &List) -> Result<Value, ApiError> {
        let catalog = lock(&self.catalog);
        let all = catalog
            .databases
            .iter()
            .map(|(name, database)| self.database_json(name, database))
            .collect();
        page("Databases", all, request)
    }

    pub(super) fn create_table(&self, request: TableSettings) -> Result<Value, ApiError> {
        names::check_resource("TableName", &request.table_name)?;
        check_settings(&request)?;
        let mut catalog = lock(&self.catalog);
        let storage_name = format!("t{}", catalog.next_table);
        let database = catalog.database(&request.database_name)?;
        if database.tables.contains_key(&request.table_name) {
            return Err(exists("table", &request.table_name));
        }
        let now = self.config.now_ms();
        let table = Table {
            storage_name,
            retention: request.retention_properties.unwrap_or_default(),
            magnetic_writes: request.magnetic_store_write_properties.unwrap_or_default(),
            columns: Vec::new(),
            single_measures: BTreeMap::new(),
            created_ms: now,
            updated_ms: now,
        };
        let create = super::store::create_statement(&table.storage_name);
        let answer = self.table_json(&request.database_name, &request.table_name, &table);
        database.tables.insert(request.table_name, table);
        catalog.next_table += 1;
        catalog.connection.execute_batch(&create).map_err(storage)?;
        Ok(json!({"Table": answer}))
    }

    pub(super) fn describe_table(&self, request: &TableName) -> Result<Value, ApiError> {
        let mut catalog = lock(&self.catalog);
        let (_, table) = catalog.table(&request.database_name, &request.table_name)?;
        Ok(json!({"Table": self.table_json(&request.database_name, &request.table_name, table)}))
    }

    pub(super) fn update_table(&self, request: TableSettings) -> Result<Value, ApiError> {
        check_settings(&request)?;
        let mut catalog = lock(&self.catalog);
        let (_, table) = catalog.table(&request.database_name, &request.table_name)?;
        if let Some(retention) = request.retention_properties {
            table.retention = retention;
        }
        if let Some(writes) = request.magnetic_store_write_properties {
            table.magnetic_writes = writes;
        }
        table.updated_ms = self.config.now_ms();
        Ok(json!({"Table": self.table_json(&request.database_name, &request.table_name, table)}))
    }

    pub(super) fn delete_table(&self, request: &TableName) -> Result<Value, ApiError> {
        let mut catalog = lock(&self.catalog);
        let database = catalog.database(&request.database_name)?;
        let table = database
            .tables
            .remove(&request.table_name)
            .ok_or_else(|| absent("table", &request.table_name))?;
        let drop = format!("DROP TABLE {}", table.storage_name);
        catalog.connection.execute_batch(&drop).map_err(storage)?;
        Ok(json!({}))
    }

    pub(super) fn list_tables(&self, request: &List) -> Result<Value, ApiError> {
        let catalog = lock(&self.catalog);
        if let Some(name) = request
            .database_name
            .as_ref()
            .filter(|name| !catalog.databases.contains_key(*name))
        {
            return Err(absent("database", name));
        }
        let mut all = Vec::new();
        for (database, entry) in &catalog.databases {
            if request
                .database_name
                .as_ref()
                .is_none_or(|wanted| wanted == database)
            {
                all.extend(
                    entry
                        .tables
                        .iter()
                        .map(|(name, table)| self.table_json(database, name, table)),
                );
            }
        }
        page("Tables", all, request)
    }

    fn database_json(&self, name: &str, database: &Database) -> Value {
        json!({
            "Arn": self.config.arn("timestream", &format!("database/{name}")),
            "DatabaseName": name,
            "TableCount": database.tables.len(),
            "CreationTime": seconds(database.created_ms),
            "LastUpdatedTime": seconds(database.created_ms),
        })
    }

    fn table_json(&self, database: &str, name: &str, table: &Table) -> Value {
        let mut magnetic = json!({"EnableMagneticStoreWrites": table.magnetic_writes.enable_magnetic_store_writes});
        if let (Some(location), Some(object)) = (
            &table.magnetic_writes.magnetic_store_rejected_data_location,
            magnetic.as_object_mut(),
        ) {
            object.insert(
                "MagneticStoreRejectedDataLocation".to_owned(),
                location.clone(),
            );
        }
        json!({
            "Arn": self.config.arn("timestream", &format!("database/{database}/table/{name}")),
            "DatabaseName": database,
            "TableName": name,
            "TableStatus": "ACTIVE",
            "RetentionProperties": table.retention.to_json(),
            "MagneticStoreWriteProperties": magnetic,
            "Schema": {"CompositePartitionKey": [{"Type": "MEASURE"}]},
            "CreationTime": seconds(table.created_ms),
            "LastUpdatedTime": seconds(table.updated_ms),
        })
    }
}

/// Times in the JSON protocol are seconds with a fraction.
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

fn check_settings(request: &TableSettings) -> Result<(), ApiError> {
    if let Some(retention) = request.retention_properties {
        if !(1..=8766).contains(&retention.memory_store_retention_period_in_hours) {
            return Err(invalid(
                "MemoryStoreRetentionPeriodInHours must be from 1 to 8766.",
            ));
        }
        if !(1..=73_000).contains(&retention.magnetic_store_retention_period_in_days) {
            return Err(invalid(
                "MagneticStoreRetentionPeriodInDays must be from 1 to 73000.",
            ));
        }
    }
    let default_schema = json!({"CompositePartitionKey": [{"Type": "MEASURE"}]});
    match &request.schema {
        Some(schema) if *schema != default_schema => Err(ApiError::unsupported(
            "ValidationException",
            "a Schema with customer-defined partition keys",
        )),
        _ => Ok(()),
    }
}

/// A page of a list; the token is the number of entries before it.
fn page(member: &str, all: Vec<Value>, request: &List) -> Result<Value, ApiError> {
    let start = match &request.next_token {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| invalid("Invalid NextToken."))?,
    };
    let size = request.max_results.unwrap_or(20);
    if !(1..=20).contains(&size) {
        return Err(invalid("MaxResults must be from 1 to 20."));
    }
    let end = start.saturating_add(size);
    let mut answer = json!({});
    if let Some(object) = answer.as_object_mut() {
        if end < all.len() {
            object.insert("NextToken".to_owned(), Value::String(end.to_string()));
        }
        object.insert(
            member.to_owned(),
            all.into_iter().skip(start).take(size).collect(),
        );
    }
    Ok(answer)
}

fn exists(what: &str, name: &str) -> ApiError {
    ApiError::new(
        400,
        "ConflictException",
        format!("A {what} already exists with the name {name}."),
    )
}

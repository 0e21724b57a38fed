//! Timestream for LiveAnalytics.

use serde::Deserialize;

use super::fields::{Flag, Ignored, Whole};
use crate::TemplateError;
use crate::stack::Resource;

/// A Timestream database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestreamDatabase {
    /// Its name in the template.
    pub logical_id: String,
    /// `DatabaseName`.
    pub name: String,
    /// ARN.
    pub arn: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DatabaseProperties {
    #[serde(rename = "DatabaseName")]
    _database_name: Option<Ignored>,
    #[serde(rename = "KmsKeyId")]
    _kms_key_id: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
}

impl TimestreamDatabase {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let DatabaseProperties { .. } = resource.read()?;
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
        })
    }
}

/// A Timestream table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestreamTable {
    /// Its name in the template.
    pub logical_id: String,
    /// Name of its database.
    pub database: String,
    /// `TableName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Retention in the memory store, hours. AWS's default is 6.
    pub memory_hours: u32,
    /// Retention in the magnetic store, days. AWS's default is 73,000.
    pub magnetic_days: u32,
    /// Whether records older than the memory store's retention are taken.
    pub magnetic_writes: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TableProperties {
    database_name: String,
    #[serde(rename = "TableName")]
    _table_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    retention_properties: Option<Retention>,
    magnetic_store_write_properties: Option<MagneticWrites>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Retention {
    memory_store_retention_period_in_hours: Option<Whole>,
    magnetic_store_retention_period_in_days: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct MagneticWrites {
    enable_magnetic_store_writes: Flag,
    #[serde(rename = "MagneticStoreRejectedDataLocation")]
    _rejected: Option<Ignored>,
}

impl TimestreamTable {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let properties: TableProperties = resource.read()?;
        let retention = properties.retention_properties.as_ref();
        let whole = |value: Option<Whole>, default| value.map_or(default, |Whole(number)| number);
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            database: properties.database_name,
            name: resource.attributes.get("Name").cloned().unwrap_or_default(),
            arn: resource.arn(),
            memory_hours: whole(
                retention.and_then(|r| r.memory_store_retention_period_in_hours),
                6,
            ),
            magnetic_days: whole(
                retention.and_then(|r| r.magnetic_store_retention_period_in_days),
                73_000,
            ),
            magnetic_writes: properties
                .magnetic_store_write_properties
                .is_some_and(|writes| writes.enable_magnetic_store_writes == Flag(true)),
        })
    }
}

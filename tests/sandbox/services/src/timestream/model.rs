//! Requests of the write API.

use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateDatabase {
    pub(super) database_name: String,
    /// Recorded nowhere.
    #[serde(rename = "Tags")]
    pub(super) _tags: Option<Value>,
    #[serde(rename = "KmsKeyId")]
    pub(super) _kms_key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DatabaseName {
    pub(super) database_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TableName {
    pub(super) database_name: String,
    pub(super) table_name: String,
}

/// `CreateTable` and `UpdateTable`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TableSettings {
    pub(super) database_name: String,
    pub(super) table_name: String,
    pub(super) retention_properties: Option<Retention>,
    pub(super) magnetic_store_write_properties: Option<MagneticWrites>,
    /// Partition keys; only the default one is supported.
    pub(super) schema: Option<Value>,
    #[serde(rename = "Tags")]
    pub(super) _tags: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct List {
    pub(super) database_name: Option<String>,
    pub(super) max_results: Option<usize>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Retention {
    pub(super) memory_store_retention_period_in_hours: u64,
    pub(super) magnetic_store_retention_period_in_days: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            memory_store_retention_period_in_hours: 6,
            magnetic_store_retention_period_in_days: 73_000,
        }
    }
}

impl Retention {
    pub(super) fn to_json(self) -> Value {
        json!({
            "MemoryStoreRetentionPeriodInHours": self.memory_store_retention_period_in_hours,
            "MagneticStoreRetentionPeriodInDays": self.magnetic_store_retention_period_in_days,
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct MagneticWrites {
    pub(super) enable_magnetic_store_writes: bool,
    /// Recorded; no report is written.
    pub(super) magnetic_store_rejected_data_location: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct WriteRecords {
    pub(super) database_name: String,
    pub(super) table_name: String,
    pub(super) common_attributes: Option<Record>,
    pub(super) records: Vec<Record>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Record {
    pub(super) dimensions: Option<Vec<Dimension>>,
    pub(super) measure_name: Option<String>,
    pub(super) measure_value: Option<String>,
    pub(super) measure_value_type: Option<MeasureValueType>,
    pub(super) measure_values: Option<Vec<MeasureValue>>,
    pub(super) time: Option<String>,
    pub(super) time_unit: Option<TimeUnit>,
    pub(super) version: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) value: String,
    /// `VARCHAR` is the only one.
    pub(super) dimension_value_type: Option<DimensionValueType>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) enum DimensionValueType {
    #[serde(rename = "VARCHAR")]
    Varchar,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct MeasureValue {
    pub(super) name: String,
    pub(super) value: String,
    #[serde(rename = "Type")]
    pub(super) value_type: MeasureValueType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum MeasureValueType {
    Double,
    Bigint,
    Varchar,
    Boolean,
    Timestamp,
    Multi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum TimeUnit {
    #[default]
    Milliseconds,
    Seconds,
    Microseconds,
    Nanoseconds,
}

impl TimeUnit {
    /// Nanoseconds in one unit.
    pub(super) fn ns(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Milliseconds => 1_000_000,
            Self::Microseconds => 1_000,
            Self::Nanoseconds => 1,
        }
    }
}

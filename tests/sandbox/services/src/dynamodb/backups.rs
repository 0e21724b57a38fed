//! Point-in-time recovery: the setting is recorded and described, no backup is taken.

use std::{collections::BTreeMap, sync::Mutex};

use serde_json::{Value, json};

use super::DynamoDb;
use crate::{api_error::ApiError, sync::lock};

/// Tables whose point-in-time recovery is on, with the recovery period in days.
#[derive(Debug, Default)]
pub(crate) struct Backups(Mutex<BTreeMap<String, u64>>);

impl Backups {
    /// Answers `UpdateContinuousBackups` and `DescribeContinuousBackups`; `None` for every other operation.
    ///
    /// # Errors
    /// `TableNotFoundException`, `ValidationException`.
    pub(crate) fn handle(
        &self,
        service: &DynamoDb,
        operation: &str,
        body: &str,
    ) -> Result<Option<String>, ApiError> {
        if !matches!(
            operation,
            "UpdateContinuousBackups" | "DescribeContinuousBackups"
        ) {
            return Ok(None);
        }
        let request: Value = serde_json::from_str(body)
            .map_err(|error| ApiError::new(400, "SerializationException", error.to_string()))?;
        let table = table_name(&request)
            .ok_or_else(|| ApiError::new(400, "ValidationException", "TableName is missing"))?;
        if !service.has_table(&table) {
            return Err(ApiError::new(
                400,
                "TableNotFoundException",
                format!("Table not found: {table}"),
            ));
        }
        if operation == "UpdateContinuousBackups" {
            self.update(&table, request.get("PointInTimeRecoverySpecification"))?;
        }
        Ok(Some(
            self.describe(&table, service.config.now_ms() / 1000)
                .to_string(),
        ))
    }

    fn update(&self, table: &str, specification: Option<&Value>) -> Result<(), ApiError> {
        let missing = || {
            ApiError::new(
                400,
                "ValidationException",
                "PointInTimeRecoveryEnabled is missing",
            )
        };
        let specification = specification.ok_or_else(missing)?;
        let enabled = specification
            .get("PointInTimeRecoveryEnabled")
            .and_then(Value::as_bool)
            .ok_or_else(missing)?;
        let days = specification
            .get("RecoveryPeriodInDays")
            .map_or(Some(35), Value::as_u64);
        let days = days.filter(|days| (1..=35).contains(days)).ok_or_else(|| {
            ApiError::new(
                400,
                "ValidationException",
                "RecoveryPeriodInDays must be from 1 to 35",
            )
        })?;
        let mut tables = lock(&self.0);
        if enabled {
            tables.insert(table.to_owned(), days);
        } else {
            tables.remove(table);
        }
        Ok(())
    }

    fn describe(&self, table: &str, now_s: u64) -> Value {
        let recovery = match lock(&self.0).get(table) {
            None => json!({"PointInTimeRecoveryStatus": "DISABLED"}),
            Some(days) => json!({
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": days,
                "EarliestRestorableDateTime": now_s,
                "LatestRestorableDateTime": now_s,
            }),
        };
        json!({"ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        }})
    }

    /// Forgets the table a `DeleteTable` request names.
    pub(crate) fn forget(&self, body: &str) {
        if let Some(table) = serde_json::from_str(body)
            .ok()
            .as_ref()
            .and_then(table_name)
        {
            lock(&self.0).remove(&table);
        }
    }
}

/// `TableName` of a request, which may be an ARN.
fn table_name(request: &Value) -> Option<String> {
    let name = request.get("TableName")?.as_str()?;
    Some(
        name.rsplit_once(":table/")
            .map_or(name, |(_, name)| name)
            .to_owned(),
    )
}

//! `RejectedRecordsException`: some records were refused, all others are stored.

use serde_json::{Value, json};

use crate::api_error::ApiError;

/// One refused record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) index: usize,
    pub(super) reason: String,
    pub(super) existing_version: Option<i64>,
}

/// The error that lists them.
pub(super) fn error(rejections: &[Rejection]) -> ApiError {
    let list: Vec<Value> = rejections
        .iter()
        .map(|rejection| {
            let mut entry = json!({"RecordIndex": rejection.index, "Reason": rejection.reason});
            if let (Some(version), Some(object)) =
                (rejection.existing_version, entry.as_object_mut())
            {
                object.insert("ExistingVersion".to_owned(), version.into());
            }
            entry
        })
        .collect();
    let message = "One or more records have been rejected. See RejectedRecords for details.";
    ApiError::new(400, "RejectedRecordsException", message)
        .with("RejectedRecords", Value::Array(list))
}

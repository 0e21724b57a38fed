//! `AWS::Timestream::Database` and `AWS::Timestream::Table`.

use serde_json::{Value, json};

use super::Timestream;
use crate::{properties::Properties, resources::ServiceError};

/// Creates a database.
pub(crate) fn create_database(
    service: &Timestream,
    name: &str,
    properties: &Value,
) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::Timestream::Database", properties)?;
    properties.ignore(&["DatabaseName", "KmsKeyId", "Tags"]);
    properties.finish()?;
    call(service, "CreateDatabase", &json!({"DatabaseName": name}))
}

/// Creates a table. `id` is `database|table`, or the table's name if the database is among the properties.
pub(crate) fn create_table(
    service: &Timestream,
    id: &str,
    properties: &Value,
) -> Result<(), ServiceError> {
    let mut properties = Properties::new("AWS::Timestream::Table", properties)?;
    properties.ignore(&["TableName", "Tags"]);
    let declared = properties.take_text("DatabaseName")?;
    let (database, table) = match (id.split_once('|'), declared) {
        (Some((database, table)), _) => (database.to_owned(), table),
        (None, Some(database)) => (database, id),
        (None, None) => return Err(properties.invalid("DatabaseName", "is missing")),
    };
    let mut request = json!({"DatabaseName": database, "TableName": table});
    for member in [
        "RetentionProperties",
        "MagneticStoreWriteProperties",
        "Schema",
    ] {
        if let (Some(value), Some(object)) = (properties.take(member), request.as_object_mut()) {
            object.insert(member.to_owned(), typed(value));
        }
    }
    properties.finish()?;
    call(service, "CreateTable", &request)
}

/// Templates may write numbers and booleans as text, as a parameter's value always is.
fn typed(value: Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => text.parse::<u64>().map_or(Value::String(text), Value::from),
        },
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key, typed(value)))
            .collect(),
        other => other,
    }
}

fn call(service: &Timestream, operation: &str, request: &Value) -> Result<(), ServiceError> {
    let outcome = service.call(operation, request.to_string().as_bytes(), &[]);
    outcome
        .map(drop)
        .map_err(|error| ServiceError::refused("timestream", operation, error))
}

//! Typed values: from the text of a record to SQLite and to a query's answer.

use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use super::{model::TimeUnit, time::timestamp_ns};

/// Timestream's scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarType {
    Double,
    Bigint,
    Varchar,
    Boolean,
    Timestamp,
}

impl ScalarType {
    /// As in `ColumnInfo` and in `MeasureValueType`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Double => "DOUBLE",
            Self::Bigint => "BIGINT",
            Self::Varchar => "VARCHAR",
            Self::Boolean => "BOOLEAN",
            Self::Timestamp => "TIMESTAMP",
        }
    }

    /// Name of the column that holds single measures of this type.
    pub(super) fn measure_value_column(self) -> String {
        format!("measure_value::{}", self.name().to_lowercase())
    }

    /// A record's text as SQLite keeps it; times in nanoseconds since the epoch.
    ///
    /// # Errors
    /// Why the text is not of this type.
    pub(super) fn parse(self, text: &str, unit: TimeUnit) -> Result<Sql, String> {
        let wrong = || {
            format!(
                "Invalid value '{text}' for the measure value type {}.",
                self.name()
            )
        };
        match self {
            // SQLite keeps no NaN, and an infinity is no reading.
            Self::Double => {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                number.map(Sql::Real).ok_or_else(wrong)
            }
            Self::Bigint => text.parse().map(Sql::Integer).map_err(|_| wrong()),
            Self::Varchar => Ok(Sql::Text(text.to_owned())),
            Self::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Sql::Integer(1)),
                "false" => Ok(Sql::Integer(0)),
                _ => Err(wrong()),
            },
            Self::Timestamp => {
                let ns = text
                    .parse::<i64>()
                    .ok()
                    .and_then(|time| time.checked_mul(unit.ns()));
                ns.map(Sql::Integer).ok_or_else(wrong)
            }
        }
    }

    /// A `Datum` of a query's answer.
    pub(super) fn datum(self, value: &Sql) -> Value {
        let text = match (self, value) {
            (_, Sql::Null) => return json!({"NullValue": true}),
            (Self::Boolean, Sql::Integer(value)) => (*value != 0).to_string(),
            (Self::Timestamp, Sql::Integer(ns)) => timestamp_ns(*ns),
            (Self::Double, Sql::Integer(value)) => format!("{value}.0"),
            (_, Sql::Integer(value)) => value.to_string(),
            // Debug keeps the `.0` that marks a double.
            (_, Sql::Real(value)) => format!("{value:?}"),
            (_, Sql::Text(text)) => text.clone(),
            (_, Sql::Blob(_)) => return json!({"NullValue": true}),
        };
        json!({"ScalarValue": text})
    }
}

/// One spelling for equal values, so that `1` and `1.0` written as DOUBLE are the same value again.
pub(super) fn canonical(value: &Sql) -> String {
    match value {
        Sql::Integer(value) => format!("i{value}"),
        Sql::Real(value) => format!("r{value:?}"),
        Sql::Text(text) => format!("t{text}"),
        Sql::Null | Sql::Blob(_) => String::new(),
    }
}

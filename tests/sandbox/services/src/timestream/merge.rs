//! A record with its common attributes; what is wrong with the request as a whole.

use std::collections::BTreeMap;

use super::{
    invalid,
    model::{MeasureValueType, Record, TimeUnit},
    value::ScalarType,
};
use crate::api_error::ApiError;

/// A record that has everything a record needs, not yet checked against limits and the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) dimensions: BTreeMap<String, String>,
    pub(super) measure_name: String,
    pub(super) values: Measures,
    /// Nanoseconds since the epoch.
    pub(super) time_ns: i64,
    pub(super) unit: TimeUnit,
    pub(super) version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measures {
    Single(ScalarType, String),
    Multi(Vec<(String, ScalarType, String)>),
}

/// Merges `common` into `record`.
///
/// # Errors
/// `ValidationException`: overlapping dimensions, missing or malformed members.
pub(super) fn merge(common: &Record, record: Record) -> Result<Point, ApiError> {
    let mut dimensions = BTreeMap::new();
    let own = record.dimensions.unwrap_or_default();
    for dimension in common.dimensions.iter().flatten().chain(&own) {
        let super::model::DimensionValueType::Varchar = dimension
            .dimension_value_type
            .unwrap_or(super::model::DimensionValueType::Varchar);
        if dimensions
            .insert(dimension.name.clone(), dimension.value.clone())
            .is_some()
        {
            let name = &dimension.name;
            return Err(invalid(format!(
                "Duplicate dimension '{name}': common attributes and record may not overlap."
            )));
        }
    }
    let measure_name = record.measure_name.or_else(|| common.measure_name.clone());
    let measure_name =
        measure_name.ok_or_else(|| invalid("MeasureName is required in each record."))?;
    let unit = record.time_unit.or(common.time_unit).unwrap_or_default();
    let time = record
        .time
        .or_else(|| common.time.clone())
        .ok_or_else(|| invalid("Time is required in each record."))?;
    let time_ns = time
        .parse::<i64>()
        .ok()
        .filter(|time| *time >= 0)
        .and_then(|time| time.checked_mul(unit.ns()));
    let time_ns = time_ns
        .ok_or_else(|| invalid(format!("Invalid time '{time}' for the given time unit.")))?;
    let version = record.version.or(common.version).unwrap_or(1);
    if version < 1 {
        return Err(invalid("Version must be 1 or greater."));
    }
    let kind = record
        .measure_value_type
        .or(common.measure_value_type)
        .unwrap_or(MeasureValueType::Double);
    let single = record
        .measure_value
        .or_else(|| common.measure_value.clone());
    let mut several = common.measure_values.clone().unwrap_or_default();
    several.extend(record.measure_values.unwrap_or_default());
    let values = match scalar(kind) {
        Some(kind) => {
            if !several.is_empty() {
                return Err(invalid(
                    "MeasureValues is only allowed with the measure value type MULTI.",
                ));
            }
            Measures::Single(
                kind,
                single.ok_or_else(|| invalid("MeasureValue is required in each record."))?,
            )
        }
        None => {
            if single.is_some() || several.is_empty() {
                return Err(invalid(
                    "The measure value type MULTI requires MeasureValues and no MeasureValue.",
                ));
            }
            let values = several
                .into_iter()
                .map(|value| match scalar(value.value_type) {
                    Some(kind) => Ok((value.name, kind, value.value)),
                    None => Err(invalid(
                        "MULTI is not a type of a value within MeasureValues.",
                    )),
                });
            Measures::Multi(values.collect::<Result<_, _>>()?)
        }
    };
    Ok(Point {
        dimensions,
        measure_name,
        values,
        time_ns,
        unit,
        version,
    })
}

fn scalar(kind: MeasureValueType) -> Option<ScalarType> {
    match kind {
        MeasureValueType::Double => Some(ScalarType::Double),
        MeasureValueType::Bigint => Some(ScalarType::Bigint),
        MeasureValueType::Varchar => Some(ScalarType::Varchar),
        MeasureValueType::Boolean => Some(ScalarType::Boolean),
        MeasureValueType::Timestamp => Some(ScalarType::Timestamp),
        MeasureValueType::Multi => None,
    }
}

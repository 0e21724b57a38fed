//! Limits on one record. Exceeding one rejects the record, not the request.
//!
//! Source: Timestream developer guide, "Quotas"; `WriteRecords` → `RejectedRecordsException`.

use std::collections::BTreeSet;

use super::{
    merge::{Measures, Point},
    names::column_problem,
};

const DIMENSIONS: usize = 128;
const DIMENSION_NAME_BYTES: usize = 60;
const SERIES_BYTES: usize = 2048;
const MEASURE_NAME_BYTES: usize = 256;
const VALUES: usize = 256;
const VALUE_BYTES: usize = 2048;
const RECORD_BYTES: usize = 2048;

/// Why a record is rejected, or nothing.
pub(super) fn problem(point: &Point) -> Option<String> {
    if point.dimensions.len() > DIMENSIONS {
        return Some(format!("The record has more than {DIMENSIONS} dimensions."));
    }
    let mut series = 0;
    for (name, value) in &point.dimensions {
        if let Some(problem) = column_problem("dimension", name, DIMENSION_NAME_BYTES) {
            return Some(problem);
        }
        if value.is_empty() {
            return Some(format!(
                "The value of the dimension '{name}' must not be empty."
            ));
        }
        series += name.len() + value.len();
    }
    if series > SERIES_BYTES {
        return Some(format!(
            "The dimension names and values exceed the limit of {SERIES_BYTES} bytes."
        ));
    }
    let name = &point.measure_name;
    if name.is_empty() || name.len() > MEASURE_NAME_BYTES {
        return Some(format!(
            "The measure name must have 1 to {MEASURE_NAME_BYTES} bytes."
        ));
    }
    if name.starts_with("ts_") || name.contains(':') {
        return Some(format!("The measure name '{name}' is reserved."));
    }
    let (values, problem) = match &point.values {
        Measures::Single(_, value) => (value.len(), too_long(name, value)),
        Measures::Multi(values) => multi(point, values),
    };
    problem.or_else(|| {
        // Only single-measure records are held to it: 256 values of 2,048 bytes would never fit.
        let single = matches!(point.values, Measures::Single(..));
        (single && series + name.len() + values + 8 > RECORD_BYTES)
            .then(|| format!("The record exceeds the limit of {RECORD_BYTES} bytes."))
    })
}

fn too_long(name: &str, value: &str) -> Option<String> {
    (value.len() > VALUE_BYTES)
        .then(|| format!("The value of '{name}' exceeds the limit of {VALUE_BYTES} bytes."))
}

fn multi(
    point: &Point,
    values: &[(String, super::value::ScalarType, String)],
) -> (usize, Option<String>) {
    if values.len() > VALUES {
        return (
            0,
            Some(format!("The record has more than {VALUES} measure values.")),
        );
    }
    let mut names = BTreeSet::new();
    let mut size = 0;
    for (name, _, value) in values {
        size += value.len();
        let problem = column_problem("measure value", name, MEASURE_NAME_BYTES)
            .or_else(|| too_long(name, value))
            .or_else(|| {
                (!names.insert(name)).then(|| format!("The measure value '{name}' is given twice."))
            })
            .or_else(|| {
                let dimension = point.dimensions.contains_key(name);
                dimension
                    .then(|| format!("The measure value '{name}' has the name of a dimension."))
            });
        if problem.is_some() {
            return (size, problem);
        }
    }
    (size, None)
}

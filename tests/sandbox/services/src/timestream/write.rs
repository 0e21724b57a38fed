//! `WriteRecords`.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    Timestream,
    catalog::Table,
    invalid, limits,
    merge::{Point, merge},
    model::WriteRecords,
    reject::{self, Rejection},
    storage, store,
    time::rfc3339_ms,
};
use crate::{api_error::ApiError, sync::lock};

const MAX_RECORDS: usize = 100;
/// How far ahead of now a record may lie.
const FUTURE_MS: u64 = 15 * 60 * 1000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const NS_PER_MS: i64 = 1_000_000;

/// Where a record of a certain time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tier {
    Memory,
    Magnetic,
}

impl Timestream {
    /// Stores what can be stored and lists the rest. `forced` indices are rejected on demand.
    pub(super) fn write_records(
        &self,
        request: WriteRecords,
        forced: &[usize],
    ) -> Result<Value, ApiError> {
        if request.records.is_empty() || request.records.len() > MAX_RECORDS {
            let count = request.records.len();
            return Err(invalid(format!(
                "Records must have from 1 to {MAX_RECORDS} entries, not {count}."
            )));
        }
        let common = request.common_attributes.unwrap_or_default();
        let points: Vec<Point> = request
            .records
            .into_iter()
            .map(|record| merge(&common, record))
            .collect::<Result<_, _>>()?;
        let mut catalog = lock(&self.catalog);
        let (connection, table) = catalog.table(&request.database_name, &request.table_name)?;
        write(connection, table, &points, self.config.now_ms(), forced)
    }
}

fn write(
    connection: &mut Connection,
    table: &mut Table,
    points: &[Point],
    now_ms: u64,
    forced: &[usize],
) -> Result<Value, ApiError> {
    let tx = connection.transaction().map_err(storage)?;
    let mut rejections = Vec::new();
    let (mut memory, mut magnetic) = (0, 0);
    for (index, point) in points.iter().enumerate() {
        let mut reject = |reason: String, existing_version| {
            rejections.push(Rejection {
                index,
                reason,
                existing_version,
            });
        };
        if forced.contains(&index) {
            reject("Rejected on demand by the sandbox.".to_owned(), None);
            continue;
        }
        let admitted =
            limits::problem(point).map_or_else(|| tier(table, point.time_ns, now_ms), Err);
        let ready = admitted.and_then(|tier| Ok((tier, store::row(table, point)?)));
        let (tier, row) = match ready {
            Ok(ready) => ready,
            Err(reason) => {
                reject(reason, None);
                continue;
            }
        };
        match store::put(&tx, table, point, row).map_err(storage)? {
            store::Put::Accepted if tier == Tier::Memory => memory += 1,
            store::Put::Accepted => magnetic += 1,
            store::Put::Exists(version) => reject(
                "The record version is not greater than the existing version, and the measure values differ."
                    .to_owned(),
                Some(version),
            ),
        }
    }
    tx.commit().map_err(storage)?;
    if rejections.is_empty() {
        let total = memory + magnetic;
        return Ok(
            json!({"RecordsIngested": {"Total": total, "MemoryStore": memory, "MagneticStore": magnetic}}),
        );
    }
    Err(reject::error(&rejections))
}

/// The store that takes a record of this time.
///
/// # Errors
/// The reason for rejecting the record.
fn tier(table: &Table, time_ns: i64, now_ms: u64) -> Result<Tier, String> {
    let memory =
        now_ms.saturating_sub(table.retention.memory_store_retention_period_in_hours * HOUR_MS);
    let magnetic =
        now_ms.saturating_sub(table.retention.magnetic_store_retention_period_in_days * DAY_MS);
    let end = now_ms + FUTURE_MS;
    let before = |ms: u64| {
        time_ns
            < i64::try_from(ms)
                .unwrap_or(i64::MAX)
                .saturating_mul(NS_PER_MS)
    };
    if before(end) && !before(memory) {
        return Ok(Tier::Memory);
    }
    let late = table.magnetic_writes.enable_magnetic_store_writes;
    if late && before(memory) && !before(magnetic) {
        return Ok(Tier::Magnetic);
    }
    let (start, store) = if late {
        (magnetic, "magnetic")
    } else {
        (memory, "memory")
    };
    let (start, end) = (rfc3339_ms(start), rfc3339_ms(end));
    Err(format!(
        "The record timestamp is outside the time range [{start}, {end}) of the {store} store."
    ))
}

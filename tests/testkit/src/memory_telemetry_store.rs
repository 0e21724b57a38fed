//! A time-series store in memory that upserts as Timestream does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use sci_domain::{
    ports::{PortFailure, RejectedRecord, TelemetryStore},
    security::SecurityKind,
    telemetry::TelemetryRecord,
    thing::ThingName,
    timestamp::Timestamp,
};

use crate::Faults;

type Key = (ThingName, &'static str, Option<SecurityKind>, Timestamp);

/// The fake of [`TelemetryStore`]. Clones share the records.
#[derive(Debug, Clone, Default)]
pub struct MemoryTelemetryStore {
    state: Arc<Mutex<State>>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<Key, TelemetryRecord>,
    /// Records before this time are refused for good, as outside the memory store.
    retained_from: Timestamp,
    off: bool,
}

impl MemoryTelemetryStore {
    /// An empty store with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            state: Arc::default(),
            faults,
        }
    }

    /// Switches the store off: it stores nothing and makes no call.
    pub fn switch_off(&self) {
        self.state.lock().unwrap().off = true;
    }

    /// Refuses records that are older than `from` for good.
    pub fn retain_from(&self, from: Timestamp) {
        self.state.lock().unwrap().retained_from = from;
    }

    /// The stored records, by thing, measure, kind of event and time.
    #[must_use]
    pub fn records(&self) -> Vec<TelemetryRecord> {
        self.state
            .lock()
            .unwrap()
            .records
            .values()
            .cloned()
            .collect()
    }
}

impl State {
    fn write_all(&mut self, records: &[TelemetryRecord]) -> Vec<RejectedRecord> {
        let results = records.iter().map(|record| self.write(record));
        let rejected = results.enumerate().filter_map(|(index, result)| {
            let reason = result.err()?.to_owned();
            Some(RejectedRecord { index, reason })
        });
        rejected.collect()
    }

    fn write(&mut self, record: &TelemetryRecord) -> Result<(), &'static str> {
        if record.at < self.retained_from {
            return Err("the record's time is outside the retention of the memory store");
        }
        let key = (
            record.thing.clone(),
            record.measure,
            record.event_type,
            record.at,
        );
        match self.records.get(&key) {
            Some(stored) if stored.version > record.version => Ok(()),
            Some(stored) if stored.version == record.version && stored != record => {
                Err("another record with this version exists")
            }
            _ => {
                self.records.insert(key, record.clone());
                Ok(())
            }
        }
    }
}

impl TelemetryStore for MemoryTelemetryStore {
    async fn write(&self, records: &[TelemetryRecord]) -> Result<Vec<RejectedRecord>, PortFailure> {
        if self.state.lock().unwrap().off {
            return Ok(Vec::new());
        }
        let entered = self.faults.enter("telemetry.write").await?;
        let rejected = self.state.lock().unwrap().write_all(records);
        entered.leave(rejected).await
    }
}

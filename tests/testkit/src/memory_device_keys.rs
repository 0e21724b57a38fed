//! The keys of devices in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use sci_domain::{
    access::{DeviceKeys, DeviceRecord},
    ports::PortFailure,
    thing::ThingName,
};

use crate::Faults;

/// The fake of [`DeviceKeys`]. Clones share the records.
#[derive(Debug, Clone, Default)]
pub struct MemoryDeviceKeys {
    records: Arc<Mutex<BTreeMap<ThingName, (DeviceRecord, bool)>>>,
    faults: Faults,
}

impl MemoryDeviceKeys {
    /// No devices, with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            records: Arc::default(),
            faults,
        }
    }

    /// Writes the record of `thing`, switched on or off.
    pub fn write(&self, thing: &ThingName, record: DeviceRecord, enabled: bool) {
        let mut records = self.records.lock().unwrap();
        records.insert(thing.clone(), (record, enabled));
    }

    /// Removes the record of `thing`.
    pub fn remove(&self, thing: &ThingName) {
        self.records.lock().unwrap().remove(thing);
    }
}

impl DeviceKeys for MemoryDeviceKeys {
    async fn load(&self, thing: &ThingName) -> Result<Option<DeviceRecord>, PortFailure> {
        let entered = self.faults.enter("devices.load").await?;
        let found = self.records.lock().unwrap().get(thing).cloned();
        let enabled = found.and_then(|(record, enabled)| enabled.then_some(record));
        entered.leave(enabled).await
    }
}

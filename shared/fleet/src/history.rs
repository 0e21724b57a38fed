//! What happened to a device, and where it stands.

use sci_domain::{
    admission::{
        AdmissionStore, Entry, SerialNumber, Subject,
        audit::{Fact, Record},
    },
    ports::PortFailure,
};
use serde::Serialize;

use crate::{
    chain::{self, Flaw},
    present::Present,
};

/// One line of a history.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// The number of the record.
    pub sequence: u64,
    /// What it tells; nothing when it cannot be read.
    pub fact: Option<Fact>,
}

/// The history of a device.
#[derive(Debug, Clone, Serialize)]
pub struct History {
    /// Whose.
    pub serial_number: SerialNumber,
    /// Why it cannot be relied upon, if it cannot.
    pub flaw: Option<String>,
    /// What its records tell, as far as they can be read.
    pub records: Vec<Line>,
    /// Where it stands; nothing when it is not on the allow-list.
    pub present: Option<Present>,
}

/// Reads the history of `serial`; nothing when the device is unknown and always was.
///
/// # Errors
/// When the store fails.
pub async fn read(
    store: &impl AdmissionStore,
    serial: &SerialNumber,
) -> Result<Option<History>, PortFailure> {
    let subject = Subject::device(serial);
    // In this order: a chain that is read later has at least the records that belong to the entry.
    let device = store.device(serial).await?;
    let (records, head) = store.history(&subject).await?;
    let entry = device.as_ref().map(|device| &device.entry);
    if entry.is_none() && records.is_empty() && head.sequence == 0 {
        return Ok(None);
    }
    let version = entry.map(|entry: &Entry| entry.version);
    let flaw = chain::check(&subject, &records, head, version).err();
    Ok(Some(History {
        serial_number: serial.clone(),
        flaw: flaw.as_ref().map(Flaw::to_string),
        records: records.iter().map(line).collect(),
        present: entry.map(Present::of),
    }))
}

fn line(record: &Record) -> Line {
    Line {
        sequence: record.sequence,
        // The fields of the chain beside those of the fact are not looked at here.
        fact: serde_json::from_str(&record.text).ok(),
    }
}

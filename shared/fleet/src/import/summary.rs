//! What an import did. Nothing of a device but its serial number, and no value of the manifest.

use std::fmt;

use sci_domain::{
    admission::{Entry, SerialNumber},
    ports::PortFailure,
};
use serde::Serialize;

use super::Outcome;
use crate::{failure::explained, manifest::Column};

/// How many devices of a kind are listed; the others are counted.
pub const MAX_LISTED: usize = 100;

/// A list of which only the beginning is kept.
#[derive(Debug, Clone, Serialize)]
pub struct Bounded<T> {
    /// How many there are.
    pub count: u64,
    /// The first [`MAX_LISTED`].
    pub first: Vec<T>,
}

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: Vec::new(),
        }
    }
}

impl<T> Bounded<T> {
    pub(crate) fn add(&mut self, item: T) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(item);
        }
    }

    pub(crate) fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        line: impl Fn(&T) -> String,
    ) -> fmt::Result {
        for item in &self.first {
            writeln!(f, "  {}", line(item))?;
        }
        let listed = u64::try_from(self.first.len()).unwrap_or(u64::MAX);
        match self.count.saturating_sub(listed) {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more"),
        }
    }
}

/// A device that is on the list with other values.
#[derive(Debug, Clone, Serialize)]
pub struct Conflict {
    /// Which.
    pub serial_number: SerialNumber,
    /// The columns.
    pub differs: Vec<Column>,
}

/// A device that could not be looked at or written. Whether it was written is then not known.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// Which.
    pub serial_number: SerialNumber,
    /// Why.
    pub why: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The devices of the manifest.
    pub devices: u64,
    /// Those that were not on the list; now they are, unless this was a dry run.
    pub new: u64,
    /// Those that were on the list.
    pub present: u64,
    /// Those that are on the list with other values. They stay as they are.
    pub conflicts: Bounded<Conflict>,
    /// Those that failed.
    pub failed: Bounded<Failed>,
    /// Whether somebody asked to stop.
    pub stopped: bool,
}

impl Summary {
    pub(super) fn new(devices: usize, dry_run: bool) -> Self {
        Self {
            dry_run,
            devices: u64::try_from(devices).unwrap_or(u64::MAX),
            new: 0,
            present: 0,
            conflicts: Bounded::default(),
            failed: Bounded::default(),
            stopped: false,
        }
    }

    pub(super) fn add(&mut self, entry: &Entry, outcome: Result<Outcome, PortFailure>) {
        let serial_number = entry.serial.clone();
        match outcome {
            Ok(Outcome::New) => self.new += 1,
            Ok(Outcome::Present) => self.present += 1,
            Ok(Outcome::Differs(differs)) => self.conflicts.add(Conflict {
                serial_number,
                differs,
            }),
            Err(failure) => self.failed.add(Failed {
                serial_number,
                why: explained(&failure),
            }),
        }
    }

    /// Those that have an outcome.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.new + self.present + self.conflicts.count + self.failed.count
    }

    /// Those that were not looked at.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.devices.saturating_sub(self.done())
    }

    /// Whether every device of the manifest is on the list as the manifest says, or could be.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.left() == 0 && self.conflicts.count == 0 && self.failed.count == 0
    }
}

/// Write request units of one device: its entry, its record and the head of its chain, each below 1 KB, in a transaction,
/// which takes two units for each.
const UNITS: u64 = 6;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |count: u64, what: &str| writeln!(f, "{count:>8}  {what}");
        line(self.devices, "devices in the manifest")?;
        if self.dry_run {
            line(self.new, "new: would be written")?;
        } else {
            line(self.new, "imported")?;
        }
        line(self.present, "on the allow-list already")?;
        if self.conflicts.count > 0 {
            line(self.conflicts.count, "on the allow-list with other values")?;
        }
        if self.failed.count > 0 {
            line(self.failed.count, "failed")?;
        }
        if self.left() > 0 {
            line(self.left(), "not looked at")?;
        }
        if self.dry_run {
            let units = self.new.saturating_mul(UNITS);
            writeln!(
                f,
                "An import needs {} transactions of three items, {units} write request units in all.",
                self.new
            )?;
        }
        if self.conflicts.count > 0 {
            writeln!(f, "\nConflicts; what is on the list stays as it is:")?;
            self.conflicts.write(f, |conflict| {
                let differs = conflict.differs.iter().map(ToString::to_string);
                let differs = differs.collect::<Vec<_>>().join(", ");
                format!("{:<32}  {differs}", conflict.serial_number.as_str())
            })?;
        }
        if self.failed.count > 0 {
            writeln!(f, "\nFailures:")?;
            self.failed.write(f, |failed| {
                format!("{:<32}  {}", failed.serial_number.as_str(), failed.why)
            })?;
        }
        if self.left() > 0 || self.failed.count > 0 {
            let what = match self.stopped {
                true => "Stopped",
                false => "Not complete",
            };
            writeln!(
                f,
                "\n{what}. Run the same command again: it goes on with what is not on the list."
            )?;
        }
        Ok(())
    }
}

//! The rules of a manifest, for one device after the other.

use std::{borrow::Cow, collections::BTreeMap, collections::HashMap};

use sci_domain::{
    admission::{BatchId, DeviceKind, DeviceSecret, Entry, Placement, SerialNumber, State},
    thing::PropertyId,
};

use super::{Column, Problem, Problems, What, secret};

/// One device as text.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) line: u64,
    pub(super) cells: BTreeMap<Column, Cow<'a, str>>,
}

/// What was found so far.
pub(super) struct Check<'a> {
    batch: Option<&'a BatchId>,
    problems: Problems,
    entries: Vec<Entry>,
    /// The lines of all serial numbers and secrets.
    serials: HashMap<SerialNumber, u64>,
    secrets: HashMap<Vec<u8>, u64>,
}

impl<'a> Check<'a> {
    pub(super) fn new(batch: Option<&'a BatchId>) -> Self {
        Self {
            batch,
            problems: Problems::default(),
            entries: Vec::new(),
            serials: HashMap::new(),
            secrets: HashMap::new(),
        }
    }

    pub(super) const fn batch_is_given(&self) -> bool {
        self.batch.is_some()
    }

    pub(super) fn problem(&mut self, line: u64, column: impl Into<Option<Column>>, what: What) {
        self.problems.add(Problem {
            line,
            column: column.into(),
            what,
        });
    }

    pub(super) fn finish(mut self) -> Result<Vec<Entry>, Problems> {
        if self.entries.is_empty() && self.problems.count == 0 {
            self.problem(1, None, What::Empty);
        }
        if self.problems.count == 0 {
            Ok(self.entries)
        } else {
            Err(self.problems)
        }
    }

    /// Looks at every cell, so that one reading finds everything.
    pub(super) fn row(&mut self, row: &Row<'_>) {
        let serial = self.serial(row);
        let property = self.cell(row, Column::PropertyId, |text| {
            PropertyId::parse(text).map_err(What::Name)
        });
        let kind = self.cell(row, Column::DeviceType, |text| {
            DeviceKind::parse(text).ok_or(What::UnknownType)
        });
        let batch = self.batch(row);
        let secret = self.secret(row);
        let (Some(serial), Some(property), Some(kind), Some(batch), Some(secret)) =
            (serial, property, kind, batch, secret)
        else {
            return;
        };
        let placement = Placement { property, kind };
        if let Err(invalid) = placement.thing(&serial) {
            return self.problem(row.line, Column::PropertyId, What::Thing(invalid));
        }
        self.entries.push(Entry {
            serial,
            placement,
            batch,
            secret,
            state: State::Allowed,
            retiring: Vec::new(),
            retry: None,
            version: 1,
        });
    }

    /// A value that must be there.
    fn cell<T>(
        &mut self,
        row: &Row<'_>,
        column: Column,
        parse: impl FnOnce(&str) -> Result<T, What>,
    ) -> Option<T> {
        let parsed = row
            .cells
            .get(&column)
            .ok_or(What::Missing)
            .and_then(|text| parse(text));
        parsed
            .map_err(|what| self.problem(row.line, column, what))
            .ok()
    }

    fn serial(&mut self, row: &Row<'_>) -> Option<SerialNumber> {
        let column = Column::SerialNumber;
        let serial = self.cell(row, column, |text| {
            SerialNumber::parse(text).map_err(What::Name)
        })?;
        if let Some(first) = self.serials.get(&serial) {
            let what = What::SerialOf(*first);
            self.problem(row.line, column, what);
            return None;
        }
        self.serials.insert(serial.clone(), row.line);
        Some(serial)
    }

    fn batch(&mut self, row: &Row<'_>) -> Option<BatchId> {
        if let (false, Some(batch)) = (row.cells.contains_key(&Column::Batch), self.batch) {
            return Some(batch.clone());
        }
        let given = self.batch;
        self.cell(row, Column::Batch, |text| {
            let batch = BatchId::parse(text).map_err(What::Name)?;
            match given {
                Some(given) if *given != batch => Err(What::OtherBatch),
                _ => Ok(batch),
            }
        })
    }

    /// Nothing when it is wrong; `Some(None)` when there is none.
    fn secret(&mut self, row: &Row<'_>) -> Option<Option<DeviceSecret>> {
        let column = Column::VoucherSecret;
        if !row.cells.contains_key(&column) {
            return Some(None);
        }
        let secret = self.cell(row, column, secret::read)?;
        if let Some(first) = self.secrets.get(secret.expose()) {
            let what = What::SecretOf(*first);
            self.problem(row.line, column, what);
            return None;
        }
        self.secrets.insert(secret.expose().to_vec(), row.line);
        Some(Some(secret))
    }
}

//! Allow-list, introducers and audit in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use sci_domain::{
    admission::{
        AdmissionStore, CertificateId, Charge, Commit, Committed, Device, Entry, Introducer,
        IntroducerId, Loaded, RegistrationBudget, SerialNumber, Subject, Used,
        audit::{Head, Record},
    },
    ports::PortFailure,
    timestamp::Timestamp,
};

use crate::Faults;

/// The fake of [`AdmissionStore`] and [`RegistrationBudget`]. Clones share the state.
#[derive(Debug, Clone, Default)]
pub struct MemoryAdmissionStore {
    state: Arc<Mutex<State>>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<SerialNumber, Entry>,
    introducers: BTreeMap<IntroducerId, Introducer>,
    chains: BTreeMap<Subject, Vec<Record>>,
    /// The newest hour of each CA, and its events.
    events: BTreeMap<CertificateId, (u64, u64)>,
}

impl MemoryAdmissionStore {
    /// An empty store with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            state: Arc::default(),
            faults,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Writes an introducer, in the place of an earlier one with its id.
    pub fn write_introducer(&self, introducer: Introducer) {
        self.state().introducers.insert(introducer.id, introducer);
    }

    /// The allow-list, by serial number.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.state().entries.values().cloned().collect()
    }

    /// The records of every chain, by subject.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.state().chains.values().flatten().cloned().collect()
    }
}

impl State {
    fn head(&self, subject: &Subject) -> Head {
        let last = self.chains.get(subject).and_then(|chain| chain.last());
        last.map_or(Head::EMPTY, Record::head)
    }

    fn load(&self, serial: Option<&SerialNumber>, introducer: IntroducerId) -> Loaded {
        Loaded {
            entry: serial.and_then(|serial| self.entries.get(serial).cloned()),
            introducer: self.introducers.get(&introducer).cloned(),
            device_chain: serial.map_or(Head::EMPTY, |serial| self.head(&Subject::device(serial))),
            introducer_chain: self.head(&Subject::introducer(introducer)),
        }
    }

    fn device(&self, serial: &SerialNumber) -> Option<Device> {
        Some(Device {
            entry: self.entries.get(serial)?.clone(),
            chain: self.head(&Subject::device(serial)),
        })
    }

    fn commit(&mut self, commit: Commit<'_>) -> Committed {
        let Commit {
            entry,
            charge,
            record,
        } = commit;
        let follows = |entry: &Entry| {
            let stored = self.entries.get(&entry.serial);
            stored.map_or(0, |stored| stored.version) + 1 == entry.version
        };
        let used = match charge {
            None => None,
            Some(charge) => match self.charged(&charge) {
                None => return Committed::Conflict,
                used => used.map(|used| (charge.introducer, used)),
            },
        };
        if !entry.is_none_or(follows) || self.head(&record.subject).sequence + 1 != record.sequence
        {
            return Committed::Conflict;
        }
        if let Some(entry) = entry {
            self.entries.insert(entry.serial.clone(), entry.clone());
        }
        if let Some((introducer, used)) = used {
            self.introducers.get_mut(&introducer).unwrap().used = used;
        }
        let chain = self.chains.entry(record.subject.clone()).or_default();
        chain.push(record.clone());
        Committed::Written
    }

    /// The count after `charge`, if it may be made.
    fn charged(&self, charge: &Charge) -> Option<Used> {
        let introducer = self.introducers.get(&charge.introducer)?;
        let (stored, wanted) = (introducer.used, charge.used);
        let counts = !introducer.suspended && stored.total < charge.quota.total;
        let in_minute = if wanted.in_minute == 1 {
            (stored.minute < wanted.minute).then_some(1)?
        } else {
            let same = stored.minute == wanted.minute;
            (same && stored.in_minute < charge.quota.per_minute).then_some(stored.in_minute + 1)?
        };
        counts.then_some(Used {
            total: stored.total + 1,
            minute: wanted.minute,
            in_minute,
        })
    }

    fn due(&self, now: Timestamp, limit: usize) -> Vec<SerialNumber> {
        let entries = self.entries.values();
        let mut due: Vec<_> = entries
            .filter_map(|entry| entry.due_at().map(|at| (at, &entry.serial)))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort();
        let due = due.into_iter().take(limit);
        due.map(|(_, serial)| serial.clone()).collect()
    }
}

impl AdmissionStore for MemoryAdmissionStore {
    async fn load(
        &self,
        serial: Option<&SerialNumber>,
        introducer: IntroducerId,
    ) -> Result<Loaded, PortFailure> {
        let entered = self.faults.enter("admission.load").await?;
        let loaded = self.state().load(serial, introducer);
        entered.leave(loaded).await
    }

    async fn device(&self, serial: &SerialNumber) -> Result<Option<Device>, PortFailure> {
        let entered = self.faults.enter("admission.device").await?;
        let device = self.state().device(serial);
        entered.leave(device).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, PortFailure> {
        let entered = self.faults.enter("admission.commit").await?;
        let committed = self.state().commit(commit);
        entered.leave(committed).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<SerialNumber>, PortFailure> {
        let entered = self.faults.enter("admission.due").await?;
        let due = self.state().due(now, limit);
        entered.leave(due).await
    }

    async fn history(&self, subject: &Subject) -> Result<(Vec<Record>, Head), PortFailure> {
        let entered = self.faults.enter("admission.history").await?;
        let history = {
            let state = self.state();
            let records = state.chains.get(subject).cloned().unwrap_or_default();
            (records, state.head(subject))
        };
        entered.leave(history).await
    }
}

impl RegistrationBudget for MemoryAdmissionStore {
    async fn spend(
        &self,
        authority: CertificateId,
        per_hour: u64,
        now: Timestamp,
    ) -> Result<bool, PortFailure> {
        let entered = self.faults.enter("budget.spend").await?;
        let hour = now.as_millis() / 3_600_000;
        let counted = {
            let mut state = self.state();
            let (newest, count) = state.events.entry(authority).or_default();
            if hour > *newest {
                (*newest, *count) = (hour, 0);
            }
            let counts = *count < per_hour;
            *count += u64::from(counts);
            counts
        };
        entered.leave(counted).await
    }
}

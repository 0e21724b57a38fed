//! Alarms and readings in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use sci_domain::{
    alarm::{AlarmFamily, AlarmKey, record::Alarm},
    notification::NotificationId,
    ports::{AlarmStore, Commit, Committed, Loaded, Overrides, Pending, PortFailure},
    reading::Reading,
    thing::{PropertyId, ThingName},
    timestamp::Timestamp,
};

use crate::Faults;

/// The fake of [`AlarmStore`] and [`sci_domain::ports::Outbox`]. Clones share the state.
#[derive(Debug, Clone, Default)]
pub struct MemoryAlarmStore {
    state: Arc<Mutex<State>>,
    pub(crate) faults: Faults,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    readings: BTreeMap<(ThingName, Timestamp), Reading>,
    alarms: BTreeMap<AlarmKey, (Alarm, Option<Timestamp>)>,
    properties: BTreeMap<PropertyId, Overrides>,
    /// By id, with the time at which the last attempt began.
    pub(crate) outbox: BTreeMap<NotificationId, (Timestamp, Pending)>,
}

impl MemoryAlarmStore {
    /// An empty store with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            state: Arc::default(),
            faults,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Gives a property a setting of its own.
    pub fn set_property(&self, property: &str, name: &str, value: &str) {
        let property = PropertyId::parse(property).unwrap();
        let mut state = self.state();
        let settings = state.properties.entry(property).or_default();
        settings.insert(name.to_owned(), value.to_owned());
    }

    /// The stored rows, by thing and time.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        self.state().readings.values().cloned().collect()
    }

    /// Whether there is a row for `thing` at `at`.
    #[must_use]
    pub fn has_reading(&self, thing: &str, at: Timestamp) -> bool {
        let thing = ThingName::parse(thing).unwrap();
        self.state().readings.contains_key(&(thing, at))
    }

    /// The stored alarms.
    #[must_use]
    pub fn alarms(&self) -> Vec<Alarm> {
        let state = self.state();
        state
            .alarms
            .values()
            .map(|(alarm, _)| alarm.clone())
            .collect()
    }

    /// The notifications that wait for delivery.
    #[must_use]
    pub fn outbox(&self) -> Vec<Pending> {
        let state = self.state();
        state
            .outbox
            .values()
            .map(|(_, pending)| pending.clone())
            .collect()
    }
}

impl State {
    fn load(&self, key: &AlarmKey, property: Option<&PropertyId>) -> Loaded {
        let overrides = property.and_then(|property| self.properties.get(property));
        Loaded {
            alarm: self.alarms.get(key).map(|(alarm, _)| alarm.clone()),
            overrides: overrides.cloned().unwrap_or_default(),
        }
    }

    fn due(&self, family: AlarmFamily, now: Timestamp, limit: usize) -> Vec<AlarmKey> {
        let ours = self.alarms.iter();
        let ours = ours.filter(|(key, _)| key.kind.family() == family);
        let mut due: Vec<_> = ours
            .filter_map(|(key, (_, due_at))| due_at.filter(|at| *at <= now).map(|at| (at, key)))
            .collect();
        due.sort();
        due.into_iter()
            .take(limit)
            .map(|(_, key)| key.clone())
            .collect()
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Committed {
        let row = commit
            .reading
            .map(|reading| (reading.origin.thing.clone(), reading.origin.observed_at));
        if row
            .as_ref()
            .is_some_and(|row| self.readings.contains_key(row))
        {
            return Committed::DuplicateReading;
        }
        if let Some(write) = &commit.alarm {
            let stored = self.alarms.get(&write.alarm.key);
            let before = stored.map_or(0, |(alarm, _)| alarm.version);
            if before + 1 != write.alarm.version {
                return Committed::Conflict;
            }
        }
        if let (Some(row), Some(reading)) = (row, commit.reading) {
            self.readings.insert(row, reading.clone());
        }
        if let Some(write) = &commit.alarm {
            let alarm = (write.alarm.clone(), write.due_at);
            self.alarms.insert(write.alarm.key.clone(), alarm);
            if let Some(notification) = write.notification {
                let pending = Pending {
                    notification: notification.clone(),
                    attempts: 1,
                };
                let claimed_at = notification.created_at;
                self.outbox.insert(notification.id(), (claimed_at, pending));
            }
        }
        Committed::Written
    }
}

impl AlarmStore for MemoryAlarmStore {
    async fn load(
        &self,
        key: &AlarmKey,
        property: Option<&PropertyId>,
    ) -> Result<Loaded, PortFailure> {
        let entered = self.faults.enter("store.load").await?;
        let loaded = self.state().load(key, property);
        entered.leave(loaded).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, PortFailure> {
        let entered = self.faults.enter("store.commit").await?;
        let committed = self.state().commit(&commit);
        entered.leave(committed).await
    }

    async fn due(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<AlarmKey>, PortFailure> {
        let entered = self.faults.enter("store.due").await?;
        let due = self.state().due(family, now, limit);
        entered.leave(due).await
    }
}

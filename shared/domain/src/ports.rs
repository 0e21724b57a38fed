//! What the domain needs of the world. Each port is a capability with one AWS adapter and one fake; both pass the same
//! contract tests. Futures are `Send`, and errors say whether trying again can help.

use std::{collections::BTreeMap, error::Error, fmt, future::Future};

use crate::{
    alarm::{AlarmFamily, AlarmKey, record::Alarm},
    notification::{Notification, NotificationId},
    reading::Reading,
    refusal::Refusal,
    telemetry::TelemetryRecord,
    thing::PropertyId,
    timestamp::Timestamp,
};

/// A port that failed: infrastructure, never a refusal.
#[derive(Debug)]
pub struct PortFailure {
    /// What was tried, as in "failed to load an alarm".
    pub operation: &'static str,
    /// Whether trying again can help.
    pub kind: FailureKind,
    /// The adapter's error.
    pub source: Box<dyn Error + Send + Sync>,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Too many requests: later it works.
    Throttled,
    /// A network or server fault: later it may work. The effect may or may not have happened.
    Unavailable,
    /// Permissions, names or limits are wrong: somebody must repair the deployment.
    Misconfigured,
}

impl fmt::Display for PortFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = match self.kind {
            FailureKind::Throttled => "throttled; retried by Lambda",
            FailureKind::Unavailable => "unavailable; retried by Lambda",
            FailureKind::Misconfigured => "check the function's role, environment and resources",
        };
        write!(f, "failed to {} ({hint})", self.operation)
    }
}

impl Error for PortFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Settings of one property by name, which take precedence over the stage's; see [`crate::settings`].
pub type Overrides = BTreeMap<String, String>;

/// An alarm with the settings of its property.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The record, if there is one.
    pub alarm: Option<Alarm>,
    /// The property's own settings; empty when it has none.
    pub overrides: Overrides,
}

/// Everything that one message changes, written all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit<'a> {
    /// The row of a hot reading, keyed by thing and event time; written only if absent.
    pub reading: Option<&'a Reading>,
    /// The alarm with its new version; written only if the stored version is the one before.
    pub alarm: Option<AlarmWrite<'a>>,
}

/// A new version of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmWrite<'a> {
    /// The record to write. Version 1 is written only if there is no record.
    pub alarm: &'a Alarm,
    /// When the alarm needs a tick; nothing for one at rest.
    pub due_at: Option<Timestamp>,
    /// What people must be told; stored in the outbox, claimed by the writer for its first attempt.
    pub notification: Option<&'a Notification>,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// All of it was written.
    Written,
    /// The row of the reading was there already: nothing was written.
    DuplicateReading,
    /// Somebody else changed the alarm: nothing was written. Load it again.
    Conflict,
}

/// Alarms, readings and the outbox: one store, because they change together.
pub trait AlarmStore {
    /// The alarm and its property's settings, as of the last completed write.
    fn load(
        &self,
        key: &AlarmKey,
        property: Option<&PropertyId>,
    ) -> impl Future<Output = Result<Loaded, PortFailure>> + Send;

    /// Writes all of `commit` or nothing. Committing what was already committed answers
    /// [`Committed::DuplicateReading`] or [`Committed::Conflict`].
    fn commit(
        &self,
        commit: Commit<'_>,
    ) -> impl Future<Output = Result<Committed, PortFailure>> + Send;

    /// At most `limit` alarms of `family` that are due at `now`, the longest overdue first. May lag behind writes.
    fn due(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<AlarmKey>, PortFailure>> + Send;
}

/// A notification that waits for delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What people must be told.
    pub notification: Notification,
    /// How many attempts were begun.
    pub attempts: u32,
}

/// Notifications between the transaction that decided them and their delivery.
pub trait Outbox {
    /// At most `limit` notifications of `family` whose last attempt began long enough before `now` to be given up.
    fn abandoned(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Pending>, PortFailure>> + Send;

    /// Begins the next attempt of `pending` at `now`; false when somebody else did, or it was delivered.
    fn claim(
        &self,
        pending: &Pending,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, PortFailure>> + Send;

    /// Forgets a delivered notification. Forgetting it twice is no error.
    fn delivered(
        &self,
        id: &NotificationId,
    ) -> impl Future<Output = Result<(), PortFailure>> + Send;
}

/// Tells people.
pub trait Publisher {
    /// Sends `notification`. `attempt` counts from 1; from 2 on, the same notification may have arrived before.
    fn publish(
        &self,
        notification: &Notification,
        attempt: u32,
    ) -> impl Future<Output = Result<(), PortFailure>> + Send;
}

/// A record that the time-series store refused for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRecord {
    /// Its place in the batch.
    pub index: usize,
    /// The store's reason.
    pub reason: String,
}

/// The time-series store.
pub trait TelemetryStore {
    /// Writes `records`, at most 100. The answer lists those refused for good; the others are stored.
    /// A store that is switched off stores nothing and refuses nothing.
    fn write(
        &self,
        records: &[TelemetryRecord],
    ) -> impl Future<Output = Result<Vec<RejectedRecord>, PortFailure>> + Send;
}

/// Keeps what was refused, for people to look at.
pub trait RefusedMessages {
    /// Keeps `event`, the function's whole input as JSON text, with its refusal.
    fn keep(
        &self,
        refusal: &Refusal,
        event: &str,
    ) -> impl Future<Output = Result<(), PortFailure>> + Send;
}

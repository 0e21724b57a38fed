//! The order of effects: decide, write all or nothing, then tell people.
//!
//! A crash after the write loses nothing: the notification waits in the outbox, and the sweep sends it with a higher
//! `attempt`, so that a doubled message says that it may be one.

use super::{
    AlarmFamily, AlarmKey,
    fold::Sample,
    policy::AlarmPolicy,
    record::{Alarm, Disposition, Step},
};
use crate::{
    notification::Notification,
    ports::{
        AlarmStore, AlarmWrite, Commit, Committed, FailureKind, Loaded, Outbox, Overrides, Pending,
        PortFailure, Publisher,
    },
    reading::Reading,
    thing::PropertyId,
    timestamp::Timestamp,
};

/// How often a step is decided anew when somebody else changed the alarm meanwhile.
const MAX_CONFLICTS: u32 = 8;
/// How many alarms and notifications one sweep looks after; the next sweep takes the rest.
pub const SWEEP_LIMIT: usize = 100;

/// The engine with its ports.
#[derive(Debug, Clone)]
pub struct AlarmService<Store, Pub> {
    /// Alarms, readings and the outbox.
    pub store: Store,
    /// Where people are told.
    pub publisher: Pub,
}

/// What a message did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    /// What became of its sample.
    pub disposition: Disposition,
    /// Whether its row was written to `HighTemps`.
    pub stored: bool,
    /// What people were told, or will be by the sweep if telling them failed.
    pub notification: Option<Notification>,
    /// Why telling people failed, if it did. The notification is safe in the outbox.
    pub undelivered: Option<String>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Alarms that were due and changed.
    pub changed: usize,
    /// Notifications that were delivered.
    pub delivered: usize,
    /// Notifications that could not be delivered and wait for the next sweep.
    pub undelivered: usize,
}

/// What to do with one sample.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The rules to apply.
    pub policy: AlarmPolicy,
    /// Whether the reading becomes a row of `HighTemps`.
    pub store_reading: bool,
}

impl<Store: AlarmStore + Outbox + Sync, Pub: Publisher + Sync> AlarmService<Store, Pub> {
    /// Takes in a sample: loads, decides with `decide` on the property's settings, writes, tells.
    ///
    /// # Errors
    /// When the store fails, or the alarm changes faster than it can be written. Nothing is lost: try again.
    pub async fn observe(
        &self,
        key: &AlarmKey,
        property: Option<&PropertyId>,
        sample: Sample,
        reading: Option<&Reading>,
        now: Timestamp,
        decide: impl Fn(&Overrides) -> Decision + Send,
    ) -> Result<Effects, PortFailure> {
        for _ in 0..MAX_CONFLICTS {
            let Loaded { alarm, overrides } = self.store.load(key, property).await?;
            let decision = decide(&overrides);
            let alarm = alarm.unwrap_or_else(|| Alarm::new(key.clone(), property.cloned()));
            let step = alarm.observe(sample, &decision.policy, now);
            let reading = reading.filter(|_| decision.store_reading);
            if step.next.is_none() && reading.is_none() {
                return Ok(Effects::nothing(step.disposition));
            }
            match self.commit(&step, reading, &decision.policy).await? {
                Committed::Written => {
                    let undelivered = self.tell(step.notification.as_ref(), 1).await;
                    return Ok(Effects {
                        disposition: step.disposition,
                        stored: reading.is_some(),
                        notification: step.notification,
                        undelivered: undelivered.map(|failure| failure.to_string()),
                    });
                }
                Committed::DuplicateReading => return Ok(Effects::nothing(Disposition::Duplicate)),
                Committed::Conflict => {}
            }
        }
        Err(too_many_conflicts())
    }

    /// Closes, reminds and steadies what is due, and delivers what was left in the outbox. Both are done even when
    /// one fails; alarms that changed meanwhile wait for the next sweep.
    ///
    /// # Errors
    /// The first failure of the store, after everything that could be done was done.
    pub async fn sweep(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        decide: impl Fn(&Overrides) -> AlarmPolicy + Send,
    ) -> Result<Swept, PortFailure> {
        let mut swept = Swept::default();
        let mut result = self.deliver_abandoned(family, now, &mut swept).await;
        for key in self.store.due(family, now, SWEEP_LIMIT).await? {
            let property = key.thing.placement().map(|(property, _)| property);
            // An alarm that cannot be read or written must not keep the others open.
            let ticked = match self.store.load(&key, property.as_ref()).await {
                Ok(Loaded { alarm, overrides }) => {
                    let policy = decide(&overrides);
                    self.tick(alarm, &policy, now, &mut swept).await
                }
                Err(failure) => Err(failure),
            };
            result = result.and(ticked);
        }
        result.map(|()| swept)
    }

    async fn tick(
        &self,
        alarm: Option<Alarm>,
        policy: &AlarmPolicy,
        now: Timestamp,
        swept: &mut Swept,
    ) -> Result<(), PortFailure> {
        let Some(step) = alarm.map(|alarm| alarm.tick(policy, now)) else {
            return Ok(());
        };
        if step.next.is_none() || self.commit(&step, None, policy).await? != Committed::Written {
            return Ok(());
        }
        swept.changed += 1;
        let undelivered = self.tell(step.notification.as_ref(), 1).await.is_some();
        match step.notification {
            Some(_) if undelivered => swept.undelivered += 1,
            Some(_) => swept.delivered += 1,
            None => {}
        }
        Ok(())
    }

    /// Notes that `by` looks after the active alarm `key`. False when it is not active or was acknowledged before.
    ///
    /// # Errors
    /// When the store fails, or the alarm changes faster than it can be written.
    pub async fn acknowledge(
        &self,
        key: &AlarmKey,
        by: &str,
        now: Timestamp,
        decide: impl Fn(&Overrides) -> AlarmPolicy + Send,
    ) -> Result<bool, PortFailure> {
        let property = key.thing.placement().map(|(property, _)| property);
        for _ in 0..MAX_CONFLICTS {
            let Loaded { alarm, overrides } = self.store.load(key, property.as_ref()).await?;
            let Some(next) = alarm.and_then(|alarm| alarm.acknowledge(by, now)) else {
                return Ok(false);
            };
            let step = Step {
                disposition: Disposition::Applied,
                next: Some(next),
                notification: None,
            };
            if self.commit(&step, None, &decide(&overrides)).await? == Committed::Written {
                return Ok(true);
            }
        }
        Err(too_many_conflicts())
    }

    async fn commit(
        &self,
        step: &Step,
        reading: Option<&Reading>,
        policy: &AlarmPolicy,
    ) -> Result<Committed, PortFailure> {
        let alarm = step.next.as_ref().map(|alarm| AlarmWrite {
            alarm,
            due_at: alarm.due_at(policy),
            notification: step.notification.as_ref(),
        });
        self.store.commit(Commit { reading, alarm }).await
    }

    /// Publishes and then forgets. What fails stays in the outbox.
    async fn tell(&self, notification: Option<&Notification>, attempt: u32) -> Option<PortFailure> {
        let notification = notification?;
        if let Err(failure) = self.publisher.publish(notification, attempt).await {
            return Some(failure);
        }
        self.store.delivered(&notification.id()).await.err()
    }

    async fn deliver_abandoned(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        swept: &mut Swept,
    ) -> Result<(), PortFailure> {
        for pending in self.store.abandoned(family, now, SWEEP_LIMIT).await? {
            if !self.store.claim(&pending, now).await? {
                continue;
            }
            let Pending {
                notification,
                attempts,
            } = pending;
            match self
                .tell(Some(&notification), attempts.saturating_add(1))
                .await
            {
                None => swept.delivered += 1,
                Some(_) => swept.undelivered += 1,
            }
        }
        Ok(())
    }
}

impl Effects {
    const fn nothing(disposition: Disposition) -> Self {
        Self {
            disposition,
            stored: false,
            notification: None,
            undelivered: None,
        }
    }
}

fn too_many_conflicts() -> PortFailure {
    PortFailure {
        operation: "write an alarm that others keep changing",
        kind: FailureKind::Throttled,
        source: "too many concurrent changes of one alarm".into(),
    }
}

//! The outbox in memory.

use sci_domain::{
    alarm::AlarmFamily,
    notification::NotificationId,
    ports::{Outbox, Pending, PortFailure},
    timestamp::{Millis, Timestamp},
};

use crate::memory_alarm_store::{MemoryAlarmStore, State};

/// As long as the DynamoDB adapter's.
const CLAIM: Millis = Millis::from_secs(60);

impl State {
    fn abandoned(&self, family: AlarmFamily, now: Timestamp, limit: usize) -> Vec<Pending> {
        let ours = self.outbox.values();
        let ours = ours.filter(|(_, pending)| pending.notification.key.kind.family() == family);
        let mut found: Vec<_> = ours
            .filter(|(claimed_at, _)| *claimed_at < now.minus(CLAIM))
            .collect();
        found.sort_by_key(|(claimed_at, _)| *claimed_at);
        let oldest = found.into_iter().take(limit);
        oldest.map(|(_, pending)| pending.clone()).collect()
    }

    fn claim(&mut self, pending: &Pending, now: Timestamp) -> bool {
        match self.outbox.get_mut(&pending.notification.id()) {
            Some((claimed_at, stored)) if stored.attempts == pending.attempts => {
                stored.attempts += 1;
                *claimed_at = now;
                true
            }
            _ => false,
        }
    }
}

impl Outbox for MemoryAlarmStore {
    async fn abandoned(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Pending>, PortFailure> {
        let entered = self.faults.enter("outbox.abandoned").await?;
        let found = self.state().abandoned(family, now, limit);
        entered.leave(found).await
    }

    async fn claim(&self, pending: &Pending, now: Timestamp) -> Result<bool, PortFailure> {
        let entered = self.faults.enter("outbox.claim").await?;
        let claimed = self.state().claim(pending, now);
        entered.leave(claimed).await
    }

    async fn delivered(&self, id: &NotificationId) -> Result<(), PortFailure> {
        let entered = self.faults.enter("outbox.delivered").await?;
        self.state().outbox.remove(id);
        entered.leave(()).await
    }
}

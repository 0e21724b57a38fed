//! The outbox in memory.

use sci_domain::{
    alarm::AlarmFamily,
    notification::NotificationId,
    ports::{Outbox, Pending, PortFailure},
    timestamp::{Millis, Timestamp},
};

use crate::MemoryAlarmStore;

/// As long as the DynamoDB adapter's.
const CLAIM: Millis = Millis::from_secs(60);

impl Outbox for MemoryAlarmStore {
    async fn abandoned(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Pending>, PortFailure> {
        let entered = self.faults.enter("outbox.abandoned").await?;
        let state = self.state();
        let mut found: Vec<_> = state
            .outbox
            .values()
            .filter(|(_, pending)| pending.notification.key.kind.family() == family)
            .filter(|(claimed_at, _)| *claimed_at < now.minus(CLAIM))
            .collect();
        found.sort_by_key(|(claimed_at, _)| *claimed_at);
        let oldest = found.into_iter().take(limit);
        entered.leave(oldest.map(|(_, pending)| pending.clone()).collect())
    }

    async fn claim(&self, pending: &Pending, now: Timestamp) -> Result<bool, PortFailure> {
        let entered = self.faults.enter("outbox.claim").await?;
        let mut state = self.state();
        let stored = state.outbox.get_mut(&pending.notification.id());
        let claimed = match stored {
            Some((claimed_at, stored)) if stored.attempts == pending.attempts => {
                stored.attempts += 1;
                *claimed_at = now;
                true
            }
            _ => false,
        };
        entered.leave(claimed)
    }

    async fn delivered(&self, id: &NotificationId) -> Result<(), PortFailure> {
        let entered = self.faults.enter("outbox.delivered").await?;
        self.state().outbox.remove(id);
        entered.leave(())
    }
}

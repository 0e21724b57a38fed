//! Notifications in memory.

use std::sync::{Arc, Mutex};

use sci_domain::{
    notification::Notification,
    ports::{PortFailure, Publisher},
};

use crate::Faults;

/// The fake of [`Publisher`]. Clones share what was published.
#[derive(Debug, Clone, Default)]
pub struct MemoryPublisher {
    published: Arc<Mutex<Vec<(Notification, u32)>>>,
    faults: Faults,
}

impl MemoryPublisher {
    /// A publisher with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            published: Arc::default(),
            faults,
        }
    }

    /// What people were told, in order, each with its attempt.
    #[must_use]
    pub fn published(&self) -> Vec<(Notification, u32)> {
        self.published.lock().unwrap().clone()
    }
}

impl Publisher for MemoryPublisher {
    async fn publish(&self, notification: &Notification, attempt: u32) -> Result<(), PortFailure> {
        let entered = self.faults.enter("publisher.publish").await?;
        let published = (notification.clone(), attempt);
        self.published.lock().unwrap().push(published);
        entered.leave(()).await
    }
}

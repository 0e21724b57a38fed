//! Refused messages in memory.

use std::sync::{Arc, Mutex};

use sci_domain::{
    ports::{PortFailure, RefusedMessages},
    refusal::Refusal,
};

use crate::Faults;

/// The fake of [`RefusedMessages`]. Clones share what was kept.
#[derive(Debug, Clone, Default)]
pub struct MemoryRefusedMessages {
    kept: Arc<Mutex<Vec<(Refusal, String)>>>,
    faults: Faults,
}

impl MemoryRefusedMessages {
    /// A queue with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            kept: Arc::default(),
            faults,
        }
    }

    /// What was kept, in order: the refusal and the event's text.
    #[must_use]
    pub fn kept(&self) -> Vec<(Refusal, String)> {
        self.kept.lock().unwrap().clone()
    }

    /// The text of the event that was kept last.
    #[must_use]
    pub fn kept_last(&self) -> Option<String> {
        self.kept
            .lock()
            .unwrap()
            .last()
            .map(|(_, event)| event.clone())
    }
}

impl RefusedMessages for MemoryRefusedMessages {
    async fn keep(&self, refusal: &Refusal, event: &str) -> Result<(), PortFailure> {
        let entered = self.faults.enter("refused.keep").await?;
        let kept = (refusal.clone(), event.to_owned());
        self.kept.lock().unwrap().push(kept);
        entered.leave(()).await
    }
}

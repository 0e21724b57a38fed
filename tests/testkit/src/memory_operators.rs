//! Operators in memory.

use std::sync::{Arc, Mutex};

use sci_domain::{
    admission::{Operators, upkeep::CaseNotice},
    ports::PortFailure,
};

use crate::Faults;

/// The fake of [`Operators`]. Clones share what was told.
#[derive(Debug, Clone, Default)]
pub struct MemoryOperators {
    told: Arc<Mutex<Vec<CaseNotice>>>,
    faults: Faults,
}

impl MemoryOperators {
    /// Operators with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            told: Arc::default(),
            faults,
        }
    }

    /// What they were told, in order.
    #[must_use]
    pub fn told(&self) -> Vec<CaseNotice> {
        self.told.lock().unwrap().clone()
    }
}

impl Operators for MemoryOperators {
    async fn tell(&self, notice: &CaseNotice) -> Result<(), PortFailure> {
        let entered = self.faults.enter("operators.tell").await?;
        self.told.lock().unwrap().push(notice.clone());
        entered.leave(()).await
    }
}

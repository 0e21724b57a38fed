//! An issuer's keys in memory.

use std::sync::{Arc, Mutex};

use sci_domain::{
    access::KeySource,
    ports::{FailureKind, PortFailure},
};

use crate::Faults;

/// The fake of [`KeySource`]. Clones share what is published.
#[derive(Debug, Clone, Default)]
pub struct MemoryKeySource {
    published: Arc<Mutex<Option<Vec<u8>>>>,
    faults: Faults,
}

impl MemoryKeySource {
    /// A source with `faults` that publishes nothing yet: it fails as a URL does that is not there.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            published: Arc::default(),
            faults,
        }
    }

    /// Publishes `jwks` in the place of what was published before.
    pub fn publish(&self, jwks: impl Into<Vec<u8>>) {
        *self.published.lock().unwrap() = Some(jwks.into());
    }
}

impl KeySource for MemoryKeySource {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        let entered = self.faults.enter("keys.fetch").await?;
        let published = self.published.lock().unwrap().clone();
        let published = published.ok_or_else(|| PortFailure {
            operation: "keys.fetch",
            kind: FailureKind::Misconfigured,
            source: "nothing is published".into(),
        })?;
        entered.leave(published).await
    }
}

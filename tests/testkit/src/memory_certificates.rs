//! The registry's certificates in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use sci_domain::{
    admission::{CertificateId, Certificates},
    ports::{FailureKind, PortFailure},
    thing::ThingName,
};

use crate::Faults;

/// The fake of [`Certificates`]. Clones share the registry.
#[derive(Debug, Clone, Default)]
pub struct MemoryCertificates {
    registry: Arc<Mutex<BTreeMap<CertificateId, Registered>>>,
    faults: Faults,
}

#[derive(Debug)]
struct Registered {
    active: bool,
    things: BTreeSet<ThingName>,
}

impl MemoryCertificates {
    /// An empty registry with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            registry: Arc::default(),
            faults,
        }
    }

    /// Registers an active certificate that is attached to nothing.
    pub fn issue(&self, certificate: CertificateId) {
        let active = Registered {
            active: true,
            things: BTreeSet::new(),
        };
        self.registry.lock().unwrap().insert(certificate, active);
    }

    /// Attaches a registered certificate to `thing`.
    pub fn attach(&self, certificate: CertificateId, thing: &ThingName) {
        let mut registry = self.registry.lock().unwrap();
        let registered = registry.get_mut(&certificate).unwrap();
        registered.things.insert(thing.clone());
    }

    /// Whether a certificate is active; nothing for one that does not exist.
    #[must_use]
    pub fn is_active(&self, certificate: CertificateId) -> Option<bool> {
        let registry = self.registry.lock().unwrap();
        registry
            .get(&certificate)
            .map(|registered| registered.active)
    }

    fn take(&self, thing: &ThingName, certificate: CertificateId) -> Result<(), PortFailure> {
        let mut registry = self.registry.lock().unwrap();
        let Some(registered) = registry.get_mut(&certificate) else {
            return Ok(());
        };
        registered.active = false;
        registered.things.remove(thing);
        if !registered.things.is_empty() {
            return Err(PortFailure {
                operation: "retire a certificate",
                kind: FailureKind::Unavailable,
                source: "it is attached to another thing".into(),
            });
        }
        registry.remove(&certificate);
        Ok(())
    }
}

impl Certificates for MemoryCertificates {
    async fn retire(
        &self,
        thing: &ThingName,
        certificate: CertificateId,
    ) -> Result<(), PortFailure> {
        let entered = self.faults.enter("certificates.retire").await?;
        let retired = self.take(thing, certificate);
        entered.leave(retired).await?
    }
}

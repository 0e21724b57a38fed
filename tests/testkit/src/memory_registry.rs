//! AWS IoT's registry in memory: certificates of CAs, and the things that own them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use sci_domain::{
    admission::{
        Admitted, CertificateId, Certificates, Registered, RegisteredAuthority, RegisteredStatus,
        Registry, SerialNumber,
    },
    ports::{FailureKind, PortFailure},
    thing::ThingName,
    timestamp::Timestamp,
};

use crate::Faults;

/// The fake of [`Registry`], and of [`Certificates`] for what came into it. Each call to AWS IoT inside `enrol` fails on its
/// own. Clones share the registry.
#[derive(Debug, Clone, Default)]
pub struct MemoryRegistry {
    state: Arc<Mutex<State>>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct State {
    authorities: BTreeMap<CertificateId, RegisteredAuthority>,
    certificates: BTreeMap<CertificateId, Entry>,
    things: BTreeMap<ThingName, RegistryThing>,
}

#[derive(Debug, Clone)]
struct Entry {
    registered: Registered,
    created_at: Timestamp,
    owner: Option<ThingName>,
}

/// A thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryThing {
    /// Its type.
    pub thing_type: String,
    /// The attributes `property` and `serial`.
    pub attributes: [String; 2],
    /// Whether it is a member of the fleet.
    pub in_fleet: bool,
}

/// Where a certificate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: RegisteredStatus,
    /// The thing that it is attached to, exclusively.
    pub owner: Option<(ThingName, RegistryThing)>,
}

impl MemoryRegistry {
    /// An empty registry with `faults`.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self {
            state: Arc::default(),
            faults,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Registers a CA, in the place of an earlier one with its id.
    pub fn register_authority(&self, id: CertificateId, authority: RegisteredAuthority) {
        self.state().authorities.insert(id, authority);
    }

    /// A device connects with a certificate: it is registered, unless it is there already.
    pub fn register(&self, id: CertificateId, registered: Registered, now: Timestamp) {
        let entry = Entry {
            registered,
            created_at: now,
            owner: None,
        };
        self.state().certificates.entry(id).or_insert(entry);
    }

    /// Where a certificate stands; nothing for one that is not there.
    #[must_use]
    pub fn standing(&self, id: CertificateId) -> Option<Standing> {
        let state = self.state();
        let entry = state.certificates.get(&id)?;
        let owner = entry.owner.clone();
        Some(Standing {
            status: entry.registered.status,
            owner: owner.map(|thing| (thing.clone(), state.things[&thing].clone())),
        })
    }

    /// All things by name.
    #[must_use]
    pub fn things(&self) -> Vec<ThingName> {
        self.state().things.keys().cloned().collect()
    }

    async fn step<T>(
        &self,
        call: &'static str,
        effect: impl FnOnce(&mut State) -> Result<T, PortFailure> + Send,
    ) -> Result<T, PortFailure>
    where
        T: Send,
    {
        let entered = self.faults.enter(call).await?;
        let result = effect(&mut self.state());
        entered.leave(result).await?
    }
}

fn refused(operation: &'static str, kind: FailureKind, why: &'static str) -> PortFailure {
    PortFailure {
        operation,
        kind,
        source: why.into(),
    }
}

impl State {
    fn entry(&mut self, id: CertificateId) -> Result<&mut Entry, PortFailure> {
        let entry = self.certificates.get_mut(&id);
        entry.ok_or_else(|| {
            let kind = FailureKind::Misconfigured;
            refused("find a certificate", kind, "it is not registered")
        })
    }

    fn attach(&mut self, id: CertificateId, thing: &ThingName) -> Result<(), PortFailure> {
        let entry = self.entry(id)?;
        if entry.owner.as_ref().is_some_and(|owner| owner != thing) {
            let kind = FailureKind::Misconfigured;
            return Err(refused(
                "attach",
                kind,
                "it is another thing's, exclusively",
            ));
        }
        entry.owner = Some(thing.clone());
        Ok(())
    }
}

impl Registry for MemoryRegistry {
    async fn describe(&self, id: CertificateId) -> Result<Option<Registered>, PortFailure> {
        self.step("registry.describe", |state| {
            let entry = state.certificates.get(&id);
            Ok(entry.map(|entry| entry.registered.clone()))
        })
        .await
    }

    async fn authority(
        &self,
        id: CertificateId,
    ) -> Result<Option<RegisteredAuthority>, PortFailure> {
        self.step("registry.authority", |state| {
            Ok(state.authorities.get(&id).cloned())
        })
        .await
    }

    async fn enrol(
        &self,
        device: &Admitted,
        serial: &SerialNumber,
        certificate: CertificateId,
    ) -> Result<(), PortFailure> {
        self.step("registry.create-thing", |state| {
            let thing = RegistryThing {
                thing_type: device.thing_type.to_owned(),
                attributes: [device.property.clone(), serial.to_string()],
                in_fleet: false,
            };
            state.things.entry(device.thing.clone()).or_insert(thing);
            Ok(())
        })
        .await?;
        self.step("registry.join-fleet", |state| {
            state.things.get_mut(&device.thing).unwrap().in_fleet = true;
            Ok(())
        })
        .await?;
        self.step("registry.attach", |state| {
            state.attach(certificate, &device.thing)
        })
        .await?;
        self.step("registry.activate", |state| {
            state.entry(certificate)?.registered.status = RegisteredStatus::Active;
            Ok(())
        })
        .await
    }

    async fn authorities(&self, limit: usize) -> Result<Vec<CertificateId>, PortFailure> {
        self.step("registry.authorities", |state| {
            Ok(state.authorities.keys().copied().take(limit).collect())
        })
        .await
    }

    async fn pending(
        &self,
        authority: CertificateId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<CertificateId>, PortFailure> {
        self.step("registry.pending", |state| {
            let pending = state.certificates.iter().filter(|(_, entry)| {
                entry.registered.status == RegisteredStatus::Pending
                    && entry.registered.authority == Some(authority)
                    && entry.created_at < before
            });
            Ok(pending.map(|(id, _)| *id).take(limit).collect())
        })
        .await
    }

    async fn discard(&self, id: CertificateId) -> Result<bool, PortFailure> {
        self.step("registry.discard", |state| {
            match state.certificates.get(&id) {
                None => return Ok(false),
                Some(entry) if entry.registered.status != RegisteredStatus::Pending => {
                    return Ok(false);
                }
                Some(entry) if entry.owner.is_some() => {
                    let kind = FailureKind::Misconfigured;
                    return Err(refused("delete", kind, "it is attached to a thing"));
                }
                Some(_) => {}
            }
            Ok(state.certificates.remove(&id).is_some())
        })
        .await
    }
}

impl Certificates for MemoryRegistry {
    async fn retire(&self, thing: &ThingName, id: CertificateId) -> Result<(), PortFailure> {
        self.step("certificates.retire", |state| {
            let Some(entry) = state.certificates.get_mut(&id) else {
                return Ok(());
            };
            entry.registered.status = RegisteredStatus::OutOfUse;
            if entry.owner.as_ref().is_some_and(|owner| owner != thing) {
                let kind = FailureKind::Unavailable;
                return Err(refused("retire", kind, "it is attached to another thing"));
            }
            state.certificates.remove(&id);
            Ok(())
        })
        .await
    }
}

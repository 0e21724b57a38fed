//! The function and the confirmer on one set of fakes, and AWS IoT between them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use enrolment_confirmer::handler::Handler as Confirmer;
use jit_registration::{answer::Answer, handler::Handler};
use sci_domain::{
    admission::{
        AdmissionStore as _, Entry, RegisteredStatus, RegistrationBudget as _, SerialNumber,
        audit::{Fact, Happened, verify},
    },
    timestamp::{Millis, Timestamp},
};
use sci_lambda::Handle as _;
use testkit::{
    Faults, MemoryAdmissionStore, MemoryOperators, MemoryRefusedMessages, MemoryRegistry,
    event_files,
    just_in_time::{EVENTS_PER_HOUR, authority, certificate, entries, introducers, registry},
    killed,
    onboarding::import_all,
};

pub(crate) const SWEEP: &str = r#"{"type":"sweep"}"#;
pub(crate) const NAME: &str = "jit-registration";

/// When the devices of the files connected.
pub(crate) const START: u64 = 1_795_184_580_000;

pub(crate) type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// Both functions, and what they work on.
pub(crate) struct World {
    pub(crate) store: MemoryAdmissionStore,
    pub(crate) registry: MemoryRegistry,
    pub(crate) refused: MemoryRefusedMessages,
    pub(crate) faults: Faults,
    pub(crate) function:
        Handler<MemoryAdmissionStore, MemoryRegistry, MemoryRefusedMessages, Clock>,
    pub(crate) confirmer: Confirmer<
        MemoryAdmissionStore,
        MemoryRegistry,
        MemoryOperators,
        MemoryRefusedMessages,
        Clock,
    >,
    now: Arc<AtomicU64>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let faults = Faults::default();
        let now = Arc::new(AtomicU64::new(START));
        let clock = || -> Clock {
            let now = Arc::clone(&now);
            Box::new(move || Timestamp::from_millis(now.load(Ordering::SeqCst)).unwrap())
        };
        let start = Timestamp::from_millis(START).unwrap();
        let store = MemoryAdmissionStore::new(faults.clone());
        import_all(&store, entries(start), start).await;
        for introducer in introducers() {
            store.write_introducer(introducer);
        }
        let flooded = authority("flooded");
        for _ in 0..EVENTS_PER_HOUR {
            let spent = store.spend(flooded, EVENTS_PER_HOUR, start).await;
            assert!(spent.unwrap());
        }
        let registry = registry(faults.clone(), start);
        let refused = MemoryRefusedMessages::new(faults.clone());
        faults.forget_calls();
        Self {
            function: Handler {
                store: store.clone(),
                registry: registry.clone(),
                refused: refused.clone(),
                clock: clock(),
                events_per_hour: EVENTS_PER_HOUR,
                pending_for: Millis::from_secs(7 * 86_400),
            },
            confirmer: Confirmer {
                store: store.clone(),
                certificates: registry.clone(),
                operators: MemoryOperators::new(faults.clone()),
                refused: refused.clone(),
                clock: clock(),
            },
            store,
            registry,
            refused,
            faults,
            now,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn pass(&self, span: Millis) {
        self.now.fetch_add(span.as_millis(), Ordering::SeqCst);
    }

    /// Lambda's asynchronous invocation: three tries.
    pub(crate) async fn retried(&self, event: &str) -> Option<Answer> {
        for _ in 0..3 {
            if let Some(Ok(answer)) = killed(self.function.handle(event)).await {
                return Some(answer);
            }
        }
        None
    }

    /// The event that AWS IoT sends for the certificate of a file.
    pub(crate) async fn deliver(&self, file: &str) -> Option<Answer> {
        let event = event_files::event(NAME, &format!("{file}.json"));
        self.retried(&event).await
    }

    pub(crate) fn entry(&self, serial: &str) -> Entry {
        let serial = SerialNumber::parse(serial).unwrap();
        let mut entries = self.store.entries().into_iter();
        entries.find(|entry| entry.serial == serial).unwrap()
    }

    /// The certificate of a file is the only one of one whole thing, and of nothing else, if it is active.
    pub(crate) fn is_whole(&self, file: &str, thing: &str, case: &str) {
        let standing = self.registry.standing(certificate(file)).unwrap();
        assert_eq!(standing.status, RegisteredStatus::Active, "{case}");
        let (owner, attributes) = standing.owner.unwrap();
        assert_eq!(owner.as_str(), thing, "{case}");
        assert!(attributes.in_fleet, "{case}");
        assert_eq!(attributes.thing_type, "SCI-Environmental-Sensor", "{case}");
        let (_, serial) = thing.rsplit_once('-').unwrap();
        assert_eq!(attributes.attributes, ["property-001", serial], "{case}");
        assert_eq!(self.registry.things().len(), 1, "{case}");
    }

    /// Whatever happened so far: nothing is active that is not a thing's of the fleet.
    pub(crate) fn nothing_is_active_too_early(&self, file: &str, case: &str) {
        if let Some(standing) = self.registry.standing(certificate(file))
            && standing.status == RegisteredStatus::Active
        {
            let owner = standing.owner;
            assert!(owner.is_some_and(|(_, thing)| thing.in_fleet), "{case}");
        }
    }

    /// What every chain tells beyond the imports; every chain is whole.
    pub(crate) async fn facts(&self) -> Vec<(String, Fact)> {
        let records = self.store.records();
        let subjects: BTreeSet<_> = records
            .iter()
            .map(|record| record.subject.clone())
            .collect();
        let mut told = Vec::new();
        for subject in subjects {
            let (records, head) = self.store.history(&subject).await.unwrap();
            let facts = verify(&subject, &records, head).unwrap().into_iter();
            let facts = facts.filter(|fact| fact.happened != Happened::Imported);
            told.extend(facts.map(|fact| (subject.to_string(), fact)));
        }
        told
    }
}

//! The hook and the confirmer on one set of fakes, and AWS IoT between them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use enrolment_confirmer::handler::Handler as Confirmer;
use provisioning_hook::handler::Handler as Hook;
use sci_certificates::TemplateName;
use sci_domain::{
    admission::{
        AdmissionStore as _, CertificateId, Entry, SerialNumber,
        audit::{Fact, Happened, verify},
    },
    thing::ThingName,
    timestamp::{Millis, Timestamp},
};
use serde_json::json;
use testkit::{
    Faults, MemoryAdmissionStore, MemoryCertificates, MemoryOperators, MemoryRefusedMessages,
    onboarding::{TEMPLATE, import, introducers},
};

/// When the files of `events` were sent.
pub(crate) const START: u64 = 1_795_184_580_000;

type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// Both functions, and what they work on.
pub(crate) struct World {
    pub(crate) store: MemoryAdmissionStore,
    pub(crate) certificates: MemoryCertificates,
    pub(crate) operators: MemoryOperators,
    pub(crate) refused: MemoryRefusedMessages,
    pub(crate) faults: Faults,
    pub(crate) hook: Hook<MemoryAdmissionStore, Clock>,
    pub(crate) confirmer: Confirmer<
        MemoryAdmissionStore,
        MemoryCertificates,
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
        let store = MemoryAdmissionStore::new(faults.clone());
        import(&store, Timestamp::from_millis(START).unwrap()).await;
        for introducer in introducers() {
            store.write_introducer(introducer);
        }
        let certificates = MemoryCertificates::new(faults.clone());
        let operators = MemoryOperators::new(faults.clone());
        let refused = MemoryRefusedMessages::new(faults.clone());
        faults.forget_calls();
        Self {
            hook: Hook {
                template: TemplateName::parse(TEMPLATE).unwrap(),
                store: store.clone(),
                clock: clock(),
            },
            confirmer: Confirmer {
                store: store.clone(),
                certificates: certificates.clone(),
                operators: operators.clone(),
                refused: refused.clone(),
                clock: clock(),
            },
            store,
            certificates,
            operators,
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

    pub(crate) fn entry(&self, serial: &str) -> Entry {
        let serial = SerialNumber::parse(serial).unwrap();
        let entries = self.store.entries();
        entries
            .into_iter()
            .find(|entry| entry.serial == serial)
            .unwrap()
    }

    pub(crate) fn commit(&self, thing: &ThingName, certificate: CertificateId) -> String {
        json!({
            "type": "commit", "thing": thing, "client_id": thing,
            "principal": certificate.to_string(), "received_at": self.now().as_millis(),
        })
        .to_string()
    }

    /// What every chain tells beyond the imports; every chain is whole.
    pub(crate) async fn facts(&self) -> Vec<Fact> {
        let records = self.store.records();
        let subjects: BTreeSet<_> = records
            .iter()
            .map(|record| record.subject.clone())
            .collect();
        let mut told = Vec::new();
        for subject in subjects {
            let (records, head) = self.store.history(&subject).await.unwrap();
            let facts = verify(&subject, &records, head).unwrap().into_iter();
            told.extend(facts.filter(|fact| fact.happened != Happened::Imported));
        }
        told
    }
}

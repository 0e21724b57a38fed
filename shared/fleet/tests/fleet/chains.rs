//! Histories and their verification, also of chains that somebody laid hands on.

use sci_domain::{
    admission::{
        AdmissionStore, Command, Commit, Committed, Device, Digest, IntroducerId, Loaded,
        SerialNumber, Subject, Word,
        audit::{Head, Record, hashed},
        upkeep::{Commanded, command},
    },
    ports::{FailureKind, PortFailure},
    timestamp::Timestamp,
};
use sci_fleet::{
    history, text,
    verify::{Subjects, Verified, verify},
};
use testkit::{Faults, MemoryAdmissionStore, onboarding};

use crate::world::{NoWait, devices, import, never, now};

/// A store of which somebody laid hands on the chains of devices.
struct Altered<F>(MemoryAdmissionStore, F);

impl<F: Fn(&mut Vec<Record>, &mut Head) + Sync> AdmissionStore for Altered<F> {
    async fn load(
        &self,
        serial: Option<&SerialNumber>,
        introducer: IntroducerId,
    ) -> Result<Loaded, PortFailure> {
        self.0.load(serial, introducer).await
    }

    async fn device(&self, serial: &SerialNumber) -> Result<Option<Device>, PortFailure> {
        self.0.device(serial).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, PortFailure> {
        self.0.commit(commit).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<SerialNumber>, PortFailure> {
        self.0.due(now, limit).await
    }

    async fn history(&self, subject: &Subject) -> Result<(Vec<Record>, Head), PortFailure> {
        let (mut records, mut head) = self.0.history(subject).await?;
        (self.1)(&mut records, &mut head);
        Ok((records, head))
    }
}

/// The devices of the files, with two commands of an operator for 0042.
async fn store(faults: Faults) -> MemoryAdmissionStore {
    let store = MemoryAdmissionStore::new(faults);
    onboarding::import(&store, now()).await;
    let by = Word {
        at: now(),
        by: "ada\u{1b}[2J".to_owned(),
    };
    for what in [Command::Quarantine, Command::Release] {
        let done = command(&store, &serial("0042"), what, &by).await.unwrap();
        assert_eq!(done, Commanded::Done);
    }
    store
}

fn serial(text: &str) -> SerialNumber {
    SerialNumber::parse(text).unwrap()
}

#[tokio::test]
async fn a_history_is_a_table_with_the_present_below() {
    let store = store(Faults::default()).await;
    let history = history::read(&store, &serial("0042")).await.unwrap();
    let told = text::history(&history.unwrap());
    let expected = "\
#  time                      what       reason      certificate  introducer  by
1  2026-06-15T12:00:00.000Z  imported                                        import
2  2026-06-15T12:00:00.000Z  commanded  quarantine                           ada?[2J
3  2026-06-15T12:00:00.000Z  commanded  release                              ada?[2J

state        allowed
thing        sci-property-001-environmental-0042
batch        2026-11
voucher      with a secret of its own
";
    assert_eq!(told, expected);
    let history = history::read(&store, &serial("9999")).await.unwrap();
    assert!(history.is_none());
}

#[tokio::test]
async fn the_present_tells_leases_and_cases() {
    let store = store(Faults::default()).await;
    let told = async |number| {
        let history = history::read(&store, &serial(number)).await.unwrap();
        text::history(&history.unwrap())
    };
    let leased = told("0045").await;
    let lease = "lease        certificate 5c82de195ce5, key 9c8044c2f4f3, since 2026-06-15T12:00:00.000Z until 2026-06-15T12:15:00.000Z\n";
    assert!(leased.contains(lease), "{leased}");
    let decided = told("0050").await;
    assert!(
        decided.contains("\nsecond key   certificate ee976b235f3f, key 8c5a689b991e, since"),
        "{decided}"
    );
    assert!(
        decided.contains("\ndecided      keep by operator\n"),
        "{decided}"
    );
    let blocked = told("0047").await;
    assert!(
        blocked.contains("\nstate        blocked since 2026-06-15T12:00:00.000Z by operator\n"),
        "{blocked}"
    );
}

#[tokio::test]
async fn a_broken_chain_says_so_first_and_tells_the_rest() {
    type Change = fn(&mut Vec<Record>, &mut Head);
    let changes: [(&str, Change); 6] = [
        ("record 2 was altered", |records, _| {
            records[1].text = "gone".to_owned();
        }),
        ("record 3 does not follow", |records, _| {
            records[1].text = records[1].text.replace("quarantine", "nothing");
            records[1].hash = hashed(&records[1].text);
        }),
        ("record 3 does not follow", |records, _| {
            drop(records.remove(1))
        }),
        (
            "the chain has 2 records and its head says 3",
            |records, _| {
                drop(records.pop());
            },
        ),
        // Whoever may write the table can set a chain back to an earlier end; the device tells that there was more.
        (
            "the device is at version 3 and its chain has 2 records",
            |records, head| {
                records.pop();
                *head = records[1].head();
            },
        ),
        (
            "the device is at version 3 and its chain has 0 records",
            |records, head| {
                records.clear();
                *head = Head::EMPTY;
            },
        ),
    ];
    for (flaw, change) in changes {
        let store = Altered(store(Faults::default()).await, change);
        let history = history::read(&store, &serial("0042")).await.unwrap();
        let history = history.unwrap();
        let told = text::history(&history);
        let first = format!("THE CHAIN OF 0042 IS BROKEN: {flaw}");
        assert!(told.starts_with(&first), "{told}");
        assert!(told.ends_with("with a secret of its own\n"), "{told}");
        let readable = history.records.iter().filter(|line| line.fact.is_some());
        let gone = usize::from(told.contains("cannot be read\n"));
        assert_eq!(readable.count() + gone, history.records.len());
        let json = serde_json::to_value(&history).unwrap();
        assert!(json["flaw"].as_str().unwrap().starts_with(flaw), "{json}");
    }
}

async fn verified(store: &impl AdmissionStore, subjects: &Subjects) -> Verified {
    let pace = NoWait::default();
    verify(store, &pace, &never(), subjects, |_| {}).await
}

/// All devices with their versions, as a scan finds them.
fn subjects(store: &MemoryAdmissionStore) -> Subjects {
    let entries = store.entries().into_iter();
    entries
        .map(|entry| (Subject::device(&entry.serial), Some(entry.version)))
        .collect()
}

#[tokio::test]
async fn whole_chains_are_counted_and_broken_ones_named() {
    let store = store(Faults::default()).await;
    let subjects = subjects(&store);
    let whole = verified(&store, &subjects).await;
    let records = store.records().len() as u64;
    assert_eq!((whole.chains, whole.records), (11, records));
    assert!(whole.is_complete());
    assert_eq!(
        whole.to_string(),
        "11 chains with 13 records checked, none broken\n"
    );
    let altered = Altered(store, |records: &mut Vec<Record>, _: &mut Head| {
        if records[0].subject.as_str() == "serial#0045" {
            records[0].hash = Digest::from_bytes([7; 32]);
        }
    });
    let broken = verified(&altered, &subjects).await;
    assert_eq!(
        broken.to_string(),
        "BROKEN: 1 chain\n  serial#0045: record 1 was altered\n11 chains with 13 records checked\n"
    );
}

/// A device on the list without any chain, and a name that says nothing to anybody.
#[tokio::test]
async fn a_chain_that_is_gone_is_broken_and_an_unknown_one_is_not_whole() {
    let store = MemoryAdmissionStore::default();
    import(&store, "ada", &devices(1)).await;
    let gone = Altered(store, |records: &mut Vec<Record>, head: &mut Head| {
        records.clear();
        *head = Head::EMPTY;
    });
    let device = Subject::device(&serial("0001"));
    let found = verified(&gone, &[(device.clone(), Some(1))].into()).await;
    assert_eq!((found.broken.count, found.failed.count), (1, 0));
    let found = verified(&gone, &[(device, None)].into()).await;
    assert_eq!((found.broken.count, found.failed.count), (0, 1));
    assert!(!found.is_complete());
}

#[tokio::test]
async fn a_store_that_fails_now_and_then_is_asked_again_and_one_that_is_down_is_told() {
    let faults = Faults::default();
    let store = store(faults.clone()).await;
    let subjects = subjects(&store);
    faults.at_random(300, 7);
    let found = verified(&store, &subjects).await;
    assert!(found.is_complete(), "{found}");
    faults.heal();
    faults.take_down("admission.history", FailureKind::Misconfigured);
    let found = verified(&store, &subjects).await;
    assert_eq!((found.chains, found.failed.count), (0, 11));
    let told = found.to_string();
    assert!(
        told.starts_with("not read: 11 chains\n  serial#0042: failed to"),
        "{told}"
    );
}

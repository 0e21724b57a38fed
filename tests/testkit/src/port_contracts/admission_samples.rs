//! Entries, introducers and records for the contract of the admission's store.

use sci_domain::{
    admission::{
        AdmissionStore, BatchId, BatchPolicy, Case, CertificateId, Charge, Commit, Committed,
        Decision, DeviceKind, DeviceSecret, Enrolment, Entry, Introducer, IntroducerId,
        KeyFingerprint, Lease, Placement, Quota, Reprovisioning, Retry, SerialNumber, State,
        Subject, Used, Verdict, Word,
        audit::{self, Fact, Happened, Head, Record},
    },
    thing::PropertyId,
    timestamp::{Millis, Timestamp},
};

pub(super) fn certificate(name: &str) -> CertificateId {
    CertificateId::from_bytes(*audit::hashed(&format!("certificate {name}")).as_bytes())
}

fn key(name: &str) -> KeyFingerprint {
    KeyFingerprint::from_bytes(*audit::hashed(&format!("key {name}")).as_bytes())
}

pub(super) fn claim(name: &str) -> IntroducerId {
    IntroducerId::Claim(certificate(name))
}

/// The first version of an entry at rest.
pub(super) fn entry(name: &str) -> Entry {
    Entry {
        serial: SerialNumber::parse(format!("contract_{name}")).unwrap(),
        placement: Placement {
            property: PropertyId::parse("contracts").unwrap(),
            kind: DeviceKind::Environmental,
        },
        batch: BatchId::parse("contracts-1").unwrap(),
        secret: None,
        state: State::Allowed,
        retiring: Vec::new(),
        retry: None,
        version: 1,
    }
}

/// The version after `entry`, in `state`.
pub(super) fn next(entry: &Entry, state: State) -> Entry {
    Entry {
        state,
        version: entry.version + 1,
        ..entry.clone()
    }
}

pub(super) fn lease(name: &str, since: Timestamp, replaces: Option<Enrolment>) -> Lease {
    Lease {
        certificate: certificate(name),
        key: key(name),
        introducer: claim(name),
        since,
        expires_at: since.plus(Millis::from_secs(600)),
        replaces,
    }
}

pub(super) fn enrolment(name: &str, since: Timestamp, case: Option<Case>) -> Enrolment {
    Enrolment {
        certificate: certificate(name),
        key: key(name),
        introducer: IntroducerId::Authority(certificate("authority")),
        since,
        case,
    }
}

/// A case of which nobody was told.
pub(super) fn case(name: &str, opened_at: Timestamp) -> Case {
    Case {
        key: key(name),
        certificate: certificate(name),
        introducer: claim(name),
        opened_at,
        decision: None,
        notified_at: None,
    }
}

fn word(at: Timestamp) -> Word {
    Word {
        at,
        by: "operator \"Zoë\"".to_owned(),
    }
}

/// Entries in every state, with and without each optional part; all of them version 1 of the same device.
pub(super) fn every_entry(day: Timestamp) -> Vec<Entry> {
    let decided = |verdict| Case {
        decision: Some(Decision {
            verdict,
            by: word(day),
        }),
        notified_at: Some(day),
        ..case("other", day)
    };
    let states = [
        State::Allowed,
        State::Leased(lease("new", day, None)),
        State::Leased(lease("new", day, Some(enrolment("old", day, None)))),
        State::Enrolled(enrolment("old", day, None)),
        State::Enrolled(enrolment("old", day, Some(case("other", day)))),
        State::Enrolled(enrolment("old", day, Some(decided(Verdict::Keep)))),
        State::Enrolled(enrolment("old", day, Some(decided(Verdict::Replace)))),
        State::Quarantined {
            by: word(day),
            live: None,
        },
        State::Quarantined {
            by: word(day),
            live: Some(enrolment("old", day, Some(case("other", day)))),
        },
        State::Blocked { by: word(day) },
    ];
    let bytes: Vec<u8> = (0..=255).collect();
    let mut retiring: Vec<_> = ["a", "b", "c", "d"].map(certificate).into();
    retiring.sort_unstable();
    let parts = [(None, vec![]), (Some(&bytes[224..]), retiring)];
    let with = |state: &State, (secret, retiring): &(Option<&[u8]>, Vec<_>)| Entry {
        secret: secret.map(|secret| DeviceSecret::new(secret).unwrap()),
        state: state.clone(),
        retiring: retiring.clone(),
        retry: Some(Retry {
            failures: 3,
            at: day.plus(Millis::from_secs(480)),
        }),
        ..entry("states")
    };
    let entries = states
        .iter()
        .flat_map(|state| parts.iter().map(move |parts| with(state, parts)));
    let mut entries: Vec<_> = entries.collect();
    for (entry, kind) in entries.iter_mut().zip(DeviceKind::ALL) {
        entry.placement.kind = kind;
    }
    entries
}

/// An introducer that was never used, with room for 100 leases, 3 of them in a minute.
pub(super) fn introducer(id: IntroducerId, day: Timestamp) -> Introducer {
    Introducer {
        id,
        batch: BatchId::parse("contracts-1").unwrap(),
        suspended: false,
        expires_at: day.plus(Millis::from_secs(86_400)),
        policy: BatchPolicy {
            voucher_required: true,
            reprovisioning: Reprovisioning::Refuse,
            lease: Millis::from_secs(600),
        },
        factory_key: None,
        quota: Quota {
            total: 100,
            per_minute: 3,
        },
        used: Used::default(),
    }
}

/// The `nth` lease of `introducer` in `minute`.
pub(super) fn charge(introducer: &Introducer, minute: u64, nth: u64) -> Charge {
    Charge {
        introducer: introducer.id,
        used: Used {
            total: introducer.used.total + 1,
            minute,
            in_minute: nth,
        },
        quota: introducer.quota,
    }
}

/// The record that follows `head` and tells of `certificate`.
pub(super) fn record(subject: &Subject, head: Head, certificate: CertificateId) -> Record {
    let fact = Fact {
        at: Timestamp::default(),
        happened: Happened::Admitted,
        reason: String::new(),
        serial: None,
        introducer: None,
        certificate: Some(certificate),
        key: None,
        client: None,
        by: None,
    };
    audit::append(subject, head, fact).unwrap()
}

/// Commits `entry` with the record that its chain needs next.
pub(super) async fn commit<S: AdmissionStore>(
    store: &S,
    entry: &Entry,
    charge: Option<Charge>,
) -> Committed {
    let subject = Subject::device(&entry.serial);
    let (_, head) = store.history(&subject).await.unwrap();
    let record = record(&subject, head, certificate("any"));
    let commit = Commit {
        entry: Some(entry),
        charge,
        record: &record,
    };
    store.commit(commit).await.unwrap()
}

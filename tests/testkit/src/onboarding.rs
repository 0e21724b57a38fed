//! The allow-list and the introducers to which the files of `events/provisioning-hook` belong. Secrets and keys are made of
//! their names: they are known to everybody, and used nowhere else.

use aws_lc_rs::digest::{SHA256, digest};
use sci_domain::{
    admission::{
        AdmissionStore, BatchId, BatchPolicy, Case, CertificateId, Commit, Committed, Decision,
        DeviceKind, DeviceSecret, Enrolment, Entry, Introducer, IntroducerId, KeyFingerprint,
        Lease, Placement, Quota, Reprovisioning, SerialNumber, State, Subject, Used, Verdict, Word,
        audit::{Fact, Happened, Head, append},
    },
    thing::PropertyId,
    timestamp::{Millis, Timestamp},
};

/// The provisioning template of the files.
pub const TEMPLATE: &str = "SCI-Property-Device-Template-dev";

/// The public key of the test factory.
pub const FACTORY_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEK9QK692mMM2iSzip/JfWtqOSEv6C
CuUOSDBnBALaNBwgM/EOUAhDHPp6adBUDq2b34aCH6fP/eb5yLyg/Gc2jg==
-----END PUBLIC KEY-----
";

/// The time until which a device of the world has to come back.
pub const LEASE: Millis = Millis::from_secs(900);

fn sha256(text: &str) -> [u8; 32] {
    digest(&SHA256, text.as_bytes())
        .as_ref()
        .try_into()
        .unwrap()
}

/// The secret that the device of `serial` signs its voucher with.
#[must_use]
pub fn secret(serial: &str) -> DeviceSecret {
    DeviceSecret::new(sha256(&format!("test secret of {serial}"))).unwrap()
}

/// The claim certificate of a batch.
#[must_use]
pub fn claim(name: &str) -> IntroducerId {
    IntroducerId::Claim(CertificateId::from_bytes(sha256(&format!("claim {name}"))))
}

/// A line of the allow-list as it is imported.
#[must_use]
pub fn entry(serial: &str, batch: &str) -> Entry {
    Entry {
        serial: SerialNumber::parse(serial).unwrap(),
        placement: Placement {
            property: PropertyId::parse("property-001").unwrap(),
            kind: DeviceKind::Environmental,
        },
        batch: BatchId::parse(batch).unwrap(),
        secret: Some(secret(serial)),
        state: State::Allowed,
        retiring: Vec::new(),
        retry: None,
        version: 1,
    }
}

/// The claim certificate of a batch whose devices have secrets, and need them.
#[must_use]
pub fn introducer(name: &str, batch: &str) -> Introducer {
    Introducer {
        id: claim(name),
        batch: BatchId::parse(batch).unwrap(),
        suspended: false,
        // 2040-01-01
        expires_at: Timestamp::from_millis(2_208_988_800_000).unwrap(),
        policy: BatchPolicy {
            voucher_required: true,
            reprovisioning: Reprovisioning::Refuse,
            lease: LEASE,
        },
        factory_key: None,
        quota: Quota {
            total: 1000,
            per_minute: 600,
        },
        used: Used::default(),
    }
}

/// All claim certificates of the files.
#[must_use]
pub fn introducers() -> Vec<Introducer> {
    let mut pilot = introducer("pilot", "pilot");
    pilot.policy.voucher_required = false;
    let mut factory = introducer("factory", "factory");
    factory.factory_key = Some(FACTORY_KEY.to_owned());
    let mut suspended = introducer("suspended", "2026-11");
    suspended.suspended = true;
    let mut expired = introducer("expired", "2026-11");
    expired.expires_at = Timestamp::from_millis(1_000).unwrap();
    let mut spent = introducer("spent", "spent");
    spent.policy.voucher_required = false;
    spent.used.total = spent.quota.total;
    let first = introducer("2026-11", "2026-11");
    vec![first, pilot, factory, suspended, expired, spent]
}

/// All devices of the files as they stand at `now`.
#[must_use]
pub fn entries(now: Timestamp) -> Vec<Entry> {
    let other = |name: &str| {
        let key = KeyFingerprint::from_bytes(sha256(&format!("another key of {name}")));
        let certificate = CertificateId::from_bytes(sha256(&format!("another of {name}")));
        (certificate, key)
    };
    let leased = |serial: &str, (certificate, key)| {
        let state = State::Leased(Lease {
            certificate,
            key,
            introducer: claim("2026-11"),
            since: now,
            expires_at: now.plus(LEASE),
            replaces: None,
        });
        Entry {
            state,
            ..entry(serial, "2026-11")
        }
    };
    let enrolled = |serial: &str, batch: &str, (certificate, key), case| Entry {
        state: State::Enrolled(Enrolment {
            certificate,
            key,
            introducer: claim(batch),
            since: now,
            case,
        }),
        ..entry(serial, batch)
    };
    let by = Word {
        at: now,
        by: "operator".to_owned(),
    };
    // What the files hold: see the certificates in them.
    let hex = |id: &str| CertificateId::parse(id).unwrap();
    let key = |id: &str| KeyFingerprint::parse(id).unwrap();
    let retried = (
        hex("5c82de195ce503c7faf9a8aa495e520c52ec4702f995f44446fa82af40ff88b7"),
        key("9c8044c2f4f3ccdfcea536334283036b97b9d2482d0aff342ed4488f854bd8b4"),
    );
    let refused = Case {
        key: key("8c5a689b991e915fb5f21da6cf65e0d58b3ef0b82191cef553a156f1d48b1f31"),
        certificate: hex("ee976b235f3f80f27286f5ed1211b0aa3d026036d030985f150dba2645b0feb5"),
        introducer: claim("2026-11"),
        opened_at: now,
        decision: Some(Decision {
            verdict: Verdict::Keep,
            by: by.clone(),
        }),
        notified_at: Some(now),
    };
    let renewed = (
        other("0051").0,
        key("4ba9ea4134c3e4d2d506a1a1d1bfe19bde0a93b9dda2835be0d6230881c6dd0f"),
    );
    let without_secret = |entry: Entry| Entry {
        secret: None,
        ..entry
    };
    vec![
        entry("0042", "2026-11"),
        without_secret(entry("0043", "pilot")),
        leased("0044", other("0044")),
        leased("0045", retried),
        without_secret(enrolled("0046", "pilot", other("0046"), None)),
        Entry {
            state: State::Blocked { by: by.clone() },
            ..entry("0047", "2026-11")
        },
        Entry {
            state: State::Quarantined { by, live: None },
            ..entry("0048", "2026-11")
        },
        without_secret(entry("0049", "factory")),
        enrolled("0050", "2026-11", other("0050"), Some(refused)),
        without_secret(enrolled("0051", "pilot", renewed, None)),
        without_secret(entry("0052", "spent")),
    ]
}

/// Puts all devices of the files on the allow-list.
pub async fn import(store: &impl AdmissionStore, now: Timestamp) {
    import_all(store, entries(now), now).await;
}

/// Puts devices on the allow-list, as an import does.
pub async fn import_all(store: &impl AdmissionStore, entries: Vec<Entry>, now: Timestamp) {
    for entry in entries {
        let fact = Fact {
            at: now,
            happened: Happened::Imported,
            reason: String::new(),
            serial: Some(entry.serial.clone()),
            introducer: None,
            certificate: None,
            key: None,
            client: None,
            by: Some("import".to_owned()),
        };
        let record = append(&Subject::device(&entry.serial), Head::EMPTY, fact).unwrap();
        let commit = Commit {
            entry: Some(&entry),
            charge: None,
            record: &record,
        };
        assert_eq!(store.commit(commit).await.unwrap(), Committed::Written);
    }
}

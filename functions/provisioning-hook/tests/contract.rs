//! Every file of `events/provisioning-hook` on fakes; what is written of it; and what no store can make it do.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::BTreeSet;

use futures_util::future::join_all;
use proptest::prelude::*;
use provisioning_hook::{
    handler::{Handler, LIMIT},
    run::answer,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, date_time_ymd};
use sci_certificates::TemplateName;
use sci_domain::{
    admission::{
        AdmissionStore, Reason, SerialNumber, State, Subject,
        audit::{Happened, verify},
    },
    ports::FailureKind,
    timestamp::Timestamp,
};
use serde_json::{Value, json};
use testkit::{
    Fault, Faults, MemoryAdmissionStore, When, event_files,
    log_scan::LogScan,
    onboarding::{self, TEMPLATE, import, introducers},
};

const NAME: &str = "provisioning-hook";

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_184_580_000).unwrap()
}

struct World {
    store: MemoryAdmissionStore,
    faults: Faults,
    handler: Handler<MemoryAdmissionStore, fn() -> Timestamp>,
}

async fn world() -> World {
    let faults = Faults::default();
    let store = MemoryAdmissionStore::new(faults.clone());
    import(&store, now()).await;
    for introducer in introducers() {
        store.write_introducer(introducer);
    }
    faults.forget_calls();
    let handler = Handler {
        template: TemplateName::parse(TEMPLATE).unwrap(),
        store: store.clone(),
        clock: now as fn() -> Timestamp,
    };
    World {
        store,
        faults,
        handler,
    }
}

impl World {
    /// The answer, and the reason that is counted.
    async fn ask(&self, event: &str) -> (Value, Option<String>) {
        let (answer, counts) = answer(&self.handler, event).await;
        let counts = format!("{counts:?}");
        let reason = Reason::ALL
            .iter()
            .find(|reason| counts.contains(&format!("\"{}\"", reason.code())));
        let reason = reason.map(|reason| reason.code().to_owned());
        (serde_json::to_value(answer).unwrap(), reason)
    }

    async fn ask_file(&self, file: &str) -> (Value, Option<String>) {
        self.ask(&event_files::event(NAME, file)).await
    }

    fn state(&self, serial: &str) -> State {
        let serial = SerialNumber::parse(serial).unwrap();
        let entries = self.store.entries();
        let entry = entries.iter().find(|entry| entry.serial == serial);
        entry.unwrap().state.clone()
    }

    /// What the chains hold beyond the imports; every chain is whole.
    async fn decisions(&self) -> Vec<(String, Happened, String)> {
        let records = self.store.records();
        let subjects: BTreeSet<_> = records
            .iter()
            .map(|record| record.subject.clone())
            .collect();
        let mut decisions = Vec::new();
        for subject in subjects {
            let (records, head) = self.store.history(&subject).await.unwrap();
            for fact in verify(&subject, &records, head).unwrap() {
                if fact.happened != Happened::Imported {
                    decisions.push((subject.to_string(), fact.happened, fact.reason));
                }
            }
        }
        decisions
    }
}

/// The file's name without `.json`, and what it promises.
fn promised(file: &str) -> (bool, Option<&str>) {
    let stem = file.strip_suffix(".json").unwrap();
    match stem.strip_prefix("deny-") {
        Some(reason) => (false, Some(reason.split("--").next().unwrap())),
        None => {
            assert!(stem.starts_with("allow-"), "{file}");
            (true, None)
        }
    }
}

fn files() -> Vec<String> {
    let rows = event_files::rows(NAME);
    rows.iter()
        .map(|row| row.split('`').nth(1).unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_file_is_decided_as_its_name_says() {
    for file in files() {
        let world = world().await;
        let logs = LogScan::start();
        let (answer, reason) = world.ask_file(&file).await;
        let (allowed, expected) = promised(&file);
        assert_eq!(answer["allowProvisioning"], allowed, "{file}: {reason:?}");
        assert_eq!(reason.as_deref(), expected, "{file}");
        if !allowed {
            // One refusal, whatever the reason.
            assert_eq!(
                answer,
                json!({"allowProvisioning": false, "parameterOverrides": {}})
            );
        }
        let voucher = event_files::event(NAME, &file);
        let voucher = voucher
            .split("\"v1.")
            .nth(1)
            .map(|text| text.split('"').next().unwrap());
        logs.assert_clean(&voucher.into_iter().collect::<Vec<_>>());
        // At most one read and one write.
        let calls = world.faults.calls();
        assert!(calls.len() <= 2, "{file}: {calls:?}");
        let decisions = world.decisions().await;
        if expected == Some("malformed-request") {
            assert!(decisions.len() <= 1, "{file}: {decisions:?}");
        } else {
            let [(_, happened, why)] = &decisions[..] else {
                panic!("{file}: {decisions:?}")
            };
            let is = if allowed {
                Happened::Admitted
            } else {
                Happened::Denied
            };
            assert_eq!(
                (*happened, why.as_str()),
                (is, expected.unwrap_or("")),
                "{file}"
            );
        }
    }
}

/// What time decides, and what is decided of CAs alone, has none.
#[test]
fn every_reason_has_a_file() {
    let files = files();
    let shown: BTreeSet<_> = files.iter().filter_map(|file| promised(file).1).collect();
    let missing: Vec<_> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .filter(|code| !shown.contains(code))
        .collect();
    assert_eq!(
        missing,
        [
            "too-fast",
            "budget-exhausted",
            "not-pending",
            "wrong-authority",
            "authority-not-valid",
            "conflict",
            "store-failed",
            "too-late"
        ]
    );
}

/// The reasons stand in the function's page as they stand in the code.
#[test]
fn the_page_explains_every_reason() {
    let page = include_str!("../README.md");
    let (_, section) = page.split_once("## Reasons").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows: Vec<_> = section.lines().filter(|l| l.starts_with("| `")).collect();
    let reasons = Reason::ALL.iter();
    let expected = reasons.map(|reason| format!("| `{reason}` | {} |", reason.meaning()));
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn the_server_decides_and_no_text_of_the_device_reaches_the_template() {
    let world = world().await;
    let mut event: Value =
        serde_json::from_str(&event_files::event(NAME, "allow-voucher.json")).unwrap();
    // Whatever else a device sends is AWS IoT's to ignore: the template declares no such parameter.
    event["parameters"]["ThingName"] = json!("sci-property-001-lock-0001");
    event["parameters"]["ThingGroups"] = json!("admins");
    let (answer, _) = world.ask(&event.to_string()).await;
    assert_eq!(
        answer,
        json!({
            "allowProvisioning": true,
            "parameterOverrides": {
                "ThingName": "sci-property-001-environmental-0042",
                "DeviceType": "SCI-Environmental-Sensor",
                "PropertyId": "property-001",
                "SerialNumber": "0042",
                "Voucher": "",
            },
        })
    );
}

#[tokio::test]
async fn a_store_that_fails_lets_nobody_in_and_burns_no_serial() {
    for nth in [0, 1] {
        for when in [When::BeforeEffect, When::AfterEffect] {
            for kind in [
                FailureKind::Throttled,
                FailureKind::Unavailable,
                FailureKind::Misconfigured,
            ] {
                let world = world().await;
                world.faults.plan(Fault { nth, kind, when });
                let (answer, reason) = world.ask_file("allow-voucher.json").await;
                assert_eq!(answer["allowProvisioning"], false, "{nth} {when:?}");
                assert_eq!(reason.as_deref(), Some("store-failed"));
                // The device asks again: written or not, it gets its lease.
                let (answer, _) = world.ask_file("allow-voucher.json").await;
                assert_eq!(answer["allowProvisioning"], true, "{nth} {when:?}");
                assert!(matches!(world.state("0042"), State::Leased(_)));
                world.decisions().await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_in_time_whatever_the_store_does() {
    for nth in [0, 1] {
        let world = world().await;
        let (kind, when) = (FailureKind::Unavailable, When::Killed);
        world.faults.plan(Fault { nth, kind, when });
        let began = tokio::time::Instant::now();
        let (answer, reason) = world.ask_file("allow-voucher.json").await;
        assert_eq!(began.elapsed().as_millis(), LIMIT.as_millis());
        assert_eq!(answer["allowProvisioning"], false);
        assert_eq!(reason.as_deref(), Some("too-late"));
        let (answer, _) = world.ask_file("allow-voucher.json").await;
        assert_eq!(answer["allowProvisioning"], true);
    }
}

/// The defect of a well-known sample: a module-level answer that stays "allow" after the first good device.
#[tokio::test]
async fn one_good_device_opens_no_door_for_the_next() {
    let world = world().await;
    for _ in 0..3 {
        assert_eq!(
            world.ask_file("allow-voucher.json").await.0["allowProvisioning"],
            true
        );
        for file in [
            "deny-unknown-serial.json",
            "deny-malformed-request--list.json",
        ] {
            assert_eq!(world.ask_file(file).await.0["allowProvisioning"], false);
        }
    }
}

fn certificate_of_a_new_key() -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = date_time_ymd(2026, 11, 20);
    params.not_after = date_time_ymd(2049, 12, 31);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

#[tokio::test]
async fn of_many_at_once_for_one_serial_one_wins() {
    let batch = event_files::event(NAME, "allow-no-voucher-wanted.json");
    let event: Value = serde_json::from_str(&batch).unwrap();
    // The same serial number, with a key of its own for each.
    let rivals: Vec<_> = (0..64)
        .map(|number| {
            let pem = certificate_of_a_new_key();
            let mut event = event.clone();
            event["certificateId"] = json!(format!("{number:064x}"));
            event["certificatePem"] = json!(pem);
            event.to_string()
        })
        .collect();
    for many in [2, 3, 8, 16, 64] {
        let rivals = &rivals[..many];
        let world = world().await;
        let world = &world;
        let asked = rivals.iter().map(|event| world.ask(event));
        let answers = join_all(asked).await;
        let winners: Vec<_> = answers
            .iter()
            .filter(|(answer, _)| answer["allowProvisioning"] == true)
            .collect();
        assert_eq!(winners.len(), 1, "{answers:?}");
        assert!(matches!(world.state("0043"), State::Leased(_)));
        world.decisions().await;
    }
}

/// 10,000 invented serial numbers: nothing on the allow-list changes, and no device's chain grows.
#[tokio::test]
async fn who_guesses_serial_numbers_changes_nothing() {
    let world = world().await;
    let before = world.store.entries();
    let file = event_files::event(NAME, "deny-unknown-serial.json");
    let mut event: Value = serde_json::from_str(&file).unwrap();
    for number in 0..1000 {
        event["parameters"]["SerialNumber"] = json!(format!("G{number}"));
        assert_eq!(
            world.ask(&event.to_string()).await.1.as_deref(),
            Some("unknown-serial")
        );
    }
    // A serial number that exists, without its voucher.
    for _ in 0..10 {
        world.ask_file("deny-voucher-missing.json").await;
        world
            .ask_file("deny-voucher-invalid--other-secret.json")
            .await;
    }
    assert_eq!(world.store.entries(), before);
    let serial = SerialNumber::parse("0042").unwrap();
    let (records, _) = world
        .store
        .history(&Subject::device(&serial))
        .await
        .unwrap();
    assert_eq!(records.len(), 1);
    let (answer, _) = world.ask_file("allow-voucher.json").await;
    assert_eq!(answer["allowProvisioning"], true);
    assert_eq!(onboarding::entries(now()).len(), before.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a device writes into its parameters: the answer holds only what the allow-list says.
    #[test]
    fn no_text_of_a_device_comes_back(
        texts in prop::collection::vec(("(SerialNumber|Voucher|PropertyId|DeviceType|ThingName|\\PC{0,20})", "\\PC{0,200}"), 0..6),
        client in prop::option::of("\\PC{0,200}"),
        voucher: bool,
    ) {
        let file = event_files::event(NAME, "allow-voucher.json");
        let mut event: Value = serde_json::from_str(&file).unwrap();
        if !voucher {
            event["parameters"]["Voucher"] = json!("");
        }
        for (name, text) in &texts {
            event["parameters"][name] = json!(text);
        }
        event["clientId"] = json!(client);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (answer, _) = runtime.block_on(async { world().await.ask(&event.to_string()).await });
        let refused = json!({"allowProvisioning": false, "parameterOverrides": {}});
        let admitted = json!({
            "allowProvisioning": true,
            "parameterOverrides": {
                "ThingName": "sci-property-001-environmental-0042",
                "DeviceType": "SCI-Environmental-Sensor",
                "PropertyId": "property-001",
                "SerialNumber": "0042",
                "Voucher": "",
            },
        });
        prop_assert!(answer == refused || (voucher && answer == admitted), "{answer}");
    }
}

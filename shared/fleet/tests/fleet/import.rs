//! Imports: once, again, broken off, by two at the same time, and on a store that fails.

use sci_domain::{
    admission::{
        AdmissionStore as _, Commit, DeviceKind, Entry, Subject,
        audit::{Fact, Happened, Head, append},
    },
    ports::FailureKind,
};
use sci_fleet::{
    import::{Import, Summary},
    manifest::Column,
    pace::Stop,
};
use testkit::{Fault, Faults, MemoryAdmissionStore, When, onboarding};
use tokio::sync::watch;

use crate::world::{NoWait, devices, import, importer, now, told};

/// Every device is there once as the manifest says, with one record, and nothing else is.
async fn assert_imported(store: &MemoryAdmissionStore, devices: &[Entry]) {
    assert_eq!(store.entries(), devices);
    for entry in devices {
        let facts = told(store, entry).await;
        assert_eq!(facts.len(), 1, "{}", entry.serial);
        assert_eq!(facts[0].happened, Happened::Imported);
        assert_eq!(facts[0].serial.as_ref(), Some(&entry.serial));
    }
}

fn counts(summary: &Summary) -> (u64, u64, u64, u64) {
    let Summary {
        new,
        present,
        conflicts,
        failed,
        ..
    } = summary;
    (*new, *present, conflicts.count, failed.count)
}

#[tokio::test]
async fn each_device_is_written_once_and_the_second_import_finds_it() {
    let store = MemoryAdmissionStore::default();
    let devices = devices(100);
    let first = import(&store, "ada", &devices).await;
    assert_eq!(
        (counts(&first), first.is_complete()),
        ((100, 0, 0, 0), true)
    );
    assert_imported(&store, &devices).await;
    assert_eq!(
        told(&store, &devices[0]).await[0].by.as_deref(),
        Some("ada")
    );
    let again = import(&store, "ben", &devices).await;
    assert_eq!(
        (counts(&again), again.is_complete()),
        ((0, 100, 0, 0), true)
    );
    assert_imported(&store, &devices).await;
}

#[tokio::test]
async fn what_became_of_a_device_does_not_count_and_other_values_are_conflicts() {
    let store = MemoryAdmissionStore::default();
    onboarding::import(&store, now()).await;
    let before = store.entries();
    // As they were imported: leased, enrolled and blocked ones are the same devices.
    let mut manifest: Vec<_> = before
        .iter()
        .map(|entry| Entry {
            state: sci_domain::admission::State::Allowed,
            ..entry.clone()
        })
        .collect();
    let same = import(&store, "ada", &manifest).await;
    assert_eq!(counts(&same), (0, before.len() as u64, 0, 0));
    manifest[0].placement.kind = DeviceKind::Lock;
    manifest[0].batch = sci_domain::admission::BatchId::parse("other").unwrap();
    manifest[2].secret = None;
    manifest.push(onboarding::entry("9999", "2026-11"));
    let other = import(&store, "ada", &manifest).await;
    assert_eq!(counts(&other), (1, before.len() as u64 - 2, 2, 0));
    assert!(!other.is_complete());
    let mut conflicts = other.conflicts.first.clone();
    conflicts.sort_by_key(|conflict| conflict.serial_number.clone());
    assert_eq!(conflicts[0].differs, [Column::DeviceType, Column::Batch]);
    assert_eq!(conflicts[1].differs, [Column::VoucherSecret]);
    assert_eq!(store.entries()[..before.len()], before);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let faults = Faults::default();
    let store = MemoryAdmissionStore::new(faults.clone());
    let devices = devices(10);
    import(&store, "ada", &devices[..4]).await;
    faults.forget_calls();
    let pace = NoWait::default();
    let dry = Import {
        dry_run: true,
        ..importer(&store, "ada", &pace)
    };
    let would = dry.run(&devices, |_| {}).await;
    assert_eq!(counts(&would), (6, 4, 0, 0));
    assert_eq!(faults.calls(), ["admission.device"; 10]);
    assert_eq!(store.entries().len(), 4);
    let told = would.to_string();
    assert!(told.contains("       6  new: would be written"), "{told}");
    assert!(
        told.contains("6 transactions of three items, 36 write request units"),
        "{told}"
    );
}

#[tokio::test]
async fn an_import_that_was_stopped_goes_on() {
    let store = MemoryAdmissionStore::default();
    let devices = devices(200);
    let (ask, asked) = watch::channel(false);
    let pace = NoWait::default();
    let stopped = Import {
        stop: Stop::new(asked),
        ..importer(&store, "ada", &pace)
    };
    let stopped = stopped
        .run(&devices, |summary| {
            if summary.done() == 20 {
                ask.send(true).unwrap();
            }
        })
        .await;
    assert!(stopped.stopped && !stopped.is_complete());
    // Those that ran were ended: what is told is what is there.
    let written = store.entries().len() as u64;
    assert_eq!((stopped.new, stopped.left()), (written, 200 - written));
    assert!((20..200).contains(&written), "{written}");
    let told = stopped.to_string();
    assert!(
        told.contains("Stopped. Run the same command again"),
        "{told}"
    );
    let rest = import(&store, "ada", &devices).await;
    assert_eq!(counts(&rest), (200 - written, written, 0, 0));
    assert_imported(&store, &devices).await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_looked_up() {
    for when in [When::BeforeEffect, When::AfterEffect] {
        for kind in [FailureKind::Throttled, FailureKind::Unavailable] {
            let faults = Faults::default();
            // Read, write.
            faults.plan(Fault { nth: 1, kind, when });
            let store = MemoryAdmissionStore::new(faults);
            let summary = import(&store, "ada", &devices(1)).await;
            assert_eq!(counts(&summary), (1, 0, 0, 0), "{when:?} {kind:?}");
            assert_imported(&store, &devices(1)).await;
        }
    }
}

#[tokio::test]
async fn whatever_fails_now_and_then_every_device_is_written_once() {
    for seed in 0..30 {
        let faults = Faults::default();
        faults.at_random(200, seed);
        let store = MemoryAdmissionStore::new(faults.clone());
        let devices = devices(60);
        let summary = import(&store, "ada", &devices).await;
        faults.heal();
        assert_eq!(counts(&summary), (60, 0, 0, 0), "seed {seed}");
        assert_imported(&store, &devices).await;
    }
}

#[tokio::test]
async fn two_at_the_same_time_write_every_device_once() {
    for seed in 0..30 {
        let faults = Faults::default();
        let store = MemoryAdmissionStore::new(faults.clone());
        let devices = devices(60);
        if seed > 0 {
            faults.at_random(100, seed);
        }
        let (one, two) = tokio::join!(
            import(&store, "ada", &devices),
            import(&store, "ben", &devices)
        );
        faults.heal();
        assert!(
            one.is_complete() && two.is_complete(),
            "seed {seed}: {one}{two}"
        );
        assert_eq!(one.new + two.new, 60, "seed {seed}");
        assert_imported(&store, &devices).await;
        // They did meet: only after a conflict the chain is read.
        assert!(faults.calls().contains(&"admission.history"));
    }
}

#[tokio::test]
async fn one_who_says_otherwise_at_the_same_time_is_told_so() {
    let store = MemoryAdmissionStore::default();
    let devices = devices(40);
    let elsewhere: Vec<_> = devices
        .iter()
        .map(|entry| {
            let mut entry = entry.clone();
            entry.placement.kind = DeviceKind::Camera;
            entry
        })
        .collect();
    let (one, two) = tokio::join!(
        import(&store, "ada", &devices),
        import(&store, "ben", &elsewhere)
    );
    assert_eq!(one.new + two.new, 40);
    assert_eq!(one.conflicts.count + two.conflicts.count, 40);
    for entry in store.entries() {
        let by = told(&store, &entry).await[0].by.clone().unwrap();
        let kind = entry.placement.kind;
        assert_eq!(kind == DeviceKind::Camera, by == "ben", "{}", entry.serial);
    }
}

#[tokio::test]
async fn a_device_that_was_taken_off_the_list_continues_its_chain() {
    let store = MemoryAdmissionStore::default();
    let devices = devices(1);
    let fact = Fact {
        at: now(),
        happened: Happened::Imported,
        reason: String::new(),
        serial: None,
        introducer: None,
        certificate: None,
        key: None,
        client: None,
        by: Some("somebody".to_owned()),
    };
    let record = append(&Subject::device(&devices[0].serial), Head::EMPTY, fact).unwrap();
    let commit = Commit {
        entry: None,
        charge: None,
        record: &record,
    };
    store.commit(commit).await.unwrap();
    let summary = import(&store, "ada", &devices).await;
    assert_eq!(counts(&summary), (1, 0, 0, 0));
    assert_eq!(told(&store, &devices[0]).await.len(), 2);
}

#[tokio::test]
async fn a_store_that_is_down_ends_the_import_soon() {
    for (kind, attempts) in [(FailureKind::Throttled, 8), (FailureKind::Misconfigured, 1)] {
        let faults = Faults::default();
        faults.take_down("admission.commit", kind);
        let store = MemoryAdmissionStore::new(faults.clone());
        let devices = devices(1000);
        let pace = NoWait::default();
        let summary = importer(&store, "ada", &pace).run(&devices, |_| {}).await;
        let failed = summary.failed.count;
        assert!((16..=32).contains(&failed), "{failed}");
        assert_eq!(summary.left(), 1000 - failed);
        assert!(!summary.is_complete() && !summary.stopped);
        // Each attempt waits for its turn.
        let calls = faults.calls();
        let commits = calls.iter().filter(|call| **call == "admission.commit");
        let commits = commits.count();
        assert_eq!(commits as u64, failed * attempts);
        assert!(
            (commits..commits + 3).contains(&pace.turns()),
            "{}",
            pace.turns()
        );
        faults.heal();
        import(&store, "ada", &devices).await;
        assert_imported(&store, &devices).await;
    }
}

#[tokio::test]
async fn one_device_that_fails_does_not_keep_the_others_from_being_written() {
    let faults = Faults::default();
    faults.plan(Fault {
        nth: 0,
        kind: FailureKind::Misconfigured,
        when: When::BeforeEffect,
    });
    let store = MemoryAdmissionStore::new(faults);
    let summary = import(&store, "ada", &devices(50)).await;
    assert_eq!(counts(&summary), (49, 0, 0, 1));
    assert!(!summary.is_complete());
}

#[tokio::test]
async fn no_output_holds_a_secret() {
    let store = MemoryAdmissionStore::default();
    let devices = devices(3);
    import(&store, "ada", &devices).await;
    let mut other = devices.clone();
    // A conflict of nothing but the secret.
    other[0].secret = Some(onboarding::secret("another"));
    let summary = import(&store, "ada", &other).await;
    assert_eq!(summary.conflicts.count, 1);
    let outputs = [
        summary.to_string(),
        serde_json::to_string(&summary).unwrap(),
        format!("{summary:?}"),
        format!("{:?}", store.records()),
        format!("{:?}", store.entries()),
    ];
    for entry in devices.iter().chain(&other) {
        let secret = entry.secret.as_ref().unwrap().expose();
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<_> = secret.iter().take(8).map(ToString::to_string).collect();
        for output in &outputs {
            assert!(!output.contains(&hex[..16]), "{output}");
            assert!(!output.contains(&list.join(", ")), "{output}");
        }
    }
    assert!(
        outputs[0].contains("0001                              voucher_secret"),
        "{}",
        outputs[0]
    );
}

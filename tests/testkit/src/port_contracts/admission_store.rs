//! The contract of [`AdmissionStore`].

mod conditions;
mod looks;
mod races;

use sci_domain::{
    admission::{
        AdmissionStore, Committed, Device, Introducer, IntroducerId, Quota, Reprovisioning,
        Subject, Used, audit::Head,
    },
    timestamp::{Millis, Timestamp},
};

use super::admission_samples::{
    certificate, claim, commit, entry, every_entry, introducer, record,
};

/// Checks a store against the contract of [`AdmissionStore`]. `write` writes an introducer, as operators do, in the place of
/// an earlier one; `day` is any time.
///
/// # Panics
/// When the store breaks the contract.
pub async fn admission_store<S: AdmissionStore>(
    store: &S,
    write: impl AsyncFn(&Introducer),
    day: Timestamp,
) {
    nothing_is_there_at_first(store).await;
    entries_are_loaded_as_they_were_written(store, day).await;
    introducers_are_loaded_as_operators_wrote_them(store, &write, day).await;
    conditions::versions_guard_entries(store, day).await;
    conditions::chains_are_continued_once(store).await;
    conditions::suspended_and_unknown_introducers_bring_nobody(store, &write, day).await;
    conditions::a_charge_counts_while_its_quota_and_minute_hold(store, &write, day).await;
    conditions::whichever_condition_fails_nothing_is_written(store, &write, day).await;
    looks::what_is_due_is_found_in_order_and_only_until_it_is_done(store, day).await;
    looks::a_long_history_is_whole_and_in_order(store).await;
    races::of_many_at_once_one_writes(store, day).await;
    races::leases_of_many_devices_add_up(store, &write, day).await;
}

async fn nothing_is_there_at_first<S: AdmissionStore>(store: &S) {
    let serial = entry("absent").serial;
    for serial in [Some(&serial), None] {
        let loaded = store.load(serial, claim("absent")).await.unwrap();
        assert!(loaded.entry.is_none() && loaded.introducer.is_none());
        assert_eq!(loaded.device_chain, Head::EMPTY);
        assert_eq!(loaded.introducer_chain, Head::EMPTY);
    }
    assert!(store.device(&serial).await.unwrap().is_none());
    let history = store.history(&Subject::device(&serial)).await.unwrap();
    assert_eq!(history, (vec![], Head::EMPTY));
}

/// One entry goes through them all: of what an earlier version held, nothing stays.
async fn entries_are_loaded_as_they_were_written<S: AdmissionStore>(store: &S, day: Timestamp) {
    let subject = Subject::device(&entry("states").serial);
    for (entry, version) in every_entry(day).into_iter().zip(1..) {
        let entry = sci_domain::admission::Entry { version, ..entry };
        assert_eq!(commit(store, &entry, None).await, Committed::Written);
        let loaded = store.load(Some(&entry.serial), claim("absent")).await;
        let loaded = loaded.unwrap();
        assert_eq!(loaded.entry.as_ref(), Some(&entry));
        let device = store.device(&entry.serial).await.unwrap();
        let Device {
            entry: again,
            chain,
        } = device.unwrap();
        assert_eq!(again, entry);
        let (records, head) = store.history(&subject).await.unwrap();
        assert_eq!(head.sequence, version);
        assert_eq!(records.last().map(|last| last.head()), Some(head));
        assert_eq!((chain, loaded.device_chain), (head, head));
    }
}

async fn introducers_are_loaded_as_operators_wrote_them<S: AdmissionStore>(
    store: &S,
    write: &impl AsyncFn(&Introducer),
    day: Timestamp,
) {
    let claim = introducer(claim("policies"), day);
    let authority = IntroducerId::Authority(certificate("policies"));
    let mut all = vec![claim.clone(), introducer(authority, day)];
    all.push(Introducer {
        suspended: true,
        factory_key: Some("-----BEGIN PUBLIC KEY-----\n…".to_owned()),
        used: Used {
            total: 7,
            minute: 29_000_000,
            in_minute: 2,
        },
        ..claim.clone()
    });
    let until = day.plus(Millis::from_secs(60));
    for (voucher_required, reprovisioning) in [
        (false, Reprovisioning::Refuse),
        (true, Reprovisioning::Window { until }),
        (false, Reprovisioning::Replace),
    ] {
        let mut other = claim.clone();
        other.policy.voucher_required = voucher_required;
        other.policy.reprovisioning = reprovisioning;
        other.quota = Quota {
            total: 5000,
            per_minute: 0,
        };
        all.push(other);
    }
    for written in &all {
        write(written).await;
        let loaded = store.load(None, written.id).await.unwrap();
        assert_eq!(loaded.introducer.as_ref(), Some(written));
    }
    // Its chain is one of its own, also beside a device's.
    let subject = Subject::introducer(authority);
    let first = record(&subject, Head::EMPTY, certificate("first"));
    let denied = sci_domain::admission::Commit {
        entry: None,
        charge: None,
        record: &first,
    };
    assert_eq!(store.commit(denied).await.unwrap(), Committed::Written);
    let serial = entry("states").serial;
    let loaded = store.load(Some(&serial), authority).await.unwrap();
    assert_eq!(loaded.introducer_chain, first.head());
    assert!(loaded.device_chain.sequence > 1);
    let other = store.load(None, claim.id).await.unwrap();
    assert_eq!(other.introducer_chain, Head::EMPTY);
}

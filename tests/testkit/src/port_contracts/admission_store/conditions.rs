//! What a commit is conditional on.

use sci_domain::{
    admission::{
        AdmissionStore, Charge, Commit, Committed, Introducer, IntroducerId, Loaded, Quota, State,
        Subject, Used,
        audit::{Head, Record},
    },
    timestamp::Timestamp,
};

use crate::port_contracts::admission_samples::{
    certificate, charge, claim, commit, enrolment, entry, introducer, lease, next, record,
};
use Committed::{Conflict, Written};

pub(super) async fn versions_guard_entries<S: AdmissionStore>(store: &S, day: Timestamp) {
    let first = entry("versions");
    let one = next(&first, State::Leased(lease("one", day, None)));
    let other = next(&first, State::Leased(lease("other", day, None)));
    assert_eq!(commit(store, &one, None).await, Conflict, "no predecessor");
    assert_eq!(commit(store, &first, None).await, Written);
    assert_eq!(
        commit(store, &first, None).await,
        Conflict,
        "imported again"
    );
    let skipping = next(&one, State::Enrolled(enrolment("one", day, None)));
    assert_eq!(
        commit(store, &skipping, None).await,
        Conflict,
        "one left out"
    );
    assert_eq!(commit(store, &one, None).await, Written);
    assert_eq!(commit(store, &other, None).await, Conflict, "too late");
    let stored = store.device(&first.serial).await.unwrap().unwrap();
    assert_eq!(stored.entry, one);
    assert_eq!(commit(store, &skipping, None).await, Written);
}

async fn append<S: AdmissionStore>(store: &S, record: &Record) -> Committed {
    let commit = Commit {
        entry: None,
        charge: None,
        record,
    };
    store.commit(commit).await.unwrap()
}

pub(super) async fn chains_are_continued_once<S: AdmissionStore>(store: &S) {
    let subject = Subject::device(&entry("chains").serial);
    let first = record(&subject, Head::EMPTY, certificate("1"));
    let second = record(&subject, first.head(), certificate("2"));
    let fork = record(&subject, first.head(), certificate("fork"));
    let third = record(&subject, second.head(), certificate("3"));
    assert_eq!(
        append(store, &second).await,
        Conflict,
        "nothing to continue"
    );
    assert_eq!(append(store, &first).await, Written);
    assert_eq!(append(store, &first).await, Conflict, "a second time");
    assert_eq!(append(store, &third).await, Conflict, "one left out");
    assert_eq!(append(store, &second).await, Written);
    assert_eq!(append(store, &fork).await, Conflict, "a fork");
    assert_eq!(append(store, &third).await, Written);
    let (records, head) = store.history(&subject).await.unwrap();
    assert_eq!(head, third.head());
    assert_eq!(records, [first, second, third]);
}

/// Counts a lease; what is written beside it is fine.
async fn count<S: AdmissionStore>(store: &S, charge: Charge) -> Committed {
    let loaded = store.load(None, charge.introducer).await.unwrap();
    let subject = Subject::introducer(charge.introducer);
    let record = record(&subject, loaded.introducer_chain, certificate("any"));
    let commit = Commit {
        entry: None,
        charge: Some(charge),
        record: &record,
    };
    store.commit(commit).await.unwrap()
}

async fn used<S: AdmissionStore>(store: &S, introducer: IntroducerId) -> Used {
    let loaded = store.load(None, introducer).await.unwrap();
    loaded.introducer.unwrap().used
}

pub(super) async fn suspended_and_unknown_introducers_bring_nobody<S: AdmissionStore>(
    store: &S,
    write: &impl AsyncFn(&Introducer),
    day: Timestamp,
) {
    let active = introducer(claim("suspended"), day);
    let first = charge(&active, 10, 1);
    assert_eq!(count(store, first).await, Conflict, "not there");
    write(&Introducer {
        suspended: true,
        ..active.clone()
    })
    .await;
    assert_eq!(count(store, first).await, Conflict, "suspended");
    assert_eq!(used(store, active.id).await, Used::default());
    write(&active).await;
    assert_eq!(count(store, first).await, Written);
}

pub(super) async fn a_charge_counts_while_its_quota_and_minute_hold<S: AdmissionStore>(
    store: &S,
    write: &impl AsyncFn(&Introducer),
    day: Timestamp,
) {
    let introducer = introducer(claim("minutes"), day);
    write(&introducer).await;
    // Each with the minute that it is counted in, its number there, what comes of it and what is stored then. Numbers above
    // 1 only say that the minute is open: two that read the same count both count.
    for (minute, nth, expected, total, stored) in [
        (10, 2, Conflict, 0, (0, 0)),
        (10, 1, Written, 1, (10, 1)),
        (10, 1, Conflict, 1, (10, 1)),
        (9, 1, Conflict, 1, (10, 1)),
        (9, 2, Conflict, 1, (10, 1)),
        (11, 2, Conflict, 1, (10, 1)),
        (10, 2, Written, 2, (10, 2)),
        (10, 2, Written, 3, (10, 3)),
        (10, 2, Conflict, 3, (10, 3)),
        (10, 4, Conflict, 3, (10, 3)),
        (12, 1, Written, 4, (12, 1)),
        (10, 3, Conflict, 4, (12, 1)),
    ] {
        let case = format!("number {nth} of minute {minute} after {total}");
        let counted = count(store, charge(&introducer, minute, nth)).await;
        assert_eq!(counted, expected, "{case}");
        let (minute, in_minute) = stored;
        let stored = Used {
            total,
            minute,
            in_minute,
        };
        assert_eq!(used(store, introducer.id).await, stored, "{case}");
    }
    // The quota of the charge, in all.
    let total = |total| Charge {
        quota: Quota {
            total,
            ..introducer.quota
        },
        ..charge(&introducer, 13, 1)
    };
    assert_eq!(count(store, total(4)).await, Conflict);
    assert_eq!(count(store, total(5)).await, Written);
    assert_eq!(used(store, introducer.id).await.total, 5);
}

pub(super) async fn whichever_condition_fails_nothing_is_written<S: AdmissionStore>(
    store: &S,
    write: &impl AsyncFn(&Introducer),
    day: Timestamp,
) {
    let first = entry("whole");
    assert_eq!(commit(store, &first, None).await, Written);
    let introducer = introducer(claim("whole"), day);
    write(&introducer).await;
    let subject = Subject::device(&first.serial);
    let (records, head) = store.history(&subject).await.unwrap();

    let leased = next(&first, State::Leased(lease("whole", day, None)));
    let stale = entry("whole");
    let counted = charge(&introducer, 10, 1);
    let uncounted = charge(&introducer, 10, 2);
    let continued = record(&subject, head, certificate("whole"));
    let forked = record(&subject, Head::EMPTY, certificate("whole"));
    for (entry, charge, record) in [
        (&stale, counted, &continued),
        (&leased, uncounted, &continued),
        (&leased, counted, &forked),
        (&stale, uncounted, &forked),
    ] {
        let commit = Commit {
            entry: Some(entry),
            charge: Some(charge),
            record,
        };
        assert_eq!(store.commit(commit).await.unwrap(), Conflict);
        let loaded = store.load(Some(&first.serial), introducer.id).await;
        let Loaded {
            entry,
            introducer: counter,
            device_chain,
            introducer_chain: _,
        } = loaded.unwrap();
        assert_eq!(entry.as_ref(), Some(&first));
        assert_eq!(counter.as_ref(), Some(&introducer));
        assert_eq!(device_chain, head);
        let history = store.history(&subject).await.unwrap();
        assert_eq!(history, (records.clone(), head));
    }
    let commit = Commit {
        entry: Some(&leased),
        charge: Some(counted),
        record: &continued,
    };
    assert_eq!(store.commit(commit).await.unwrap(), Written);
    let loaded = store.load(Some(&first.serial), introducer.id).await;
    let loaded = loaded.unwrap();
    assert_eq!(loaded.entry, Some(leased));
    assert_eq!(loaded.introducer.unwrap().used, counted.used);
    assert_eq!(loaded.device_chain, continued.head());
}

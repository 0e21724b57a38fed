//! What a sweep and an auditor find.

use sci_domain::{
    admission::{
        AdmissionStore, Commit, Committed, Entry, SerialNumber, State, Subject,
        audit::{Head, verify},
    },
    timestamp::{Millis, Timestamp},
};

use crate::port_contracts::{
    admission_samples::{case, certificate, commit, enrolment, entry, lease, next, record},
    samples::at,
};

pub(super) async fn what_is_due_is_found_in_order_and_only_until_it_is_done<S: AdmissionStore>(
    store: &S,
    day: Timestamp,
) {
    let in_state = |name: &str, state| Entry {
        state,
        ..entry(name)
    };
    // A lease of 600 s, and one that began a minute earlier; a case; a certificate that retires; nothing.
    let late = in_state("due_late", State::Leased(lease("late", day, None)));
    let since = day.minus(Millis::from_secs(60));
    let early = in_state("due_early", State::Leased(lease("early", since, None)));
    let case = case("other", at(day, 300));
    let untold = State::Enrolled(enrolment("told", day, Some(case)));
    let untold = in_state("due_told", untold);
    let retiring = Entry {
        retiring: vec![certificate("retiring")],
        ..entry("due_retiring")
    };
    let rest = in_state("due_never", State::Enrolled(enrolment("rest", day, None)));
    let all = [&late, &early, &untold, &retiring, &rest];
    for entry in all {
        assert_eq!(commit(store, entry, None).await, Committed::Written);
    }
    let found = async |moment, expected: &[&Entry]| {
        let expected: Vec<_> = expected.iter().map(|entry| entry.serial.clone()).collect();
        let mut found: Vec<SerialNumber> = Vec::new();
        // The index may lag behind, so it is asked again for a while.
        for _ in 0..100 {
            found = store.due(moment, 1000).await.unwrap();
            found.retain(|serial| all.iter().any(|entry| entry.serial == *serial));
            if found == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(found, expected, "at {moment}");
    };
    let moment = Millis::new(1);
    found(day, &[&retiring]).await;
    found(at(day, 300), &[&retiring, &untold]).await;
    found(at(day, 540).minus(moment), &[&retiring, &untold]).await;
    found(at(day, 540), &[&retiring, &untold, &early]).await;
    found(at(day, 600), &[&retiring, &untold, &early, &late]).await;
    let limited = store.due(at(day, 600), 1).await.unwrap();
    assert_eq!(limited.len(), 1);

    let confirmed = early.confirm(certificate("early"), day).unwrap();
    for done in [
        confirmed,
        untold.told(day),
        retiring.retired(certificate("retiring")),
        next(&late, State::Allowed),
    ] {
        assert_eq!(commit(store, &done, None).await, Committed::Written);
    }
    found(at(day, 3600), &[]).await;
}

pub(super) async fn a_long_history_is_whole_and_in_order<S: AdmissionStore>(store: &S) {
    // More than a store reads at once, and than it reads by looking again while a chain grows.
    const RECORDS: u64 = 330;
    let subject = Subject::device(&entry("history").serial);
    let neighbour = Subject::from_stored(format!("{subject}0"));
    let mut head = Head::EMPTY;
    let mut written = Vec::new();
    for number in 0..RECORDS {
        let record = record(&subject, head, certificate(&number.to_string()));
        let commit = Commit {
            entry: None,
            charge: None,
            record: &record,
        };
        assert_eq!(store.commit(commit).await.unwrap(), Committed::Written);
        head = record.head();
        written.push(record);
    }
    let (records, stored) = store.history(&subject).await.unwrap();
    assert_eq!((stored, stored.sequence), (head, RECORDS));
    assert!(records == written, "{} of {RECORDS}", records.len());
    verify(&subject, &records, stored).unwrap();
    let other = store.history(&neighbour).await.unwrap();
    assert_eq!(other, (vec![], Head::EMPTY));
}

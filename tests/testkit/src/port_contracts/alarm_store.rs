//! The contract of [`AlarmStore`].

use sci_domain::{
    alarm::{AlarmFamily, AlarmKey, record::Alarm},
    ports::{AlarmStore, Committed, Loaded},
    thing::PropertyId,
    timestamp::Timestamp,
};

use super::samples::{at, commit, key, raise, reading, step};

/// Checks a store against the contract of [`AlarmStore`]. `day` is a time of today: the contract's events happen in the
/// hour after it.
///
/// # Panics
/// When the store breaks the contract.
pub async fn alarm_store<S: AlarmStore>(store: &S, day: Timestamp) {
    nothing_is_there_at_first(store).await;
    what_is_written_is_loaded(store, day).await;
    versions_guard_alarms(store, day).await;
    rows_are_written_once_and_guard_all(store, day).await;
    a_conflict_writes_no_row(store, day).await;
    only_what_is_due_is_found(store, day).await;
}

async fn load<S: AlarmStore>(store: &S, key: &AlarmKey) -> Option<Alarm> {
    let property = PropertyId::parse("contracts").unwrap();
    let with = store.load(key, Some(&property)).await.unwrap();
    let without = store.load(key, None).await.unwrap();
    assert_eq!(with.alarm, without.alarm, "a property changes no alarm");
    with.alarm
}

async fn nothing_is_there_at_first<S: AlarmStore>(store: &S) {
    let property = PropertyId::parse("contracts").unwrap();
    let loaded = store.load(&key("absent"), Some(&property)).await;
    assert_eq!(loaded.unwrap(), Loaded::default());
}

async fn what_is_written_is_loaded<S: AlarmStore>(store: &S, day: Timestamp) {
    let key = key("roundtrip");
    let raised = raise(&key, day);
    let reading = reading(&key, day, 36.0);
    assert_eq!(
        commit(store, &raised, Some(&reading)).await,
        Committed::Written
    );
    assert_eq!(load(store, &key).await, raised.next);
    // Every state survives: cleared, and nothing but a row.
    let cleared = step(&raised.next.unwrap(), at(day, 60), 20.0);
    assert_eq!(commit(store, &cleared, None).await, Committed::Written);
    assert_eq!(load(store, &key).await, cleared.next);
}

async fn versions_guard_alarms<S: AlarmStore>(store: &S, day: Timestamp) {
    let key = key("versions");
    let first = raise(&key, day);
    assert_eq!(commit(store, &first, None).await, Committed::Written);
    assert_eq!(commit(store, &first, None).await, Committed::Conflict);
    let alarm = first.next.unwrap();
    let (one, other) = (
        step(&alarm, at(day, 1), 37.0),
        step(&alarm, at(day, 2), 41.0),
    );
    assert_eq!(commit(store, &one, None).await, Committed::Written);
    assert_eq!(commit(store, &other, None).await, Committed::Conflict);
    assert_eq!(load(store, &key).await, one.next);
    let again = step(&one.next.unwrap(), at(day, 2), 41.0);
    assert_eq!(commit(store, &again, None).await, Committed::Written);
}

async fn rows_are_written_once_and_guard_all<S: AlarmStore>(store: &S, day: Timestamp) {
    let key = key("rows");
    let row = reading(&key, day, 36.0);
    let first = raise(&key, day);
    assert_eq!(commit(store, &first, Some(&row)).await, Committed::Written);
    let alarm = first.next.unwrap();
    // The row is there: the alarm's next version is not written either.
    let next = step(&alarm, at(day, 1), 37.0);
    assert_eq!(
        commit(store, &next, Some(&row)).await,
        Committed::DuplicateReading
    );
    assert_eq!(load(store, &key).await, Some(alarm.clone()));
    // Also when both conditions fail, and when the row comes alone.
    let stale = raise(&key, at(day, 2));
    assert_eq!(
        commit(store, &stale, Some(&row)).await,
        Committed::DuplicateReading
    );
    let alone = sci_domain::ports::Commit {
        reading: Some(&row),
        alarm: None,
    };
    let alone = store.commit(alone).await.unwrap();
    assert_eq!(alone, Committed::DuplicateReading);
    // Another instant is another row.
    let later = reading(&key, at(day, 3), 36.0);
    let later = sci_domain::ports::Commit {
        reading: Some(&later),
        alarm: None,
    };
    assert_eq!(store.commit(later).await.unwrap(), Committed::Written);
}

async fn a_conflict_writes_no_row<S: AlarmStore>(store: &S, day: Timestamp) {
    let key = key("conflicts");
    assert_eq!(
        commit(store, &raise(&key, day), None).await,
        Committed::Written
    );
    let row = reading(&key, at(day, 1), 36.0);
    let stale = raise(&key, at(day, 1));
    assert_eq!(commit(store, &stale, Some(&row)).await, Committed::Conflict);
    // Had the row been written, this would be a duplicate.
    let fresh = step(&load(store, &key).await.unwrap(), at(day, 1), 36.0);
    assert_eq!(commit(store, &fresh, Some(&row)).await, Committed::Written);
}

/// The index may lag behind, so it is asked again for a while.
async fn only_what_is_due_is_found<S: AlarmStore>(store: &S, day: Timestamp) {
    let (early, late, closed) = (key("due-early"), key("due-late"), key("due-never"));
    for (key, seconds) in [(&late, 300), (&early, 0), (&closed, 0)] {
        let raised = raise(key, at(day, seconds));
        assert_eq!(commit(store, &raised, None).await, Committed::Written);
        if *key == closed {
            let cleared = step(&raised.next.unwrap(), at(day, 1), 20.0);
            assert_eq!(commit(store, &cleared, None).await, Committed::Written);
        }
    }
    let ours = [&early, &late, &closed];
    // Silence closes half an hour and a millisecond after the last sample.
    for (seconds, expected) in [
        (1800, vec![]),
        (1801, vec![early.clone()]),
        (2101, vec![early.clone(), late.clone()]),
    ] {
        let mut found = Vec::new();
        for _ in 0..100 {
            let due = store.due(AlarmFamily::Temperature, at(day, seconds), 1000);
            found = due.await.unwrap();
            found.retain(|key| ours.contains(&key));
            if found == expected {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(found, expected, "after {seconds} s");
    }
    let limited = store.due(AlarmFamily::Temperature, at(day, 3000), 1).await;
    assert_eq!(limited.unwrap().len(), 1);
    let others = store.due(AlarmFamily::Security, at(day, 3000), 1000).await;
    assert!(others.unwrap().iter().all(|key| !ours.contains(&key)));
}

//! The contract of [`Outbox`].

use sci_domain::{
    alarm::AlarmFamily,
    ports::{AlarmStore, Committed, Outbox, Pending},
    timestamp::Timestamp,
};

use super::samples::{at, commit, key, raise};

/// Checks an outbox against its contract. `day` is a time of today.
///
/// # Panics
/// When the outbox breaks the contract.
pub async fn outbox<S: AlarmStore + Outbox>(store: &S, day: Timestamp) {
    let (older, newer) = (key("outbox-older"), key("outbox-newer"));
    for (key, seconds) in [(&newer, 10), (&older, 0)] {
        let raised = raise(key, at(day, seconds));
        assert_eq!(commit(store, &raised, None).await, Committed::Written);
    }
    let abandoned = async |seconds| {
        let found = store.abandoned(AlarmFamily::Temperature, at(day, seconds), 1000);
        let mut found: Vec<Pending> = found.await.unwrap();
        found.retain(|pending| [&older, &newer].contains(&&pending.notification.key));
        found
    };
    // The writer's own first attempt comes first.
    assert_eq!(abandoned(30).await, []);
    let found = abandoned(120).await;
    let keys: Vec<_> = found
        .iter()
        .map(|pending| &pending.notification.key)
        .collect();
    assert_eq!(keys, [&older, &newer], "the oldest first");
    assert!(found.iter().all(|pending| pending.attempts == 1));
    let limited = store.abandoned(AlarmFamily::Temperature, at(day, 120), 1);
    assert_eq!(limited.await.unwrap().len(), 1);
    let others = store.abandoned(AlarmFamily::Security, at(day, 120), 1000);
    let others = others.await.unwrap();
    assert!(
        others
            .iter()
            .all(|pending| pending.notification.key != older)
    );

    // Of two that claim, one does.
    let pending = &found[0];
    assert!(store.claim(pending, at(day, 120)).await.unwrap());
    assert!(!store.claim(pending, at(day, 120)).await.unwrap());
    assert_eq!(
        abandoned(150).await.len(),
        1,
        "the claimed one is being delivered"
    );
    let again = abandoned(300).await;
    let claimed = again
        .iter()
        .find(|pending| pending.notification.key == older);
    let claimed = claimed.expect("a claim that was given up is found again");
    assert_eq!(claimed.attempts, 2);

    // What was delivered is gone, also for one who saw it before.
    let id = claimed.notification.id();
    store.delivered(&id).await.unwrap();
    store.delivered(&id).await.unwrap();
    assert!(!store.claim(claimed, at(day, 300)).await.unwrap());
    assert_eq!(abandoned(300).await.len(), 1);
}

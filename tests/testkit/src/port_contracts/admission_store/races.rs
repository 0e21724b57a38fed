//! What many do at once.

use futures_util::future::join_all;
use sci_domain::{
    admission::{
        AdmissionStore, Charge, Commit, Committed, Entry, Introducer, Quota, State, Subject, Used,
    },
    timestamp::Timestamp,
};

use crate::port_contracts::admission_samples::{
    certificate, claim, commit, entry, introducer, lease, next, record,
};

pub(super) async fn of_many_at_once_one_writes<S: AdmissionStore>(store: &S, day: Timestamp) {
    for many in [2, 8, 64] {
        let first = entry(&format!("race_{many}"));
        assert_eq!(commit(store, &first, None).await, Committed::Written);
        let subject = Subject::device(&first.serial);
        let (_, head) = store.history(&subject).await.unwrap();
        let tries = (0..many).map(async |number| {
            let name = number.to_string();
            let entry = next(&first, State::Leased(lease(&name, day, None)));
            let record = record(&subject, head, certificate(&name));
            let commit = Commit {
                entry: Some(&entry),
                charge: None,
                record: &record,
            };
            let committed = store.commit(commit).await.unwrap();
            (committed == Committed::Written).then_some((entry, record))
        });
        let winners: Vec<_> = join_all(tries).await.into_iter().flatten().collect();
        let [(entry, record)] = winners.as_slice() else {
            panic!("of {many} at once {} wrote", winners.len());
        };
        let stored = store.device(&first.serial).await.unwrap().unwrap();
        assert_eq!(&stored.entry, entry);
        assert_eq!(stored.chain, record.head());
        let (records, _) = store.history(&subject).await.unwrap();
        assert_eq!(&records[1..], std::slice::from_ref(record));
    }
}

/// Devices of one introducer may come in each other's way, and each of them is counted once.
pub(super) async fn leases_of_many_devices_add_up<S: AdmissionStore>(
    store: &S,
    write: &impl AsyncFn(&Introducer),
    day: Timestamp,
) {
    const MANY: u64 = 12;
    const ROOM: u64 = 8;
    let introducer = Introducer {
        quota: Quota {
            total: 100,
            per_minute: ROOM,
        },
        ..introducer(claim("many"), day)
    };
    write(&introducer).await;
    let devices = (0..MANY).map(async |number| {
        let first = entry(&format!("many_{number}"));
        loop {
            let loaded = store.load(Some(&first.serial), introducer.id).await;
            let used = loaded.unwrap().introducer.unwrap().used;
            if used.in_minute >= ROOM {
                return None;
            }
            let charge = Charge {
                introducer: introducer.id,
                used: Used {
                    total: used.total + 1,
                    minute: 10,
                    in_minute: used.in_minute + 1,
                },
                quota: introducer.quota,
            };
            if commit(store, &first, Some(charge)).await == Committed::Written {
                return Some(first);
            }
        }
    });
    let admitted: Vec<Entry> = join_all(devices).await.into_iter().flatten().collect();
    assert_eq!(admitted.len() as u64, ROOM);
    let loaded = store.load(None, introducer.id).await.unwrap();
    let counted = Used {
        total: ROOM,
        minute: 10,
        in_minute: ROOM,
    };
    assert_eq!(loaded.introducer.unwrap().used, counted);
    for number in 0..MANY {
        let device = entry(&format!("many_{number}"));
        let stored = store.device(&device.serial).await.unwrap();
        assert_eq!(stored.is_some(), admitted.contains(&device), "{number}");
    }
}

//! The contract of [`RegistrationBudget`].

use futures_util::future::join_all;
use sci_domain::{
    admission::{CertificateId, RegistrationBudget},
    timestamp::{Millis, Timestamp},
};

use super::admission_samples::certificate;

/// Checks a store against the contract of [`RegistrationBudget`]; `day` is any time.
///
/// # Panics
/// When the store breaks the contract.
pub async fn registration_budget<S: RegistrationBudget>(store: &S, day: Timestamp) {
    let hour = Millis::from_secs(3600);
    let begin = Timestamp::from_millis(day.as_millis() / 3_600_000 * 3_600_000).unwrap();
    let [one, other] = ["budget-one", "budget-other"].map(certificate);
    let spend = async |authority: CertificateId, now: Timestamp| {
        store.spend(authority, 3, now).await.unwrap()
    };

    for _ in 0..3 {
        assert!(spend(one, begin).await);
    }
    let end = begin.plus(hour).minus(Millis::new(1));
    for _ in 0..3 {
        assert!(!spend(one, end).await);
    }
    // What is refused is not counted, and is nothing to another CA.
    assert!(store.spend(one, 4, end).await.unwrap());
    assert!(spend(other, end).await);

    // The next hour, in which a clock that is behind counts too.
    assert!(spend(one, begin.plus(hour)).await);
    assert!(spend(one, end).await);
    assert!(spend(one, begin.plus(hour)).await);
    assert!(!spend(one, end).await);
    assert!(!spend(one, begin.plus(hour)).await);

    // Of many at once, at the turn of the hour, exactly as many count as may.
    let later = begin.plus(hour).plus(hour);
    let many = join_all((0..12).map(|_| spend(one, later))).await;
    assert_eq!(many.iter().filter(|counted| **counted).count(), 3);
}

//! The contract of [`Certificates`].

use sci_domain::{
    admission::{CertificateId, Certificates},
    thing::ThingName,
};

use super::admission_samples::certificate;

/// Checks a registry against the contract of [`Certificates`]. `issue` makes an active certificate; `attach` attaches one to
/// a thing, which is made where it is missing; `is_active` tells whether a certificate is active, and nothing of one that
/// does not exist.
///
/// # Panics
/// When the registry breaks the contract.
pub async fn certificates<C: Certificates>(
    registry: &C,
    issue: impl AsyncFn() -> CertificateId,
    attach: impl AsyncFn(CertificateId, &ThingName),
    is_active: impl AsyncFn(CertificateId) -> Option<bool>,
) {
    let [thing, other] = ["one", "other"]
        .map(|name| ThingName::parse(format!("sci-contracts-certificates-{name}")).unwrap());
    let retire = async |certificate| registry.retire(&thing, certificate).await;

    // One that never was.
    retire(certificate("never")).await.unwrap();

    // Only the one that is named goes.
    let (old, new) = (issue().await, issue().await);
    attach(old, &thing).await;
    attach(new, &thing).await;
    assert_eq!(is_active(old).await, Some(true));
    retire(old).await.unwrap();
    assert_eq!(is_active(old).await, None);
    assert_eq!(is_active(new).await, Some(true));
    retire(old).await.unwrap();

    // One that was never attached, because the device gave up in between.
    let loose = issue().await;
    retire(loose).await.unwrap();
    assert_eq!(is_active(loose).await, None);

    // Attached to another thing as well it stays there, out of use; somebody has to look.
    let shared = issue().await;
    attach(shared, &thing).await;
    attach(shared, &other).await;
    retire(shared).await.unwrap_err();
    assert_eq!(is_active(shared).await, Some(false));
    registry.retire(&other, shared).await.unwrap();
    assert_eq!(is_active(shared).await, None);
    assert_eq!(is_active(new).await, Some(true));
}

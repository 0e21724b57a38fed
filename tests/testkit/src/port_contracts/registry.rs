//! The contract of [`Registry`].

use sci_domain::{
    admission::{
        Admitted, CertificateId, DeviceKind, Placement, Registered, RegisteredStatus, Registry,
        SerialNumber,
    },
    thing::PropertyId,
    timestamp::{Millis, Timestamp},
};

use super::admission_samples::certificate;
use crate::memory_registry::{RegistryThing, Standing};

/// Checks a registry against the contract of [`Registry`]. `authority` is a CA that is registered and active; `present` lets a
/// device connect with a new certificate of it, and tells its id and PEM; `standing` tells where a certificate stands. `now` is
/// the time by which the registry dates what `present` brings.
///
/// # Panics
/// When the registry breaks the contract.
pub async fn registry<R: Registry>(
    registry: &R,
    authority: CertificateId,
    present: impl AsyncFn() -> (CertificateId, String),
    standing: impl AsyncFn(CertificateId) -> Option<Standing>,
    now: Timestamp,
) {
    let later = now.plus(Millis::from_secs(3600));
    let pending = async |before, limit| {
        let mut found = registry.pending(authority, before, limit).await.unwrap();
        found.sort_unstable();
        found
    };

    // What is not there.
    let never = certificate("never");
    assert_eq!(registry.describe(never).await.unwrap(), None);
    assert_eq!(registry.authority(never).await.unwrap(), None);
    assert!(!registry.discard(never).await.unwrap());

    // What is.
    let ca = registry.authority(authority).await.unwrap().unwrap();
    assert!(ca.active && ca.pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(
        registry
            .authorities(100)
            .await
            .unwrap()
            .contains(&authority)
    );

    let (one, pem) = present().await;
    let described = registry.describe(one).await.unwrap().unwrap();
    let expected = Registered {
        pem,
        status: RegisteredStatus::Pending,
        authority: Some(authority),
    };
    assert_eq!(described.pem.trim(), expected.pem.trim());
    assert_eq!(
        (described.status, described.authority),
        (expected.status, expected.authority)
    );

    // A device is enrolled, as often as somebody tries.
    let (device, serial) = device("one");
    for _ in 0..2 {
        registry.enrol(&device, &serial, one).await.unwrap();
        assert_eq!(standing(one).await, Some(owned(&device, &serial)));
    }
    let described = registry.describe(one).await.unwrap().unwrap();
    assert_eq!(described.status, RegisteredStatus::Active);

    // Its certificate is nobody else's, also if that ends in nothing.
    let (stranger, number) = self::device("stranger");
    let stolen = registry.enrol(&stranger, &number, one).await;
    stolen.unwrap_err();
    assert_eq!(standing(one).await, Some(owned(&device, &serial)));

    // A thing that is there keeps what it is, and may have a second certificate.
    let mut other = device.clone();
    other.property = "elsewhere".to_owned();
    let (two, _) = present().await;
    registry.enrol(&other, &serial, two).await.unwrap();
    for certificate in [one, two] {
        assert_eq!(standing(certificate).await, Some(owned(&device, &serial)));
    }

    // What stays pending is found by its age, and deleted.
    let (three, four) = (present().await.0, present().await.0);
    let mut both = vec![three, four];
    both.sort_unstable();
    assert_eq!(pending(later, 10).await, both);
    assert_eq!(pending(later, 1).await.len(), 1);
    assert_eq!(pending(now.minus(Millis::from_secs(3600)), 10).await, []);
    assert_eq!(registry.pending(never, later, 10).await.unwrap(), []);
    assert!(registry.discard(three).await.unwrap());
    assert_eq!(standing(three).await, None);
    assert!(!registry.discard(three).await.unwrap());
    assert_eq!(pending(later, 10).await, [four]);

    // What is in use is not.
    assert!(!registry.discard(one).await.unwrap());
    assert_eq!(standing(one).await, Some(owned(&device, &serial)));
}

fn device(name: &str) -> (Admitted, SerialNumber) {
    let serial = SerialNumber::parse(format!("contract_{name}")).unwrap();
    let placement = Placement {
        property: PropertyId::parse("contracts").unwrap(),
        kind: DeviceKind::Lock,
    };
    let admitted = Admitted {
        thing: placement.thing(&serial).unwrap(),
        thing_type: placement.kind.thing_type(),
        property: placement.property.to_string(),
    };
    (admitted, serial)
}

fn owned(device: &Admitted, serial: &SerialNumber) -> Standing {
    let thing = RegistryThing {
        thing_type: device.thing_type.to_owned(),
        attributes: [device.property.clone(), serial.to_string()],
        in_fleet: true,
    };
    Standing {
        status: RegisteredStatus::Active,
        owner: Some((device.thing.clone(), thing)),
    }
}

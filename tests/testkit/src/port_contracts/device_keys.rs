//! The contract of [`DeviceKeys`].

use sci_domain::{
    access::{DeviceKeys, DeviceRecord, Scopes},
    thing::{PropertyId, ThingName},
};

/// Checks a store of records against the contract of [`DeviceKeys`]. `write` writes a record, switched on or off;
/// `remove` removes it.
///
/// # Panics
/// When the store breaks the contract.
pub async fn device_keys<D: DeviceKeys>(
    devices: &D,
    write: impl AsyncFn(&ThingName, &DeviceRecord, bool),
    remove: impl AsyncFn(&ThingName),
) {
    let [thing, other] = ["one", "other"]
        .map(|name| ThingName::parse(format!("sci-contracts-devices-{name}")).unwrap());
    let record = |jwks: &str, scopes: &str| DeviceRecord {
        jwks: jwks.to_owned(),
        property: PropertyId::parse("contracts").unwrap(),
        scopes: Scopes::parse(scopes).0,
    };
    let load = async |thing| devices.load(thing).await.unwrap();
    assert_eq!(load(&thing).await, None);

    // As it was written, and at once.
    let first = record("{\"keys\":[]}", "telemetry:publish shadow:read");
    write(&thing, &first, true).await;
    assert_eq!(load(&thing).await, Some(first.clone()));
    assert_eq!(load(&other).await, None);
    let second = record("{\"keys\": [ ]}", "");
    write(&thing, &second, true).await;
    assert_eq!(load(&thing).await, Some(second.clone()));

    write(&thing, &second, false).await;
    assert_eq!(load(&thing).await, None, "switched off");
    write(&thing, &first, true).await;
    assert_eq!(load(&thing).await, Some(first), "switched on again");
    remove(&thing).await;
    assert_eq!(load(&thing).await, None, "removed");
}

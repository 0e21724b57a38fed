//! A device is only itself.

use sandbox::device::Device;
use serde_json::json;

use crate::world::{SENSOR, World};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_publishes_for_another_device() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    let other = "sci-property-001-environmental-0043";
    let refused = device
        .publish(&format!("sensors/{other}/data"), r#"{"temp":50}"#)
        .await;
    assert!(
        refused.is_err(),
        "AWS closes the connection of who publishes what it may not"
    );
    // Basic Ingest is a way around the broker, not around the policy.
    let mut device = world.device("sci-property-001-environmental-0044").await;
    let refused = device
        .publish(
            &format!("$aws/rules/SCI_High_Temp_Rule_dev/sensors/{other}/data"),
            r#"{"temp":50}"#,
        )
        .await;
    assert!(refused.is_err());
    world.sandbox.quiesce().await;
    assert_eq!(world.outcomes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_names_another_device_is_refused_and_kept() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    let payload =
        json!({ "temp": 50, "deviceId": "sci-property-001-environmental-0043", "humidity": 40 });
    device
        .publish(&format!("sensors/{SENSOR}/data"), payload.to_string())
        .await
        .unwrap();
    world.sandbox.quiesce().await;
    assert_eq!(world.outcomes(), ["refused"]);
    assert!(world.items("AlarmsTableName").await.is_empty());
    let kept = world.bodies("RefusedMessagesQueueUrl").await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["reason"], "identity-mismatch");
    assert!(
        kept[0]["event"]
            .as_str()
            .unwrap()
            .contains("environmental-0043"),
        "the content is kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_not_active_do_not_connect() {
    let world = World::start().await;
    let root = world.sandbox.gateway.root_ca_pem();
    let identity = world.register(SENSOR).await;
    let principals = world
        .iot
        .list_thing_principals()
        .thing_name(SENSOR)
        .send()
        .await
        .unwrap();
    let arn = principals.principals.unwrap().remove(0);
    let id = arn.rsplit('/').next().unwrap().to_owned();
    let mut live = world.connect(&identity).await;
    for status in [
        aws_sdk_iot::types::CertificateStatus::Inactive,
        aws_sdk_iot::types::CertificateStatus::Revoked,
    ] {
        world
            .iot
            .update_certificate()
            .certificate_id(&id)
            .new_status(status)
            .send()
            .await
            .unwrap();
        let refused = Device::connect(&identity, world.sandbox.mqtt_port(), root).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    let topic = format!("sensors/{SENSOR}/data");
    assert!(
        live.publish(&topic, r#"{"temp":50}"#).await.is_err(),
        "its live session ended too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_cannot_connect_under_another_name() {
    let world = World::start().await;
    let root = world.sandbox.gateway.root_ca_pem();
    let mut identity = world.register(SENSOR).await;
    world.register("sci-property-001-environmental-0043").await;
    identity.thing = "sci-property-001-environmental-0043".into();
    assert!(
        Device::connect(&identity, world.sandbox.mqtt_port(), root)
            .await
            .is_err()
    );
}

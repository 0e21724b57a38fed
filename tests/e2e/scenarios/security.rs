//! Security events: one record each, one alarm per thing and kind, people told of what is new.

use sandbox::device::Device;
use serde_json::json;

use crate::world::World;

const CAMERA: &str = "sci-property-001-camera-0007";

async fn sees(world: &World, device: &mut Device, kind: &str, level: u8) {
    let payload = json!({
        "alert_level": level, "event_type": kind, "property_id": "property-001", "device_type": "camera",
        "timestamp": world.sandbox.clock.now(),
    });
    let topic = format!("sci/properties/{CAMERA}/security");
    device.publish(&topic, payload.to_string()).await.unwrap();
    world.sandbox.quiesce().await;
}

async fn records(world: &World) -> usize {
    let database = world.sandbox.output("TelemetryDatabaseName");
    world
        .query(&format!("SELECT * FROM \"{database}\".\"SecurityEvents\""))
        .await
        .len()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_level_is_recorded_and_high_ones_raise_one_alarm_per_kind() {
    let world = World::start().await;
    let mut camera = world.device(CAMERA).await;
    world.later(0);
    sees(&world, &mut camera, "tamper", 2).await;
    assert_eq!(
        (records(&world).await, world.told().len()),
        (1, 0),
        "low levels are only recorded"
    );
    world.later(1000);
    sees(&world, &mut camera, "tamper", 5).await;
    world.later(1000);
    sees(&world, &mut camera, "tamper", 5).await;
    world.later(1000);
    // Two kinds in the same millisecond are two records and two alarms.
    sees(&world, &mut camera, "forced_entry", 8).await;
    sees(&world, &mut camera, "<b>call +1 900 555</b>", 4).await;
    assert_eq!(records(&world).await, 5);
    let told: Vec<_> = world
        .told()
        .into_iter()
        .map(|(transition, _)| transition)
        .collect();
    assert_eq!(told, ["raised", "raised", "raised"]);
    assert_eq!(world.items("AlarmsTableName").await.len(), 3);
    for message in world.sandbox.services.published() {
        let text = format!("{message:?}");
        assert!(
            !text.contains("555"),
            "nothing that a device wrote reaches people: {text}"
        );
    }
    world.later(3_700_000);
    world.sandbox.tick().await;
    let cleared = world
        .told()
        .iter()
        .filter(|(transition, _)| transition == "cleared")
        .count();
    assert_eq!(cleared, 3, "{:?}", world.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_events_are_refused_with_their_reason() {
    let world = World::start().await;
    let mut camera = world.device(CAMERA).await;
    let topic = format!("sci/properties/{CAMERA}/security");
    for payload in [
        "not json",
        r#"{"alert_level":"high"}"#,
        r#"{"alert_level":5.5,"event_type":"tamper"}"#,
    ] {
        camera.publish(&topic, payload).await.unwrap();
    }
    world.sandbox.quiesce().await;
    let outcomes = world.outcomes();
    assert!(
        outcomes.len() >= 3 && outcomes.iter().all(|outcome| outcome == "refused"),
        "{outcomes:?}"
    );
    assert_eq!(
        world.bodies("RefusedMessagesQueueUrl").await.len(),
        outcomes.len()
    );
}

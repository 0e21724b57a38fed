//! Real mosquitto clients against the gateway.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use http::Method;
use serde_json::json;
use support::mosquitto::{self, Files, text};
use support::{ALLOW_ALL, Device, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_keys_from_the_api_publishes_and_the_engine_gets_it() {
    if !mosquitto::available() {
        return;
    }
    let world = World::start().await;
    let made = world.iot(Method::POST, "/keys-and-certificate?setAsActive=true", json!({})).await;
    let device = Device::from(&made, made["keyPair"]["PrivateKey"].as_str().unwrap());
    world.grant(&device, ALLOW_ALL).await;
    let files = Files::new(&world, &device);
    for version in ["mqttv311", "mqttv5"] {
        let topic = format!("sensors/{version}/data");
        let published = files
            .run("mosquitto_pub", &["-V", version, "-i", "sensor-1", "-q", "1", "-t", &topic, "-m", r#"{"temp":33.2}"#])
            .await;
        assert!(published.status.success(), "{}", text(&published));
        let messages = world.engine.on(&topic);
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(&message.payload[..], br#"{"temp":33.2}"#);
        assert_eq!(message.client_id.as_deref(), Some("sensor-1"));
        assert_eq!(message.principal.as_deref(), Some(device.id.as_str()));
        assert_eq!(message.source_ip, Some("127.0.0.1".parse().unwrap()));
        assert_eq!(message.received_at_ms, support::NOON);
    }
}

//! The `iotdata` API.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use mqtt_protocol_core::mqtt::packet::{Packet, Qos};
use serde_json::Value;
use support::World;
use support::client::{Client, Options};

async fn call(world: &World, method: Method, path: &str, body: &[u8]) -> (u16, Value) {
    let user = STANDARD.encode(r#"[{"k":"v"}]"#);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-amz-mqtt5-user-properties", user)
        .body(Bytes::copy_from_slice(body))
        .unwrap();
    let response = world.gateway.handle_iot_data(request).await;
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

#[tokio::test]
async fn publish_reaches_subscribers_and_the_engine() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut client = Client::connect(&world, &device, Options::v5("dev"))
        .await
        .unwrap();
    client.subscribe("a/b", Qos::AtLeastOnce).await;
    let path = "/topics/a%2Fb?qos=1&retain=true&contentType=text%2Fplain";
    assert_eq!(call(&world, Method::POST, path, b"hello").await.0, 200);
    let received = client.message().await;
    assert_eq!(
        (received.payload.as_slice(), received.qos),
        (&b"hello"[..], Qos::AtLeastOnce)
    );
    let seen = &world.engine.on("a/b")[0];
    assert_eq!(
        (seen.client_id.as_deref(), seen.principal.as_deref()),
        (None, None)
    );
    assert_eq!(seen.properties.content_type.as_deref(), Some("text/plain"));
    assert_eq!(seen.properties.user, [("k".to_owned(), "v".to_owned())]);

    let (status, body) = call(&world, Method::GET, "/retainedMessage/a%2Fb", b"").await;
    assert_eq!(
        (status, &body["payload"], &body["qos"]),
        (200, &STANDARD.encode("hello").into(), &1.into())
    );
    assert_eq!(body["lastModifiedTime"], support::NOON);
    let (_, body) = call(&world, Method::GET, "/retainedMessage", b"").await;
    assert_eq!(
        (
            &body["retainedTopics"][0]["topic"],
            &body["retainedTopics"][0]["payloadSize"]
        ),
        (&"a/b".into(), &5.into())
    );
    assert_eq!(
        call(&world, Method::GET, "/retainedMessage/none", b"")
            .await
            .0,
        404
    );
    assert_eq!(
        call(&world, Method::POST, "/topics/a?qos=2", b"").await.0,
        400
    );
    assert_eq!(call(&world, Method::POST, "/topics/a%2B", b"").await.0, 400);
    assert_eq!(
        call(&world, Method::POST, "/topics/a", &vec![0; 128 * 1024 + 1])
            .await
            .0,
        413
    );
}

#[tokio::test]
async fn delete_connection_ends_a_client() {
    let world = World::start().await;
    let device = world.trusted().await;
    let options = Options::v5("dev")
        .persistent()
        .will("wills/dev", b"", false);
    let mut client = Client::connect(&world, &device, options.clone())
        .await
        .unwrap();
    let path = "/connections/dev?preventWillMessage=true&cleanSession=true";
    assert_eq!(call(&world, Method::DELETE, path, b"").await.0, 200);
    assert!(matches!(
        client.next().await,
        Some(Packet::V5_0Disconnect(_))
    ));
    let gone = world
        .engine
        .wait_for("$aws/events/presence/disconnected/dev")
        .await;
    let body: Value = serde_json::from_slice(&gone.payload).unwrap();
    assert_eq!(body["disconnectReason"], "API_INITIATED_DISCONNECT");
    assert!(world.engine.on("wills/dev").is_empty());
    assert_eq!(call(&world, Method::DELETE, path, b"").await.0, 404);
    let client = Client::connect(&world, &device, options).await.unwrap();
    assert!(!client.session_present);
}

#[tokio::test]
async fn shadows_are_refused_by_name() {
    let world = World::start().await;
    let (status, body) = call(&world, Method::GET, "/things/t/shadow", b"").await;
    assert_eq!(status, 400);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("iotdata:GetThingShadow")
    );
    assert_eq!(world.gateway.unsupported()["iotdata:GetThingShadow"], 1);
}

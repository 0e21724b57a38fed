//! How long an authorizer's answer holds: refreshes, and the end of the connection's time.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use iot_gateway::EventKind;
use mqtt_protocol_core::mqtt::packet::{Packet, Qos};
use mqtt_protocol_core::mqtt::result_code::{DisconnectReasonCode, PubackReasonCode};
use serde_json::{Value, json};
use support::authorizer::{Reply, Script, allow, allow_all, answer, but};
use support::client::{Client, Options};
use support::{World, within};
use tokio::sync::Semaphore;

const USER: &str = "?x-amz-customauthorizer-name=jwt";

/// The interval of `answer`.
const REFRESH: Duration = Duration::from_secs(300);
const SECOND: Duration = Duration::from_secs(1);

async fn world(script: &Script) -> World {
    let world = World::with(script).await;
    world.authorizer("jwt").await;
    world
}

async fn connect(world: &World, id: &str) -> Client {
    let options = Options::v5(id)
        .user(USER)
        .password(b"p")
        .will("wills", id.as_bytes(), false);
    Client::custom(world, options).await.unwrap()
}

fn may_publish(topic: &str) -> Value {
    let will = allow("iot:Publish", "topic/wills");
    let publish = allow("iot:Publish", &format!("topic/{topic}"));
    answer(json!([allow("iot:Connect", "client/*"), will, publish]))
}

async fn publish(client: &mut Client, topic: &str) -> PubackReasonCode {
    client
        .publish(topic, b"", Qos::AtLeastOnce, false)
        .await
        .unwrap()
}

/// The code of the DISCONNECT after which nothing comes.
async fn goodbye(client: &mut Client) -> DisconnectReasonCode {
    let Some(Packet::V5_0Disconnect(packet)) = client.next().await else {
        panic!("no DISCONNECT");
    };
    assert!(client.next().await.is_none());
    packet.reason_code().unwrap()
}

/// The reason word of a client's `disconnected` message, which exists already.
fn disconnected(world: &World, id: &str) -> Value {
    let found = world
        .engine
        .on(&format!("$aws/events/presence/disconnected/{id}"));
    let body: Value =
        serde_json::from_slice(&found.last().expect("it is published").payload).unwrap();
    assert_eq!(body["principalIdentifier"], "device42");
    assert_eq!(body["clientInitiatedDisconnect"], false);
    body["disconnectReason"].clone()
}

#[tokio::test]
async fn a_refresh_asks_the_same_again_and_its_documents_count_from_then_on() {
    let script = Script::always(may_publish("a"));
    let world = world(&script).await;
    let mut client = connect(&world, "dev").await;
    assert_eq!(publish(&mut client, "a").await, PubackReasonCode::Success);

    script.answer(but(may_publish("b"), "refreshAfterInSeconds", json!(600)));
    world.settle_after(REFRESH - SECOND).await;
    assert_eq!(script.count(), 1);
    assert_eq!(
        publish(&mut client, "b").await,
        PubackReasonCode::NotAuthorized
    );

    world.settle_after(SECOND).await;
    assert_eq!(script.count(), 2);
    assert_eq!(script.event(1), script.event(0));
    assert_eq!(
        publish(&mut client, "a").await,
        PubackReasonCode::NotAuthorized
    );
    assert_eq!(publish(&mut client, "b").await, PubackReasonCode::Success);

    // The new interval holds, and one that has passed several times is made up for once.
    world.settle_after(REFRESH * 2 - SECOND).await;
    assert_eq!(script.count(), 2);
    world.settle_after(REFRESH * 4).await;
    assert_eq!(script.count(), 3);
    client.disconnect().await;
}

#[tokio::test]
async fn receiving_is_judged_by_the_documents_in_force() {
    let may_receive = |topic: &str| {
        answer(json!([
            allow("iot:Connect", "client/*"),
            allow("iot:Publish", "topic/wills"),
            allow("iot:Subscribe", "topicfilter/#"),
            allow("iot:Receive", &format!("topic/{topic}")),
        ]))
    };
    let script = Script::always(may_receive("a"));
    let world = world(&script).await;
    let mut client = connect(&world, "dev").await;
    client.subscribe("#", Qos::AtMostOnce).await;
    let send = |topic: &str| {
        let topic = mqtt_topic::TopicName::parse(topic.to_owned()).unwrap();
        world.gateway.publish(iot_gateway::Message::new(topic, "x"));
    };
    send("b");
    send("a");
    assert_eq!(client.message().await.topic, "a");
    script.answer(may_receive("b"));
    world.settle_after(REFRESH).await;
    send("a");
    send("b");
    assert_eq!(client.message().await.topic, "b");
}

#[tokio::test]
async fn a_refresh_that_fails_ends_the_connection() {
    let script = Script::always(allow_all());
    let functions = Arc::new(script.clone());
    let world = World::start_with(|config| {
        config.functions = Some(functions);
        config.function_time_limit = Duration::from_millis(20);
    })
    .await;
    world.authorizer("jwt").await;
    type Case = (&'static str, Box<dyn Fn() -> Reply + Send>);
    let refusal = but(allow_all(), "isAuthenticated", json!(false));
    let invalid = but(allow_all(), "refreshAfterInSeconds", json!(1));
    let cases: Vec<Case> = vec![
        ("boom", Box::new(|| Reply::Error("boom".into()))),
        ("no answer within", Box::new(|| Reply::Hang)),
        (
            "isAuthenticated false",
            Box::new(move || Reply::Answer(refusal.clone())),
        ),
        (
            "refreshAfterInSeconds 1",
            Box::new(move || Reply::Answer(invalid.clone())),
        ),
    ];
    for (index, (why, reply)) in cases.into_iter().enumerate() {
        script.answer(allow_all());
        let id = format!("dev{index}");
        let mut client = connect(&world, &id).await;
        script.change(move |_| reply());
        world.settle_after(REFRESH).await;
        // Everything has happened by the time that settle returns.
        assert_eq!(disconnected(&world, &id), "AUTH_ERROR");
        assert_eq!(
            world.engine.on("wills").last().unwrap().payload,
            id.as_bytes()
        );
        let event = world.gateway.events().all().pop().unwrap().to_string();
        assert!(event.contains(why), "{why}: {event}");
        assert_eq!(
            goodbye(&mut client).await,
            DisconnectReasonCode::NotAuthorized
        );
    }

    // The authorizer itself may be gone or switched off.
    script.answer(allow_all());
    let mut client = connect(&world, "off").await;
    let off = json!({ "status": "INACTIVE" });
    world.iot(Method::PUT, "/authorizer/jwt", off).await;
    let before = script.count();
    world.settle_after(REFRESH).await;
    assert_eq!(script.count(), before);
    assert_eq!(disconnected(&world, "off"), "AUTH_ERROR");
    assert_eq!(
        goodbye(&mut client).await,
        DisconnectReasonCode::NotAuthorized
    );
}

#[tokio::test]
async fn the_connections_time_is_fixed_at_connect() {
    let script = Script::always(but(allow_all(), "disconnectAfterInSeconds", json!(1000)));
    let world = world(&script).await;
    let mut client = connect(&world, "dev").await;
    script.answer(but(allow_all(), "disconnectAfterInSeconds", json!(86_400)));
    world.settle_after(Duration::from_secs(999)).await;
    assert_eq!(script.count(), 2);
    client.assert_quiet().await;

    world.settle_after(SECOND).await;
    assert_eq!(disconnected(&world, "dev"), "CUSTOMAUTH_TTL_EXPIRATION");
    assert_eq!(world.engine.on("wills").len(), 1);
    assert_eq!(
        goodbye(&mut client).await,
        DisconnectReasonCode::MaximumConnectTime
    );
    world.settle_after(REFRESH * 10).await;
    assert_eq!(script.count(), 2, "nobody is left to ask about");
}

#[tokio::test]
async fn time_runs_out_while_a_refresh_hangs() {
    let script = Script::always(but(allow_all(), "disconnectAfterInSeconds", json!(400)));
    let world = world(&script).await;
    let mut client = connect(&world, "dev").await;
    script.change(|_| Reply::Hang);
    world.advance(REFRESH);
    script.called(2).await;
    world.settle_after(Duration::from_secs(100)).await;
    assert_eq!(disconnected(&world, "dev"), "CUSTOMAUTH_TTL_EXPIRATION");
    goodbye(&mut client).await;
}

#[tokio::test]
async fn a_refresh_that_hangs_holds_up_nobody() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    let mut slow = connect(&world, "slow").await;
    slow.subscribe("news", Qos::AtMostOnce).await;
    let gate = Arc::new(Semaphore::new(0));
    let late = may_publish("late");
    let closed = Arc::clone(&gate);
    script.change(move |_| Reply::After(Arc::clone(&closed), late.clone()));
    // The tick that comes by itself starts the refresh.
    world.pass(REFRESH);
    script.called(2).await;

    let device = world.trusted().await;
    let mut other = Client::connect(&world, &device, Options::v5("other"))
        .await
        .unwrap();
    other.subscribe("news", Qos::AtMostOnce).await;
    assert_eq!(publish(&mut other, "news").await, PubackReasonCode::Success);
    assert_eq!(other.message().await.topic, "news");
    // The documents of the connect count until there are others.
    assert_eq!(slow.message().await.topic, "news");
    assert_eq!(publish(&mut slow, "x").await, PubackReasonCode::Success);

    // Settling waits for what is under way, too.
    let gateway = Arc::clone(&world.gateway);
    let settled = tokio::spawn(async move { gateway.settle().await });
    gate.add_permits(1);
    within(settled).await.unwrap();
    assert_eq!(
        publish(&mut slow, "x").await,
        PubackReasonCode::NotAuthorized
    );
    assert_eq!(publish(&mut slow, "late").await, PubackReasonCode::Success);
    assert_eq!(script.count(), 2);
}

#[tokio::test]
async fn the_principal_of_the_connect_stays() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    let mut client = connect(&world, "dev").await;
    script.answer(but(allow_all(), "principalId", json!("somebody")));
    world.settle_after(REFRESH).await;
    publish(&mut client, "x").await;
    let [message] = world.engine.on("x").try_into().unwrap();
    assert_eq!(message.principal.as_deref(), Some("device42"));
}

#[tokio::test]
async fn delete_connection_ends_the_lease_as_well() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    let mut client = connect(&world, "dev").await;
    let request = Request::delete("/connections/dev")
        .body(Bytes::new())
        .unwrap();
    let response = world.gateway.handle_iot_data(request).await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        goodbye(&mut client).await,
        DisconnectReasonCode::AdministrativeAction
    );
    let gone = |event: &iot_gateway::Event| {
        matches!(
            event.kind,
            EventKind::Disconnected {
                reason: "API_INITIATED_DISCONNECT",
                ..
            }
        )
    };
    world.event(gone).await;
    world.settle_after(REFRESH * 100).await;
    assert_eq!(script.count(), 1);
    assert_eq!(disconnected(&world, "dev"), "API_INITIATED_DISCONNECT");
}

#[tokio::test]
async fn a_session_that_is_taken_over_is_refreshed_for_its_new_connection_only() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    let mut first = connect(&world, "dev").await;
    let mut second = connect(&world, "dev").await;
    goodbye(&mut first).await;
    let gone = |event: &iot_gateway::Event| {
        matches!(
            event.kind,
            EventKind::Disconnected {
                reason: "DUPLICATE_CLIENTID",
                ..
            }
        )
    };
    world.event(gone).await;
    world.settle_after(REFRESH).await;
    assert_eq!(script.count(), 3);
    assert_eq!(script.event(2), script.event(1));
    second.assert_quiet().await;
}

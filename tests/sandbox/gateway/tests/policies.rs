//! IoT policies at connect, publish, retain, subscribe and receive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use http::Method;
use iot_gateway::EventKind;
use mqtt_protocol_core::mqtt::packet::Qos;
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, PubackReasonCode};
use serde_json::{Value, json};
use support::World;
use support::client::{Client, Options, Refused};

const ARN: &str = "arn:aws:iot:eu-west-1:123456789012:";

fn policy(statements: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": format!("{ARN}{resource}") })
}

/// The device policy of the suite: everything hangs on the thing's name.
fn device_policy() -> String {
    policy(json!([
        allow("iot:Connect", "client/${iot:Connection.Thing.ThingName}"),
        allow("iot:Publish", "topic/sensors/${iot:Connection.Thing.ThingName}/data"),
        allow("iot:Subscribe", "topicfilter/cmd/${iot:Connection.Thing.ThingName}/*"),
        allow("iot:Receive", "topic/cmd/${iot:Connection.Thing.ThingName}/*"),
    ]))
}

#[tokio::test]
async fn a_device_may_do_what_its_thing_may_and_no_more() {
    let world = World::start().await;
    let device = world.device(&device_policy()).await;
    world.thing("t1", &device, "NON_EXCLUSIVE_THING").await;

    let mut client = Client::connect(&world, &device, Options::v5("t1")).await.unwrap();
    let ok = client.publish("sensors/t1/data", b"{}", Qos::AtLeastOnce, false).await;
    assert_eq!(ok, Some(PubackReasonCode::Success));
    let foreign = client.publish("sensors/t2/data", b"{}", Qos::AtLeastOnce, false).await;
    assert_eq!(foreign, Some(PubackReasonCode::NotAuthorized));
    let retained = client.publish("sensors/t1/data", b"{}", Qos::AtLeastOnce, true).await;
    assert_eq!(retained, Some(PubackReasonCode::NotAuthorized));
    assert_eq!(world.engine.messages().len(), 1);
    assert_eq!(client.subscribe("cmd/t1/#", Qos::AtLeastOnce).await, 1);
    assert_eq!(client.subscribe("cmd/t2/#", Qos::AtLeastOnce).await, 0x87);
    // QoS 0 has no acknowledgement to carry the reason.
    client.publish("sensors/t2/data", b"{}", Qos::AtMostOnce, false).await;
    let goodbye = client.next().await.unwrap().to_string();
    assert!(goodbye.contains("NotAuthorized"), "{goodbye}");
    assert!(client.next().await.is_none());

    let mut client = Client::connect(&world, &device, Options::v3("t1")).await.unwrap();
    assert_eq!(client.subscribe("cmd/t2/#", Qos::AtLeastOnce).await, 0x80);
    assert!(client.publish("sensors/t2/data", b"{}", Qos::AtLeastOnce, false).await.is_none());
    let denied = |event: &iot_gateway::Event| match &event.kind {
        EventKind::PublishDenied { topic, reason } => topic == "sensors/t2/data" && reason.contains("iot:Publish"),
        _ => false,
    };
    world.event(denied).await;
    let gone = |event: &iot_gateway::Event| matches!(event.kind, EventKind::Disconnected { reason: "AUTH_ERROR", .. });
    world.event(gone).await;
}

#[tokio::test]
async fn another_client_id_has_no_thing_unless_it_is_exclusive() {
    let world = World::start().await;
    let device = world.device(&policy(json!([
        allow("iot:Connect", "client/*"),
        allow("iot:Publish", "topic/sensors/${iot:Connection.Thing.ThingName}/data"),
    ])))
    .await;
    world.thing("t1", &device, "NON_EXCLUSIVE_THING").await;
    let mut client = Client::connect(&world, &device, Options::v5("other")).await.unwrap();
    let code = client.publish("sensors/t1/data", b"", Qos::AtLeastOnce, false).await;
    assert_eq!(code, Some(PubackReasonCode::NotAuthorized));
    world.event(|event| event.to_string().contains("no value for iot:Connection.Thing.ThingName")).await;

    let headers = [("x-amzn-principal", device.arn.as_str())];
    world.try_iot(Method::DELETE, "/things/t1/principals", &headers, json!({})).await;
    world.attach_thing("t1", &device, "EXCLUSIVE_THING").await;
    let code = client.publish("sensors/t1/data", b"", Qos::AtLeastOnce, false).await;
    assert_eq!(code, Some(PubackReasonCode::Success));
}

#[tokio::test]
async fn connect_checks_the_client_id_the_will_and_the_attributes() {
    let world = World::start().await;
    let device = world.device(&policy(json!([
        {
            "Effect": "Allow",
            "Action": "iot:Connect",
            "Resource": format!("{ARN}client/dev"),
            "Condition": { "ForAllValues:StringEquals": { "iot:ConnectAttributes": ["LastWill"] } }
        },
        allow("iot:Publish", "topic/wills/dev"),
    ])))
    .await;
    let refused = |options: Options| {
        let (world, device) = (&world, &device);
        async move { Client::connect(world, device, options).await.err() }
    };
    assert_eq!(refused(Options::v3("dev")).await, None);
    assert_eq!(refused(Options::v3("else")).await, Some(Refused::Closed));
    let not_authorized = Some(Refused::V5(ConnectReasonCode::NotAuthorized));
    assert_eq!(refused(Options::v5("else")).await, not_authorized);
    assert_eq!(refused(Options::v5("dev").persistent()).await, not_authorized);
    assert_eq!(refused(Options::v5("dev").will("wills/dev", b"", false)).await, None);
    assert_eq!(refused(Options::v5("dev").will("wills/else", b"", false)).await, not_authorized);
    assert_eq!(refused(Options::v5("dev").will("wills/dev", b"x", true)).await, not_authorized);
    world.event(|event| event.to_string().contains("the will may not be published: iot:RetainPublish")).await;
    let failed = world.engine.wait_for("$aws/events/presence/connect_failed/else").await;
    let body: Value = serde_json::from_slice(&failed.payload).unwrap();
    assert_eq!(body["connectFailureReason"], "AUTHORIZATION_FAILED");
    assert_eq!(body["principalIdentifier"], device.id.as_str());
}

#[tokio::test]
async fn receive_is_asked_for_every_message() {
    let world = World::start().await;
    let device = world.device(&policy(json!([
        allow("iot:Connect", "client/*"),
        allow("iot:Subscribe", "topicfilter/a/#"),
        allow("iot:Receive", "topic/a/*"),
        { "Effect": "Deny", "Action": "iot:Receive", "Resource": format!("{ARN}topic/a/secret") },
    ])))
    .await;
    let publisher = world.trusted().await;
    let mut publisher = Client::connect(&world, &publisher, Options::v3("pub")).await.unwrap();
    let mut client = Client::connect(&world, &device, Options::v3("sub")).await.unwrap();
    assert_eq!(client.subscribe("a/#", Qos::AtLeastOnce).await, 1);
    publisher.publish("a/secret", b"1", Qos::AtLeastOnce, false).await;
    publisher.publish("a/open", b"2", Qos::AtLeastOnce, false).await;
    assert_eq!(client.message().await.payload, b"2");
    client.assert_quiet().await;
    world.event(|event| matches!(&event.kind, EventKind::ReceiveDenied { topic, .. } if topic == "a/secret")).await;
}

#[tokio::test]
async fn policies_of_groups_and_their_parents_count_for_the_connections_thing() {
    let world = World::start().await;
    let device = world.device(&policy(json!([allow("iot:Connect", "client/*")]))).await;
    world.thing("t1", &device, "NON_EXCLUSIVE_THING").await;
    world.iot(Method::POST, "/thing-groups/fleet", json!({})).await;
    world.iot(Method::POST, "/thing-groups/site", json!({ "parentGroupName": "fleet" })).await;
    let member = json!({ "thingGroupName": "site", "thingName": "t1" });
    world.iot(Method::PUT, "/thing-groups/addThingToThingGroup", member.clone()).await;
    let body = json!({ "policyDocument": policy(json!([allow("iot:Publish", "topic/x")])) });
    world.iot(Method::POST, "/policies/of-fleet", body).await;
    world.attach("of-fleet", &format!("{ARN}thinggroup/fleet")).await;

    let mut client = Client::connect(&world, &device, Options::v5("t1")).await.unwrap();
    let publish = async |client: &mut Client| client.publish("x", b"", Qos::AtLeastOnce, false).await.unwrap();
    assert_eq!(publish(&mut client).await, PubackReasonCode::Success);
    world.iot(Method::PUT, "/thing-groups/removeThingFromThingGroup", member).await;
    assert_eq!(publish(&mut client).await, PubackReasonCode::NotAuthorized);
}

#[tokio::test]
async fn a_new_default_version_counts_at_once() {
    let world = World::start().await;
    let device = world.device(&policy(json!([allow("iot:Connect", "client/*")]))).await;
    let name = world.grant(&device, &policy(json!([allow("iot:Publish", "topic/x")]))).await;
    let mut client = Client::connect(&world, &device, Options::v5("dev")).await.unwrap();
    let publish = async |client: &mut Client| client.publish("x", b"", Qos::AtLeastOnce, false).await.unwrap();
    assert_eq!(publish(&mut client).await, PubackReasonCode::Success);
    let body = json!({ "policyDocument": policy(json!([allow("iot:Publish", "topic/y")])) });
    world.iot(Method::POST, &format!("/policies/{name}/version?setAsDefault=true"), body).await;
    assert_eq!(publish(&mut client).await, PubackReasonCode::NotAuthorized);
    world.iot(Method::PATCH, &format!("/policies/{name}/version/1"), json!({})).await;
    assert_eq!(publish(&mut client).await, PubackReasonCode::Success);
}

#[tokio::test]
async fn test_authorization_says_what_the_broker_does() {
    let world = World::start().await;
    let device = world.device(&device_policy()).await;
    world.thing("t1", &device, "NON_EXCLUSIVE_THING").await;
    let question = json!({
        "principal": device.arn,
        "authInfos": [
            { "actionType": "PUBLISH", "resources": [format!("{ARN}topic/sensors/t1/data"), format!("{ARN}topic/x")] },
            { "actionType": "CONNECT", "resources": [format!("{ARN}client/t1")] },
        ]
    });
    let answer = world.iot(Method::POST, "/test-authorization?clientId=t1", question.clone()).await;
    let decisions: Vec<_> = answer["authResults"].as_array().unwrap().iter().map(|it| &it["authDecision"]).collect();
    assert_eq!(decisions, ["ALLOWED", "IMPLICIT_DENY", "ALLOWED"]);
    let answer = world.iot(Method::POST, "/test-authorization?clientId=t2", question).await;
    assert_eq!(answer["authResults"][0]["authDecision"], "IMPLICIT_DENY");
    assert_eq!(answer["authResults"][0]["missingContextValues"], json!(["iot:Connection.Thing.ThingName"]));
}

//! The broker's promises: sessions, retained messages, wills, limits, MQTT 5.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::time::Duration;

use iot_gateway::{EventKind, Message};
use mqtt_protocol_core::mqtt::packet::{
    ContentType, CorrelationData, MessageExpiryInterval, Packet, PayloadFormat,
    PayloadFormatIndicator, Property, Qos, ResponseTopic, RetainHandling, SubEntry, SubOpts,
    UserProperty, WillDelayInterval, v5_0,
};
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, ConnectReturnCode, DisconnectReasonCode, PubackReasonCode,
};
use mqtt_topic::TopicName;
use support::client::{Client, Options, Refused};
use support::{World, within};

fn message(topic: &str, payload: &str) -> Message {
    Message {
        qos: iot_gateway::Qos::AtLeastOnce,
        ..Message::new(TopicName::parse(topic).unwrap(), payload.to_owned())
    }
}

#[tokio::test]
async fn the_engine_has_the_message_before_the_publisher_has_its_ack() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut client = Client::connect(&world, &device, Options::v3("dev"))
        .await
        .unwrap();
    for number in 0..50 {
        client
            .publish(&format!("t/{number}"), b"x", Qos::AtLeastOnce, false)
            .await
            .unwrap();
        assert_eq!(world.engine.messages().len(), number + 1);
    }
}

#[tokio::test]
async fn a_persistent_session_keeps_qos_1_and_repeats_what_was_not_acknowledged() {
    let world = World::start().await;
    let device = world.trusted().await;
    for options in [Options::v3("v3"), Options::v5("v5")] {
        let options = options.persistent();
        let id = options.client_id.clone();
        let topic = format!("to/{id}");
        let mut client = Client::connect(&world, &device, options.clone().silent())
            .await
            .unwrap();
        assert!(!client.session_present);
        assert_eq!(client.subscribe(&topic, Qos::AtLeastOnce).await, 1);
        world.gateway.publish(message(&topic, "first"));
        let first = client.message().await;
        assert!(!first.dup);
        drop(client);
        world
            .event(|event| {
                event.client_id.as_deref() == Some(&id)
                    && matches!(event.kind, EventKind::Disconnected { .. })
            })
            .await;
        world.gateway.publish(message(&topic, "second"));
        world.gateway.publish(Message::new(
            TopicName::parse(topic.as_str()).unwrap(),
            "QoS 0 is not kept",
        ));

        let mut client = Client::connect(&world, &device, options.clone())
            .await
            .unwrap();
        assert!(client.session_present);
        let again = client.message().await;
        assert_eq!(
            (again.payload.as_slice(), again.dup, again.packet_id),
            (&b"first"[..], true, first.packet_id)
        );
        assert_eq!(client.message().await.payload, b"second");
        client.assert_quiet().await;
        assert_eq!(world.gateway.pending(&id), Some(0));
        client.disconnect().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_is_lost_however_often_the_client_is_taken_over() {
    let world = World::start().await;
    let device = world.trusted().await;
    let options = Options::v5("dev").persistent();
    let mut client = Client::connect(&world, &device, options.clone().silent())
        .await
        .unwrap();
    client.subscribe("t", Qos::AtLeastOnce).await;
    let gateway = std::sync::Arc::clone(&world.gateway);
    let publisher = tokio::spawn(async move {
        for number in 0..500_u32 {
            gateway.publish(message("t", &number.to_string()));
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..20 {
        // The new connection takes over while the old one is being written to.
        client = Client::connect(&world, &device, options.clone().silent())
            .await
            .unwrap();
        client.message().await;
    }
    publisher.await.unwrap();
    let mut client = Client::connect(&world, &device, options).await.unwrap();
    for number in 0..500_u32 {
        assert_eq!(
            client.message().await.payload,
            number.to_string().as_bytes()
        );
    }
    client.assert_quiet().await;
    assert_eq!(world.gateway.pending("dev"), Some(0));
}

#[tokio::test]
async fn a_message_too_large_for_the_client_does_not_block_the_next() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut options = Options::v5("dev");
    let small = mqtt_protocol_core::mqtt::packet::MaximumPacketSize::new(100).unwrap();
    options.props = vec![small.into()];
    let mut client = Client::connect(&world, &device, options).await.unwrap();
    client.subscribe("t", Qos::AtLeastOnce).await;
    world.gateway.publish(message("t", &"x".repeat(200)));
    world.gateway.publish(message("t", "fits"));
    assert_eq!(client.message().await.payload, b"fits");
    client.assert_quiet().await;
    assert_eq!(world.gateway.pending("dev"), Some(0));
    world
        .event(|event| matches!(event.kind, EventKind::DeliveryDropped { .. }))
        .await;
}

#[tokio::test]
async fn a_session_lives_an_hour_by_the_clock_and_a_clean_start_forgets_it() {
    let world = World::start().await;
    let device = world.trusted().await;
    let options = Options::v3("dev").persistent();
    let gone = |number: usize| {
        let world = &world;
        async move {
            within(async {
                loop {
                    let all = world.gateway.events().all();
                    let ended = all
                        .iter()
                        .filter(|event| matches!(event.kind, EventKind::Disconnected { .. }));
                    if ended.count() == number {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
    };
    Client::connect(&world, &device, options.clone())
        .await
        .unwrap()
        .disconnect()
        .await;
    gone(1).await;
    world.advance(Duration::from_secs(3599));
    let client = Client::connect(&world, &device, options.clone())
        .await
        .unwrap();
    assert!(client.session_present);
    client.disconnect().await;
    gone(2).await;
    world.advance(Duration::from_secs(3600));
    assert_eq!(world.gateway.pending("dev"), None);
    let client = Client::connect(&world, &device, options.clone())
        .await
        .unwrap();
    assert!(!client.session_present);
    client.disconnect().await;
    gone(3).await;
    let client = Client::connect(&world, &device, Options::v3("dev"))
        .await
        .unwrap();
    assert!(!client.session_present);
}

#[tokio::test]
async fn retained_messages_reach_later_subscribers_until_they_are_cleared() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut publisher = Client::connect(&world, &device, Options::v3("pub"))
        .await
        .unwrap();
    publisher
        .publish("state/a", b"1", Qos::AtLeastOnce, true)
        .await
        .unwrap();
    publisher
        .publish("state/b", b"2", Qos::AtLeastOnce, true)
        .await
        .unwrap();
    publisher
        .publish("state/b", b"", Qos::AtLeastOnce, true)
        .await
        .unwrap();

    let mut subscriber = Client::connect(&world, &device, Options::v5("sub"))
        .await
        .unwrap();
    subscriber.subscribe("state/+", Qos::AtLeastOnce).await;
    let kept = subscriber.message().await;
    assert_eq!(
        (kept.topic.as_str(), kept.payload.as_slice(), kept.retain),
        ("state/a", &b"1"[..], true)
    );
    // Live messages do not carry the flag.
    publisher
        .publish("state/a", b"3", Qos::AtLeastOnce, true)
        .await
        .unwrap();
    let live = subscriber.message().await;
    assert_eq!((live.payload.as_slice(), live.retain), (&b"3"[..], false));
    // Retain handling 2: none; retain-as-published: the flag stays.
    let options = SubOpts::new()
        .set_qos(Qos::AtMostOnce)
        .set_rh(RetainHandling::DoNotSendRetained)
        .set_rap(true);
    subscriber
        .subscribe_with(vec![SubEntry::new("state/+", options).unwrap()])
        .await;
    subscriber.assert_quiet().await;
    publisher
        .publish("state/a", b"4", Qos::AtLeastOnce, true)
        .await
        .unwrap();
    let live = subscriber.message().await;
    assert_eq!((live.qos, live.retain), (Qos::AtMostOnce, true));
}

#[tokio::test]
async fn a_will_is_sent_when_the_connection_breaks_and_not_after_disconnect() {
    let world = World::start().await;
    let device = world.trusted().await;
    for options in [Options::v3("a"), Options::v5("b")] {
        let options = options.will("wills/1", b"gone", false);
        Client::connect(&world, &device, options.clone())
            .await
            .unwrap()
            .disconnect()
            .await;
        let id = options.client_id.clone();
        world
            .event(|event| {
                event.client_id.as_deref() == Some(&id)
                    && matches!(event.kind, EventKind::Disconnected { .. })
            })
            .await;
        assert!(world.engine.messages().is_empty());
    }
    let options = Options::v3("c").will("wills/1", b"gone", true);
    drop(Client::connect(&world, &device, options).await.unwrap());
    let will = world.engine.wait_for("wills/1").await;
    assert_eq!((will.client_id.as_deref(), will.retain), (Some("c"), true));
}

#[tokio::test]
async fn a_delayed_will_waits_for_the_clock_and_is_dropped_when_the_client_returns() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut options = Options::v5("dev")
        .persistent()
        .will("wills/late", b"gone", false);
    options.will.as_mut().unwrap().props = vec![WillDelayInterval::new(60).unwrap().into()];
    drop(
        Client::connect(&world, &device, options.clone())
            .await
            .unwrap(),
    );
    let left = |event: &iot_gateway::Event| matches!(event.kind, EventKind::Disconnected { .. });
    world.event(left).await;
    world.advance(Duration::from_secs(59));
    assert!(world.engine.messages().is_empty());
    // Back in time.
    drop(Client::connect(&world, &device, options).await.unwrap());
    world
        .engine
        .wait_for("$aws/events/presence/disconnected/dev")
        .await;
    world.advance(Duration::from_secs(2));
    within(async {
        while world
            .gateway
            .events()
            .all()
            .iter()
            .filter(|event| left(event))
            .count()
            < 2
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(world.engine.messages().is_empty());
    world.advance(Duration::from_secs(61));
    world.engine.wait_for("wills/late").await;
}

#[tokio::test]
async fn a_second_connection_takes_the_client_id_over() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut first = Client::connect(
        &world,
        &device,
        Options::v5("dev").will("wills/dev", b"", false),
    )
    .await
    .unwrap();
    let mut second = Client::connect(&world, &device, Options::v5("dev"))
        .await
        .unwrap();
    match first.next().await {
        Some(Packet::V5_0Disconnect(packet)) => {
            assert_eq!(
                packet.reason_code(),
                Some(DisconnectReasonCode::SessionTakenOver)
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(first.next().await.is_none());
    world.engine.wait_for("wills/dev").await;
    second.assert_quiet().await;
    let gone = world
        .engine
        .wait_for("$aws/events/presence/disconnected/dev")
        .await;
    let body: serde_json::Value = serde_json::from_slice(&gone.payload).unwrap();
    assert_eq!(body["disconnectReason"], "DUPLICATE_CLIENTID");
    assert_eq!(
        (&body["versionNumber"], &body["clientInitiatedDisconnect"]),
        (&0.into(), &false.into())
    );
}

#[tokio::test]
async fn qos_2_is_refused() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut client = Client::connect(&world, &device, Options::v3("v3"))
        .await
        .unwrap();
    assert_eq!(client.subscribe("a", Qos::ExactlyOnce).await, 1);
    assert!(
        client
            .publish("a", b"", Qos::ExactlyOnce, false)
            .await
            .is_none()
    );
    let mut client = Client::connect(&world, &device, Options::v5("v5"))
        .await
        .unwrap();
    let maximum = client.connack.iter().find_map(|property| match property {
        Property::MaximumQos(most) => Some(most.val()),
        _ => None,
    });
    assert_eq!(maximum, Some(1));
    assert!(
        client
            .publish("a", b"", Qos::ExactlyOnce, false)
            .await
            .is_none()
    );
    assert!(world.engine.messages().is_empty());
}

#[tokio::test]
async fn limits_on_subscriptions_and_payloads() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut client = Client::connect(&world, &device, Options::v5("dev"))
        .await
        .unwrap();
    for number in 0..50 {
        assert_eq!(
            client
                .subscribe(&format!("t/{number}"), Qos::AtLeastOnce)
                .await,
            1
        );
    }
    assert_eq!(client.subscribe("t/50", Qos::AtLeastOnce).await, 0x97);
    // Replacing one is no new one, and one less makes room.
    assert_eq!(client.subscribe("t/0", Qos::AtMostOnce).await, 0);
    client.unsubscribe("t/1").await;
    assert_eq!(client.subscribe("t/50", Qos::AtLeastOnce).await, 1);
    assert_eq!(client.subscribe("a/#/b", Qos::AtLeastOnce).await, 0x8f);
    assert_eq!(client.subscribe("$share/g/a", Qos::AtLeastOnce).await, 0x9e);
    assert!(
        client
            .subscribe_all(
                &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
                Qos::AtMostOnce
            )
            .await
            .is_none()
    );

    let mut client = Client::connect(&world, &device, Options::v3("dev"))
        .await
        .unwrap();
    let largest = vec![b'x'; 128 * 1024];
    assert!(
        client
            .publish("big", &largest, Qos::AtLeastOnce, false)
            .await
            .is_some()
    );
    let too_large = vec![b'x'; 128 * 1024 + 1];
    assert!(
        client
            .publish("big", &too_large, Qos::AtLeastOnce, false)
            .await
            .is_none()
    );
    assert_eq!(world.engine.on("big").len(), 1);

    let mut client = Client::connect(&world, &device, Options::v5("dev"))
        .await
        .unwrap();
    let deep = "1/2/3/4/5/6/7/8/9";
    let code = client.publish(deep, b"", Qos::AtLeastOnce, false).await;
    assert_eq!(code, Some(PubackReasonCode::TopicNameInvalid));
}

#[tokio::test]
async fn hostile_and_odd_client_ids() {
    let world = World::start().await;
    let device = world.trusted().await;
    let long = "x".repeat(129);
    for hostile in [
        "*",
        "dev?",
        "$dev",
        "a+",
        "#",
        "a/b",
        "é\u{85}",
        long.as_str(),
    ] {
        let refused = Client::connect(&world, &device, Options::v3(hostile))
            .await
            .err();
        assert_eq!(
            refused,
            Some(Refused::V3(ConnectReturnCode::IdentifierRejected)),
            "{hostile}"
        );
        let refused = Client::connect(&world, &device, Options::v5(hostile))
            .await
            .err();
        assert_eq!(
            refused,
            Some(Refused::V5(ConnectReasonCode::ClientIdentifierNotValid)),
            "{hostile}"
        );
    }
    let refused = Client::connect(&world, &device, Options::v3(""))
        .await
        .err();
    assert_eq!(
        refused,
        Some(Refused::V3(ConnectReturnCode::IdentifierRejected))
    );
    let client = Client::connect(&world, &device, Options::v5(""))
        .await
        .unwrap();
    let assigned = client.connack.iter().find_map(|property| match property {
        Property::AssignedClientIdentifier(id) => Some(id.val().to_owned()),
        _ => None,
    });
    let assigned = assigned.unwrap();
    world
        .engine
        .wait_for(&format!("$aws/events/presence/connected/{assigned}"))
        .await;
    Client::connect(&world, &device, Options::v3(&"x".repeat(128)))
        .await
        .unwrap();
}

#[tokio::test]
async fn mqtt_5_properties_travel_to_the_engine_and_to_subscribers() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut subscriber = Client::connect(&world, &device, Options::v5("sub"))
        .await
        .unwrap();
    subscriber.subscribe("p", Qos::AtLeastOnce).await;
    let mut publisher = Client::connect(&world, &device, Options::v5("pub"))
        .await
        .unwrap();
    let props = vec![
        PayloadFormatIndicator::new(PayloadFormat::String)
            .unwrap()
            .into(),
        MessageExpiryInterval::new(100).unwrap().into(),
        ContentType::new("application/json").unwrap().into(),
        ResponseTopic::new("answers").unwrap().into(),
        CorrelationData::new(vec![1, 2, 3]).unwrap().into(),
        UserProperty::new("k", "1").unwrap().into(),
        UserProperty::new("k", "2").unwrap().into(),
    ];
    publisher
        .publish_with("p", b"{}", Qos::AtLeastOnce, false, props.clone())
        .await
        .unwrap();
    assert_eq!(subscriber.message().await.props, props);
    let seen = world.engine.on("p").remove(0).properties;
    assert_eq!(seen.content_type.as_deref(), Some("application/json"));
    assert_eq!(seen.response_topic.as_deref(), Some("answers"));
    assert_eq!(seen.correlation_data.as_deref(), Some(&[1, 2, 3][..]));
    assert_eq!(seen.payload_is_utf8, Some(true));
    assert_eq!(
        seen.user,
        [
            ("k".to_owned(), "1".to_owned()),
            ("k".to_owned(), "2".to_owned())
        ]
    );
}

#[tokio::test]
async fn an_expired_message_is_not_delivered_and_a_waiting_one_says_what_is_left() {
    let world = World::start().await;
    let device = world.trusted().await;
    let options = Options::v5("sub").persistent();
    let mut subscriber = Client::connect(&world, &device, options.clone())
        .await
        .unwrap();
    subscriber.subscribe("p", Qos::AtLeastOnce).await;
    subscriber.disconnect().await;
    world
        .engine
        .wait_for("$aws/events/presence/disconnected/sub")
        .await;
    for (payload, seconds) in [("short", 10), ("long", 100)] {
        let mut message = message("p", payload);
        message.properties.expiry_seconds = Some(seconds);
        world.gateway.publish(message);
    }
    world.advance(Duration::from_secs(40));
    let mut subscriber = Client::connect(&world, &device, options).await.unwrap();
    let received = subscriber.message().await;
    assert_eq!(received.payload, b"long");
    assert_eq!(
        received.props,
        [MessageExpiryInterval::new(60).unwrap().into()]
    );
    subscriber.assert_quiet().await;
}

#[tokio::test]
async fn the_window_of_a_client_is_kept() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut options = Options::v5("sub").silent();
    options.props = vec![
        mqtt_protocol_core::mqtt::packet::ReceiveMaximum::new(2)
            .unwrap()
            .into(),
    ];
    let mut subscriber = Client::connect(&world, &device, options).await.unwrap();
    subscriber.subscribe("w", Qos::AtLeastOnce).await;
    for number in 0..4 {
        world.gateway.publish(message("w", &number.to_string()));
    }
    let first = subscriber.message().await;
    assert_eq!(subscriber.message().await.payload, b"1");
    subscriber.assert_quiet().await;
    let ack = v5_0::Puback::builder()
        .packet_id(first.packet_id.unwrap())
        .build()
        .unwrap();
    subscriber.send(ack.into()).await;
    assert_eq!(subscriber.message().await.payload, b"2");
    subscriber.assert_quiet().await;
    assert_eq!(world.gateway.pending("sub"), Some(3));
}

#[tokio::test]
async fn basic_ingest_reaches_the_engine_only() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut client = Client::connect(&world, &device, Options::v3("dev"))
        .await
        .unwrap();
    client.subscribe("$aws/rules/#", Qos::AtLeastOnce).await;
    client.subscribe("#", Qos::AtLeastOnce).await;
    client
        .publish("$aws/rules/MyRule/a/b", b"x", Qos::AtLeastOnce, false)
        .await
        .unwrap();
    client.assert_quiet().await;
    let message = &world.engine.messages()[0];
    assert_eq!(message.basic_ingest_rule.as_deref(), Some("MyRule"));
    assert_eq!(message.topic, "$aws/rules/MyRule/a/b");
}

#[tokio::test]
async fn shutdown_says_goodbye_to_everybody() {
    let world = World::start().await;
    let device = world.trusted().await;
    let mut v5 = Client::connect(&world, &device, Options::v5("v5"))
        .await
        .unwrap();
    let mut v3 = Client::connect(&world, &device, Options::v3("v3"))
        .await
        .unwrap();
    let World {
        gateway, engine, ..
    } = world;
    let gateway = std::sync::Arc::into_inner(gateway).unwrap();
    within(gateway.shutdown()).await;
    match v5.next().await {
        Some(Packet::V5_0Disconnect(packet)) => {
            assert_eq!(
                packet.reason_code(),
                Some(DisconnectReasonCode::ServerShuttingDown)
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(v3.next().await.is_none());
    assert_eq!(engine.on("$aws/events/presence/disconnected/v3").len(), 1);
}

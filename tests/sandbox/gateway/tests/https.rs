//! The port in the role of AWS's 443: publishing over HTTPS, MQTT over WebSocket, and what must not pass.
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

use http::StatusCode;
use iot_gateway::{EventKind, Qos as MessageQos};
use mqtt_protocol_core::mqtt::packet::Qos;
use serde_json::{Value, json};
use support::World;
use support::authorizer::{Script, allow, allow_all, answer, but};
use support::client::{Client, Options, Refused};
use support::https::Https;
use support::tls::Door;
use support::web_socket;

const NAME: (&str, &str) = ("x-amz-customauthorizer-name", "jwt");

async fn world(script: &Script) -> (World, Door) {
    let world = World::with(script).await;
    world.authorizer("jwt").await;
    let door = Door::https(&world, "localhost");
    (world, door)
}

#[tokio::test]
async fn a_message_is_published_and_its_function_asked_every_time() {
    let script = Script::always(answer(json!([allow("iot:Publish", "topic/a/b")])));
    let (world, door) = world(&script).await;
    let mut https = Https::connect(&door).await;
    let headers = [
        ("X-Amz-CustomAuthorizer-Name", "jwt"),
        ("Token", "abc"),
        ("x-twice", "1"),
        ("x-twice", "2"),
    ];
    let (status, body) = https
        .post("/topics/a/b?qos=1&k=%20v", &headers, b"hello")
        .await;
    assert_eq!((status, &body["message"]), (StatusCode::OK, &json!("OK")));
    assert!(body["traceId"].is_string());

    let event = script.event(0);
    let id = &event["connectionMetadata"]["id"];
    assert_eq!(
        event,
        json!({
            "token": "abc",
            "signatureVerified": false,
            "protocols": ["tls", "http"],
            "protocolData": {
                "tls": { "serverName": "localhost" },
                "http": {
                    "headers": {
                        "host": "localhost",
                        "content-length": "5",
                        "x-amz-customauthorizer-name": "jwt",
                        "token": "abc",
                        "x-twice": "1, 2",
                    },
                    "queryString": "?qos=1&k=%20v",
                },
            },
            "connectionMetadata": { "id": id },
        })
    );
    let [message] = world.engine.on("a/b").try_into().unwrap();
    assert_eq!(&message.payload[..], b"hello");
    assert_eq!(message.qos, MessageQos::AtLeastOnce);
    assert_eq!(
        (message.client_id, message.principal.as_deref()),
        (None, Some("device42"))
    );

    // The same connection, parameters in the query, an encoded topic.
    let path = "/topics/a%2Fb?x-amz-customauthorizer-name=jwt&token=x";
    assert_eq!(https.post(path, &[], b"").await.0, StatusCode::OK);
    assert_eq!(script.count(), 2);
    assert_eq!(script.event(1)["token"], "x");
    assert_eq!(
        script.event(1)["connectionMetadata"]["id"],
        *id,
        "the id is the connection's"
    );

    let (status, body) = https.post("/topics/c", &[NAME], b"").await;
    assert_eq!(
        (status, &body["message"]),
        (StatusCode::FORBIDDEN, &json!("Forbidden"))
    );
    let denied = |event: &iot_gateway::Event| matches!(&event.kind, EventKind::PublishDenied { topic, .. } if topic == "c");
    assert_eq!(
        world.event(denied).await.principal.as_deref(),
        Some("device42")
    );
    let (status, _) = https.post("/topics/a/b?qos=2", &[NAME], b"").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = https.post("/topics/a/b?retain=true", &[NAME], b"").await;
    assert_eq!(
        status,
        StatusCode::FORBIDDEN,
        "iot:RetainPublish is another action"
    );
}

#[tokio::test]
async fn a_refused_request_ends_its_connection_and_tells_no_reason() {
    let script = Script::always(but(allow_all(), "isAuthenticated", json!(false)));
    let (world, door) = world(&script).await;
    world
        .authorizer_with("off", json!({ "status": "INACTIVE" }))
        .await;
    let cases: [&[(&str, &str)]; 4] = [
        &[NAME],
        &[("x-amz-customauthorizer-name", "off")],
        &[],
        &[NAME, ("x-amz-customauthorizer-name", "off")],
    ];
    for headers in cases {
        let mut https = Https::connect(&door).await;
        let (status, mut body) = https.post("/topics/a", headers, b"").await;
        body["traceId"].take();
        assert_eq!(
            (status, body),
            (
                StatusCode::FORBIDDEN,
                json!({ "message": "Forbidden", "traceId": null })
            )
        );
        assert!(https.closed().await);
    }
    for reason in [
        "isAuthenticated false",
        "off is INACTIVE",
        "names none",
        r#""jwt, off" does not exist"#,
    ] {
        world
            .event(|event| event.to_string().contains(reason))
            .await;
    }
    let twice = "/topics/a?x-amz-customauthorizer-name=off";
    let mut https = Https::connect(&door).await;
    assert_eq!(
        https.post(twice, &[NAME], b"").await.0,
        StatusCode::FORBIDDEN
    );
    world
        .event(|event| event.to_string().contains("given twice"))
        .await;
    assert!(world.engine.messages().is_empty());
}

#[tokio::test]
async fn an_answer_is_cached_only_where_the_authorizer_says_so() {
    let script = Script::always(allow_all());
    let (world, door) = world(&script).await;
    world
        .authorizer_with("cached", json!({ "enableCachingForHttp": true }))
        .await;
    let cached = ("x-amz-customauthorizer-name", "cached");
    let mut https = Https::connect(&door).await;
    for _ in 0..2 {
        https.post("/topics/a", &[NAME], b"").await;
    }
    assert_eq!(script.count(), 2);

    let count = async |https: &mut Https, headers: &[(&str, &str)], body: &[u8]| {
        let before = script.count();
        assert_eq!(
            https.post("/topics/a", headers, body).await.0,
            StatusCode::OK
        );
        script.count() - before
    };
    let one = [cached, ("token", "1")];
    assert_eq!(count(&mut https, &one, b"").await, 1);
    assert_eq!(count(&mut https, &one, b"a longer body").await, 0);
    assert_eq!(
        count(&mut https, &[cached, ("token", "2")], b"").await,
        1,
        "another token"
    );
    assert_eq!(count(&mut https, &one, b"").await, 1, "another token again");
    world.pass(Duration::from_secs(299));
    assert_eq!(count(&mut https, &one, b"").await, 0);
    world.pass(Duration::from_secs(1));
    assert_eq!(
        count(&mut https, &one, b"").await,
        1,
        "the refresh interval is over"
    );
    let mut second = Https::connect(&door).await;
    assert_eq!(count(&mut second, &one, b"").await, 1, "another connection");
    assert_eq!(count(&mut https, &one, b"").await, 0);
    // Policies still decide on each message.
    script.answer(answer(json!([allow("iot:Publish", "topic/b")])));
    world.pass(Duration::from_secs(300));
    assert_eq!(https.post("/topics/b", &one, b"").await.0, StatusCode::OK);
    assert_eq!(
        https.post("/topics/a", &one, b"").await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn mqtt_over_web_socket_with_credentials_in_the_upgrade() {
    let script = Script::always(allow_all());
    let (world, door) = world(&script).await;
    let io = web_socket::bytes(
        &door,
        "?token=a%20b",
        "X-Amz-CustomAuthorizer-Name: jwt\r\n",
    )
    .await;
    let mut client = Client::over(io, Options::v5("dev")).await.unwrap();
    let event = script.event(0);
    assert_eq!(event["protocols"], json!(["tls", "http", "mqtt"]));
    assert_eq!(event["token"], "a b");
    assert_eq!(event["protocolData"]["http"]["queryString"], "?token=a%20b");
    assert_eq!(
        event["protocolData"]["http"]["headers"]["upgrade"],
        "websocket"
    );
    assert_eq!(event["protocolData"]["mqtt"], json!({ "clientId": "dev" }));
    client.subscribe("x", Qos::AtLeastOnce).await;
    let large = vec![7; 100_000];
    client.publish("x", &large, Qos::AtLeastOnce, false).await;
    assert_eq!(client.message().await.payload, large);

    // The lease is the same as without WebSocket.
    world.settle_after(Duration::from_secs(300)).await;
    assert_eq!(script.event(1), event);
    world.settle_after(Duration::from_secs(3300)).await;
    let goodbye = client.next().await.unwrap().to_string();
    assert!(goodbye.contains("MaximumConnectTime"), "{goodbye}");
    assert!(client.next().await.is_none());
}

#[tokio::test]
async fn mqtt_over_web_socket_with_credentials_in_connect() {
    let script = Script::always(answer(json!([allow("iot:Connect", "client/dev")])));
    let (world, door) = world(&script).await;
    for v5 in [false, true] {
        let options = |id: &str| if v5 { Options::v5(id) } else { Options::v3(id) };
        let user = |id: &str| {
            options(id)
                .user("me?x-amz-customauthorizer-name=jwt")
                .password(b"p")
        };
        let io = web_socket::bytes(&door, "", "").await;
        let client = Client::over(io, user("dev")).await.unwrap();
        client.disconnect().await;
        let io = web_socket::bytes(&door, "", "").await;
        let refused = Client::over(io, options("dev")).await.err();
        assert_eq!(refused == Some(Refused::Closed), !v5, "{refused:?}");
        let io = web_socket::bytes(&door, "", "").await;
        assert!(Client::over(io, user("other")).await.is_err());
    }
    world
        .event(|event| event.to_string().contains("names none"))
        .await;
    // Who names an authorizer in both places must name the same.
    let io = web_socket::bytes(&door, "?x-amz-customauthorizer-name=x", "").await;
    let both = Options::v3("dev").user("?x-amz-customauthorizer-name=jwt");
    assert!(Client::over(io, both).await.is_err());
    world
        .event(|event| event.to_string().contains("given twice"))
        .await;
}

#[tokio::test]
async fn a_close_frame_is_a_good_bye_and_a_lost_connection_is_none() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;
    let script = Script::always(allow_all());
    let (world, door) = world(&script).await;
    let connect = |id: &str| {
        let mut packet = vec![0x10, 0, 0, 4, b'M', b'Q', b'T', b'T', 4, 0b0000_0110, 0, 60];
        for text in [id, "wills", id] {
            packet.extend([0, u8::try_from(text.len()).unwrap()]);
            packet.extend(text.as_bytes());
        }
        packet[1] = u8::try_from(packet.len() - 2).unwrap();
        packet
    };
    for (id, close, reason, wills) in [
        ("polite", true, "CLIENT_INITIATED_DISCONNECT", 0),
        ("lost", false, "CONNECTION_LOST", 1),
    ] {
        let mut socket = web_socket::upgraded(&door, "?x-amz-customauthorizer-name=jwt", "").await;
        // Byte by byte, each in a frame of its own, with a ping in between.
        for byte in connect(id) {
            socket
                .send(Message::Binary(vec![byte].into()))
                .await
                .unwrap();
        }
        socket
            .send(Message::Ping("are you there?".into()))
            .await
            .unwrap();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.push(support::within(socket.next()).await.unwrap().unwrap());
        }
        assert!(
            seen.contains(&Message::Binary(vec![0x20, 2, 0, 0].into())),
            "{seen:?}"
        );
        assert!(
            seen.contains(&Message::Pong("are you there?".into())),
            "{seen:?}"
        );
        if close {
            socket.close(None).await.unwrap();
            let reply = support::within(socket.next()).await;
            assert!(matches!(reply, Some(Ok(Message::Close(_)))), "{reply:?}");
        } else {
            drop(socket);
        }
        let gone = world
            .event(|event| {
                event.client_id.as_deref() == Some(id)
                    && matches!(event.kind, EventKind::Disconnected { .. })
            })
            .await;
        assert!(gone.to_string().contains(reason), "{gone}");
        assert_eq!(world.engine.on("wills").len(), wills);
    }
}

#[tokio::test]
async fn signature_version_4_is_refused_by_its_name() {
    let script = Script::always(allow_all());
    let (world, door) = world(&script).await;
    world.default_authorizer("jwt").await;
    let signed = ("authorization", "AWS4-HMAC-SHA256 Credential=x");
    let mut https = Https::connect(&door).await;
    let (status, body) = https.post("/topics/a", &[signed], b"").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("Signature Version 4"),
        "{body}"
    );
    let request = format!(
        "GET /mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256 HTTP/1.1\r\nHost: x\r\n{}\r\n",
        web_socket::UPGRADE
    );
    let (_, head) = web_socket::exchange(&door, request.as_bytes()).await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert_eq!(script.count(), 0);
    let unsupported = |event: &iot_gateway::Event| matches!(&event.kind, EventKind::Unsupported { what } if what.contains("Signature Version 4"));
    world.event(unsupported).await;
}

#[tokio::test]
async fn an_endpoint_serves_what_its_configuration_says() {
    let script = Script::always(allow_all());
    let (world, _) = world(&script).await;
    let door = async |name: &str, protocol: &str| {
        let body = json!({
            "authorizerConfig": { "defaultAuthorizerName": "jwt" },
            "authenticationType": "CUSTOM_AUTH",
            "applicationProtocol": protocol,
        });
        Door::https(&world, &world.domain(name, body).await)
    };
    let (https, wss) = (door("https", "HTTPS").await, door("wss", "MQTT_WSS").await);
    assert_eq!(
        Https::connect(&https)
            .await
            .post("/topics/a", &[], b"")
            .await
            .0,
        StatusCode::OK
    );
    let (status, body) = Https::connect(&wss).await.post("/topics/a", &[], b"").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("POST /topics/a on this endpoint"),
        "{body}"
    );
    let io = web_socket::bytes(&wss, "", "").await;
    Client::over(io, Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;
    let request = format!(
        "GET /mqtt HTTP/1.1\r\nHost: x\r\n{}\r\n",
        web_socket::UPGRADE
    );
    let (_, head) = web_socket::exchange(&https, request.as_bytes()).await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
}

#[tokio::test]
async fn without_sni_the_host_header_names_the_endpoint() {
    let script = Script::always(allow_all());
    let (world, _) = world(&script).await;
    let config = |extra: Value| {
        let mut body = json!({ "authorizerConfig": { "defaultAuthorizerName": "jwt" } });
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        body
    };
    let plain = world.domain("plain", config(json!({}))).await;
    let both = json!({ "authenticationType": "CUSTOM_AUTH_X509", "applicationProtocol": "HTTPS" });
    let both = world.domain("both", config(both)).await;
    let post = async |host: &str| {
        let request =
            format!("POST /topics/a HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
        let (_, head) =
            web_socket::exchange(&Door::https(&world, "127.0.0.1"), request.as_bytes()).await;
        head.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(post("127.0.0.1").await, "403", "no default authorizer");
    assert_eq!(post(&plain).await, "200");
    assert_eq!(post(&format!("{plain}:443")).await, "200");
    assert_eq!(post(&both).await, "403");
    world
        .event(|event| event.to_string().contains("must send its name as SNI"))
        .await;
}

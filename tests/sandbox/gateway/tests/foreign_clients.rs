//! Real mosquitto clients against the gateway.
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

use http::Method;
use iot_gateway::{EventKind, Message, Qos};
use mqtt_topic::TopicName;
use serde_json::json;
use support::authorizer::{Reply, Script, allow, answer, but};
use support::ca::Ca;
use support::mosquitto::{self, Files, text};
use support::{ALLOW_ALL, Device, World, fleet, foreign, within};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_keys_from_the_api_publishes_and_the_engine_gets_it() {
    if !mosquitto::available() {
        return;
    }
    let world = World::start().await;
    let made = world
        .iot(
            Method::POST,
            "/keys-and-certificate?setAsActive=true",
            json!({}),
        )
        .await;
    let device = Device::from(&made, made["keyPair"]["PrivateKey"].as_str().unwrap());
    world.grant(&device, ALLOW_ALL).await;
    let files = Files::new(&world, &device);
    for version in ["mqttv311", "mqttv5"] {
        let topic = format!("sensors/{version}/data");
        let published = files
            .run(
                "mosquitto_pub",
                &[
                    "-V",
                    version,
                    "-i",
                    "sensor-1",
                    "-q",
                    "1",
                    "-t",
                    &topic,
                    "-m",
                    r#"{"temp":33.2}"#,
                ],
            )
            .await;
        assert!(published.status.success(), "{}", text(&published));
        let messages = world.engine.on(&topic);
        let [message] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        assert_eq!(&message.payload[..], br#"{"temp":33.2}"#);
        assert_eq!(message.client_id.as_deref(), Some("sensor-1"));
        assert_eq!(message.principal.as_deref(), Some(device.id.as_str()));
        assert_eq!(message.source_ip, Some("127.0.0.1".parse().unwrap()));
        assert_eq!(message.received_at_ms, support::NOON);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_gets_live_retained_and_waiting_messages() {
    if !mosquitto::available() {
        return;
    }
    let world = World::start().await;
    let device = world.trusted().await;
    let files = Files::new(&world, &device);
    let kept = files
        .run(
            "mosquitto_pub",
            &["-i", "pub", "-q", "1", "-r", "-t", "state/a", "-m", "kept"],
        )
        .await;
    assert!(kept.status.success(), "{}", text(&kept));
    let args = [
        "-V", "mqttv5", "-i", "sub", "-c", "-x", "3600", "-q", "1", "-t", "state/#", "-F",
        "%t %p %r",
    ];
    let mut subscriber = files.spawn("mosquitto_sub", &args);
    let mut lines = BufReader::new(subscriber.stdout.take().unwrap()).lines();
    assert_eq!(
        within(lines.next_line()).await.unwrap().as_deref(),
        Some("state/a kept 1")
    );
    files
        .run(
            "mosquitto_pub",
            &["-i", "pub", "-q", "1", "-t", "state/b", "-m", "live"],
        )
        .await;
    assert_eq!(
        within(lines.next_line()).await.unwrap().as_deref(),
        Some("state/b live 0")
    );

    subscriber.kill().await.unwrap();
    world
        .event(|event| {
            event.client_id.as_deref() == Some("sub")
                && matches!(event.kind, EventKind::Disconnected { .. })
        })
        .await;
    let waiting = Message {
        qos: Qos::AtLeastOnce,
        ..Message::new(TopicName::parse("state/c").unwrap(), "waiting")
    };
    world.gateway.publish(waiting);
    let mut subscriber = files.spawn("mosquitto_sub", &args);
    let mut lines = BufReader::new(subscriber.stdout.take().unwrap()).lines();
    let mut seen = vec![
        within(lines.next_line()).await.unwrap().unwrap(),
        within(lines.next_line()).await.unwrap().unwrap(),
    ];
    seen.sort();
    assert_eq!(seen, ["state/a kept 1", "state/c waiting 0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_reach_the_client() {
    if !mosquitto::available() {
        return;
    }
    let world = World::start().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]}"#;
    let device = world.device(policy).await;
    let files = Files::new(&world, &device);
    let denied = files
        .run(
            "mosquitto_pub",
            &["-V", "mqttv5", "-i", "dev", "-q", "1", "-t", "a", "-m", "x"],
        )
        .await;
    assert!(
        text(&denied).contains("Not authorized"),
        "{}",
        text(&denied)
    );
    assert!(world.engine.messages().is_empty());

    world.set_status(&device, "INACTIVE").await;
    let closed = files
        .run(
            "mosquitto_pub",
            &["-i", "dev", "-q", "1", "-t", "a", "-m", "x"],
        )
        .await;
    assert!(!closed.status.success(), "{}", text(&closed));
    assert!(world.refusal().await.contains("INACTIVE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn user_name_and_password_for_a_custom_authorizer() {
    if !mosquitto::available() {
        return;
    }
    let script = Script::new(|event| {
        // "right", in base64.
        let known = event["protocolData"]["mqtt"]["password"] == "cmlnaHQ=";
        let statements = json!([
            allow("iot:Connect", "client/dev"),
            allow("iot:Publish", "topic/sensors/${iot:ClientId}/data"),
        ]);
        Reply::Answer(but(answer(statements), "isAuthenticated", known.into()))
    });
    let world = World::with(&script).await;
    world.authorizer("jwt").await;
    let files = Files::custom(&world);
    let publish = async |version: &str, password: &str, topic: &str| {
        let args = [
            "-V",
            version,
            "-i",
            "dev",
            "-u",
            "me?x-amz-customauthorizer-name=jwt",
            "-P",
            password,
            "-q",
            "1",
            "-t",
            topic,
            "-m",
            "x",
        ];
        files.run("mosquitto_pub", &args).await
    };
    for version in ["mqttv311", "mqttv5"] {
        let published = publish(version, "right", "sensors/dev/data").await;
        assert!(published.status.success(), "{}", text(&published));
        let wrong = publish(version, "wrong", "sensors/dev/data").await;
        assert!(!wrong.status.success(), "{}", text(&wrong));
    }
    let denied = publish("mqttv5", "right", "else").await;
    assert!(
        text(&denied).contains("Not authorized"),
        "{}",
        text(&denied)
    );
    let messages = world.engine.messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].principal.as_deref(), Some("device42"));
    let reason = world.refusal().await;
    assert!(reason.contains("isAuthenticated false"), "{reason}");
}

/// Only OpenSSL makes and uses such certificates: plain `openssl x509 -req` writes version 1, and rustls refuses them.
#[tokio::test(flavor = "multi_thread")]
async fn x509_version_1_certificates_connect() {
    if !mosquitto::available() {
        return;
    }
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let openssl = |args: &[&str]| {
        let output = std::process::Command::new("openssl")
            .args(args)
            .current_dir(folder.path())
            .output();
        let output =
            output.expect("the program openssl is missing; install the Debian package openssl");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    openssl(&[
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "r.pem",
        "-subj", "/CN=v1",
    ]);
    openssl(&[
        "x509", "-req", "-in", "r.pem", "-signkey", "k.pem", "-out", "c.pem", "-days", "20000",
    ]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(read("c.pem").as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    assert_eq!(
        certificate.version().0,
        0,
        "openssl wrote a version 3 certificate"
    );
    let starts = u64::try_from(certificate.validity().not_before.timestamp()).unwrap() * 1000;
    let body = json!({ "certificatePem": read("c.pem"), "status": "ACTIVE" });
    let mut made = world
        .iot(Method::POST, "/certificate/register-no-ca", body)
        .await;
    made["certificatePem"] = read("c.pem").into();
    let device = Device::from(&made, &read("k.pem"));
    world.grant(&device, ALLOW_ALL).await;
    // The certificate begins at the wall clock's now, which may be later than the world's.
    world.advance(Duration::from_millis(
        starts.saturating_sub(support::NOON) + 1000,
    ));
    let files = Files::new(&world, &device);
    for version in ["tlsv1.2", "tlsv1.3"] {
        let args = [
            "--tls-version",
            version,
            "-i",
            "old",
            "-q",
            "1",
            "-t",
            version,
            "-m",
            "x",
        ];
        let published = files.run("mosquitto_pub", &args).await;
        assert!(
            published.status.success(),
            "{version}: {} {:?}",
            text(&published),
            world.gateway.events().all()
        );
        assert_eq!(world.engine.on(version).len(), 1);
    }
}

/// The fleet provisioning client that AWS gives Python devices, with both ways to a certificate and both versions of MQTT.
#[tokio::test(flavor = "multi_thread")]
async fn the_aws_iot_device_sdk_for_python_enrols() {
    let python = |args: &[&str]| std::process::Command::new("python3").args(args).output();
    let there = python(&["-c", "import awsiot.iotidentity"]).is_ok_and(|it| it.status.success());
    let missing = "the AWS IoT Device SDK for Python is missing; install awsiotsdk from PyPI";
    if !foreign::found(there, missing) {
        return;
    }
    let world = World::start().await;
    world.template(false).await;
    let claim = world.device(fleet::CLAIM_POLICY).await;
    let files = Files::new(&world, &claim);
    let (key, csr) = fleet::csr();
    std::fs::write(files.path("device.csr"), csr).unwrap();
    std::fs::write(files.path("device.key"), key.serialize_pem()).unwrap();
    let (script, port) = (
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/fleet_device.py"),
        world.gateway.mqtt_addr().port().to_string(),
    );
    let folder = files.path("").display().to_string();
    let enrol = |mode: &'static str, parameters: serde_json::Value| {
        let args = [
            script,
            mode,
            &port,
            &folder,
            fleet::TEMPLATE,
            "data",
            &parameters.to_string(),
        ];
        python(&args).unwrap()
    };
    for mode in ["keys", "csr"] {
        let name = format!("t-{mode}");
        let enrolled = enrol(mode, json!({ "SerialNumber": mode, "ThingName": name }));
        assert!(enrolled.status.success(), "{mode}: {}", text(&enrolled));
        let told: serde_json::Value = serde_json::from_slice(&enrolled.stdout).unwrap();
        let configuration = json!({ "endpoint": "data", "serial": mode });
        assert_eq!(
            (&told["thingName"], &told["deviceConfiguration"]),
            (&name.into(), &configuration)
        );
        let published = world.engine.messages().pop().unwrap();
        assert_eq!(
            published.principal.as_deref(),
            told["certificateId"].as_str()
        );

        let rejected = enrol(mode, json!({}));
        assert!(!rejected.status.success(), "{mode}");
        assert!(
            text(&rejected).contains("400 InvalidParameters: "),
            "{}",
            text(&rejected)
        );
    }
    assert_eq!(world.engine.messages().len(), 2);
}

/// Also keeps the README's transcript true.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_a_manufacturers_ca_is_in_once_its_certificate_is_active() {
    if !mosquitto::available() {
        return;
    }
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    let device = ca.device("lamp-1");
    let files = Files::new(&world, &device);
    let publish = ["-i", "lamp-1", "-q", "1", "-t", "lamps/1", "-m", "on"];
    let answer = files.run("mosquitto_pub", &publish).await;
    assert!(!answer.status.success());
    assert_eq!(text(&answer).trim(), "Error: The connection was lost.");
    let topic = format!("$aws/events/certificates/registered/{}", ca.id);
    let announced = world.engine.on(&topic);
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0].client_id.as_deref(), Some("lamp-1"));

    world.grant(&device, ALLOW_ALL).await;
    world.set_status(&device, "ACTIVE").await;
    let answer = files.run("mosquitto_pub", &publish).await;
    assert!(answer.status.success(), "{}", text(&answer));
    assert_eq!(world.engine.on("lamps/1").len(), 1);
}

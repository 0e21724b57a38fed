//! Who gets in: certificates in every state.
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

use http::{Method, StatusCode};
use iot_gateway::EventKind;
use mqtt_protocol_core::mqtt::packet::Qos;
use serde_json::json;
use support::client::{Client, Options, Refused};
use support::tls::tls;
use support::{ALLOW_ALL, Device, World};
use tokio_rustls::rustls::version::{TLS12, TLS13};

/// A device whose certificate was made elsewhere and is valid from `from` to `until` (years).
async fn self_made(world: &World, from: i32, until: i32, status: &str) -> Device {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let pem = params.self_signed(&key).unwrap().pem();
    let mut made = world
        .iot(
            Method::POST,
            "/certificate/register-no-ca",
            json!({ "certificatePem": pem, "status": status }),
        )
        .await;
    made["certificatePem"] = pem.into();
    let device = Device::from(&made, &key.serialize_pem());
    world.grant(&device, ALLOW_ALL).await;
    device
}

#[tokio::test]
async fn both_tls_versions_and_alpn_names() {
    let world = World::start().await;
    let device = world.trusted().await;
    for version in [&TLS12, &TLS13] {
        for alpn in [&[][..], &[&b"x-amzn-mqtt-ca"[..]], &[&b"mqtt"[..]]] {
            let io = tls(&world, Some(&device), &[version], alpn).await.unwrap();
            assert_eq!(io.get_ref().1.alpn_protocol(), alpn.first().copied());
            Client::over(io, Options::v3("dev"))
                .await
                .unwrap()
                .disconnect()
                .await;
        }
    }
    assert!(
        tls(&world, Some(&device), &[&TLS13], &[b"h2"])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn only_active_registered_certificates() {
    let world = World::start().await;
    let device = world.trusted().await;
    world.set_status(&device, "INACTIVE").await;
    assert_eq!(
        Client::connect(&world, &device, Options::v3("dev"))
            .await
            .err(),
        Some(Refused::Closed)
    );
    assert!(world.refusal().await.contains("is INACTIVE"));

    world.set_status(&device, "ACTIVE").await;
    Client::connect(&world, &device, Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;

    world.set_status(&device, "REVOKED").await;
    assert_eq!(
        Client::connect(&world, &device, Options::v5("dev"))
            .await
            .err(),
        Some(Refused::Closed)
    );
    world
        .event(|event| event.to_string().contains("is REVOKED"))
        .await;
    let path = format!("/certificates/{}?newStatus=ACTIVE", device.id);
    let (status, code, _) = world.try_iot(Method::PUT, &path, &[], json!({})).await;
    assert_eq!(
        (status.as_u16(), code.as_str()),
        (406, "CertificateStateException")
    );
}

#[tokio::test]
async fn unknown_and_missing_certificates() {
    let world = World::start().await;
    let other = World::start().await;
    let stranger = other.trusted().await;
    assert_eq!(
        Client::connect(&world, &stranger, Options::v3("dev"))
            .await
            .err(),
        Some(Refused::Closed)
    );
    assert!(world.refusal().await.contains("is not registered"));

    let io = tls(&world, None, &[&TLS13], &[]).await.unwrap();
    assert_eq!(
        Client::over(io, Options::v3("dev")).await.err(),
        Some(Refused::Closed)
    );
    world
        .event(|event| event.to_string().contains("no client certificate"))
        .await;
}

#[tokio::test]
async fn validity_is_judged_by_the_injected_clock() {
    let world = World::start().await;
    let expired = self_made(&world, 2020, 2026, "ACTIVE").await;
    assert_eq!(
        Client::connect(&world, &expired, Options::v3("dev"))
            .await
            .err(),
        Some(Refused::Closed)
    );
    assert!(world.refusal().await.contains("expired"));

    let future = self_made(&world, 2027, 2040, "ACTIVE").await;
    assert_eq!(
        Client::connect(&world, &future, Options::v3("dev"))
            .await
            .err(),
        Some(Refused::Closed)
    );
    world
        .event(|event| event.to_string().contains("not valid before"))
        .await;
    world.advance(Duration::from_secs(366 * 24 * 3600));
    Client::connect(&world, &future, Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;
}

#[tokio::test]
async fn a_certificate_is_registered_inactive_by_default_and_once() {
    let world = World::start().await;
    let device = self_made(&world, 2020, 2030, "INACTIVE").await;
    assert_eq!(
        Client::connect(&world, &device, Options::v3("dev"))
            .await
            .err(),
        Some(Refused::Closed)
    );
    let again = json!({ "certificatePem": device.certificate_pem });
    let (status, code, body) = world
        .try_iot(Method::POST, "/certificate/register-no-ca", &[], again)
        .await;
    assert_eq!(
        (status, code.as_str()),
        (StatusCode::CONFLICT, "ResourceAlreadyExistsException")
    );
    assert_eq!(body["resourceId"], device.id.as_str());
}

#[tokio::test]
async fn leaving_active_ends_live_sessions_and_sends_the_will() {
    let world = World::start().await;
    let (device, watcher) = (world.trusted().await, world.trusted().await);
    let mut watcher = Client::connect(&world, &watcher, Options::v5("watcher"))
        .await
        .unwrap();
    watcher.subscribe("last/words", Qos::AtMostOnce).await;
    for status in ["INACTIVE", "REVOKED"] {
        world.set_status(&device, "ACTIVE").await;
        let options = Options::v5("dev").will("last/words", status.as_bytes(), false);
        let mut client = Client::connect(&world, &device, options).await.unwrap();
        world.set_status(&device, status).await;
        let goodbye = client.next().await.unwrap().to_string();
        assert!(
            goodbye.contains("disconnect") && goodbye.contains("NotAuthorized"),
            "{goodbye}"
        );
        assert!(client.next().await.is_none());
        assert_eq!(watcher.message().await.payload, status.as_bytes());
    }
    let ended = |event: &iot_gateway::Event| {
        matches!(
            &event.kind,
            EventKind::Disconnected {
                reason: "FORBIDDEN_ACCESS",
                ..
            }
        )
    };
    world.event(ended).await;
}

//! Certificate and custom authorizer together (`CUSTOM_AUTH_X509`).
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
use mqtt_protocol_core::mqtt::packet::Qos;
use mqtt_protocol_core::mqtt::result_code::PubackReasonCode;
use serde_json::{Value, json};
use support::authorizer::{Reply, Script, allow, allow_all, answer, but};
use support::client::{Client, Options, Refused};
use support::https::Https;
use support::tls::{Door, tls_to};
use support::{ALLOW_ALL, Device, World};
use tokio_rustls::rustls::version::TLS13;

fn policy(statements: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// The script's answer with the principal that the event asks for.
fn echo(answer: Value) -> Script {
    Script::new(move |event| {
        let principal = event["protocolData"]["tls"]["principalId"].clone();
        Reply::Answer(but(answer.clone(), "principalId", principal))
    })
}

/// A world with a domain configuration that wants both, and its domain name.
async fn world(script: &Script, protocol: &str) -> (World, String) {
    let world = World::with(script).await;
    world.authorizer("jwt").await;
    let body = json!({
        "authorizerConfig": { "defaultAuthorizerName": "jwt" },
        "authenticationType": "CUSTOM_AUTH_X509",
        "applicationProtocol": protocol,
    });
    let domain = world.domain("both", body).await;
    (world, domain)
}

/// Connects without ALPN: the endpoint says how.
async fn connect(
    world: &World,
    domain: &str,
    device: Option<&Device>,
    options: Options,
) -> Result<Client, Refused> {
    let door = Door::https(world, domain);
    let io = tls_to(&door, device, &[&TLS13], &[]).await.unwrap();
    Client::over(io, options).await
}

#[tokio::test]
async fn the_function_sees_the_certificate_and_the_policies_are_united() {
    let script = echo(answer(json!([
        allow("iot:Publish", "topic/by-answer/${iot:Connection.Thing.ThingName}"),
        allow("iot:Publish", "topic/by-answer/${iot:CertificateId}"),
        { "Effect": "Deny", "Action": "iot:Publish", "Resource": "*/forbidden" },
    ])));
    let (world, domain) = world(&script, "SECURE_MQTT").await;
    let own = policy(json!([
        allow("iot:Connect", "client/t1"),
        allow("iot:Publish", "topic/by-certificate"),
        allow("iot:Publish", "topic/forbidden"),
    ]));
    let device = world.device(&own).await;
    world.thing("t1", &device, "NON_EXCLUSIVE_THING").await;
    let options = Options::v5("t1").user("name").password(b"p");
    let mut client = connect(&world, &domain, Some(&device), options)
        .await
        .unwrap();

    let event = script.event(0);
    assert_eq!(event["protocols"], json!(["tls", "mqtt"]));
    assert_eq!(
        event["protocolData"]["tls"],
        json!({ "serverName": domain, "x509CertificatePem": device.certificate_pem, "principalId": device.id })
    );
    let allowed = async |client: &mut Client, topic: &str| {
        let code = client.publish(topic, b"", Qos::AtLeastOnce, false).await;
        code == Some(PubackReasonCode::Success)
    };
    assert!(allowed(&mut client, "by-certificate").await);
    assert!(allowed(&mut client, "by-answer/t1").await);
    assert!(allowed(&mut client, &format!("by-answer/{}", device.id)).await);
    assert!(!allowed(&mut client, "by-answer/t2").await);
    assert!(!allowed(&mut client, "forbidden").await);
    let [message] = world.engine.on("by-certificate").try_into().unwrap();
    assert_eq!(message.principal.as_deref(), Some(device.id.as_str()));

    // The refresh keeps to the certificate's id as well.
    script.answer(allow_all());
    world.settle_after(Duration::from_secs(300)).await;
    let event = world.gateway.events().all().pop().unwrap().to_string();
    assert!(
        event.contains("principalId must be the certificate's id"),
        "{event}"
    );
}

#[tokio::test]
async fn documents_are_optional_and_the_principal_is_not() {
    let no_documents = but(allow_all(), "policyDocuments", Value::Null);
    let script = echo(no_documents.clone());
    let (world, domain) = world(&script, "SECURE_MQTT").await;
    let device = world.trusted().await;
    let client = connect(&world, &domain, Some(&device), Options::v3("dev")).await;
    client.unwrap().disconnect().await;

    script.answer(no_documents);
    let client = connect(&world, &domain, Some(&device), Options::v3("dev")).await;
    assert_eq!(client.err(), Some(Refused::Closed));
    assert!(
        world
            .refusal()
            .await
            .contains("principalId must be the certificate's id")
    );
}

#[tokio::test]
async fn the_certificate_must_be_there_and_active_and_stay_so() {
    let script = echo(allow_all());
    let (world, domain) = world(&script, "SECURE_MQTT").await;
    let device = world.device(ALLOW_ALL).await;
    assert!(
        connect(&world, &domain, None, Options::v3("dev"))
            .await
            .is_err()
    );
    assert!(world.refusal().await.contains("no client certificate"));
    world.set_status(&device, "INACTIVE").await;
    assert!(
        connect(&world, &domain, Some(&device), Options::v3("dev"))
            .await
            .is_err()
    );
    world
        .event(|event| event.to_string().contains("is INACTIVE"))
        .await;
    assert_eq!(script.count(), 0);

    world.set_status(&device, "ACTIVE").await;
    let mut client = connect(&world, &domain, Some(&device), Options::v3("dev"))
        .await
        .unwrap();
    world.set_status(&device, "INACTIVE").await;
    assert!(client.next().await.is_none());
    world
        .event(|event| event.to_string().contains("FORBIDDEN_ACCESS"))
        .await;
}

#[tokio::test]
async fn the_mqtt_port_does_not_let_a_client_past_the_authorizer() {
    let script = echo(allow_all());
    let (world, domain) = world(&script, "SECURE_MQTT").await;
    let device = world.trusted().await;
    let io = tls_to(&Door::mqtt(&world, &domain), Some(&device), &[&TLS13], &[])
        .await
        .unwrap();
    assert!(Client::over(io, Options::v3("dev")).await.is_err());
    let why = world.refusal().await;
    assert!(
        why.contains("CUSTOM_AUTH_X509") && why.contains("other port"),
        "{why}"
    );
}

#[tokio::test]
async fn over_https_both_are_needed_too() {
    let script = echo(answer(json!([allow("iot:Publish", "topic/a")])));
    let (world, domain) = world(&script, "HTTPS").await;
    let device = world
        .device(&policy(json!([allow("iot:Publish", "topic/b")])))
        .await;
    let door = Door::https(&world, &domain);
    let mut https = Https::connect_as(&door, Some(&device), b"http/1.1").await;
    for (topic, status) in [("a", 200), ("b", 200), ("c", 403)] {
        let (answered, body) = https
            .post(&format!("/topics/{topic}?qos=1"), &[], b"x")
            .await;
        assert_eq!(answered, status, "{topic}: {body}");
    }
    let event = script.event(0);
    assert_eq!(event["protocols"], json!(["tls", "http"]));
    assert_eq!(
        event["protocolData"]["tls"]["principalId"],
        device.id.as_str()
    );
    assert_eq!(
        world.engine.on("a")[0].principal.as_deref(),
        Some(device.id.as_str())
    );
}

#[tokio::test]
async fn an_endpoint_can_be_kept_to_one_way_of_authentication() {
    let script = Script::always(allow_all());
    let (world, _) = world(&script, "SECURE_MQTT").await;
    world.default_authorizer("jwt").await;
    let device = world.trusted().await;
    let domain = async |name: &str, authentication: &str, protocol: &str| {
        let body = json!({ "authenticationType": authentication, "applicationProtocol": protocol });
        world.domain(name, body).await
    };
    // By certificate alone, on either port.
    let x509 = domain("x509", "AWS_X509", "SECURE_MQTT").await;
    connect(&world, &x509, Some(&device), Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;
    let io = tls_to(&Door::mqtt(&world, &x509), Some(&device), &[&TLS13], &[])
        .await
        .unwrap();
    Client::over(io, Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;
    assert!(
        connect(&world, &x509, None, Options::v3("dev"))
            .await
            .is_err()
    );
    assert_eq!(script.count(), 0);

    // By authorizer alone; a certificate counts for nothing.
    let custom = domain("custom", "CUSTOM_AUTH", "SECURE_MQTT").await;
    connect(&world, &custom, None, Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;
    assert_eq!(script.count(), 1);

    // HTTPS by certificate, as the ALPN name x-amzn-http-ca has it on the account's own endpoint.
    let https = domain("https", "AWS_X509", "HTTPS").await;
    let own = Door::https(&world, "localhost");
    for (door, alpn) in [
        (Door::https(&world, &https), &b"http/1.1"[..]),
        (own, b"x-amzn-http-ca"),
    ] {
        let mut https = Https::connect_as(&door, Some(&device), alpn).await;
        assert_eq!(https.post("/topics/x", &[], b"").await.0, StatusCode::OK);
    }
    assert_eq!(script.count(), 1);

    for (authentication, protocol) in [
        ("AWS_X509", "MQTT_WSS"),
        ("CUSTOM_AUTH_X509", "MQTT_WSS"),
        ("CUSTOM_AUTH", "DEFAULT"),
        ("DEFAULT", "SECURE_MQTT"),
    ] {
        let body = json!({ "authenticationType": authentication, "applicationProtocol": protocol });
        let (status, code, _) = world
            .try_iot(Method::POST, "/domainConfigurations/x", &[], body)
            .await;
        assert_eq!(
            (status.as_u16(), code.as_str()),
            (400, "InvalidRequestException"),
            "{authentication} {protocol}"
        );
    }
}

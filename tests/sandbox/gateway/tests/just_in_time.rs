//! Just-in-time registration and provisioning, with real TLS clients and CAs of a manufacturer.
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
use mqtt_protocol_core::mqtt::packet::Qos;
use rcgen::{DnType, KeyPair};
use serde_json::{Value, json};
use support::ca::{Ca, LONG};
use support::client::{Client, Options, Refused};
use support::tls::{Door, tls, tls_to};
use support::{ALLOW_ALL, Device, NOON, World};
use tokio_rustls::rustls::version::{TLS12, TLS13};

async fn refused(world: &World, device: &Device) {
    let answer = Client::connect(world, device, Options::v3("dev")).await;
    assert_eq!(answer.err(), Some(Refused::Closed));
}

async fn connects(world: &World, device: &Device) {
    let client = Client::connect(world, device, Options::v3("dev")).await;
    client.unwrap().disconnect().await;
}

/// Waits for an operator's event about this certificate that says `what`.
async fn told(world: &World, device: &Device, what: &str) {
    let about = |event: &iot_gateway::Event| event.principal.as_ref() == Some(&device.id);
    world
        .event(|event| about(event) && event.to_string().contains(what))
        .await;
}

/// What was published about certificates of this CA.
fn announced(world: &World, ca: &Ca) -> Vec<Value> {
    let topic = format!("$aws/events/certificates/registered/{}", ca.id);
    let messages = world.engine.on(&topic);
    messages
        .iter()
        .map(|message| serde_json::from_slice(&message.payload).unwrap())
        .collect()
}

async fn status(world: &World, device: &Device) -> Option<String> {
    let path = format!("/certificates/{}", device.id);
    let (_, _, body) = world.try_iot(Method::GET, &path, &[], json!({})).await;
    let status = &body["certificateDescription"]["status"];
    status.as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_new_certificate_is_announced_until_somebody_activates_it() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    let device = ca.device("lamp-1");

    refused(&world, &device).await;
    told(&world, &device, "registered as PENDING_ACTIVATION").await;
    assert_eq!(
        status(&world, &device).await.as_deref(),
        Some("PENDING_ACTIVATION")
    );
    world.pass(Duration::from_secs(60));
    refused(&world, &device).await;
    told(&world, &device, "is PENDING_ACTIVATION; its CA").await;
    let expected = |at: u64| {
        json!({
            "certificateId": device.id,
            "caCertificateId": ca.id,
            "timestamp": at,
            "certificateStatus": "PENDING_ACTIVATION",
            "awsAccountId": "123456789012",
            "certificateRegistrationTimestamp": NOON.to_string(),
        })
    };
    assert_eq!(
        announced(&world, &ca),
        [expected(NOON), expected(NOON + 60_000)]
    );

    let described = world
        .iot(
            Method::GET,
            &format!("/certificates/{}", device.id),
            json!({}),
        )
        .await;
    let described = &described["certificateDescription"];
    assert_eq!(described["caCertificateId"], ca.id.as_str());
    assert_eq!(described["certificateMode"], "SNI_ONLY");
    assert_eq!(
        described["certificatePem"],
        device.certificate_pem.replace("\r\n", "\n")
    );

    world.grant(&device, ALLOW_ALL).await;
    world.set_status(&device, "ACTIVE").await;
    connects(&world, &device).await;
    world.set_status(&device, "INACTIVE").await;
    refused(&world, &device).await;
    told(&world, &device, "is INACTIVE").await;
    assert_eq!(
        announced(&world, &ca).len(),
        2,
        "only pending ones are announced"
    );
}

/// `clientid()` and `principal()` in rule SQL.
#[tokio::test]
async fn the_rules_see_which_client_it_was_if_it_says_so() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    let topic = format!("$aws/events/certificates/registered/{}", ca.id);
    let seen = || {
        let all = world.engine.on(&topic).into_iter();
        all.map(|message| (message.client_id, message.principal))
            .collect::<Vec<_>>()
    };
    let (device, hasty) = (ca.device("lamp"), ca.device("hasty"));
    refused(&world, &device).await;
    let said = (Some("dev".to_owned()), Some(device.id.clone()));
    assert_eq!(seen(), std::slice::from_ref(&said));

    let io = tls(&world, Some(&hasty), &[&TLS12], &[]).await;
    drop(io.unwrap());
    told(&world, &hasty, "registered as PENDING_ACTIVATION").await;
    assert_eq!(seen(), [said, (None, Some(hasty.id))]);
}

#[tokio::test]
async fn both_tls_versions_and_both_ports_register() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    for version in [&TLS12, &TLS13] {
        for door in [
            Door::mqtt(&world, "localhost"),
            Door::https(&world, "localhost"),
        ] {
            let device = ca.device("lamp");
            let io = tls_to(&door, Some(&device), &[version], &[b"x-amzn-mqtt-ca"]).await;
            let answer = Client::over(io.unwrap(), Options::v5("dev")).await;
            assert_eq!(answer.err(), Some(Refused::Closed));
            assert_eq!(
                status(&world, &device).await.as_deref(),
                Some("PENDING_ACTIVATION")
            );
        }
    }
    assert_eq!(announced(&world, &ca).len(), 4);
}

#[tokio::test]
async fn only_what_the_cas_key_signed_is_registered() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    for stranger in [
        Ca::new("Maker").device("lamp"),
        Ca::new("Other").device("lamp"),
    ] {
        refused(&world, &stranger).await;
        told(
            &world,
            &stranger,
            "is not registered, and no registered CA has signed it",
        )
        .await;
        assert_eq!(status(&world, &stranger).await, None);
    }
    assert_eq!(announced(&world, &ca), [] as [Value; 0]);
}

#[tokio::test]
async fn validity_of_device_and_ca_counts_by_the_injected_clock() {
    let world = World::start().await;
    let key = KeyPair::generate().unwrap();
    let ca = Ca::made("Maker", (2020, 2028), key);
    ca.register(&world, None).await;
    let name = [(DnType::CommonName, "lamp")];
    let expired = ca.device_of(&name, (2020, 2026));
    refused(&world, &expired).await;
    told(&world, &expired, "is not registered, and it expired at").await;
    let future = ca.device_of(&name, (2027, 2040));
    refused(&world, &future).await;
    told(
        &world,
        &future,
        "is not registered, and it is not valid before",
    )
    .await;

    let pending = ca.device_of(&name, (2020, 2027));
    refused(&world, &pending).await;
    assert_eq!(announced(&world, &ca).len(), 1);
    world.pass(Duration::from_secs(366 * 24 * 3600));
    refused(&world, &pending).await;
    told(&world, &pending, "is PENDING_ACTIVATION, and it expired at").await;
    refused(&world, &future).await;
    assert_eq!(announced(&world, &ca).len(), 2, "it is valid now");

    world.pass(Duration::from_secs(366 * 24 * 3600));
    let late = ca.device("late");
    refused(&world, &late).await;
    told(
        &world,
        &late,
        &format!("is not registered, and CA {} is valid from", ca.id),
    )
    .await;
    assert_eq!(status(&world, &late).await, None);
}

#[tokio::test]
async fn sni_only_means_sni() {
    let world = World::start().await;
    let (proven, unproven) = (Ca::new("Proven"), Ca::new("Unproven"));
    proven.register_with_proof(&world).await;
    unproven.register(&world, None).await;
    // No name stands for an address (RFC 6066), so this client sends none.
    let nameless = Door::mqtt(&world, "127.0.0.1");
    let by_address = async |device: &Device| {
        let io = tls_to(&nameless, Some(device), &[&TLS13], &[])
            .await
            .unwrap();
        Client::over(io, Options::v3("dev")).await
    };

    let device = unproven.device("lamp");
    assert_eq!(by_address(&device).await.err(), Some(Refused::Closed));
    told(&world, &device, "the device must send SNI").await;
    assert_eq!(status(&world, &device).await, None);
    refused(&world, &device).await;
    world.grant(&device, ALLOW_ALL).await;
    world.set_status(&device, "ACTIVE").await;
    assert_eq!(by_address(&device).await.err(), Some(Refused::Closed));
    told(&world, &device, "is SNI_ONLY; the device must send SNI").await;
    connects(&world, &device).await;

    let device = proven.device("lamp");
    assert_eq!(by_address(&device).await.err(), Some(Refused::Closed));
    assert_eq!(announced(&world, &proven).len(), 1);
    world.grant(&device, ALLOW_ALL).await;
    world.set_status(&device, "ACTIVE").await;
    by_address(&device).await.unwrap().disconnect().await;
}

#[tokio::test]
async fn a_ca_that_is_switched_off_registers_nothing_and_takes_nothing_back() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    let (old, pending) = (ca.device("old"), ca.device("pending"));
    refused(&world, &old).await;
    refused(&world, &pending).await;
    world.grant(&old, ALLOW_ALL).await;
    world.set_status(&old, "ACTIVE").await;

    for (off, on, why) in [
        ("newStatus=INACTIVE", "newStatus=ACTIVE", "is INACTIVE"),
        (
            "newAutoRegistrationStatus=DISABLE",
            "newAutoRegistrationStatus=ENABLE",
            "has auto-registration disabled",
        ),
    ] {
        let so_far = announced(&world, &ca).len();
        ca.update(&world, off).await;
        let new = ca.device("new");
        refused(&world, &new).await;
        told(&world, &new, why).await;
        assert_eq!(status(&world, &new).await, None);
        refused(&world, &pending).await;
        assert_eq!(announced(&world, &ca).len(), so_far);
        connects(&world, &old).await;
        ca.update(&world, on).await;
        refused(&world, &new).await;
        assert_eq!(announced(&world, &ca).len(), so_far + 1);
    }

    ca.update(&world, "newStatus=INACTIVE").await;
    let path = format!("/cacertificate/{}", ca.id);
    world.iot(Method::DELETE, &path, json!({})).await;
    connects(&world, &old).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_shown_many_times_at_once_is_registered_once() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    let device = ca.device("lamp");
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (device, door) = (device.clone(), Door::mqtt(&world, "localhost"));
        clients.spawn(async move {
            let io = tls_to(&door, Some(&device), &[&TLS13], &[]).await.unwrap();
            assert!(Client::over(io, Options::v3("dev")).await.is_err());
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
    assert_eq!(announced(&world, &ca).len(), 16);
    let path = format!("/certificates-by-ca/{}", ca.id);
    let listed = world.iot(Method::GET, &path, json!({})).await;
    assert_eq!(listed["certificates"].as_array().unwrap().len(), 1);
}

/// A JITP template: thing named by the subject, one group, a policy for exactly that thing.
fn template() -> Value {
    json!({
        "Parameters": {
            "AWS::IoT::Certificate::CommonName": {"Type": "String"},
            "AWS::IoT::Certificate::SerialNumber": {"Type": "String"},
            "AWS::IoT::Certificate::Id": {"Type": "String"},
        },
        "Resources": {
            "thing": {"Type": "AWS::IoT::Thing", "Properties": {
                "ThingName": {"Ref": "AWS::IoT::Certificate::CommonName"},
                "AttributePayload": {"serial": {"Ref": "AWS::IoT::Certificate::SerialNumber"}},
                "ThingGroups": ["makers-fleet"],
            }},
            "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {
                "CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "ACTIVE",
            }},
            "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"},
                    {"Effect": "Allow", "Action": "iot:Publish", "Resource": {
                        "Fn::Sub": "arn:aws:iot:eu-west-1:123456789012:topic/lamps/${AWS::IoT::Certificate::CommonName}",
                    }},
                ],
            }}},
        },
    })
}

fn config() -> Value {
    json!({ "templateBody": template().to_string(), "roleArn": "arn:aws:iam::123456789012:role/jitp" })
}

/// A device with a common name and a serial number in its subject.
fn lamp(ca: &Ca, name: &str) -> Device {
    let serial = DnType::CustomDnType(vec![2, 5, 4, 5]);
    ca.device_of(&[(DnType::CommonName, name), (serial, "0042")], LONG)
}

async fn group(world: &World) {
    world
        .iot(Method::POST, "/thing-groups/makers-fleet", json!({}))
        .await;
}

#[tokio::test]
async fn a_cas_template_provisions_and_the_device_comes_back() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, Some(config())).await;
    group(&world).await;
    let device = lamp(&ca, "lamp-1");
    refused(&world, &device).await;
    told(
        &world,
        &device,
        "has provisioned it, it is ACTIVE when the device comes back",
    )
    .await;

    let thing = world.iot(Method::GET, "/things/lamp-1", json!({})).await;
    assert_eq!(thing["attributes"], json!({"serial": "0042"}));
    let groups = world
        .iot(Method::GET, "/things/lamp-1/thing-groups", json!({}))
        .await;
    assert_eq!(groups["thingGroups"][0]["groupName"], "makers-fleet");
    let principals = world
        .iot(Method::GET, "/things/lamp-1/principals", json!({}))
        .await;
    assert_eq!(principals["principals"], json!([device.arn]));

    let mut client = Client::connect(&world, &device, Options::v5("lamp-1"))
        .await
        .unwrap();
    client
        .publish("lamps/lamp-1", b"own", Qos::AtLeastOnce, false)
        .await;
    client
        .publish("lamps/lamp-2", b"foreign", Qos::AtLeastOnce, false)
        .await;
    client.disconnect().await;
    let topics = world
        .engine
        .messages()
        .into_iter()
        .map(|message| message.topic);
    assert_eq!(topics.collect::<Vec<_>>(), ["lamps/lamp-1"]);
    assert_eq!(
        announced(&world, &ca),
        [] as [Value; 0],
        "nobody has to decide"
    );
}

#[tokio::test]
async fn a_template_that_cannot_be_applied_makes_nothing() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, Some(config())).await;

    let device = lamp(&ca, "lamp-1");
    refused(&world, &device).await;
    told(
        &world,
        &device,
        "nothing was made: ResourceNotFoundException",
    )
    .await;
    let made_nothing = async |device: &Device| {
        assert_eq!(status(&world, device).await, None);
        for list in ["/things", "/policies", "/certificates"] {
            let all = world.iot(Method::GET, list, json!({})).await;
            let kind = list.trim_start_matches('/');
            assert_eq!(all[kind], json!([]), "{list}");
        }
    };
    made_nothing(&device).await;

    group(&world).await;
    let nameless = ca.device("lamp-2");
    refused(&world, &nameless).await;
    told(
        &world,
        &nameless,
        "nothing was made: at Parameters.AWS::IoT::Certificate::SerialNumber: the parameter has no value",
    )
    .await;
    made_nothing(&nameless).await;

    refused(&world, &device).await;
    connects(&world, &device).await;
}

#[tokio::test]
async fn a_template_that_comes_later_is_for_pending_certificates_too() {
    let world = World::start().await;
    let ca = Ca::new("Maker");
    ca.register(&world, None).await;
    group(&world).await;
    let (device, lacking) = (lamp(&ca, "lamp-1"), ca.device("lamp-2"));
    refused(&world, &device).await;
    refused(&world, &lacking).await;
    let path = format!("/cacertificate/{}", ca.id);
    world
        .iot(
            Method::PUT,
            &path,
            json!({ "registrationConfig": config() }),
        )
        .await;
    refused(&world, &device).await;
    connects(&world, &device).await;
    refused(&world, &lacking).await;
    assert_eq!(
        status(&world, &lacking).await.as_deref(),
        Some("PENDING_ACTIVATION")
    );
    assert_eq!(announced(&world, &ca).len(), 2);
}

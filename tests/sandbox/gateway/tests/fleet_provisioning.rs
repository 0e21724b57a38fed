//! Fleet provisioning over MQTT: what a device with a claim gets, and that nothing else happens.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use iot_gateway::{EventKind, Message};
use mqtt_protocol_core::mqtt::packet::Qos;
use mqtt_protocol_core::mqtt::result_code::PubackReasonCode;
use mqtt_topic::TopicName;
use serde_json::{Value, json};
use support::authorizer::{Reply, Script};
use support::client::{Client, Options, Refused};
use support::fleet::{
    CLAIM_POLICY, CREATE, FROM_CSR, HOOK, REGISTER, ask, ask_bytes, body, certificate, csr,
    registration,
};
use support::{Device, World};
use tokio::sync::Semaphore;

const HOUR: Duration = Duration::from_secs(3600);

fn allowed(overrides: Value) -> Value {
    json!({ "allowProvisioning": true, "parameterOverrides": overrides })
}

#[tokio::test]
async fn a_device_enrols_with_a_claim_and_connects_with_its_own_certificate() {
    let hook = Script::always(allowed(json!({ "ThingName": "t-7" })));
    let world = World::with(&hook).await;
    world.template(true).await;
    let claim = world.device(CLAIM_POLICY).await;
    let mut client = world.claimant_with(&claim, "factory-7").await;

    let lent = certificate(&mut client).await;
    let path = format!("/certificates/{}", lent.device.id);
    let described = world.iot(Method::GET, &path, json!({})).await;
    assert_eq!(
        described["certificateDescription"]["status"],
        "PENDING_ACTIVATION"
    );
    let early = Client::connect(&world, &lent.device, Options::v5("t-7")).await;
    assert_eq!(early.err(), Some(Refused::Closed));

    let parameters = json!({ "SerialNumber": "7", "ThingName": "mine", "Voucher": "v" });
    let (accepted, answer) = ask(
        &mut client,
        REGISTER,
        &registration(&lent.token, parameters.clone()),
    )
    .await;
    assert!(accepted, "{answer}");
    let configuration = json!({ "endpoint": "data", "serial": "7" });
    assert_eq!(
        answer,
        json!({ "deviceConfiguration": configuration, "thingName": "t-7" })
    );
    let template = "arn:aws:iot:eu-west-1:123456789012:provisioningtemplate/devices";
    hook.call(0, |call| {
        assert_eq!(
            (call.function_arn.as_str(), call.source_arn.as_str()),
            (HOOK, template)
        );
        let wanted = json!({
            "claimCertificateId": claim.id,
            "certificateId": lent.device.id,
            "certificatePem": lent.device.certificate_pem,
            "templateArn": template,
            "clientId": "factory-7",
            "parameters": parameters,
        });
        assert_eq!(call.event, wanted);
    });
    client.disconnect().await;

    let thing = world.iot(Method::GET, "/things/t-7", json!({})).await;
    assert_eq!(
        (&thing["thingTypeName"], &thing["attributes"]["serial"]),
        (&"sensor".into(), &"7".into())
    );
    let groups = world
        .iot(Method::GET, "/things/t-7/thing-groups", json!({}))
        .await;
    assert_eq!(groups["thingGroups"][0]["groupName"], "fleet");
    world
        .event(|event| {
            matches!(&event.kind, EventKind::Provisioned { thing, certificate_id, .. }
                if thing.as_deref() == Some("t-7") && *certificate_id == lent.device.id)
        })
        .await;

    // The policy that exists lets it connect as its thing, the one from a document publish.
    let other = Client::connect(&world, &lent.device, Options::v5("t-8")).await;
    assert!(other.is_err());
    let options = Options::v5("t-7");
    let mut device = Client::connect(&world, &lent.device, options)
        .await
        .unwrap();
    let published = device.publish("data", b"1", Qos::AtLeastOnce, false).await;
    assert_eq!(published, Some(PubackReasonCode::Success));
    let topics: Vec<_> = world
        .engine
        .messages()
        .into_iter()
        .map(|it| it.topic)
        .collect();
    assert_eq!(topics, ["data"]);
}

#[tokio::test]
async fn cbor_with_keys_from_the_service() {
    let world = World::start().await;
    world.template(false).await;
    let mut client = world.claimant("factory").await;
    let cbor = |value: &Value| {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).unwrap();
        bytes
    };
    let (accepted, answer) = ask_bytes(&mut client, "$aws/certificates/create/cbor", b"").await;
    assert!(accepted);
    let mut made: Value = ciborium::from_reader(answer.as_slice()).unwrap();
    made["certificateArn"] = "".into();
    let device = Device::from(&made, made["privateKey"].as_str().unwrap());
    let token = made["certificateOwnershipToken"].as_str().unwrap();
    let request = registration(token, json!({ "SerialNumber": "ü", "ThingName": "t" }));
    let topic = "$aws/provisioning-templates/devices/provision/cbor";
    // An attribute's value is ASCII.
    let (accepted, answer) = ask_bytes(&mut client, topic, &cbor(&request)).await;
    assert!(!accepted);
    let answer: BTreeMap<String, Value> = ciborium::from_reader(answer.as_slice()).unwrap();
    assert_eq!(answer["statusCode"], 400);
    assert_eq!(answer["errorCode"], "InvalidRequestException");

    let request = registration(token, json!({ "SerialNumber": "7", "ThingName": "t" }));
    let (accepted, answer) = ask_bytes(&mut client, topic, &cbor(&request)).await;
    assert!(accepted);
    let answer: Value = ciborium::from_reader(answer.as_slice()).unwrap();
    assert_eq!(answer["thingName"], "t");
    let options = Options::v3("t");
    Client::connect(&world, &device, options).await.unwrap();
}

/// A registration is asked for and rejected; the registry stays as it was.
async fn rejected(
    world: &World,
    client: &mut Client,
    topic: &str,
    request: &Value,
    (status, code, message): (u16, &str, &str),
    reason: &str,
) {
    let before = world.registry_text();
    let (accepted, answer) = ask(client, topic, request).await;
    assert!(!accepted, "{reason}: {answer}");
    assert_eq!(
        (&answer["statusCode"], &answer["errorCode"]),
        (&status.into(), &code.into()),
        "{reason}: {answer}"
    );
    let text = answer["errorMessage"].as_str().unwrap();
    assert!(text.contains(message), "{text}");
    assert_eq!(world.registry_text(), before, "{reason}");
    world.rejection(reason).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_said_and_changes_nothing() {
    let world = World::start().await;
    world.template(false).await;
    let create = json!({
        "templateName": "jitp", "type": "JITP", "enabled": true, "provisioningRoleArn": support::fleet::ROLE,
        "templateBody": json!({ "Resources": { "c": { "Type": "AWS::IoT::Certificate",
            "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" } } } } }).to_string(),
    });
    world
        .iot(Method::POST, "/provisioning-templates", create)
        .await;
    let claim = world.trusted().await;
    let mut client = world.claimant_with(&claim, "factory").await;
    let filter = "$aws/provisioning-templates/+/provision/json/+";
    client.subscribe(filter, Qos::AtMostOnce).await;
    let lent = certificate(&mut client).await;
    let good = json!({ "SerialNumber": "7", "ThingName": "t" });
    let with = |parameters: Value| registration(&lent.token, parameters);
    let other = |name: &str| REGISTER.replace("devices", name);
    let long = "x".repeat(4097);
    let token = "InvalidCertificateOwnershipToken";
    let cases = [
        (
            other("nothing"),
            with(good.clone()),
            (404, "ResourceNotFoundException", "nothing"),
            "nothing does not exist",
        ),
        (
            other("jitp"),
            with(good.clone()),
            (400, "InvalidTemplate", "JITP"),
            "is of type JITP",
        ),
        (
            REGISTER.into(),
            json!({ "parameters": good }),
            (400, token, "cannot be empty"),
            "token cannot be empty",
        ),
        (
            REGISTER.into(),
            registration("", good.clone()),
            (400, token, "cannot be empty"),
            "token cannot be empty",
        ),
        (
            REGISTER.into(),
            registration("made-up", good.clone()),
            (400, token, "not known"),
            "token is not known",
        ),
        (
            REGISTER.into(),
            with(json!({ "ThingName": "t" })),
            (400, "InvalidParameters", "SerialNumber"),
            "Parameters.SerialNumber",
        ),
        (
            REGISTER.into(),
            with(json!(null)),
            (400, "InvalidParameters", "SerialNumber"),
            "Parameters.SerialNumber",
        ),
        (
            REGISTER.into(),
            with(json!({ "SerialNumber": "7", "AWS::IoT::Certificate::Id": claim.id })),
            (400, "InvalidParameters", "AWS::"),
            "the service's own",
        ),
        (
            REGISTER.into(),
            with(json!({ "SerialNumber": long })),
            (400, "InvalidParameters", "4096"),
            "at most 2048",
        ),
        (
            REGISTER.into(),
            with(json!({ "SerialNumber": 7 })),
            (400, "InvalidPayload", "line 1"),
            "not the JSON",
        ),
        (
            REGISTER.into(),
            json!([1]),
            (400, "InvalidPayload", "line 1"),
            "not the JSON",
        ),
        (
            REGISTER.into(),
            with(json!({ "SerialNumber": "7", "ThingName": "../t" })),
            (400, "InvalidRequestException", "thingName"),
            "thingName",
        ),
        (
            FROM_CSR.into(),
            json!({}),
            (400, "InvalidPayload", "line 1"),
            "not the JSON",
        ),
        (
            FROM_CSR.into(),
            json!({ "certificateSigningRequest": "x" }),
            (400, "InvalidRequestException", "PEM"),
            "not PEM",
        ),
        (
            FROM_CSR.into(),
            json!({ "certificateSigningRequest": long }),
            (400, "InvalidRequestException", "4096"),
            "longer than 4096",
        ),
        (
            CREATE.into(),
            json!([]),
            (400, "InvalidPayload", "line 1"),
            "not the JSON",
        ),
    ];
    for (topic, request, answer, reason) in cases {
        rejected(&world, &mut client, &topic, &request, answer, reason).await;
    }
    for topic in [
        "$aws/certificates/create/cbor",
        "$aws/certificates/create-from-csr/cbor",
        "$aws/provisioning-templates/devices/provision/cbor",
    ] {
        let before = world.registry_text();
        let (accepted, answer) = ask_bytes(&mut client, topic, b"\xff{}").await;
        let answer: Value = ciborium::from_reader(answer.as_slice()).unwrap();
        assert_eq!(
            (accepted, &answer["errorCode"]),
            (false, &"InvalidPayload".into())
        );
        assert_eq!(world.registry_text(), before);
    }
    world.rejection("not the CBOR").await;

    // Disabled, then without its group: each registration is refused as a whole, and the token still holds afterwards.
    let path = "/provisioning-templates/devices";
    let switch = |enabled: bool| world.iot(Method::PATCH, path, json!({ "enabled": enabled }));
    switch(false).await;
    let request = with(good);
    let disabled = (400, "InvalidTemplate", "not enabled");
    rejected(
        &world,
        &mut client,
        REGISTER,
        &request,
        disabled,
        "is not enabled",
    )
    .await;
    switch(true).await;
    world
        .iot(Method::DELETE, "/thing-groups/fleet", json!({}))
        .await;
    let groupless = (404, "ResourceNotFoundException", "fleet");
    rejected(
        &world,
        &mut client,
        REGISTER,
        &request,
        groupless,
        "fleet does not exist",
    )
    .await;
    world
        .iot(Method::POST, "/thing-groups/fleet", json!({}))
        .await;
    world.iot(Method::POST, "/things/t", json!({})).await;
    let conflict = (409, "ResourceConflictsException", "ThingTypeName");
    rejected(
        &world,
        &mut client,
        REGISTER,
        &request,
        conflict,
        "OverrideSettings",
    )
    .await;
    world.iot(Method::DELETE, "/things/t", json!({})).await;
    let (accepted, answer) = ask(&mut client, REGISTER, &request).await;
    assert!(accepted, "{answer}");
    let log = format!("{:?}", world.gateway.events().all());
    assert!(!log.contains(&lent.token));
}

#[tokio::test]
async fn a_hook_that_does_not_say_yes_denies_access() {
    let hook = Script::always(json!({}));
    let world = World::start_with(|config| {
        config.functions = Some(Arc::new(hook.clone()));
        config.function_time_limit = Duration::from_millis(20);
    })
    .await;
    world.template(true).await;
    let mut client = world.claimant("factory").await;
    let lent = certificate(&mut client).await;
    let request = registration(&lent.token, json!({ "SerialNumber": "7" }));
    type Decide = fn() -> Reply;
    let cases: [(&str, Decide); 10] = [
        ("allowProvisioning false", || {
            Reply::Answer(json!({ "allowProvisioning": false, "parameterOverrides": {} }))
        }),
        ("missing field `allowProvisioning`", || {
            Reply::Answer(json!({}))
        }),
        ("cannot be read", || {
            Reply::Answer(json!({ "allowProvisioning": "true" }))
        }),
        ("cannot be read", || {
            Reply::Answer(allowed(json!({ "SerialNumber": 7 })))
        }),
        ("cannot be read", || Reply::Answer(allowed(json!([])))),
        ("cannot be read", || Reply::Answer(json!(null))),
        ("cannot be read", || Reply::Bytes(b"\xff".to_vec())),
        ("the service's own", || {
            Reply::Answer(allowed(json!({ "AWS::IoT::Certificate::Id": "x" })))
        }),
        ("it fell over", || Reply::Error("it fell over".into())),
        ("no answer within 20ms", || Reply::Hang),
    ];
    for (reason, decide) in cases {
        hook.change(move |_| decide());
        let denied = (403, "ACCESS_DENIED", "Access denied");
        rejected(&world, &mut client, REGISTER, &request, denied, reason).await;
    }
    assert_eq!(hook.count(), 10);
    // The function is not asked about what cannot be registered anyway.
    let token = (400, "InvalidCertificateOwnershipToken", "");
    let forged = registration("made-up", json!({}));
    rejected(&world, &mut client, REGISTER, &forged, token, "not known").await;
    assert_eq!(hook.count(), 10);

    hook.answer(json!({ "allowProvisioning": true }));
    let (accepted, answer) = ask(&mut client, REGISTER, &request).await;
    assert!(accepted, "{answer}");
    assert_eq!(answer["thingName"], "unnamed");
}

#[tokio::test]
async fn without_functions_a_hook_denies_access() {
    let world = World::start().await;
    world.template(true).await;
    let mut client = world.claimant("factory").await;
    let lent = certificate(&mut client).await;
    let request = registration(&lent.token, json!({ "SerialNumber": "7" }));
    let denied = (403, "ACCESS_DENIED", "Access denied");
    rejected(
        &world,
        &mut client,
        REGISTER,
        &request,
        denied,
        "no functions",
    )
    .await;
}

#[tokio::test]
async fn a_registration_whose_answer_was_lost_can_be_repeated() {
    let hook = Script::always(allowed(json!({ "ThingName": "t" })));
    let world = World::with(&hook).await;
    world.template(true).await;
    let claim = world.device(CLAIM_POLICY).await;
    let mut client = world.claimant_with(&claim, "factory").await;
    let lent = certificate(&mut client).await;
    let request = registration(&lent.token, json!({ "SerialNumber": "7" }));
    client
        .publish(
            REGISTER,
            request.to_string().as_bytes(),
            Qos::AtMostOnce,
            false,
        )
        .await;
    client.hang_up().await;
    world
        .event(|event| matches!(event.kind, EventKind::Provisioned { .. }))
        .await;
    let mut client = world.claimant_with(&claim, "factory").await;
    let before = world.registry_text();
    let (accepted, answer) = ask(&mut client, REGISTER, &request).await;
    assert!(accepted, "{answer}");
    assert_eq!((hook.count(), world.registry_text()), (2, before));
}

#[tokio::test]
async fn a_token_is_of_no_use_to_another_principal() {
    let world = World::start().await;
    world.template(false).await;
    let (mut owner, mut thief) = (world.claimant("owner").await, world.claimant("thief").await);
    let lent = certificate(&mut owner).await;
    let request = registration(&lent.token, json!({ "SerialNumber": "7" }));
    let foreign = (400, "InvalidCertificateOwnershipToken", "another principal");
    rejected(
        &world,
        &mut thief,
        REGISTER,
        &request,
        foreign,
        "another principal",
    )
    .await;
    let (accepted, _) = ask(&mut owner, REGISTER, &request).await;
    assert!(accepted);
    thief.assert_quiet().await;
}

#[tokio::test]
async fn after_an_hour_a_certificate_that_nobody_activated_is_gone() {
    let world = World::start().await;
    world.template(false).await;
    let mut client = world.claimant("factory").await;
    let (idle, late) = (
        certificate(&mut client).await,
        certificate(&mut client).await,
    );
    let (used, switched_on) = (
        certificate(&mut client).await,
        certificate(&mut client).await,
    );
    let request =
        |token: &str| registration(token, json!({ "SerialNumber": "7", "ThingName": "t" }));
    world.set_status(&switched_on.device, "ACTIVE").await;
    let there = async |device: &Device| {
        let path = format!("/certificates/{}", device.id);
        let (status, ..) = world.try_iot(Method::GET, &path, &[], json!({})).await;
        status == StatusCode::OK
    };
    world.settle_after(HOUR - Duration::from_millis(1)).await;
    let (accepted, answer) = ask(&mut client, REGISTER, &request(&used.token)).await;
    assert!(accepted, "{answer}");
    assert!(there(&idle.device).await);

    world.settle_after(Duration::from_millis(1)).await;
    assert!(!there(&idle.device).await && !there(&late.device).await);
    assert!(there(&used.device).await && there(&switched_on.device).await);
    for lent in [&late, &used, &switched_on] {
        let expired = (400, "InvalidCertificateOwnershipToken", "one hour");
        let request = request(&lent.token);
        rejected(&world, &mut client, REGISTER, &request, expired, "one hour").await;
    }
    let expired = |event: &iot_gateway::Event| matches!(&event.kind, EventKind::ProvisioningExpired { certificate_id } if *certificate_id == idle.device.id);
    world.event(expired).await;
}

#[tokio::test]
async fn a_hook_that_outlasts_the_hour_changes_nothing() {
    let gate = Arc::new(Semaphore::new(0));
    let opening = Arc::clone(&gate);
    let hook = Script::new(move |_| Reply::After(Arc::clone(&opening), allowed(json!({}))));
    let world = World::with(&hook).await;
    world.template(true).await;
    let mut client = world.claimant("factory").await;
    let lent = certificate(&mut client).await;
    let request = registration(&lent.token, json!({ "SerialNumber": "7" })).to_string();
    let sent = client.publish(REGISTER, request.as_bytes(), Qos::AtLeastOnce, false);
    assert_eq!(sent.await, Some(PubackReasonCode::Success));
    hook.called(1).await;
    // The connection goes on meanwhile.
    client.assert_quiet().await;
    world.settle_after(HOUR).await;
    let before = world.registry_text();
    gate.add_permits(1);
    let answer = client.message().await;
    assert_eq!(answer.topic, format!("{REGISTER}/rejected"));
    assert_eq!(world.registry_text(), before);
    world.rejection("one hour").await;
}

#[tokio::test]
async fn answers_go_to_the_connection_that_asked_and_to_nobody_else() {
    let world = World::start().await;
    world.template(false).await;
    let listener = world.trusted().await;
    let mut listener = Client::connect(&world, &listener, Options::v5("listener"))
        .await
        .unwrap();
    for filter in ["$aws/certificates/#", "$aws/provisioning-templates/#", "#"] {
        assert_eq!(listener.subscribe(filter, Qos::AtMostOnce).await, 0);
    }
    // Without a subscription the answer is dropped, and the operator sees it.
    let claim = world.device(CLAIM_POLICY).await;
    let mut client = Client::connect(&world, &claim, Options::v5("factory").persistent())
        .await
        .unwrap();
    let (_, csr) = csr();
    let csr = json!({ "certificateSigningRequest": csr }).to_string();
    client
        .publish(FROM_CSR, csr.as_bytes(), Qos::AtLeastOnce, false)
        .await;
    let dropped = |event: &iot_gateway::Event| matches!(&event.kind, EventKind::DeliveryDropped { topic, reason } if topic.ends_with("/accepted") && reason.contains("no subscription"));
    world.event(dropped).await;

    // A session that outlives its connection does not get the answer later: its client id may be somebody else's by then.
    client
        .subscribe(&format!("{FROM_CSR}/accepted"), Qos::AtLeastOnce)
        .await;
    client
        .publish(FROM_CSR, csr.as_bytes(), Qos::AtMostOnce, false)
        .await;
    let answer = client.message().await;
    assert_eq!(
        (answer.topic, answer.qos),
        (format!("{FROM_CSR}/accepted"), Qos::AtMostOnce)
    );
    client
        .publish(FROM_CSR, csr.as_bytes(), Qos::AtMostOnce, false)
        .await;
    client.hang_up().await;
    let mut client = Client::connect(&world, &claim, Options::v5("factory").persistent())
        .await
        .unwrap();
    assert!(client.session_present);
    client.assert_quiet().await;
    listener.assert_quiet().await;
    assert_eq!(world.engine.messages().len(), 0);
}

#[tokio::test]
async fn policies_are_asked_about_these_topics_as_about_any() {
    let world = World::start().await;
    world.template(false).await;
    let connect_only = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}]}"#;
    let device = world.device(connect_only).await;
    let mut client = Client::connect(&world, &device, Options::v5("x"))
        .await
        .unwrap();
    let before = world.registry_text();
    for topic in [CREATE, FROM_CSR, REGISTER] {
        let published = client.publish(topic, b"{}", Qos::AtLeastOnce, false).await;
        assert_eq!(published, Some(PubackReasonCode::NotAuthorized), "{topic}");
        let answers = format!("{topic}/accepted");
        assert_eq!(client.subscribe(&answers, Qos::AtMostOnce).await, 0x87);
    }
    assert_eq!(world.registry_text(), before);

    // A claim for one template is none for another; and whoever may not receive an answer does not.
    let mut client = world.claimant("factory").await;
    let topic = REGISTER.replace("devices", "other");
    let published = client.publish(&topic, b"{}", Qos::AtLeastOnce, false).await;
    assert_eq!(published, Some(PubackReasonCode::NotAuthorized));
    let no_receive = CLAIM_POLICY.replace(r#"["iot:Publish","iot:Receive"]"#, r#""iot:Publish""#);
    let claim = world.device(&no_receive).await;
    let mut client = world.claimant_with(&claim, "deaf").await;
    client.publish(CREATE, b"[]", Qos::AtLeastOnce, false).await;
    let denied = |event: &iot_gateway::Event| matches!(&event.kind, EventKind::ReceiveDenied { topic, .. } if topic.ends_with("rejected"));
    world.event(denied).await;
    client.assert_quiet().await;
}

#[tokio::test]
async fn nothing_but_requests_may_be_published_there() {
    let world = World::start().await;
    world.template(false).await;
    let device = world.trusted().await;
    let mut victim = world.claimant("victim").await;
    let mut client = Client::connect(&world, &device, Options::v5("forger"))
        .await
        .unwrap();
    let before = world.registry_text();
    for topic in [
        format!("{REGISTER}/accepted"),
        format!("{CREATE}/rejected"),
        "$aws/certificates/create/xml".into(),
        REGISTER.replace("devices", &"d".repeat(37)),
    ] {
        let published = client.publish(&topic, b"{}", Qos::AtLeastOnce, true).await;
        assert_eq!(published, Some(PubackReasonCode::NotAuthorized), "{topic}");
    }
    // A rule's republish action, and a will.
    world.gateway.publish(Message::new(
        TopicName::parse(format!("{CREATE}/accepted")).unwrap(),
        "{}",
    ));
    world
        .gateway
        .publish(Message::new(TopicName::parse(CREATE).unwrap(), "{}"));
    let options = Options::v5("dying").will(CREATE, b"{}", false);
    let dying = Client::connect(&world, &device, options).await.unwrap();
    dying.hang_up().await;
    let from_will = |event: &iot_gateway::Event| {
        event.client_id.as_deref() == Some("dying")
            && matches!(&event.kind, EventKind::PublishDenied { topic, .. } if topic == CREATE)
    };
    world.event(from_will).await;
    // The data plane's HTTP API.
    let path = format!("/topics/{}", CREATE.replace('/', "%2F").replace('$', "%24"));
    let request = http::Request::post(path)
        .body(bytes::Bytes::from("{}"))
        .unwrap();
    world.gateway.handle_iot_data(request).await;
    victim.assert_quiet().await;
    client.assert_quiet().await;
    assert_eq!(world.registry_text(), before);
    assert_eq!(world.engine.messages().len(), 0);
    // More than any message may have ends the connection, as everywhere.
    let huge = vec![b' '; 128 * 1024 + 1];
    assert_eq!(
        client.publish(CREATE, &huge, Qos::AtLeastOnce, false).await,
        None
    );
    assert_eq!(world.registry_text(), before);
}

#[tokio::test]
async fn a_provisioning_claim_lives_for_five_minutes_and_can_do_nothing_else() {
    let world = World::start().await;
    world.template(false).await;
    let path = "/provisioning-templates/devices/provisioning-claim";
    let mut made = world.iot(Method::POST, path, json!({})).await;
    let noon = support::NOON as f64 / 1000.0;
    assert_eq!(made["expiration"], noon + 300.0);
    made["certificateArn"] = "".into();
    let claim = Device::from(&made, made["keyPair"]["PrivateKey"].as_str().unwrap());
    let listed = world.iot(Method::GET, "/certificates", json!({})).await;
    assert_eq!(listed["certificates"], json!([]));

    let mut client = world.claimant_with(&claim, "phone").await;
    let published = client.publish("data", b"1", Qos::AtLeastOnce, false).await;
    assert_eq!(published, Some(PubackReasonCode::NotAuthorized));
    let other = REGISTER.replace("devices", "other");
    let published = client.publish(&other, b"{}", Qos::AtLeastOnce, false).await;
    assert_eq!(published, Some(PubackReasonCode::NotAuthorized));
    let lent = certificate(&mut client).await;
    let request = registration(
        &lent.token,
        json!({ "SerialNumber": "7", "ThingName": "t" }),
    );
    let (accepted, answer) = ask(&mut client, REGISTER, &request).await;
    assert!(accepted, "{answer}");

    world.settle_after(Duration::from_secs(300)).await;
    assert!(
        client
            .next()
            .await
            .unwrap()
            .to_string()
            .contains("NotAuthorized")
    );
    let again = Client::connect(&world, &claim, Options::v5("phone")).await;
    assert_eq!(again.err(), Some(Refused::Closed));
    let options = Options::v5("t");
    Client::connect(&world, &lent.device, options)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_version_in_force_is_evaluated() {
    let world = World::start().await;
    world.template(false).await;
    let mut second = body();
    second["DeviceConfiguration"] = json!({ "version": "2" });
    let path = "/provisioning-templates/devices/versions?setAsDefault=true";
    world
        .iot(
            Method::POST,
            path,
            json!({ "templateBody": second.to_string() }),
        )
        .await;
    let mut client = world.claimant("factory").await;
    let lent = certificate(&mut client).await;
    let request = registration(&lent.token, json!({ "SerialNumber": "7" }));
    let (_, answer) = ask(&mut client, REGISTER, &request).await;
    assert_eq!(answer["deviceConfiguration"], json!({ "version": "2" }));
}

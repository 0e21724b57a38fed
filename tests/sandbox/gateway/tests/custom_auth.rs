//! Custom authorizers over MQTT: who is asked what, and what the answer counts for.
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

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use mqtt_protocol_core::mqtt::packet::Qos;
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, PubackReasonCode};
use rcgen::SigningKey as _;
use serde_json::{Value, json};
use support::authorizer::{FUNCTION, Reply, Script, allow, allow_all, answer, but};
use support::client::{Client, Options, Refused};
use support::tls::{Door, tls, tls_to};
use support::{World, within};
use tokio_rustls::rustls::version::TLS13;

const USER: &str = "sensor?x-amz-customauthorizer-name=jwt";

/// A world with the ACTIVE authorizer `jwt`.
async fn world(script: &Script) -> World {
    let world = World::with(script).await;
    world.authorizer("jwt").await;
    world
}

async fn refused(world: &World, options: Options) -> Option<Refused> {
    Client::custom(world, options).await.err()
}

/// What a refused client sees, whatever the reason.
fn turned_away(v5: bool) -> Option<Refused> {
    Some(match v5 {
        false => Refused::Closed,
        true => Refused::V5(ConnectReasonCode::NotAuthorized),
    })
}

#[tokio::test]
async fn the_function_sees_what_the_client_sent_and_its_documents_decide() {
    let script = Script::always(answer(json!([
        allow("iot:Connect", "client/dev"),
        allow("iot:Publish", "topic/data/${iot:ClientId}"),
        allow("iot:Subscribe", "topicfilter/cmd/dev"),
        allow("iot:Receive", "topic/cmd/dev"),
    ])));
    let world = world(&script).await;
    let options = Options::v5("dev").user(USER).password(b"\x00pass\xff");
    let mut client = Client::custom(&world, options).await.unwrap();

    let event = script.event(0);
    let id = event["connectionMetadata"]["id"].as_str().unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    assert_eq!(
        event,
        json!({
            "signatureVerified": false,
            "protocols": ["tls", "mqtt"],
            "protocolData": {
                "tls": { "serverName": "localhost" },
                "mqtt": { "username": USER, "password": STANDARD.encode(b"\x00pass\xff"), "clientId": "dev" },
            },
            "connectionMetadata": { "id": id },
        })
    );
    script.call(0, |call| {
        assert_eq!(call.function_arn, FUNCTION);
        assert_eq!(
            call.source_arn,
            "arn:aws:iot:eu-west-1:123456789012:authorizer/jwt"
        );
    });

    let publish = async |client: &mut Client, topic: &str| {
        client
            .publish(topic, b"x", Qos::AtLeastOnce, false)
            .await
            .unwrap()
    };
    assert_eq!(
        publish(&mut client, "data/dev").await,
        PubackReasonCode::Success
    );
    assert_eq!(
        publish(&mut client, "data/other").await,
        PubackReasonCode::NotAuthorized
    );
    assert_eq!(client.subscribe("cmd/dev", Qos::AtLeastOnce).await, 1);
    assert_eq!(client.subscribe("cmd/#", Qos::AtLeastOnce).await, 0x87);
    world.gateway.publish(iot_gateway::Message::new(
        mqtt_topic::TopicName::parse("cmd/dev").unwrap(),
        "go",
    ));
    assert_eq!(client.message().await.payload, b"go");
    client.disconnect().await;

    // One invocation for the whole connection; the principal is the authorizer's.
    assert_eq!(script.count(), 1);
    let [message] = world.engine.on("data/dev").try_into().unwrap();
    assert_eq!(message.principal.as_deref(), Some("device42"));
    assert_eq!(message.client_id.as_deref(), Some("dev"));
    for kind in ["connected", "disconnected"] {
        let topic = format!("$aws/events/presence/{kind}/dev");
        let body = world.engine.wait_for(&topic).await.payload;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["principalIdentifier"], "device42");
    }
}

#[tokio::test]
async fn what_does_not_apply_is_absent() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    world.default_authorizer("jwt").await;
    let door = Door::https(&world, "127.0.0.1");
    let io = tls_to(&door, None, &[&TLS13], &[b"mqtt"]).await.unwrap();
    let client = Client::over(io, Options::v5("")).await.unwrap();
    let event = script.event(0);
    assert_eq!(event["protocolData"], json!({ "tls": {}, "mqtt": {} }));
    assert!(event.get("token").is_none());
    client.disconnect().await;
}

#[tokio::test]
async fn a_policy_refuses_connect_and_will_and_a_lifecycle_message_says_so() {
    let script = Script::always(answer(json!([
        allow("iot:Connect", "client/dev"),
        allow("iot:Publish", "topic/wills/dev")
    ])));
    let world = world(&script).await;
    for v5 in [false, true] {
        let options = |id: &str| if v5 { Options::v5(id) } else { Options::v3(id) }.user(USER);
        assert_eq!(
            refused(&world, options("other")).await,
            turned_away(v5),
            "{v5}"
        );
        let will = options("dev").will("wills/other", b"x", false);
        assert_eq!(refused(&world, will).await, turned_away(v5));
        let will = options("dev").will("wills/dev", b"x", false);
        assert_eq!(refused(&world, will).await, None);
    }
    let failed = world
        .engine
        .wait_for("$aws/events/presence/connect_failed/other")
        .await;
    let body: Value = serde_json::from_slice(&failed.payload).unwrap();
    assert_eq!(body["connectFailureReason"], "AUTHORIZATION_FAILED");
    assert_eq!(body["principalIdentifier"], "device42");
    world
        .event(|event| {
            event
                .to_string()
                .contains("none of the policies authorizer document 0 allows it")
        })
        .await;
}

#[tokio::test]
async fn thing_variables_have_no_value_without_a_certificate() {
    let script = Script::always(answer(json!([
        allow("iot:Connect", "client/*"),
        allow("iot:Publish", "topic/${iot:Connection.Thing.ThingName}"),
    ])));
    let world = world(&script).await;
    world.iot(Method::POST, "/things/t1", json!({})).await;
    let mut client = Client::custom(&world, Options::v5("t1").user(USER))
        .await
        .unwrap();
    let code = client.publish("t1", b"", Qos::AtLeastOnce, false).await;
    assert_eq!(code, Some(PubackReasonCode::NotAuthorized));
    world
        .event(|event| {
            event
                .to_string()
                .contains("no value for iot:Connection.Thing.ThingName")
        })
        .await;
}

#[tokio::test]
async fn every_failure_looks_the_same_to_the_client_and_has_its_reason_in_the_log() {
    let script = Script::always(allow_all());
    let functions = Arc::new(script.clone());
    let world = World::start_with(|config| {
        config.functions = Some(functions);
        config.function_time_limit = Duration::from_millis(20);
    })
    .await;
    world.authorizer("jwt").await;
    let good = allow_all;
    let document = |text: &str| but(good(), "policyDocuments", json!([text]));
    let long = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{}","Effect":"Allow","Action":"iot:*","Resource":"*"}}]}}"#,
        "x".repeat(2000)
    );
    type Case = (Box<dyn Fn() -> Reply + Send>, &'static str);
    let said = |value: Value, why: &'static str| -> Case {
        (Box::new(move || Reply::Answer(value.clone())), why)
    };
    let cases: Vec<Case> = vec![
        (
            Box::new(|| Reply::Error("Unhandled: boom".into())),
            "authorizer jwt: its function failed: Unhandled: boom",
        ),
        (Box::new(|| Reply::Hang), "no answer within 20ms"),
        (
            Box::new(|| Reply::Bytes(b"\xff".to_vec())),
            "its answer cannot be read",
        ),
        (
            Box::new(|| {
                Reply::Bytes(br#"{"isAuthenticated":true,"isAuthenticated":true}"#.to_vec())
            }),
            "duplicate field",
        ),
        said(json!(null), "its answer cannot be read"),
        said(json!({}), "missing field `isAuthenticated`"),
        said(
            but(good(), "isAuthenticated", json!("true")),
            "its answer cannot be read",
        ),
        said(
            but(good(), "isAuthenticated", json!(false)),
            "isAuthenticated false",
        ),
        said(
            but(good(), "principalId", Value::Null),
            "has no principalId",
        ),
        said(
            but(good(), "principalId", json!("")),
            "1 to 128 letters and digits",
        ),
        said(
            but(good(), "principalId", json!("a-b")),
            "1 to 128 letters and digits",
        ),
        said(
            but(good(), "principalId", json!("ä")),
            "1 to 128 letters and digits",
        ),
        said(
            but(good(), "principalId", json!("a".repeat(129))),
            "1 to 128 letters and digits",
        ),
        said(
            but(good(), "policyDocuments", Value::Null),
            "has no policyDocuments",
        ),
        said(
            but(
                good(),
                "policyDocuments",
                json!(vec![good()["policyDocuments"][0].clone(); 11]),
            ),
            "11 policy documents",
        ),
        said(document(&long), "characters"),
        said(document("{}"), "policy document 0"),
        said(
            but(good(), "policyDocuments", json!([5])),
            "policy document 0",
        ),
        said(
            but(good(), "policyDocuments", json!({})),
            "its answer cannot be read",
        ),
        said(
            but(good(), "refreshAfterInSeconds", Value::Null),
            "has no refreshAfterInSeconds",
        ),
        said(
            but(good(), "refreshAfterInSeconds", json!(299)),
            "refreshAfterInSeconds 299",
        ),
        said(
            but(good(), "refreshAfterInSeconds", json!(86_401)),
            "refreshAfterInSeconds 86401",
        ),
        said(
            but(good(), "disconnectAfterInSeconds", json!(299)),
            "disconnectAfterInSeconds 299",
        ),
        said(
            but(good(), "disconnectAfterInSeconds", json!(300.5)),
            "its answer cannot be read",
        ),
        said(
            but(good(), "disconnectAfterInSeconds", json!("300")),
            "its answer cannot be read",
        ),
    ];
    for (index, (reply, why)) in cases.into_iter().enumerate() {
        script.change(move |_| reply());
        for v5 in [false, true] {
            let id = format!("c{index}-{v5}");
            let options = if v5 {
                Options::v5(&id)
            } else {
                Options::v3(&id)
            };
            assert_eq!(
                refused(&world, options.user(USER).password(b"secret")).await,
                turned_away(v5),
                "{why}"
            );
            let event = world
                .event(|event| event.client_id.as_deref() == Some(&id))
                .await;
            let text = event.to_string();
            assert!(text.contains(why), "{why}: {text}");
        }
        assert_eq!(script.count(), (index + 1) * 2, "{why}");
    }
    let log = format!("{:?}", world.gateway.events().all());
    assert!(!log.contains("secret") && !log.contains("c2VjcmV0"));
    // Not even a lifecycle message: nobody knows who it was.
    let presence = |message: &iot_gateway::PublishedMessage| message.topic.contains("/presence/");
    assert!(!world.engine.all().iter().any(presence));

    // The bounds themselves are fine, and so is a document given as a text.
    let text = good()["policyDocuments"][0].to_string();
    let bounds = but(document(&text), "disconnectAfterInSeconds", Value::Null);
    let bounds = but(bounds, "refreshAfterInSeconds", json!(86_400));
    script.answer(but(bounds, "principalId", json!("a".repeat(128))));
    assert_eq!(refused(&world, Options::v3("dev").user(USER)).await, None);
}

#[tokio::test]
async fn without_functions_everybody_is_refused() {
    let world = World::start().await;
    world.authorizer("jwt").await;
    assert_eq!(
        refused(&world, Options::v3("dev").user(USER)).await,
        turned_away(false)
    );
    assert!(world.refusal().await.contains("no functions to invoke"));
}

#[tokio::test]
async fn the_gateway_ends_while_a_function_hangs() {
    let script = Script::new(|_| Reply::Hang);
    let world = world(&script).await;
    let door = Door::https(&world, "localhost");
    let io = tls_to(&door, None, &[&TLS13], &[b"mqtt"]).await.unwrap();
    let client = tokio::spawn(Client::over(io, Options::v5("dev").user(USER)));
    script.called(1).await;
    let World { gateway, .. } = world;
    let gateway = Arc::into_inner(gateway).unwrap();
    tokio::time::timeout(Duration::from_secs(4), gateway.shutdown())
        .await
        .expect("before the function's 5 s are over");
    assert!(within(client).await.unwrap().is_err());
}

#[tokio::test]
async fn the_client_names_an_authorizer_or_the_account_has_a_default_one() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    world
        .authorizer_with(
            "other",
            json!({ "authorizerFunctionArn": format!("{FUNCTION}2") }),
        )
        .await;
    world
        .authorizer_with("off", json!({ "status": "INACTIVE" }))
        .await;
    let asked = async |user: Option<&str>| {
        let options = Options::v3("dev");
        let options = match user {
            Some(user) => options.user(user),
            None => options,
        };
        let before = script.count();
        let refused = refused(&world, options).await;
        assert_eq!(script.count() - before, usize::from(refused.is_none()));
        match refused {
            None => script.call(before, |call| Ok(call.source_arn.clone())),
            Some(_) => Err(world.gateway.events().all().pop().unwrap().to_string()),
        }
    };
    let arn = |name: &str| format!("arn:aws:iot:eu-west-1:123456789012:authorizer/{name}");
    let why = asked(None).await.unwrap_err();
    assert!(why.contains("names none"), "{why}");
    assert!(asked(Some("user?a=b")).await.is_err());
    assert_eq!(asked(Some(USER)).await, Ok(arn("jwt")));
    // The value may be encoded; a second question mark belongs to a value.
    let encoded = "?x-amz-customauthorizer-name=%6Awt&SDK=Java?Version=1";
    assert_eq!(asked(Some(encoded)).await, Ok(arn("jwt")));
    let why = asked(Some("?x-amz-customauthorizer-name=none"))
        .await
        .unwrap_err();
    assert!(why.contains(r#"authorizer "none" does not exist"#), "{why}");
    let why = asked(Some("?x-amz-customauthorizer-name=off"))
        .await
        .unwrap_err();
    assert!(why.contains("authorizer off is INACTIVE"), "{why}");
    let twice = format!("{USER}&x-amz-customauthorizer-name=other");
    let why = asked(Some(&twice)).await.unwrap_err();
    assert!(why.contains("given twice"), "{why}");

    world.default_authorizer("other").await;
    assert_eq!(asked(None).await, Ok(arn("other")));
    assert_eq!(asked(Some("user")).await, Ok(arn("other")));
    assert_eq!(asked(Some(USER)).await, Ok(arn("jwt")));
}

#[tokio::test]
async fn a_domain_configuration_has_its_own_authorizer_and_may_forbid_another() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    world.authorizer("own").await;
    let config = |config: Value| json!({ "authorizerConfig": config });
    let strict = json!({ "defaultAuthorizerName": "own", "allowAuthorizerOverride": false });
    let silent = json!({ "defaultAuthorizerName": "own" });
    let open = json!({ "defaultAuthorizerName": "own", "allowAuthorizerOverride": true });
    let strict = world.domain("strict", config(strict)).await;
    let silent = world.domain("silent", config(silent)).await;
    let open = world.domain("open", config(open)).await;
    let asked = async |domain: &str, user: &str| {
        let door = Door::https(&world, domain);
        let io = tls_to(&door, None, &[&TLS13], &[b"mqtt"]).await.unwrap();
        let before = script.count();
        match Client::over(io, Options::v3("dev").user(user)).await {
            Ok(_) => script.call(before, |call| {
                assert_eq!(call.event["protocolData"]["tls"]["serverName"], domain);
                let name = call.source_arn.rsplit('/').next();
                name.unwrap().to_owned()
            }),
            Err(_) => {
                assert_eq!(script.count(), before);
                world.gateway.events().all().pop().unwrap().to_string()
            }
        }
    };
    for domain in [&strict, &silent, &open] {
        assert_eq!(asked(domain, "user").await, "own");
        let same = "?x-amz-customauthorizer-name=own";
        assert_eq!(asked(domain, same).await, "own");
    }
    for domain in [&strict, &silent] {
        let why = asked(domain, USER).await;
        assert!(why.contains("does not allow another authorizer"), "{why}");
    }
    assert_eq!(asked(&open, USER).await, "jwt");

    // A configuration without authorizer leaves the account's default one in place.
    let plain = world.domain("plain", json!({})).await;
    assert!(asked(&plain, "user").await.contains("names none"));
    world.default_authorizer("jwt").await;
    assert_eq!(asked(&plain, "user").await, "jwt");

    let off = json!({ "domainConfigurationStatus": "DISABLED" });
    world
        .iot(Method::PUT, "/domainConfigurations/open", off)
        .await;
    assert!(asked(&open, "user").await.contains("open is DISABLED"));
    let unknown = strict.replacen('d', "e", 1);
    assert!(
        asked(&unknown, "user")
            .await
            .contains("no domain configuration has the domain name")
    );
}

#[tokio::test]
async fn the_token_is_what_the_authorizer_calls_so() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    world
        .authorizer_with("nameless", json!({ "tokenKeyName": null }))
        .await;
    let token = async |user: &str| {
        let before = script.count();
        let refused = refused(&world, Options::v3("dev").user(user)).await;
        refused
            .is_none()
            .then(|| script.event(before)["token"].clone())
    };
    let sent = |token: &str| format!("{USER}&token={token}");
    assert_eq!(token(USER).await, Some(json!(null)));
    assert_eq!(
        token(&sent("a%20b%2Bc+d%3D")).await,
        Some(json!("a b+c+d="))
    );
    assert_eq!(token(&format!("{USER}&Token=x")).await, Some(json!(null)));
    let nameless = "?x-amz-customauthorizer-name=nameless&token=x";
    assert_eq!(token(nameless).await, Some(json!(null)));
    assert_eq!(token(&sent("a&token=b")).await, None);
    assert_eq!(token(&sent("a&token=a")).await, Some(json!("a")));
    let longest = "x".repeat(6144);
    assert_eq!(token(&sent(&longest)).await, Some(json!(longest)));
    assert_eq!(token(&sent(&format!("{longest}x"))).await, None);
}

#[tokio::test]
async fn a_signature_is_checked_before_the_function_is_invoked() {
    let script = Script::always(allow_all());
    let world = World::with(&script).await;
    let rsa = || {
        rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap()
    };
    let (key, stranger) = (rsa(), rsa());
    let old = rsa();
    world
        .authorizer_with(
            "jwt",
            json!({
                "signingDisabled": false,
                "tokenSigningPublicKeys": { "old": old.public_key_pem(), "new": key.public_key_pem() },
            }),
        )
        .await;
    let signature = |key: &rcgen::KeyPair, token: &str| {
        let signature = STANDARD.encode(key.sign(token.as_bytes()).unwrap());
        signature
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D")
    };
    let user = |token: &str, signature: &str| {
        format!("{USER}&token={token}&x-amz-customauthorizer-signature={signature}")
    };
    let why = async |user: String| {
        let before = script.count();
        let refused = refused(&world, Options::v3("dev").user(&user)).await;
        assert_eq!(script.count() - before, usize::from(refused.is_none()));
        refused.map(|_| world.gateway.events().all().pop().unwrap().to_string())
    };
    for key in [&key, &old] {
        assert_eq!(why(user("abc", &signature(key, "abc"))).await, None);
    }
    let event = script.event(0);
    assert_eq!(event["signatureVerified"], true);
    assert_eq!(event["token"], "abc");

    let cases = [
        (
            user("abc", &signature(&stranger, "abc")),
            "no key of the authorizer",
        ),
        (
            user("abcd", &signature(&key, "abc")),
            "no key of the authorizer",
        ),
        (user("abc", "AAAA"), "no key of the authorizer"),
        (user("abc", "%%%"), "not base64"),
        (
            format!("{USER}&token=abc"),
            "no x-amz-customauthorizer-signature",
        ),
        (
            format!(
                "{USER}&x-amz-customauthorizer-signature={}",
                signature(&key, "")
            ),
            "wants a signed token and there is none",
        ),
        (
            user("", &signature(&key, "")),
            "wants a signed token and there is none",
        ),
        (USER.to_owned(), "wants a signed token and there is none"),
    ];
    for (user, reason) in cases {
        let text = why(user).await.expect(reason);
        assert!(
            text.contains(reason) && text.contains("not invoked"),
            "{reason}: {text}"
        );
    }
}

#[tokio::test]
async fn the_mqtt_port_has_certificates_only_and_the_other_one_both() {
    let script = Script::always(allow_all());
    let world = world(&script).await;
    world.default_authorizer("jwt").await;
    let device = world.trusted().await;

    let io = tls(&world, None, &[&TLS13], &[b"mqtt"]).await.unwrap();
    assert!(
        Client::over(io, Options::v3("dev").user(USER))
            .await
            .is_err()
    );
    let why = world.refusal().await;
    assert!(
        why.contains("custom authentication is on the gateway's other port"),
        "{why}"
    );

    let door = Door::https(&world, "localhost");
    let io = tls_to(&door, Some(&device), &[&TLS13], &[b"x-amzn-mqtt-ca"])
        .await
        .unwrap();
    Client::over(io, Options::v3("dev").user(USER))
        .await
        .unwrap()
        .disconnect()
        .await;
    assert_eq!(script.count(), 0, "the certificate is all it takes");
    let io = tls_to(&door, None, &[&TLS13], &[b"x-amzn-mqtt-ca"])
        .await
        .unwrap();
    assert!(
        Client::over(io, Options::v3("dev").user(USER))
            .await
            .is_err()
    );
    assert_eq!(script.count(), 0);

    // With custom authentication a certificate counts for nothing.
    let io = tls_to(&door, Some(&device), &[&TLS13], &[b"mqtt"])
        .await
        .unwrap();
    Client::over(io, Options::v3("dev"))
        .await
        .unwrap()
        .disconnect()
        .await;
    assert!(
        script.event(0)["protocolData"]["tls"]
            .get("principalId")
            .is_none()
    );
}

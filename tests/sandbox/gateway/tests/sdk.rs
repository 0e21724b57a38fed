//! The AWS SDK for Rust against the `iot` API, over HTTP.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "support/sdk.rs"]
mod sdk_client;
mod support;

use aws_sdk_iot::error::ProvideErrorMetadata;
use aws_sdk_iot::primitives::Blob;
use aws_sdk_iot::types::{
    ActionType, ApplicationProtocol, AttributePayload, AuthDecision, AuthInfo, AuthenticationType,
    AuthorizerConfig, AuthorizerStatus, CertificateStatus, DomainType, HttpContext, MqttContext,
    ProvisioningHook, ServiceType, Tag, TemplateType, ThingGroupProperties, ThingPrincipalType,
    ThingTypeProperties, TlsContext,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqtt_protocol_core::mqtt::packet::Qos;
use rcgen::SigningKey as _;
use sdk_client::sdk;
use support::authorizer::{FUNCTION, Reply, Script, allow_all};
use support::client::{Client, Options};
use support::{ALLOW_ALL, Device, World, fleet};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_registered_connects_and_is_removed_again() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let group = |name: &str| iot.create_thing_group().thing_group_name(name);
    group("fleet").send().await.unwrap();
    let description = ThingGroupProperties::builder()
        .thing_group_description("of one site")
        .build();
    group("site")
        .parent_group_name("fleet")
        .thing_group_properties(description)
        .send()
        .await
        .unwrap();
    let kind = ThingTypeProperties::builder()
        .thing_type_description("sensor")
        .searchable_attributes("serial")
        .build();
    iot.create_thing_type()
        .thing_type_name("sensor")
        .thing_type_properties(kind)
        .send()
        .await
        .unwrap();
    let attributes = AttributePayload::builder()
        .attributes("serial", "42")
        .build();
    let thing = iot
        .create_thing()
        .thing_name("t1")
        .thing_type_name("sensor")
        .attribute_payload(attributes)
        .send()
        .await
        .unwrap();
    assert_eq!(
        thing.thing_arn(),
        Some("arn:aws:iot:eu-west-1:123456789012:thing/t1")
    );
    iot.add_thing_to_thing_group()
        .thing_group_name("site")
        .thing_name("t1")
        .send()
        .await
        .unwrap();

    let made = iot
        .create_keys_and_certificate()
        .set_as_active(true)
        .send()
        .await
        .unwrap();
    let arn = made.certificate_arn().unwrap();
    let id = made.certificate_id().unwrap();
    iot.create_policy()
        .policy_name("device")
        .policy_document(ALLOW_ALL)
        .send()
        .await
        .unwrap();
    iot.attach_policy()
        .policy_name("device")
        .target(arn)
        .send()
        .await
        .unwrap();
    let exclusive = ThingPrincipalType::ExclusiveThing;
    iot.attach_thing_principal()
        .thing_name("t1")
        .principal(arn)
        .thing_principal_type(exclusive)
        .send()
        .await
        .unwrap();

    let described = iot
        .describe_certificate()
        .certificate_id(id)
        .send()
        .await
        .unwrap();
    let description = described.certificate_description().unwrap();
    assert_eq!(description.status(), Some(&CertificateStatus::Active));
    assert_eq!(
        description.validity().unwrap().not_after().unwrap().secs(),
        2_524_607_999
    );
    let group = iot
        .describe_thing_group()
        .thing_group_name("site")
        .send()
        .await
        .unwrap();
    let above = group
        .thing_group_metadata()
        .unwrap()
        .root_to_parent_thing_groups();
    assert_eq!(above[0].group_name(), Some("fleet"));
    let thing = iot.describe_thing().thing_name("t1").send().await.unwrap();
    assert_eq!(thing.attributes().unwrap()["serial"], "42");
    let of_thing = iot
        .list_thing_groups_for_thing()
        .thing_name("t1")
        .send()
        .await
        .unwrap();
    assert_eq!(of_thing.thing_groups()[0].group_name(), Some("site"));
    let principals = iot
        .list_thing_principals()
        .thing_name("t1")
        .send()
        .await
        .unwrap();
    assert_eq!(principals.principals(), [arn]);
    let things = iot
        .list_principal_things()
        .principal(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(things.things(), ["t1"]);
    let policies = iot
        .list_attached_policies()
        .target(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(policies.policies()[0].policy_name(), Some("device"));
    let effective = iot
        .get_effective_policies()
        .principal(arn)
        .thing_name("t1")
        .send()
        .await
        .unwrap();
    assert_eq!(
        effective.effective_policies()[0].policy_document(),
        Some(ALLOW_ALL)
    );
    let topic = "arn:aws:iot:eu-west-1:123456789012:topic/a";
    let info = AuthInfo::builder()
        .action_type(ActionType::Publish)
        .resources(topic)
        .build()
        .unwrap();
    let tested = iot
        .test_authorization()
        .principal(arn)
        .auth_infos(info)
        .send()
        .await
        .unwrap();
    assert_eq!(
        tested.auth_results()[0].auth_decision(),
        Some(&AuthDecision::Allowed)
    );
    let endpoint = iot
        .describe_endpoint()
        .endpoint_type("iot:Data-ATS")
        .send()
        .await
        .unwrap();
    assert_eq!(
        endpoint.endpoint_address(),
        Some(format!("localhost:{}", world.gateway.mqtt_addr().port()).as_str())
    );

    let device = Device {
        id: id.into(),
        arn: arn.into(),
        certificate_pem: made.certificate_pem().unwrap().into(),
        key_pem: made.key_pair().unwrap().private_key().unwrap().into(),
    };
    let mut client = Client::connect(&world, &device, Options::v5("any-name"))
        .await
        .unwrap();
    client
        .publish("a", b"1", Qos::AtLeastOnce, false)
        .await
        .unwrap();
    let connected = world
        .engine
        .wait_for("$aws/events/presence/connected/any-name")
        .await;
    let body: serde_json::Value = serde_json::from_slice(&connected.payload).unwrap();
    assert_eq!(
        (&body["thingName"], &body["ipAddress"]),
        (&"t1".into(), &"127.0.0.1".into())
    );

    let conflict = iot
        .delete_certificate()
        .certificate_id(id)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(conflict.is_certificate_state_exception(), "{conflict:?}");
    iot.update_certificate()
        .certificate_id(id)
        .new_status(CertificateStatus::Inactive)
        .send()
        .await
        .unwrap();
    assert!(
        client
            .next()
            .await
            .is_some_and(|packet| packet.to_string().contains("NotAuthorized"))
    );
    let conflict = iot
        .delete_certificate()
        .certificate_id(id)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(conflict.is_delete_conflict_exception(), "{conflict:?}");
    iot.detach_policy()
        .policy_name("device")
        .target(arn)
        .send()
        .await
        .unwrap();
    iot.detach_thing_principal()
        .thing_name("t1")
        .principal(arn)
        .send()
        .await
        .unwrap();
    iot.delete_certificate()
        .certificate_id(id)
        .send()
        .await
        .unwrap();
    iot.delete_policy()
        .policy_name("device")
        .send()
        .await
        .unwrap();
    iot.remove_thing_from_thing_group()
        .thing_group_name("site")
        .thing_name("t1")
        .send()
        .await
        .unwrap();
    iot.delete_thing().thing_name("t1").send().await.unwrap();
    assert!(
        iot.list_certificates()
            .send()
            .await
            .unwrap()
            .certificates()
            .is_empty()
    );
    assert!(iot.list_things().send().await.unwrap().things().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_arrive_as_the_models_types() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let missing = iot
        .describe_thing()
        .thing_name("nobody")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(missing.is_resource_not_found_exception(), "{missing:?}");
    iot.create_policy()
        .policy_name("p")
        .policy_document(ALLOW_ALL)
        .send()
        .await
        .unwrap();
    let twice = iot
        .create_policy()
        .policy_name("p")
        .policy_document(ALLOW_ALL)
        .send()
        .await;
    let twice = twice.unwrap_err().into_service_error();
    assert!(twice.is_resource_already_exists_exception(), "{twice:?}");
    let bad = iot
        .create_policy()
        .policy_name("q")
        .policy_document("{}")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(bad.is_malformed_policy_exception(), "{bad:?}");
    for _ in 0..4 {
        iot.create_policy_version()
            .policy_name("p")
            .policy_document(ALLOW_ALL)
            .send()
            .await
            .unwrap();
    }
    let sixth = iot
        .create_policy_version()
        .policy_name("p")
        .policy_document(ALLOW_ALL)
        .send()
        .await;
    let sixth = sixth.unwrap_err().into_service_error();
    assert!(sixth.is_versions_limit_exceeded_exception(), "{sixth:?}");
    let listed = iot
        .list_policy_versions()
        .policy_name("p")
        .send()
        .await
        .unwrap();
    assert_eq!(listed.policy_versions().len(), 5);
    let unsupported = iot
        .list_jobs()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(unsupported.code(), Some("UnsupportedOperationException"));
    assert!(
        unsupported
            .message()
            .unwrap_or_default()
            .contains("iot:ListJobs")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn authorizers_and_domain_configurations() {
    let script = Script::always(allow_all());
    let world = World::with(&script).await;
    let iot = sdk(&world.gateway).await;
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
    let key = key.unwrap();
    let created = iot
        .create_authorizer()
        .authorizer_name("jwt")
        .authorizer_function_arn(FUNCTION)
        .token_key_name("token")
        .token_signing_public_keys("k", key.public_key_pem())
        .status(AuthorizerStatus::Active)
        .enable_caching_for_http(true)
        .tags(Tag::builder().key("a").value("b").build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        created.authorizer_arn(),
        Some("arn:aws:iot:eu-west-1:123456789012:authorizer/jwt")
    );
    let named = |name: &str| iot.describe_authorizer().authorizer_name(name).send();
    let found = named("jwt").await.unwrap();
    let found = found.authorizer_description().unwrap();
    assert_eq!(found.status(), Some(&AuthorizerStatus::Active));
    assert_eq!(found.signing_disabled(), Some(false));
    assert_eq!(
        found.token_signing_public_keys().unwrap()["k"],
        key.public_key_pem()
    );
    assert_eq!(
        found.creation_date().unwrap().to_millis().unwrap(),
        1_772_366_400_000
    );
    let missing = named("none").await.unwrap_err().into_service_error();
    assert!(missing.is_resource_not_found_exception());

    let default = || iot.set_default_authorizer().authorizer_name("jwt").send();
    default().await.unwrap();
    let described = iot.describe_default_authorizer().send().await.unwrap();
    let name = described
        .authorizer_description()
        .unwrap()
        .authorizer_name();
    assert_eq!(name, Some("jwt"));
    let listed = iot
        .list_authorizers()
        .status(AuthorizerStatus::Active)
        .ascending_order(true)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.authorizers()[0].authorizer_name(), Some("jwt"));

    let signature = STANDARD.encode(key.sign(b"abc").unwrap());
    let test = || {
        iot.test_invoke_authorizer()
            .authorizer_name("jwt")
            .token("abc")
    };
    let mqtt = MqttContext::builder()
        .username("u")
        .password(Blob::new(b"p"))
        .client_id("c")
        .build();
    let tested = test()
        .token_signature(signature)
        .mqtt_context(mqtt)
        .http_context(
            HttpContext::builder()
                .headers("a", "b")
                .query_string("?c")
                .build(),
        )
        .tls_context(TlsContext::builder().server_name("x").build())
        .send()
        .await
        .unwrap();
    assert_eq!(tested.is_authenticated(), Some(true));
    assert_eq!(tested.principal_id(), Some("device42"));
    assert!(tested.policy_documents()[0].contains("2012-10-17"));
    assert_eq!(tested.refresh_after_in_seconds(), Some(300));
    assert_eq!(script.event(0)["protocolData"]["mqtt"]["password"], "cA==");
    let unsigned = test().send().await.unwrap_err().into_service_error();
    assert!(unsigned.is_invalid_request_exception());
    script.change(|_| Reply::Error("boom".into()));
    let signature = STANDARD.encode(key.sign(b"abc").unwrap());
    let failed = test().token_signature(signature).send().await.unwrap_err();
    assert!(failed.into_service_error().is_invalid_response_exception());

    let config = AuthorizerConfig::builder()
        .default_authorizer_name("jwt")
        .allow_authorizer_override(false)
        .build();
    iot.create_domain_configuration()
        .domain_configuration_name("fleet")
        .authorizer_config(config)
        .service_type(ServiceType::Data)
        .send()
        .await
        .unwrap();
    iot.update_domain_configuration()
        .domain_configuration_name("fleet")
        .authentication_type(AuthenticationType::CustomAuthX509)
        .application_protocol(ApplicationProtocol::SecureMqtt)
        .send()
        .await
        .unwrap();
    let described = iot
        .describe_domain_configuration()
        .domain_configuration_name("fleet")
        .send()
        .await
        .unwrap();
    assert!(described.domain_name().unwrap().ends_with(".localhost"));
    let config = described.authorizer_config().unwrap();
    assert_eq!(config.default_authorizer_name(), Some("jwt"));
    assert_eq!(
        described.authentication_type(),
        Some(&AuthenticationType::CustomAuthX509)
    );
    assert_eq!(described.domain_type(), Some(&DomainType::AwsManaged));
    let listed = iot.list_domain_configurations().send().await.unwrap();
    let [only] = listed.domain_configurations() else {
        panic!("{listed:?}")
    };
    assert_eq!(only.domain_configuration_name(), Some("fleet"));
    let early = iot
        .delete_domain_configuration()
        .domain_configuration_name("fleet")
        .send()
        .await;
    assert!(
        early
            .unwrap_err()
            .into_service_error()
            .is_invalid_request_exception()
    );

    iot.clear_default_authorizer().send().await.unwrap();
    let active = iot.delete_authorizer().authorizer_name("jwt").send().await;
    assert!(
        active
            .unwrap_err()
            .into_service_error()
            .is_delete_conflict_exception()
    );
    iot.update_authorizer()
        .authorizer_name("jwt")
        .status(AuthorizerStatus::Inactive)
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn provisioning_templates_and_claims() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let body = fleet::body().to_string();
    let hook = || ProvisioningHook::builder().target_arn(fleet::HOOK).build();
    let create = |name: &str| {
        iot.create_provisioning_template()
            .template_name(name)
            .template_body(&body)
            .provisioning_role_arn(fleet::ROLE)
    };
    let made = create("devices")
        .description("sensors")
        .pre_provisioning_hook(hook().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (made.template_arn(), made.default_version_id()),
        (
            Some("arn:aws:iot:eu-west-1:123456789012:provisioningtemplate/devices"),
            Some(1)
        )
    );
    let describe = || {
        iot.describe_provisioning_template()
            .template_name("devices")
    };
    let found = describe().send().await.unwrap();
    assert_eq!(found.template_body(), Some(body.as_str()));
    assert_eq!(found.r#type(), Some(&TemplateType::FleetProvisioning));
    assert_eq!(
        (found.enabled(), found.description()),
        (Some(false), Some("sensors"))
    );
    let described = found.pre_provisioning_hook().unwrap();
    assert_eq!(described.target_arn(), fleet::HOOK);
    assert_eq!(described.payload_version(), Some("2020-04-01"));

    // Each refusal has its own code.
    let code = |code: Option<&str>| code.unwrap().to_owned();
    let again = create("devices").send().await.unwrap_err();
    assert_eq!(code(again.code()), "ResourceAlreadyExistsException");
    let jitp = create("jitp").r#type(TemplateType::Jitp);
    let bad_names = create("a b").send().await.unwrap_err();
    let bad_role = create("x").provisioning_role_arn("arn:aws:iam::1:user/u");
    let no_template = create("x").template_body("{}").send().await.unwrap_err();
    let text = no_template.message().unwrap().to_owned();
    assert!(text.contains("`Resources` is missing"), "{text}");
    let old_hook = ProvisioningHook::builder()
        .payload_version("2019-01-01")
        .target_arn(fleet::HOOK);
    let old_hook = create("x").pre_provisioning_hook(old_hook.build().unwrap());
    let minimal = serde_json::json!({ "Resources": { "c": { "Type": "AWS::IoT::Certificate",
        "Properties": { "CertificateId": { "Ref": "AWS::IoT::Certificate::Id" } } } } });
    let jitp = jitp.template_body(minimal.to_string());
    let hooked = jitp.clone().pre_provisioning_hook(hook().unwrap());
    for (what, refused) in [
        ("name", bad_names),
        ("role", bad_role.send().await.unwrap_err()),
        ("payload version", old_hook.send().await.unwrap_err()),
        ("hook of a JITP template", hooked.send().await.unwrap_err()),
    ] {
        assert_eq!(code(refused.code()), "InvalidRequestException", "{what}");
    }
    jitp.send().await.unwrap();
    let listed = iot.list_provisioning_templates().send().await.unwrap();
    let listed: Vec<_> = listed
        .templates()
        .iter()
        .map(|it| it.template_name())
        .collect();
    assert_eq!(listed, [Some("devices"), Some("jitp")]);

    iot.update_provisioning_template()
        .template_name("devices")
        .enabled(true)
        .remove_pre_provisioning_hook(true)
        .send()
        .await
        .unwrap();
    let found = describe().send().await.unwrap();
    assert_eq!(found.enabled(), Some(true));
    assert!(found.pre_provisioning_hook().is_none());
    assert_eq!(found.description(), Some("sensors"));

    // Versions: five at most, the one in force stays.
    let version = || {
        iot.create_provisioning_template_version()
            .template_name("devices")
            .template_body(minimal.to_string())
    };
    let second = version().set_as_default(true).send().await.unwrap();
    assert_eq!(
        (second.version_id(), second.is_default_version()),
        (Some(2), true)
    );
    for _ in 0..3 {
        version().send().await.unwrap();
    }
    let sixth = version().send().await.unwrap_err();
    assert_eq!(code(sixth.code()), "VersionsLimitExceededException");
    let delete = |id: i32| {
        let delete = iot.delete_provisioning_template_version();
        delete.template_name("devices").version_id(id).send()
    };
    let in_force = delete(2).await.unwrap_err();
    assert_eq!(code(in_force.code()), "DeleteConflictException");
    delete(1).await.unwrap();
    let versions = iot
        .list_provisioning_template_versions()
        .template_name("devices");
    let versions = versions.send().await.unwrap();
    let ids: Vec<_> = versions
        .versions()
        .iter()
        .map(|it| it.version_id())
        .collect();
    assert_eq!(ids, [Some(2), Some(3), Some(4), Some(5)]);
    let described = iot
        .describe_provisioning_template_version()
        .template_name("devices");
    let described = described.version_id(2).send().await.unwrap();
    assert_eq!(
        described.template_body(),
        Some(minimal.to_string().as_str())
    );
    assert!(described.is_default_version());

    let claim = |name: &str| iot.create_provisioning_claim().template_name(name).send();
    let made = claim("devices").await.unwrap();
    let seconds = i64::try_from(support::NOON / 1000).unwrap() + 300;
    assert_eq!(made.expiration().unwrap().secs(), seconds);
    let pair = made.key_pair().unwrap();
    assert!(pair.private_key().unwrap().contains("PRIVATE KEY"));
    assert_eq!(made.certificate_id().unwrap().len(), 64);
    assert_eq!(
        code(claim("nothing").await.unwrap_err().code()),
        "ResourceNotFoundException"
    );
    assert_eq!(
        code(claim("jitp").await.unwrap_err().code()),
        "InvalidRequestException"
    );
    let delete = || {
        iot.delete_provisioning_template()
            .template_name("devices")
            .send()
    };
    delete().await.unwrap();
    assert_eq!(
        code(delete().await.unwrap_err().code()),
        "ResourceNotFoundException"
    );

    // What is not here is refused by its name.
    let provider = iot
        .create_certificate_provider()
        .certificate_provider_name("p")
        .lambda_function_arn(fleet::HOOK)
        .account_default_for_operations(
            aws_sdk_iot::types::CertificateProviderOperation::CreateCertificateFromCsr,
        );
    let missing = provider.send().await.unwrap_err();
    assert_eq!(code(missing.code()), "UnsupportedOperationException");
    assert!(
        missing
            .message()
            .unwrap()
            .contains("CreateCertificateProvider")
    );
}

//! CAs through the AWS SDK for Rust: who may register one, what can be changed, and the certificates they signed.
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

use aws_sdk_iot::Client as Iot;
use aws_sdk_iot::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iot::operation::register_ca_certificate::builders::RegisterCACertificateFluentBuilder;
use aws_sdk_iot::types::{
    AutoRegistrationStatus, CaCertificateStatus, CertificateMode, CertificateStatus,
    RegistrationConfig, TemplateType,
};
use rcgen::{CertificateParams, DnType, KeyPair};
use sdk_client::sdk;
use support::ca::{Ca, LONG};
use support::client::{Client, Options, Refused};
use support::{NOON, World};

const ROLE: &str = "arn:aws:iam::123456789012:role/jitp";
const TEMPLATE: &str = r#"{"Resources": {"certificate": {"Type": "AWS::IoT::Certificate", "Properties": {
    "CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}}}}}"#;

/// The exception's name and text.
fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(
    answer: Result<T, SdkError<E, R>>,
) -> (String, String) {
    let why = answer.unwrap_err();
    (
        why.code().unwrap().to_owned(),
        why.message().unwrap().to_owned(),
    )
}

fn sni_only(iot: &Iot, ca: &Ca) -> RegisterCACertificateFluentBuilder {
    iot.register_ca_certificate()
        .ca_certificate(&ca.pem)
        .certificate_mode(CertificateMode::SniOnly)
        .set_as_active(true)
}

#[tokio::test(flavor = "multi_thread")]
async fn default_mode_wants_proof_that_the_owner_holds_the_key() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let code = iot.get_registration_code().send().await.unwrap();
    let code = code.registration_code().unwrap().to_owned();
    assert_eq!(code.len(), 64);
    let ca = Ca::new("Maker");
    let register = |proof: Option<String>| {
        iot.register_ca_certificate()
            .ca_certificate(&ca.pem)
            .set_verification_certificate(proof)
    };

    let (name, why) = refusal(register(None).send().await);
    assert_eq!(name, "InvalidRequestException");
    assert!(why.contains("verificationCertificate is missing"), "{why}");
    for (proof, expected, reason) in [
        (
            "no PEM".to_owned(),
            "CertificateValidationException",
            "not PEM",
        ),
        (
            ca.device("lamp").certificate_pem,
            "RegistrationCodeValidationException",
            "GetRegistrationCode",
        ),
        (
            Ca::new("Maker").device(&code).certificate_pem,
            "CertificateValidationException",
            "not signed with the CA's key",
        ),
    ] {
        let (name, why) = refusal(register(Some(proof)).send().await);
        assert_eq!(name, expected);
        assert!(why.contains(reason), "{why}");
    }
    let proof = ca.device(&code).certificate_pem;
    let (name, _) = refusal(
        sni_only(&iot, &ca)
            .verification_certificate(&proof)
            .send()
            .await,
    );
    assert_eq!(name, "InvalidRequestException");

    let registered = register(Some(proof)).send().await.unwrap();
    let arn = format!("arn:aws:iot:eu-west-1:123456789012:cacert/{}", ca.id);
    assert_eq!(registered.certificate_arn(), Some(arn.as_str()));
    assert_eq!(registered.certificate_id(), Some(ca.id.as_str()));
    let described = iot
        .describe_ca_certificate()
        .certificate_id(&ca.id)
        .send()
        .await
        .unwrap();
    assert!(described.registration_config().is_none());
    let described = described.certificate_description().unwrap();
    assert_eq!(
        described.certificate_mode(),
        Some(&CertificateMode::Default)
    );
    assert_eq!(described.status(), Some(&CaCertificateStatus::Inactive));
    assert_eq!(
        described.auto_registration_status(),
        Some(&AutoRegistrationStatus::Disable)
    );
    assert_eq!(described.certificate_pem(), Some(ca.pem.as_str()));
    assert_eq!(
        described.creation_date().unwrap().to_millis().unwrap(),
        i64::try_from(NOON).unwrap()
    );
    // 2040-01-01T00:00:00Z
    let until = described.validity().unwrap().not_after().unwrap();
    assert_eq!(until.secs(), 2_208_988_800);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ca_is_not_registered() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let leaf = CertificateParams::default()
        .self_signed(&KeyPair::generate().unwrap())
        .unwrap()
        .pem();
    let over = Ca::made("Over", (2020, 2026), KeyPair::generate().unwrap());
    for (pem, reason) in [
        (leaf.as_str(), "basicConstraints must say CA:TRUE"),
        (&over.pem, "is valid from"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "not an X.509",
        ),
    ] {
        let answer = iot
            .register_ca_certificate()
            .ca_certificate(pem)
            .certificate_mode(CertificateMode::SniOnly)
            .send()
            .await;
        let (name, why) = refusal(answer);
        assert_eq!(name, "CertificateValidationException");
        assert!(why.contains(reason), "{why}");
    }
    assert!(
        iot.list_ca_certificates()
            .send()
            .await
            .unwrap()
            .certificates()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_is_registered_once_and_ten_have_one_subject() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let all: Vec<_> = (0..11).map(|_| Ca::new("Maker")).collect();
    for ca in &all[..10] {
        sni_only(&iot, ca).send().await.unwrap();
    }
    let again = sni_only(&iot, &all[0]).send().await;
    assert_eq!(refusal(again).0, "ResourceAlreadyExistsException");
    let eleventh = sni_only(&iot, &all[10]).send().await;
    assert_eq!(refusal(eleventh).0, "LimitExceededException");
    sni_only(&iot, &Ca::new("Other")).send().await.unwrap();
    let page = iot
        .list_ca_certificates()
        .page_size(6)
        .send()
        .await
        .unwrap();
    assert_eq!(page.certificates().len(), 6);
    let rest = iot
        .list_ca_certificates()
        .marker(page.next_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(rest.certificates().len(), 5);
    assert!(rest.next_marker().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_is_changed_and_deleted() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let ca = Ca::new("Maker");
    let body = RegistrationConfig::builder()
        .template_body(TEMPLATE)
        .role_arn(ROLE)
        .build();
    sni_only(&iot, &ca).send().await.unwrap();
    let update = || iot.update_ca_certificate().certificate_id(&ca.id);
    let describe = async || {
        iot.describe_ca_certificate()
            .certificate_id(&ca.id)
            .send()
            .await
            .unwrap()
    };

    update()
        .new_auto_registration_status(AutoRegistrationStatus::Enable)
        .registration_config(body)
        .send()
        .await
        .unwrap();
    let described = describe().await;
    let config = described.registration_config().unwrap();
    assert_eq!(config.template_body(), Some(TEMPLATE));
    assert_eq!(config.role_arn(), Some(ROLE));
    let description = described.certificate_description().unwrap();
    assert_eq!(description.status(), Some(&CaCertificateStatus::Active));
    assert_eq!(
        description.auto_registration_status(),
        Some(&AutoRegistrationStatus::Enable)
    );
    assert_eq!(description.customer_version(), Some(2));

    update()
        .remove_auto_registration(true)
        .send()
        .await
        .unwrap();
    let described = describe().await;
    assert!(described.registration_config().is_none());
    let description = described.certificate_description().unwrap();
    assert_eq!(
        description.auto_registration_status(),
        Some(&AutoRegistrationStatus::Disable)
    );

    let delete = || iot.delete_ca_certificate().certificate_id(&ca.id).send();
    assert_eq!(refusal(delete().await).0, "CertificateStateException");
    update()
        .new_status(CaCertificateStatus::Inactive)
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
    assert_eq!(refusal(delete().await).0, "ResourceNotFoundException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_config_is_checked() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    for (name, kind) in [
        ("lamps", TemplateType::Jitp),
        ("claims", TemplateType::FleetProvisioning),
    ] {
        iot.create_provisioning_template()
            .template_name(name)
            .template_body(TEMPLATE)
            .r#type(kind)
            .provisioning_role_arn(ROLE)
            .send()
            .await
            .unwrap();
    }
    let ca = Ca::new("Maker");
    let config = RegistrationConfig::builder;
    for (config, expected, reason) in [
        (
            config().build(),
            "InvalidRequestException",
            "either templateBody or templateName",
        ),
        (
            config()
                .template_body(TEMPLATE)
                .role_arn(ROLE)
                .template_name("lamps")
                .build(),
            "InvalidRequestException",
            "either templateBody or templateName",
        ),
        (
            config().template_body(TEMPLATE).build(),
            "InvalidRequestException",
            "needs a roleArn",
        ),
        (
            config().template_body("{}").role_arn(ROLE).build(),
            "InvalidRequestException",
            "`Resources` is missing",
        ),
        (
            config().template_name("none").build(),
            "ResourceNotFoundException",
            "does not exist",
        ),
        (
            config().template_name("claims").build(),
            "InvalidRequestException",
            "not of type JITP",
        ),
    ] {
        let answer = sni_only(&iot, &ca).registration_config(config).send().await;
        let (name, why) = refusal(answer);
        assert_eq!(name, expected);
        assert!(why.contains(reason), "{why}");
    }
    let config = config().template_name("lamps").build();
    sni_only(&iot, &ca)
        .allow_auto_registration(true)
        .registration_config(config)
        .send()
        .await
        .unwrap();
    for (name, count) in [("lamps", 1), ("other", 0)] {
        let listed = iot.list_ca_certificates().template_name(name).send().await;
        assert_eq!(listed.unwrap().certificates().len(), count, "{name}");
    }

    let device = ca.device("lamp");
    let status = async || {
        let answer = Client::connect(&world, &device, Options::v3("lamp")).await;
        assert_eq!(answer.err(), Some(Refused::Closed));
        let described = iot
            .describe_certificate()
            .certificate_id(&device.id)
            .send()
            .await;
        let described = described.ok()?;
        described.certificate_description()?.status().cloned()
    };
    assert_eq!(status().await, None);
    world
        .event(|event| event.to_string().contains("template lamps is disabled"))
        .await;
    iot.update_provisioning_template()
        .template_name("lamps")
        .enabled(true)
        .send()
        .await
        .unwrap();
    assert_eq!(status().await, Some(CertificateStatus::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_registered_with_their_ca() {
    let world = World::start().await;
    let iot = sdk(&world.gateway).await;
    let key = KeyPair::generate().unwrap();
    let (one, renewed) = (
        Ca::made(
            "Maker",
            LONG,
            KeyPair::from_pem(&key.serialize_pem()).unwrap(),
        ),
        Ca::made("Maker", (2021, 2041), key),
    );
    let device = one.device_of(&[(DnType::CommonName, "lamp")], LONG);
    let register = || {
        iot.register_certificate()
            .certificate_pem(&device.certificate_pem)
    };
    let (name, why) = refusal(register().send().await);
    assert_eq!(name, "CertificateValidationException");
    assert!(why.contains("not signed by a registered CA"), "{why}");

    sni_only(&iot, &one).send().await.unwrap();
    sni_only(&iot, &renewed).send().await.unwrap();
    assert_eq!(
        refusal(register().send().await).0,
        "CertificateConflictException"
    );
    let stranger = Ca::new("Maker");
    let answer = register().ca_certificate_pem(&stranger.pem).send().await;
    assert_eq!(refusal(answer).0, "CertificateValidationException");
    let registered = register()
        .ca_certificate_pem(&renewed.pem)
        .status(CertificateStatus::Active)
        .send()
        .await
        .unwrap();
    assert_eq!(registered.certificate_id(), Some(device.id.as_str()));

    for (ca, expected) in [(&one, &[][..]), (&renewed, &[device.id.as_str()])] {
        let listed = iot
            .list_certificates_by_ca()
            .ca_certificate_id(&ca.id)
            .send()
            .await
            .unwrap();
        let ids = listed
            .certificates()
            .iter()
            .filter_map(|it| it.certificate_id());
        assert_eq!(ids.collect::<Vec<_>>(), expected);
    }
    let described = iot
        .describe_certificate()
        .certificate_id(&device.id)
        .send()
        .await
        .unwrap();
    let described = described.certificate_description().unwrap();
    assert_eq!(described.ca_certificate_id(), Some(renewed.id.as_str()));
    assert_eq!(described.status(), Some(&CertificateStatus::Active));

    iot.update_ca_certificate()
        .certificate_id(&one.id)
        .new_status(CaCertificateStatus::Inactive)
        .send()
        .await
        .unwrap();
    let late = one.device("late");
    let answer = iot
        .register_certificate()
        .certificate_pem(&late.certificate_pem)
        .ca_certificate_pem(&one.pem)
        .send()
        .await;
    assert_eq!(refusal(answer).0, "CertificateStateException");
}

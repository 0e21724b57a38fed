//! The complete examples of AWS's pages "Provisioning templates" and "Just-in-time provisioning".
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use provisioning_template::{
    CertificateSpec, Kind, Override, PolicySpec, Problem, Template, ThingOverrides, ThingSpec,
};
use serde_json::json;
use support::{FLEET, JITP, map};

#[test]
fn the_example_for_just_in_time_provisioning() {
    let template = Template::parse(&JITP.to_string(), Kind::Jitp).unwrap();
    assert_eq!(
        template.parameters().collect::<Vec<_>>(),
        [
            ("AWS::IoT::Certificate::CommonName", None),
            ("AWS::IoT::Certificate::Country", None),
            ("AWS::IoT::Certificate::Id", None),
            ("AWS::IoT::Certificate::SerialNumber", None),
        ]
    );
    let parameters = map([
        ("AWS::IoT::Certificate::CommonName", "lamp-1"),
        ("AWS::IoT::Certificate::Country", "CH"),
        ("AWS::IoT::Certificate::Id", "ab12"),
        ("AWS::IoT::Certificate::SerialNumber", "0042"),
    ]);
    let provisioned = template.evaluate(&parameters).unwrap();
    assert_eq!(
        provisioned.thing,
        Some(ThingSpec {
            name: "lamp-1".into(),
            attributes: map([("version", "v1"), ("serialNumber", "0042")]),
            thing_type: Some("lightBulb-versionA".into()),
            groups: vec!["v1-lightbulbs".into(), "CH".into()],
            overrides: ThingOverrides {
                attributes: Override::Merge,
                thing_type: Override::Replace,
                groups: Override::DoNothing,
            },
        })
    );
    assert_eq!(
        provisioned.certificate,
        CertificateSpec {
            id: "ab12".into(),
            active: true,
            exclusive_thing: false,
            status_override: Override::DoNothing,
        }
    );
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["iot:Publish"], "Resource": ["arn:aws:iot:us-east-1:123456789012:topic/foo/bar"],
    }]});
    assert_eq!(provisioned.policies, [PolicySpec::Document(document)]);
    assert_eq!(provisioned.device_configuration, map([]));
}

#[test]
fn a_subject_without_a_declared_attribute_fails() {
    let template = Template::parse(&JITP.to_string(), Kind::Jitp).unwrap();
    let parameters = map([
        ("AWS::IoT::Certificate::CommonName", "lamp-1"),
        ("AWS::IoT::Certificate::Id", "ab12"),
        ("AWS::IoT::Certificate::SerialNumber", "0042"),
    ]);
    assert_eq!(
        template.evaluate(&parameters).unwrap_err().to_string(),
        "at Parameters.AWS::IoT::Certificate::Country: the parameter has no value and no default"
    );
}

/// As published, but for the blank in the parameter's name `ThingName ` and for the billing group.
#[test]
fn the_example_for_fleet_provisioning() {
    let template = Template::parse(&FLEET.to_string(), Kind::FleetProvisioning).unwrap();
    let parameters = map([
        ("ThingName", "lamp-1"),
        ("SerialNumber", "0042"),
        ("DeviceLocation", "Seattle"),
        ("AWS::IoT::Certificate::Id", "ab12"),
    ]);
    let provisioned = template.evaluate(&parameters).unwrap();
    let thing = provisioned.thing.unwrap();
    assert_eq!(thing.thing_type.as_deref(), Some("ThingPrefix_0042"));
    assert_eq!(thing.attributes["serialNumber"], "serialNumber");
    assert!(provisioned.certificate.active, "its status is `Active`");
    assert_eq!(
        provisioned.device_configuration,
        map([
            ("FallbackUrl", "https://www.example.com/test-site"),
            ("LocationUrl", "https://example.aws"),
        ])
    );
}

#[test]
fn what_the_published_example_has_wrong_is_named() {
    let mut misprint = FLEET.clone();
    let parameters = misprint["Parameters"].as_object_mut().unwrap();
    let thing_name = parameters.remove("ThingName").unwrap();
    parameters.insert("ThingName ".into(), thing_name);
    let why = Template::parse(&misprint.to_string(), Kind::FleetProvisioning).unwrap_err();
    assert_eq!(why.at, "Resources.thing.Properties.ThingName.Ref");
    assert!(matches!(why.problem, Problem::UnknownParameter(name) if name == "ThingName"));

    let mut billed = FLEET.clone();
    billed["Resources"]["thing"]["Properties"]["BillingGroup"] = "LightBulbBillingGroup".into();
    let why = Template::parse(&billed.to_string(), Kind::FleetProvisioning).unwrap_err();
    assert_eq!(why.at, "Resources.thing.Properties.BillingGroup");
    assert!(matches!(why.problem, Problem::Unsupported("BillingGroup")));
}

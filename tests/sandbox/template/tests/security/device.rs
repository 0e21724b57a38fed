//! What a device may do.

use sam_template::{Environment, Parameters, Template};

use crate::helpers::texts;
use crate::support;

/// The longest Region names of each partition, the first with a digit more than any has.
const REGIONS: &[&str] = &["ap-southeast-99", "cn-northwest-1", "us-gov-west-1"];

#[test]
fn every_policy_fits() {
    for region in REGIONS {
        let environment = Environment::new("123456789012", *region, "s");
        let stack = Template::parse(support::TEXT)
            .unwrap()
            .resolve(&Parameters::new().with("Stage", "staging"), &environment)
            .unwrap();
        assert_eq!(stack.iot_policies().len(), 3);
        for policy in stack.iot_policies() {
            let document = policy.document.to_string();
            let size = document.chars().filter(|c| !c.is_whitespace()).count();
            assert!(
                size <= 2048,
                "{}: AWS IoT takes 2,048 characters, in {region} it has {size}",
                policy.name
            );
        }
    }
}

#[test]
fn a_device_reaches_only_what_carries_its_name() {
    let stack = support::default_stack();
    let mut policies = stack.iot_policies().iter();
    let policy = policies.find(|p| p.logical_id == "DevicePolicy").unwrap();
    let document = &policy.document;
    for statement in document["Statement"].as_array().unwrap() {
        for resource in texts(&statement["Resource"]) {
            let (_, name) = resource.split_once("eu-west-1:123456789012:").unwrap();
            assert!(
                name.contains("/${iot:Connection.Thing.ThingName}"),
                "{name}"
            );
            assert!(
                !name.contains("$aws/rules") && !name.contains(['+', '#']),
                "{name}"
            );
            let wildcard = name.find('*').unwrap_or(name.len());
            assert!(
                name.find("ThingName").unwrap() < wildcard,
                "{name}: a wildcard before the thing's name"
            );
        }
        let actions = texts(&statement["Action"]);
        assert!(
            actions
                .iter()
                .all(|action| !action.contains('*') && action != "iot:RetainPublish"),
            "{actions:?}"
        );
    }
    assert_eq!(
        document["Statement"][0]["Condition"]["Bool"]["iot:Connection.Thing.IsAttached"],
        "true"
    );
}

//! What a device may do.

use sam_template::{Environment, Parameters, Template};

use crate::helpers::texts;
use crate::support;

#[test]
fn a_device_reaches_only_what_carries_its_name() {
    // The longest Region name.
    let environment = Environment::new("123456789012", "ap-southeast-99", "s");
    let stack = Template::parse(support::TEXT)
        .unwrap()
        .resolve(&Parameters::new().with("Stage", "staging"), &environment)
        .unwrap();
    let document = &stack.iot_policies()[0].document;
    let size = document
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count();
    assert!(
        size <= 2048,
        "AWS IoT takes 2,048 characters, this has {size}"
    );
    for statement in document["Statement"].as_array().unwrap() {
        for resource in texts(&statement["Resource"]) {
            let (_, name) = resource
                .split_once("ap-southeast-99:123456789012:")
                .unwrap();
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

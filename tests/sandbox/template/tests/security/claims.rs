//! What a claim certificate is worth: it ships in every device, so whoever holds it is taken for an attacker.

use std::collections::BTreeSet;

use sam_template::{ProvisioningKind, Stack};
use serde_json::Value;

use crate::helpers::texts;

/// The policies that are no device's: each is worth one way into one template, and nothing else.
pub(crate) fn policies(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for policy in stack.iot_policies() {
        let id = &policy.logical_id;
        let allowed = statements(&policy.document);
        if allowed
            .iter()
            .all(|(_, resource)| resource.contains("/${iot:Connection.Thing.ThingName}"))
        {
            continue;
        }
        let fleet = stack.provisioning_templates().iter();
        let fleet = fleet.filter(|t| t.kind == ProvisioningKind::FleetProvisioning);
        let ways = fleet
            .flat_map(|template| ["json", "cbor"].map(|format| way(&template.name, format)))
            .collect::<Vec<_>>();
        let further = allowed
            .iter()
            .filter(|one| !ways.iter().any(|way| way.contains(one)));
        found.extend(
            further.map(|(action, resource)| format!("{id}: allows {action} on {resource}")),
        );
        if !ways.iter().any(|way| way.is_subset(&allowed)) {
            found.push(format!("{id}: is no way into a template"));
        }
    }
    found
}

/// All that a device needs to enrol with one template in one format.
///
/// Source: AWS IoT Developer Guide, "Device provisioning MQTT API".
fn way(template: &str, format: &str) -> BTreeSet<(String, String)> {
    let mut way = BTreeSet::from([("iot:Connect".to_owned(), "client/claim-*".to_owned())]);
    for request in [
        format!("$aws/certificates/create-from-csr/{format}"),
        format!("$aws/provisioning-templates/{template}/provision/{format}"),
    ] {
        way.insert(("iot:Publish".to_owned(), format!("topic/{request}")));
        for answer in ["accepted", "rejected"] {
            for (action, kind) in [("iot:Subscribe", "topicfilter"), ("iot:Receive", "topic")] {
                way.insert((action.to_owned(), format!("{kind}/{request}/{answer}")));
            }
        }
    }
    way
}

/// What a policy allows: pairs of an action and a resource, without what its ARN begins with.
fn statements(document: &Value) -> BTreeSet<(String, String)> {
    let statements = document["Statement"].as_array().unwrap().iter();
    let allowed = statements.filter(|statement| statement["Effect"] == "Allow");
    let pairs = allowed.flat_map(|statement| {
        let resources = texts(&statement["Resource"]);
        texts(&statement["Action"])
            .into_iter()
            .flat_map(move |action| {
                let resources = resources.clone().into_iter();
                resources.map(move |arn| {
                    let (_, resource) = arn.rsplit_once("123456789012:").unwrap_or(("", &arn));
                    (action.clone(), resource.to_owned())
                })
            })
    });
    pairs.collect()
}

//! Each rule of the grammar, broken once: where and how the reader says so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use provisioning_template::{Kind, MAX_CHARACTERS, Template};
use serde_json::{Value, json};
use support::{FLEET, JITP};

fn refusal(body: &str, kind: Kind) -> String {
    Template::parse(body, kind)
        .err()
        .unwrap_or_else(|| panic!("taken: {body}"))
        .to_string()
}

/// `base` with `value` at `pointer` (RFC 6901), whose last step may be new.
fn changed(base: &Value, pointer: &str, value: &Value) -> String {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut body = base.clone();
    body.pointer_mut(parent).unwrap()[name] = value.clone();
    body.to_string()
}

#[test]
fn fleet_provisioning() {
    let thing = "/Resources/thing/Properties";
    let certificate = "/Resources/certificate/Properties";
    let policy = "/Resources/policy/Properties";
    for (pointer, value, at, why) in [
        (
            "/Resources".to_owned(),
            json!([]),
            "Resources",
            "must be an object",
        ),
        (
            "/Outputs".to_owned(),
            json!({}),
            "",
            "unknown element `Outputs`",
        ),
        (
            "/Resources/thing".to_owned(),
            json!({"Type": "AWS::IoT::Thing"}),
            "Resources.thing",
            "`Properties` is missing",
        ),
        (
            "/Resources/thing".to_owned(),
            json!({"Properties": {}}),
            "Resources.thing",
            "`Type` is missing",
        ),
        (
            "/Resources/other".to_owned(),
            json!({"Type": "AWS::IoT::ThingGroup"}),
            "Resources.other.Type",
            "`AWS::IoT::ThingGroup` is not one of",
        ),
        (
            "/Resources/second".to_owned(),
            FLEET["Resources"]["thing"].clone(),
            "Resources",
            "2 resources of type AWS::IoT::Thing",
        ),
        (
            "/Resources/second".to_owned(),
            FLEET["Resources"]["certificate"].clone(),
            "Resources",
            "2 resources of type AWS::IoT::Certificate",
        ),
        (
            "/Resources/certificate".to_owned(),
            FLEET["Resources"]["policy"].clone(),
            "Resources",
            "0 resources of type AWS::IoT::Certificate",
        ),
        (
            "/Parameters/N".to_owned(),
            json!({}),
            "Parameters.N",
            "`Type` is missing",
        ),
        (
            "/Parameters/N".to_owned(),
            json!({"Type": "Number"}),
            "Parameters.N.Type",
            "`Number` is not one of String",
        ),
        (
            "/Parameters/N".to_owned(),
            json!({"Type": "String", "Default": 1}),
            "Parameters.N.Default",
            "must be text",
        ),
        (
            "/Parameters/N".to_owned(),
            json!({"Type": "String", "AllowedValues": []}),
            "Parameters.N",
            "unknown element `AllowedValues`",
        ),
        (
            "/Parameters/AWS::IoT::Certificate::CommonName".to_owned(),
            json!({"Type": "String"}),
            "Parameters.AWS::IoT::Certificate::CommonName",
            "nothing gives the parameter",
        ),
        (
            "/Mappings/M".to_owned(),
            json!({"K": {"L": {"Ref": "SerialNumber"}}}),
            "Mappings.M.K.L",
            "must be text; mappings have two levels",
        ),
        (
            "/Mappings/M".to_owned(),
            json!({"K": {"Ref": "SerialNumber"}}),
            "Mappings.M.K",
            "`Ref` cannot stand here",
        ),
        (
            "/Mappings/M".to_owned(),
            json!({"K": "L"}),
            "Mappings.M.K",
            "must be an object",
        ),
        (
            "/DeviceConfiguration/nested".to_owned(),
            json!({"a": "b"}),
            "DeviceConfiguration.nested",
            "must be text, or a function that gives text",
        ),
        (
            "/DeviceConfiguration/list".to_owned(),
            json!({"Fn::Split": [",", "a,b"]}),
            "DeviceConfiguration.list",
            "gives a list where text is needed",
        ),
        (
            "/DeviceConfiguration/number".to_owned(),
            json!(1),
            "DeviceConfiguration.number",
            "must be text",
        ),
        (
            "/DeviceConfiguration".to_owned(),
            json!({"Ref": "SerialNumber"}),
            "DeviceConfiguration",
            "`Ref` cannot stand here",
        ),
        // Things.
        (
            format!("{thing}/ThingName"),
            json!(null),
            "Resources.thing.Properties.ThingName",
            "must be text",
        ),
        (
            format!("{thing}/Name"),
            json!("x"),
            "Resources.thing.Properties",
            "unknown element `Name`",
        ),
        (
            format!("{thing}/PackageVersions"),
            json!({}),
            "Resources.thing.Properties.PackageVersions",
            "`PackageVersions` is not supported here",
        ),
        (
            format!("{thing}/ThingGroups"),
            json!("g"),
            "Resources.thing.Properties.ThingGroups",
            "must be a list",
        ),
        (
            format!("{thing}/ThingGroups"),
            json!(["g", null]),
            "Resources.thing.Properties.ThingGroups[1]",
            "must be text",
        ),
        (
            format!("{thing}/AttributePayload"),
            json!({"Ref": "SerialNumber"}),
            "Resources.thing.Properties.AttributePayload",
            "`Ref` cannot stand here",
        ),
        (
            format!("{thing}/AttributePayload"),
            (0..51).map(|n| (format!("a{n}"), json!("x"))).collect(),
            "Resources.thing.Properties.AttributePayload",
            "51 attributes",
        ),
        (
            "/Resources/thing/OverrideSettings/ThingTypeName".to_owned(),
            json!("MERGE"),
            "Resources.thing.OverrideSettings.ThingTypeName",
            "`MERGE` is not one of DO_NOTHING, REPLACE, FAIL",
        ),
        (
            "/Resources/thing/OverrideSettings/ThingGroups".to_owned(),
            json!("IGNORE"),
            "Resources.thing.OverrideSettings.ThingGroups",
            "`IGNORE` is not one of",
        ),
        (
            "/Resources/thing/OverrideSettings/ThingName".to_owned(),
            json!("FAIL"),
            "Resources.thing.OverrideSettings",
            "unknown element `ThingName`",
        ),
        // Certificates.
        (
            format!("{certificate}/CertificateId"),
            json!({"Ref": "SerialNumber"}),
            "Resources.certificate.Properties.CertificateId",
            "can only be",
        ),
        (
            format!("{certificate}/CertificateId"),
            json!("ab12"),
            "Resources.certificate.Properties.CertificateId",
            "can only be",
        ),
        (
            format!("{certificate}/CertificateSigningRequest"),
            json!("csr"),
            "Resources.certificate.Properties.CertificateSigningRequest",
            "can only be",
        ),
        (
            format!("{certificate}/CertificatePem"),
            json!("pem"),
            "Resources.certificate.Properties.CertificatePem",
            "can only be",
        ),
        (
            format!("{certificate}/Status"),
            json!("REVOKED"),
            "Resources.certificate.Properties.Status",
            "`REVOKED` is not one of ACTIVE, INACTIVE",
        ),
        (
            format!("{certificate}/ThingPrincipalType"),
            json!("EXCLUSIVE"),
            "Resources.certificate.Properties.ThingPrincipalType",
            "`EXCLUSIVE` is not one of",
        ),
        (
            "/Resources/certificate/OverrideSettings".to_owned(),
            json!({"Status": "MERGE"}),
            "Resources.certificate.OverrideSettings.Status",
            "`MERGE` is not one of",
        ),
        (
            "/Resources/certificate/OverrideSettings".to_owned(),
            json!("FAIL"),
            "Resources.certificate.OverrideSettings",
            "must be an object",
        ),
        // Policies.
        (
            "/Resources/policy/OverrideSettings".to_owned(),
            json!({}),
            "Resources.policy",
            "unknown element `OverrideSettings`",
        ),
        (
            policy.to_owned(),
            json!({}),
            "Resources.policy.Properties",
            "needs either `PolicyName` or `PolicyDocument`",
        ),
        (
            format!("{policy}/PolicyName"),
            json!("p"),
            "Resources.policy.Properties",
            "needs either `PolicyName` or `PolicyDocument`",
        ),
        (
            policy.to_owned(),
            json!({"PolicyName": {"Fn::Join": ["", ["p"]]}}),
            "Resources.policy.Properties.PolicyName",
            "refuses Fn::Join in a policy",
        ),
        (
            format!("{policy}/PolicyDocument"),
            json!({"Statement": [{"Resource": [{"Fn::Sub": ["${x}", {"x": {"Fn::Join": ["", ["a"]]}}]}]}]}),
            "Resources.policy.Properties.PolicyDocument.Statement[0].Resource[0].Fn::Sub[1].x",
            "refuses Fn::Join in a policy",
        ),
        (
            format!("{policy}/PolicyDocument"),
            json!({"Fn::Sub": "{\"Resource\": \"${SerialNumber}\"}"}),
            "Resources.policy.Properties.PolicyDocument",
            "a parameter could rewrite it",
        ),
        (
            format!("{policy}/PolicyDocument"),
            json!("{\"Resource\": {\"Ref\": \"SerialNumber\"}}"),
            "Resources.policy.Properties.PolicyDocument.Resource",
            "`Ref` inside an escaped document",
        ),
        (
            format!("{policy}/PolicyDocument"),
            json!("{\"a\": 1, \"a\": 2}"),
            "Resources.policy.Properties.PolicyDocument",
            "`a` appears twice",
        ),
        (
            format!("{policy}/PolicyDocument"),
            json!("[]"),
            "Resources.policy.Properties.PolicyDocument",
            "must be an object",
        ),
        (
            format!("{policy}/PolicyDocument"),
            json!([]),
            "Resources.policy.Properties.PolicyDocument",
            "must be an object",
        ),
        // Functions.
        (
            format!("{thing}/ThingName"),
            json!({"Ref": "Nobody"}),
            "Resources.thing.Properties.ThingName.Ref",
            "no parameter `Nobody`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Ref": "AWS::Region"}),
            "Resources.thing.Properties.ThingName.Ref",
            "no parameter `AWS::Region`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Ref": "certificate"}),
            "Resources.thing.Properties.ThingName.Ref",
            "`certificate` is a resource",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Ref": ["SerialNumber"]}),
            "Resources.thing.Properties.ThingName.Ref",
            "must be the name of a parameter",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Ref": "SerialNumber", "x": 1}),
            "Resources.thing.Properties.ThingName",
            "`Ref` cannot stand here",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::GetAtt": ["thing", "Arn"]}),
            "Resources.thing.Properties.ThingName",
            "no function `Fn::GetAtt`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Sub": "${iot:ClientId}"}),
            "Resources.thing.Properties.ThingName.Fn::Sub",
            "no parameter `iot:ClientId`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Sub": "a${SerialNumber"}),
            "Resources.thing.Properties.ThingName.Fn::Sub",
            "`${` needs a name and a `}`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Sub": "${}"}),
            "Resources.thing.Properties.ThingName.Fn::Sub",
            "`${` needs a name and a `}`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Sub": ["a"]}),
            "Resources.thing.Properties.ThingName.Fn::Sub",
            "must be text, or text and its variables",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Sub": ["a", "b"]}),
            "Resources.thing.Properties.ThingName.Fn::Sub[1]",
            "must be an object",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Join": ["a"]}),
            "Resources.thing.Properties.ThingName.Fn::Join",
            "must be a delimiter and a list",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Join": [{"Ref": "SerialNumber"}, []]}),
            "Resources.thing.Properties.ThingName.Fn::Join[0]",
            "must be a delimiter",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Select": [0]}),
            "Resources.thing.Properties.ThingName.Fn::Select",
            "must be an index and a list",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::Select": [0, ["a", null]]}),
            "Resources.thing.Properties.ThingName.Fn::Select[1][1]",
            "must be text",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::FindInMap": ["M", "a", "b"]}),
            "Resources.thing.Properties.ThingName.Fn::FindInMap[0]",
            "no mapping `M`",
        ),
        (
            format!("{thing}/ThingName"),
            json!({"Fn::FindInMap": []}),
            "Resources.thing.Properties.ThingName.Fn::FindInMap",
            "must be a mapping and two keys",
        ),
        (
            format!("{thing}/ThingGroups"),
            json!({"Fn::Split": ["", "a"]}),
            "Resources.thing.Properties.ThingGroups.Fn::Split",
            "must be a delimiter that is not empty",
        ),
        (
            format!("{thing}/ThingGroups"),
            json!({"Fn::Split": "a"}),
            "Resources.thing.Properties.ThingGroups.Fn::Split",
            "must be a delimiter and text",
        ),
    ] {
        let refusal = refusal(&changed(&FLEET, &pointer, &value), Kind::FleetProvisioning);
        let (place, reason) = match refusal.strip_prefix("at ") {
            Some(rest) => rest.split_once(": ").unwrap(),
            None => ("", refusal.as_str()),
        };
        assert_eq!(place, at, "{refusal}");
        assert!(
            reason.starts_with(why) || reason.contains(why),
            "{refusal}\nshould say: {why}"
        );
    }
}

#[test]
fn just_in_time_provisioning_has_no_fleet_sections_and_no_parameters_of_ones_own() {
    for (pointer, value, expected) in [
        (
            "/Mappings",
            json!({}),
            "at Mappings: only fleet provisioning templates have it",
        ),
        (
            "/DeviceConfiguration",
            json!({}),
            "at DeviceConfiguration: only fleet provisioning templates have it",
        ),
        (
            "/Parameters/SerialNumber",
            json!({"Type": "String"}),
            "at Parameters.SerialNumber: nothing gives the parameter `SerialNumber` a value",
        ),
    ] {
        let refusal = refusal(&changed(&JITP, pointer, &value), Kind::Jitp);
        assert!(refusal.starts_with(expected), "{refusal}");
    }
}

#[test]
fn attributes_are_fewer_without_a_thing_type() {
    let mut body = FLEET.clone();
    let properties = body["Resources"]["thing"]["Properties"]
        .as_object_mut()
        .unwrap();
    properties.remove("ThingTypeName");
    properties["AttributePayload"] = json!({"a": "", "b": "", "c": ""});
    Template::parse(&body.to_string(), Kind::FleetProvisioning).unwrap();
    body["Resources"]["thing"]["Properties"]["AttributePayload"]["d"] = "".into();
    let refusal = refusal(&body.to_string(), Kind::FleetProvisioning);
    assert!(refusal.contains("4 attributes"), "{refusal}");
}

#[test]
fn texts_that_are_no_template() {
    let body = JITP.to_string();
    let spaces = MAX_CHARACTERS - body.chars().count();
    Template::parse(&format!("{body}{}", " ".repeat(spaces)), Kind::Jitp).unwrap();
    for (body, expected) in [
        (
            format!("{body}{}", " ".repeat(spaces + 1)),
            "10241 characters are more than the 10240 of a template",
        ),
        (String::new(), "not JSON"),
        ("[]".to_owned(), "must be an object"),
        ("{}".to_owned(), "`Resources` is missing"),
        (
            "{\"Resources\":{},\"Resources\":{}}".to_owned(),
            "`Resources` appears twice",
        ),
        ("[".repeat(5000), "not JSON: recursion limit exceeded"),
    ] {
        let refusal = refusal(&body, Kind::Jitp);
        assert!(refusal.contains(expected), "{refusal}");
    }
}

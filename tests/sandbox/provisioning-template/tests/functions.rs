//! The intrinsic functions, one by one, and what a device can and cannot do through them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use provisioning_template::{CERTIFICATE_ID, Failure, Kind, PolicySpec, Provisioned, Template};
use serde_json::{Value, json};
use support::{map, with_result};

fn template(body: &Value) -> Template {
    Template::parse(&body.to_string(), Kind::FleetProvisioning)
        .unwrap_or_else(|why| panic!("{why}\n{body}"))
}

fn device(a: &str, b: &str) -> BTreeMap<String, String> {
    map([("A", a), ("B", b), (CERTIFICATE_ID, "ab12")])
}

fn evaluate(expression: &Value) -> Result<String, Failure> {
    let evaluated = template(&with_result(expression)).evaluate(&device("ay,bee,,dee", "1"));
    match evaluated {
        Ok(provisioned) => Ok(provisioned.device_configuration["result"].clone()),
        Err(why) => {
            assert_eq!(why.at, "DeviceConfiguration.result");
            Err(why.failure)
        }
    }
}

#[test]
fn values() {
    for (expression, expected) in [
        (json!("plain ${A}"), "plain ${A}"),
        (json!({"Ref": "A"}), "ay,bee,,dee"),
        (json!({"Ref": "C"}), "see"),
        (json!({"Ref": CERTIFICATE_ID}), "ab12"),
        (json!({"Fn::Join": ["", []]}), ""),
        (
            json!({"Fn::Join": ["-", ["x", {"Ref": "B"}, "y"]]}),
            "x-1-y",
        ),
        (
            json!({"Fn::Join": ["+", {"Fn::Split": [",", {"Ref": "A"}]}]}),
            "ay+bee++dee",
        ),
        (json!({"Fn::Select": [1, ["x", "y"]]}), "y"),
        (json!({"Fn::Select": ["0", ["x", "y"]]}), "x"),
        (
            json!({"Fn::Select": [{"Ref": "B"}, {"Fn::Split": [",", {"Ref": "A"}]}]}),
            "bee",
        ),
        (
            json!({"Fn::Select": [2, {"Fn::Split": [",", {"Ref": "A"}]}]}),
            "",
        ),
        (
            json!({"Fn::FindInMap": ["Sites", "zrh", "zone"]}),
            "Europe/Zurich",
        ),
        (
            json!({"Fn::Sub": "${B}${C}$${!iot:ClientId}"}),
            "1see$${iot:ClientId}",
        ),
        (
            json!({"Fn::Sub": ["${X}-${B}", {"X": {"Fn::Select": [0, ["x"]]}}]}),
            "x-1",
        ),
        (
            json!({"Fn::Sub": ["${B}", {"B": "own variables come first"}]}),
            "own variables come first",
        ),
    ] {
        assert_eq!(
            evaluate(&expression).as_deref(),
            Ok(expected),
            "{expression}"
        );
    }
}

#[test]
fn failures() {
    for (expression, expected) in [
        (
            json!({"Fn::Select": [2, ["x", "y"]]}),
            Failure::NoSuchItem { length: 2 },
        ),
        (
            json!({"Fn::Select": [{"Ref": "C"}, ["x"]]}),
            Failure::NotAnIndex,
        ),
        (json!({"Fn::Select": ["-1", ["x"]]}), Failure::NotAnIndex),
        (
            json!({"Fn::FindInMap": ["Sites", {"Ref": "A"}, "zone"]}),
            Failure::NoSuchKey {
                mapping: "Sites".into(),
            },
        ),
    ] {
        assert_eq!(evaluate(&expression), Err(expected), "{expression}");
    }
}

#[test]
fn a_status_may_be_computed_but_not_invented() {
    let mut body = with_result(&json!("x"));
    body["Resources"]["certificate"]["Properties"]["Status"] = json!({"Ref": "A"});
    let template = template(&body);
    assert!(
        !template
            .evaluate(&device("INACTIVE", ""))
            .unwrap()
            .certificate
            .active
    );
    let why = template.evaluate(&device("REVOKED", "")).unwrap_err();
    assert_eq!(
        why.to_string(),
        "at Resources.certificate.Properties.Status: must be one of ACTIVE, INACTIVE"
    );
}

#[test]
fn without_a_certificate_there_is_nothing_to_register() {
    let template = template(&with_result(&json!("x")));
    let why = template.evaluate(&map([("A", ""), ("B", "")])).unwrap_err();
    assert_eq!(why.at, "Parameters.AWS::IoT::Certificate::Id");
    assert_eq!(why.failure, Failure::MissingParameter);
}

/// Everything a template can make, from two parameters of a device.
fn everything() -> Template {
    let mut body = with_result(&json!({"Fn::Sub": "<${A}>"}));
    body["Resources"]["thing"] = json!({
        "Type": "AWS::IoT::Thing",
        "Properties": {
            "ThingName": {"Fn::Sub": "sci-${A}"},
            "ThingTypeName": {"Fn::Join": ["_", ["type", {"Ref": "A"}]]},
            "AttributePayload": {"a": {"Ref": "A"}, "fixed": "v1"},
            "ThingGroups": ["fleet", {"Ref": "B"}],
        },
    });
    body["Resources"]["by-name"] =
        json!({"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "device"}});
    body["Resources"]["document"] = json!({"Type": "AWS::IoT::Policy", "Properties": {"PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": {"Fn::Sub": "arn:client/${A}/${!iot:ClientId}"}}],
    }}});
    template(&body)
}

fn expected(a: &str, b: &str) -> Provisioned {
    let mut expected = everything().evaluate(&device("@", "#")).unwrap();
    let thing = expected.thing.as_mut().unwrap();
    thing.name = format!("sci-{a}");
    thing.thing_type = Some(format!("type_{a}"));
    thing.attributes = map([("a", a), ("fixed", "v1")]);
    thing.groups = vec!["fleet".into(), b.into()];
    expected.policies = vec![
        PolicySpec::Existing("device".into()),
        PolicySpec::Document(json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": format!("arn:client/{a}/${{iot:ClientId}}")}],
        })),
    ];
    expected.device_configuration = map([("result", &format!("<{a}>"))]);
    expected
}

/// Text of a device that wants to be more than text.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "${B}",
        "${!A}",
        "${",
        "}",
        "{\"Ref\":\"B\"}",
        "{\"Fn::Sub\":\"${B}\"}",
        "Fn::Join",
        "\",\"Effect\":\"Allow\"",
        "AWS::IoT::Certificate::Id",
        "\\",
        "*",
        "\0",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a device sends stays text in the places the template gives it: no function, no further resource, no other
    /// certificate, no other statement of a policy.
    #[test]
    fn a_parameter_is_only_ever_text(a in hostile(), b in hostile(), more in any::<String>()) {
        let mut parameters = device(&a, &b);
        parameters.insert("undeclared".into(), more);
        prop_assert_eq!(everything().evaluate(&parameters), Ok(expected(&a, &b)));
    }

    /// No text makes the reader panic, and what it takes it also evaluates.
    #[test]
    fn any_expression_is_read_or_refused(text in hostile(), name in "(Ref|Fn::(Join|Select|FindInMap|Split|Sub|GetAtt))") {
        for argument in [json!(text), json!([text, text]), json!([0, {"Fn::Split": ["}", text]}]), json!(["Sites", text, {"Ref": text}])] {
            let body = with_result(&json!({name.as_str(): argument}));
            if let Ok(template) = Template::parse(&body.to_string(), Kind::FleetProvisioning) {
                let _ = template.evaluate(&device(&text, &text));
            }
        }
    }
}

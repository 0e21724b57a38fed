//! Enrolment, as the template makes it and as its parameters change it; and what a template may not say about provisioning
//! templates.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use sam_template::{Parameters, ProvisioningKind, ProvisioningTemplate, Stack, Template};
use support::{default_stack, function, with};

const HOOK_TEMPLATE: &str = "SCI-Property-Device-Template-dev";

fn environment(binary: &str) -> BTreeSet<(String, String)> {
    let stack = default_stack();
    let environment = function(&stack, binary).environment.iter();
    environment
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What every function of enrolment has, and `own`.
fn expected(own: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    let common = [
        ("ALLOW_LIST_TABLE", "DeviceAllowList-dev"),
        ("ENROLMENT_AUDIT_TABLE", "EnrolmentAudit-dev"),
        ("INTRODUCERS_TABLE", "Introducers-dev"),
        ("RUST_LOG", "info"),
        ("SSL_CERT_FILE", "/etc/pki/tls/certs/ca-bundle.crt"),
        ("STAGE", "dev"),
    ];
    let all = common.iter().chain(own);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn template<'a>(stack: &'a Stack, logical_id: &str) -> &'a ProvisioningTemplate {
    let mut templates = stack.provisioning_templates().iter();
    templates.find(|t| t.logical_id == logical_id).unwrap()
}

#[test]
fn the_functions_get_what_they_need_and_nothing_of_the_others() {
    let refused = (
        "REFUSED_QUEUE_URL",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/sci-refused-messages-dev",
    );
    let prefix = ("IOT_ARN_PREFIX", "arn:aws:iot:eu-west-1:123456789012");
    assert_eq!(
        environment("provisioning-hook"),
        expected(&[("TEMPLATE_NAME", HOOK_TEMPLATE)])
    );
    assert_eq!(
        environment("enrolment-confirmer"),
        expected(&[
            refused,
            prefix,
            (
                "OPERATIONS_TOPIC_ARN",
                "arn:aws:sns:eu-west-1:123456789012:SCI-Operations-dev"
            ),
        ])
    );
    assert_eq!(
        environment("jit-registration"),
        expected(&[
            refused,
            prefix,
            ("FLEET_GROUP", "SCI-Property-Fleet-Dev"),
            ("CA_EVENTS_PER_HOUR", "1000"),
            ("PENDING_DAYS", "7"),
        ])
    );
}

#[test]
fn a_device_waits_for_the_hook_alone() {
    let stack = default_stack();
    let hook = function(&stack, "provisioning-hook");
    assert_eq!(hook.timeout, Duration::from_secs(5));
    assert_eq!((hook.memory_mb, hook.event_invoke.max_retries), (512, 0));
    for binary in ["enrolment-confirmer", "jit-registration"] {
        let function = function(&stack, binary);
        assert_eq!(function.timeout, Duration::from_secs(45));
        assert_eq!(function.event_invoke.max_retries, 2);
        assert_eq!(
            function.event_invoke.on_failure.as_deref(),
            Some("arn:aws:sqs:eu-west-1:123456789012:sci-function-failures-dev")
        );
    }
}

#[test]
fn each_has_a_concurrency_of_its_own() {
    let reserved = |parameters: &[(&str, &str)]| {
        let stack = with(parameters);
        [
            "provisioning-hook",
            "jit-registration",
            "enrolment-confirmer",
        ]
        .map(|binary| function(&stack, binary).reserved_concurrency)
    };
    assert_eq!(reserved(&[]), [None, None, None]);
    assert_eq!(
        reserved(&[("ReservedConcurrency", "7")]),
        [None, None, Some(7)]
    );
    assert_eq!(
        reserved(&[("ProvisioningHookConcurrency", "40")]),
        [Some(40), None, None]
    );
    assert_eq!(
        reserved(&[("JitRegistrationConcurrency", "10")]),
        [None, Some(10), None]
    );
}

#[test]
fn devices_with_a_claim_come_to_a_template_with_a_hook() {
    let stack = default_stack();
    let template = template(&stack, "ProvisioningTemplate");
    assert_eq!(template.name, HOOK_TEMPLATE);
    assert_eq!(
        template.arn,
        "arn:aws:iot:eu-west-1:123456789012:provisioningtemplate/SCI-Property-Device-Template-dev"
    );
    assert_eq!(template.kind, ProvisioningKind::FleetProvisioning);
    assert!(template.enabled);
    let hook = function(&stack, "provisioning-hook");
    assert_eq!(template.hook_function_arn.as_ref(), Some(&hook.arn));
    assert_eq!(template.role, "FleetProvisioningRole");
    let body: serde_json::Value = serde_json::from_str(&template.body).unwrap();
    assert_eq!(
        body["Resources"]["thing"],
        serde_json::json!({
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "ThingName"},
                "ThingTypeName": {"Ref": "DeviceType"},
                "ThingGroups": ["SCI-Property-Fleet-Dev"],
                "AttributePayload": {"property": {"Ref": "PropertyId"}, "serial": {"Ref": "SerialNumber"}},
            },
            "OverrideSettings": {
                "AttributePayload": "REPLACE",
                "ThingTypeName": "REPLACE",
                "ThingGroups": "MERGE",
            },
        })
    );
    assert_eq!(stack.outputs["ProvisioningTemplateName"], template.name);
    assert_eq!(stack.outputs["ProvisioningTemplateArn"], template.arn);
    // The longest stage fills what AWS IoT takes.
    let stack = with(&[("Stage", "staging")]);
    assert_eq!(stack.provisioning_templates()[0].name.len(), 36);
}

#[test]
fn just_in_time_provisioning_is_made_when_it_is_asked_for() {
    let stack = default_stack();
    assert_eq!(stack.provisioning_templates().len(), 1);
    assert!(stack.resource("JitpRole").is_none());
    assert!(!stack.outputs.contains_key("RegisterJitpAuthorityCommand"));
    let stack = with(&[("JitpEnabled", "true")]);
    let template = template(&stack, "JitpTemplate");
    assert_eq!(template.kind, ProvisioningKind::Jitp);
    assert_eq!(template.hook_function_arn, None);
    assert_eq!(template.role, "JitpRole");
    assert!(
        stack.outputs["RegisterJitpAuthorityCommand"]
            .ends_with(" templateName=SCI-Property-Jitp-Template-dev")
    );
}

#[test]
fn what_the_view_does_not_honour_is_named() {
    let at = "Resources.ProvisioningTemplate.Properties";
    for (says, instead, expected) in [
        (
            "        TargetArn: !GetAtt ProvisioningHookFunction.Arn\n",
            "        TargetArn: arn:aws:lambda:eu-west-1:123456789012:function:other\n",
            ".PreProvisioningHook.TargetArn: unsupported: function \
             `arn:aws:lambda:eu-west-1:123456789012:function:other` that is not in the template",
        ),
        (
            "        PayloadVersion: '2020-04-01'\n",
            "        PayloadVersion: '2030-01-01'\n",
            ".PreProvisioningHook.PayloadVersion: unsupported: payload version `2030-01-01`",
        ),
        (
            "      TemplateType: FLEET_PROVISIONING\n",
            "      TemplateType: JITP\n",
            ".PreProvisioningHook: unsupported: a hook of a template for just-in-time provisioning",
        ),
        (
            "      TemplateType: FLEET_PROVISIONING\n",
            "      TemplateType: BULK\n",
            ".TemplateType: unsupported: unknown variant `BULK`",
        ),
        (
            "      ProvisioningRoleArn: !GetAtt FleetProvisioningRole.Arn\n",
            "      ProvisioningRoleArn: arn:aws:iam::123456789012:role/other\n",
            ".ProvisioningRoleArn: unsupported: role `arn:aws:iam::123456789012:role/other` that is not in the template",
        ),
        (
            "      Enabled: true\n      ProvisioningRoleArn: !GetAtt FleetProvisioningRole.Arn\n",
            "      ProvisioningRoleArn: !GetAtt FleetProvisioningRole.Arn\n",
            ".Enabled: `Enabled` is required",
        ),
        (
            "      TemplateType: FLEET_PROVISIONING\n",
            "      TemplateVersion: 2\n",
            ".TemplateVersion: unsupported: unknown field `TemplateVersion`",
        ),
        (
            "      TemplateName: !Sub SCI-Property-Device-Template-${Stage}\n",
            "",
            ": `TemplateName` is required",
        ),
        (
            "      TemplateName: !Sub SCI-Property-Device-Template-${Stage}\n",
            "      TemplateName: !Sub SCI-Property-Device-Templates-staging\n",
            ".TemplateName: expected 1 to 36 letters",
        ),
        (
            "      TemplateName: !Sub SCI-Property-Device-Template-${Stage}\n",
            "      TemplateName: SCI.Property\n",
            ".TemplateName: expected 1 to 36 letters",
        ),
    ] {
        assert!(
            support::TEXT.contains(says),
            "the template no longer says {says}"
        );
        let error = Template::parse(&support::TEXT.replacen(says, instead, 1))
            .unwrap()
            .resolve(&Parameters::new(), &support::environment())
            .unwrap_err()
            .to_string();
        let expected = format!("{at}{expected}");
        assert!(error.starts_with(&expected), "{error}");
    }
}

//! Each misconfiguration: a policy that has it, and the corrected policy that has not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use iot_policy::lint::{Code, lint, lint_size};
use iot_policy::{Policy, PolicyDocument};

/// Statements as `effect action,action resource,resource`, resources without the ARN's beginning.
fn codes(statements: &[&str]) -> Vec<Code> {
    let list = |text: &str, prefix: &str| {
        let items = text.split(',').map(|item| match item {
            "*" => "\"*\"".to_owned(),
            item => format!("\"{prefix}{item}\""),
        });
        items.collect::<Vec<_>>().join(",")
    };
    let statements = statements.iter().map(|statement| {
        let mut parts = statement.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (effect, actions, resources, condition) = (part(), part(), part(), part());
        let (element, resources) = resources
            .strip_prefix('!')
            .map_or(("Resource", resources), |not| ("NotResource", not));
        let condition = if condition.is_empty() {
            String::new()
        } else {
            format!(r#","Condition":{condition}"#)
        };
        format!(
            r#"{{"Effect":"{effect}","Action":[{}],"{element}":[{}]{condition}}}"#,
            list(actions, "iot:"),
            list(resources, "arn:aws:iot:eu-west-1:123456789012:"),
        )
    });
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.collect::<Vec<_>>().join(",")
    );
    let document = PolicyDocument::parse(&text).unwrap_or_else(|why| panic!("{why} in {text}"));
    lint(&Policy::new("p", document))
        .into_iter()
        .map(|finding| finding.code)
        .collect()
}

const OWN: &str = "Allow Connect client/${iot:Connection.Thing.ThingName}";

#[test]
fn a_sound_device_policy_has_no_findings() {
    let sound = [
        OWN,
        "Allow Publish,RetainPublish topic/sensors/${iot:Connection.Thing.ThingName}/*,topic/$aws/rules/intake/*",
        "Allow Subscribe topicfilter/$aws/things/${iot:Connection.Thing.ThingName}/*",
        "Allow Receive topic/$aws/things/${iot:Connection.Thing.ThingName}/*",
        "Allow ListRetainedMessages *",
        "Allow GetThingShadow thing/${iot:Connection.Thing.ThingName}",
    ];
    assert_eq!(codes(&sound), []);
}

#[test]
fn connect() {
    use Code::ConnectAsAnyClient as Any;
    for resource in [
        "*",
        "client/*",
        "client/${iot:ClientId}",
        "*/*",
        "!client/admin",
    ] {
        assert_eq!(
            codes(&[&format!("Allow Connect {resource}")]),
            [Any],
            "{resource}"
        );
    }
    for resource in [
        "client/a",
        "client/sensor-*",
        "client/a,client/b",
        "client/${iot:CertificateId}",
    ] {
        assert_eq!(
            codes(&[&format!("Allow Connect {resource}")]),
            [],
            "{resource}"
        );
    }
    assert_eq!(
        codes(&[r#"Allow Connect * {"Bool":{"iot:Connection.Thing.IsAttached":"true"}}"#]),
        []
    );
    assert_eq!(codes(&["Deny Connect *"]), []);
}

#[test]
fn client_id() {
    let uses = "Allow Publish topic/${iot:ClientId}/x";
    assert_eq!(codes(&[uses]), [Code::UnrestrictedClientId]);
    assert_eq!(
        codes(&["Allow Connect *", uses]),
        [Code::ConnectAsAnyClient, Code::UnrestrictedClientId]
    );
    assert_eq!(codes(&[OWN, uses]), []);
    assert_eq!(codes(&["Allow Connect client/a,client/b", uses]), []);
    assert_eq!(
        codes(&[
            uses,
            r#"Allow Connect * {"StringEquals":{"iot:ClientId":"a"}}"#
        ]),
        []
    );
}

#[test]
fn receive() {
    use Code::ReceiveForgotten as Forgotten;
    assert_eq!(codes(&["Allow Subscribe topicfilter/a/#"]), [Forgotten]);
    assert_eq!(
        codes(&["Allow Subscribe topicfilter/a/#", "Allow Receive topic/a/b"]),
        []
    );
    assert_eq!(
        codes(&[
            "Allow Subscribe topicfilter/a/+/c",
            "Allow Receive topic/a/b/c"
        ]),
        []
    );
    assert_eq!(
        codes(&["Allow Subscribe topicfilter/a/*", "Allow Receive topic/b/*"]),
        [Forgotten]
    );
    assert_eq!(
        codes(&["Allow Subscribe topicfilter/a/*", "Allow Receive *"]),
        []
    );
    assert_eq!(
        codes(&[
            "Allow Subscribe topicfilter/a/*",
            "Allow Receive !topic/b/*"
        ]),
        []
    );
}

#[test]
fn subscribe_to_everything() {
    for resource in ["*", "topicfilter/*", "topicfilter/#"] {
        let found = codes(&[
            &format!("Allow Subscribe {resource}"),
            "Allow Receive topic/a",
        ]);
        assert_eq!(found, [Code::SubscribeToEverything], "{resource}");
    }
}

#[test]
fn denies() {
    use Code::{DenyBypassedByWiderFilter as Bypassed, MqttWildcardInDeny as Wildcard};
    assert_eq!(codes(&["Deny Publish topic/a/+"]), [Wildcard]);
    assert_eq!(codes(&["Deny Connect client/a+b"]), []);
    let subscribe = "Allow Subscribe topicfilter/a/*";
    assert_eq!(
        codes(&[
            subscribe,
            "Allow Receive topic/a/*",
            "Deny Subscribe topicfilter/a/b/*"
        ]),
        [Bypassed]
    );
    assert_eq!(
        codes(&[
            subscribe,
            "Allow Receive topic/a/*",
            "Deny Subscribe topicfilter/a/b"
        ]),
        [Bypassed]
    );
    let narrow = "Allow Subscribe topicfilter/a/c,topicfilter/a/b/c";
    assert_eq!(
        codes(&[
            narrow,
            "Allow Receive topic/a/*",
            "Deny Subscribe topicfilter/a/b/*"
        ]),
        []
    );
    assert_eq!(
        codes(&[
            subscribe,
            "Allow Receive topic/a/c",
            "Deny Subscribe topicfilter/a/b/*"
        ]),
        []
    );
    let conditional = r#"Deny Receive topic/a/b/* {"StringEquals":{"iot:ClientId":"x"}}"#;
    assert_eq!(
        codes(&[
            subscribe,
            "Allow Receive topic/a/*",
            "Deny Subscribe topicfilter/a/b/*",
            conditional
        ]),
        [Bypassed]
    );
}

#[test]
fn resource_types() {
    use Code::ResourceTypeMismatch as Mismatch;
    let receive = "Allow Receive *";
    // Both the action without a resource and the resource without an action are named.
    assert_eq!(codes(&["Deny Subscribe topic/a"]), [Mismatch, Mismatch]);
    assert_eq!(codes(&["Deny Publish topicfilter/a"]), [Mismatch, Mismatch]);
    assert_eq!(
        codes(&["Allow Publish,Subscribe topic/a", receive]),
        [Mismatch]
    );
    assert_eq!(codes(&["Allow Publish topic/a,topicfilter/a"]), [Mismatch]);
    assert_eq!(
        codes(&["Allow ListRetainedMessages topic/a"]),
        [Mismatch, Mismatch]
    );
    assert_eq!(
        codes(&["Allow GetThingShadow topic/$aws/things/a/shadow/get"]),
        [Mismatch, Mismatch]
    );
    assert_eq!(
        codes(&["Allow Publish,Subscribe topic/a,topicfilter/a", receive]),
        []
    );
    assert_eq!(codes(&["Allow Publish,Subscribe topic*/a", receive]), []);
    assert_eq!(codes(&["Deny * topic/a"]), []);
}

#[test]
fn basic_ingest() {
    use Code::BroadBasicIngest as Broad;
    for resource in [
        "*",
        "topic/*",
        "topic/$aws/rules/*",
        "topic/$aws/rules/${iot:ClientId}*",
    ] {
        let found = codes(&[OWN, &format!("Allow Publish {resource}")]);
        assert_eq!(
            found.contains(&Broad),
            !resource.contains('{'),
            "{resource}"
        );
    }
    assert_eq!(codes(&["Allow Publish topic/$aws/rules/intake/*"]), []);
    assert_eq!(codes(&["Allow Publish !topic/$aws/rules/*"]), []);
}

#[test]
fn over_size() {
    assert_eq!(
        lint_size(&format!("{}{}", "x".repeat(2_048), " ".repeat(100))),
        None
    );
    let finding = lint_size(&"x".repeat(2_049)).unwrap();
    assert_eq!(finding.code, Code::OverSize);
    let text = finding.to_string();
    assert!(
        text.starts_with("document: over-size: policy document has 2049 characters"),
        "{text}"
    );
}

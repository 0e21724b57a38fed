//! AWS's table of actions: every spelling, and what it is checked against.

#![allow(clippy::unwrap_used, reason = "tests")]

use iot_policy::Action;
use iot_policy::action::ActionPattern;

const TABLE: [(&str, &str); 21] = [
    ("iot:Connect", "client"),
    ("iot:DeleteConnection", "client"),
    ("iot:Publish", "topic"),
    ("iot:RetainPublish", "topic"),
    ("iot:Receive", "topic"),
    ("iot:GetRetainedMessage", "topic"),
    ("iot:Subscribe", "topicfilter"),
    ("iot:ListRetainedMessages", "*"),
    ("iot:ListNamedShadowsForThing", "*"),
    ("iot:GetThingShadow", "thing"),
    ("iot:UpdateThingShadow", "thing"),
    ("iot:DeleteThingShadow", "thing"),
    ("iotjobsdata:DescribeJobExecution", "thing"),
    ("iotjobsdata:GetPendingJobExecutions", "thing"),
    ("iotjobsdata:UpdateJobExecution", "thing"),
    ("iotjobsdata:StartNextPendingJobExecution", "thing"),
    ("iot:DescribeJobExecution", "thing"),
    ("iot:GetPendingJobExecutions", "thing"),
    ("iot:UpdateJobExecution", "thing"),
    ("iot:StartNextPendingJobExecution", "thing"),
    ("iot:AssumeRoleWithCertificate", "rolealias"),
];

#[test]
fn every_spelling() {
    for (name, resource_type) in TABLE {
        let action: Action = name.parse().unwrap();
        assert_eq!(action.resource_type().as_str(), resource_type, "{name}");
        assert!(action.names().contains(&name));
    }
    let spellings: usize = Action::ALL.iter().map(|action| action.names().len()).sum();
    assert_eq!(spellings, TABLE.len(), "the table and the crate differ");
}

#[test]
fn patterns_select_by_any_spelling() {
    let selected = |pattern: &str| ActionPattern::parse(pattern).unwrap().selected().to_vec();
    assert_eq!(selected("*"), Action::ALL);
    assert_eq!(selected("iot:*"), Action::ALL);
    assert_eq!(selected("iot:?ublish"), [Action::Publish]);
    assert_eq!(
        selected("iot:*Publish"),
        [Action::Publish, Action::RetainPublish]
    );
    assert_eq!(
        selected("iotjobsdata:Get*"),
        [Action::GetPendingJobExecutions]
    );
    assert!(
        ActionPattern::parse("iot:publish*").is_err(),
        "a pattern that selects nothing is an error"
    );
}

//! What the parameters and the environment of a deployment change.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use sam_template::{Environment, Parameters, Template};
use support::{default_stack, function, with};

#[test]
fn queue_urls_point_to_the_configured_endpoint() {
    let environment = support::environment().with_sqs_endpoint("http://127.0.0.1:4566/");
    let stack = Template::parse(support::TEXT)
        .unwrap()
        .resolve(&Parameters::new(), &environment)
        .unwrap();
    let url = "http://127.0.0.1:4566/123456789012/sci-refused-messages-dev";
    let function = function(&stack, "high-temp-processor");
    assert_eq!(function.environment["REFUSED_QUEUE_URL"], url);
    assert!(stack.queues().iter().any(|queue| queue.url == url));
    assert_eq!(stack.outputs["RefusedMessagesQueueUrl"], url);
}

#[test]
fn names_are_the_same_every_time_and_differ_between_stacks() {
    let ids = |name: &str| {
        let environment = Environment::new("123456789012", "eu-west-1", name);
        let stack = Template::parse(support::TEXT)
            .unwrap()
            .resolve(&Parameters::new(), &environment)
            .unwrap();
        stack.resource("SuiteKey").unwrap().physical_id.clone()
    };
    assert_eq!(ids("a"), ids("a"));
    assert_ne!(ids("a"), ids("b"));
}

#[test]
fn refused_parameters_say_why() {
    let refused = |name: &str, value: &str| {
        let parameters = Parameters::new().with(name, value);
        Template::parse(support::TEXT)
            .unwrap()
            .resolve(&parameters, &support::environment())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("Stage", "Prod"),
        "Parameters.Stage: value `Prod` is refused: not one of dev, test, staging, prod"
    );
    assert_eq!(
        refused("HysteresisCelsius", "-1"),
        "Parameters.HysteresisCelsius: value `-1` is refused: MinValue is 0"
    );
    // The functions refuse to start with these: the template must not let them through.
    assert_eq!(
        refused("SilenceSeconds", "86401"),
        "Parameters.SilenceSeconds: value `86401` is refused: MaxValue is 86400"
    );
    assert!(refused("DebounceCount", "3/17").contains("does not match"));
    assert!(refused("FlapCount", "17").ends_with("MaxValue is 16"));
    assert!(
        refused("AlarmLadderCelsius", "35")
            .starts_with("Parameters.AlarmLadderCelsius: value `35` is refused: does not match")
    );
    assert_eq!(
        refused("Nope", "1"),
        "Parameters.Nope: a value is given, but the template declares no such parameter"
    );
}

#[test]
fn parameters_reach_names_sql_and_environment() {
    let stack = with(&[
        ("Stage", "prod"),
        ("HighTempCelsius", "28.5"),
        ("ReservedConcurrency", "5"),
    ]);
    let function = function(&stack, "high-temp-processor");
    assert_eq!(function.environment["HIGH_TEMP_CELSIUS"], "28.5");
    assert_eq!(function.reserved_concurrency, Some(5));
    let rule = stack
        .topic_rules()
        .iter()
        .find(|rule| rule.logical_id == "HighTempRule")
        .unwrap();
    assert_eq!(rule.name, "SCI_High_Temp_Rule_prod");
    assert!(
        rule.sql
            .ends_with("FROM 'sensors/+/data' WHERE get_or_default(temp > 28.5, true)"),
        "{}",
        rule.sql
    );
    assert_eq!(stack.thing_groups()[0].name, "SCI-Property-Fleet-Prod");
    let table = stack.resource("AlarmsTable").unwrap();
    assert_eq!(table.properties["DeletionProtectionEnabled"], true);
    assert_eq!(
        default_stack().resource("AlarmsTable").unwrap().properties["DeletionProtectionEnabled"],
        false
    );
}

#[test]
fn mail_addresses_subscribe() {
    assert!(
        default_stack()
            .topics()
            .iter()
            .all(|topic| topic.subscriptions.is_empty())
    );
    let stack = with(&[("AlarmEmail", "duty@example.com")]);
    let subscribed = stack.topics().iter().filter(|topic| {
        topic
            .subscriptions
            .iter()
            .any(|s| s.protocol == "email" && s.endpoint == "duty@example.com")
    });
    assert_eq!(
        subscribed
            .map(|topic| topic.name.as_str())
            .collect::<BTreeSet<_>>(),
        BTreeSet::from(["SCI-Security-Alerts-dev", "SCI-Temperature-Alarms-dev"])
    );
}

#[test]
fn a_second_stage_of_an_account_leaves_the_thing_types_to_the_first() {
    let names = default_stack()
        .thing_types()
        .iter()
        .map(|t| t.name.clone())
        .collect::<BTreeSet<_>>();
    assert_eq!(
        names.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "SCI-Environmental-Sensor",
            "SCI-Security-Camera",
            "SCI-Smart-Lock"
        ]
    );
    assert!(
        with(&[("CreateThingTypes", "false")])
            .thing_types()
            .is_empty()
    );
}

#[test]
fn without_timestream_nothing_of_it_is_left() {
    let stack = with(&[("TimestreamEnabled", "false")]);
    assert!(stack.timestream_databases().is_empty() && stack.timestream_tables().is_empty());
    assert!(stack.of_type("AWS::S3::Bucket").next().is_none());
    for function in stack
        .functions()
        .iter()
        .filter(|function| function.binary.ends_with("-processor"))
    {
        assert_eq!(function.environment["TIMESTREAM_DATABASE"], "");
        assert_eq!(function.environment["TIMESTREAM_TABLE"], "");
    }
    let actions = stack
        .roles()
        .iter()
        .flat_map(|role| &role.statements)
        .flat_map(|statement| &statement.actions);
    assert!(
        actions.clone().count() > 0
            && actions
                .clone()
                .all(|action| !action.starts_with("timestream:"))
    );
    assert!(!stack.outputs.contains_key("TelemetryDatabaseName"));
}

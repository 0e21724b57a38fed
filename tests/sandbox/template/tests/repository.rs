//! The repository's template becomes the stack that the sandbox runs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use sam_template::RuleAction;
use support::{default_stack, function, with};

#[test]
fn every_resource_comes_after_what_it_needs() {
    for stack in [default_stack(), with(&[("TimestreamEnabled", "false")])] {
        let mut made = BTreeSet::new();
        for resource in &stack.resources {
            for needed in &resource.depends_on {
                assert!(
                    made.contains(needed.as_str()),
                    "{} before {needed}",
                    resource.logical_id
                );
            }
            made.insert(resource.logical_id.as_str());
        }
        assert!(made.len() > 50);
    }
}

#[test]
fn functions_have_their_environment_role_and_destinations() {
    let stack = default_stack();
    let binaries = stack.functions().iter().map(|f| f.binary.as_str());
    assert_eq!(
        binaries.collect::<BTreeSet<_>>(),
        BTreeSet::from([
            "enrolment-confirmer",
            "high-temp-processor",
            "jit-registration",
            "jwt-authorizer",
            "provisioning-hook",
            "security-alert-processor",
        ])
    );
    let function = function(&stack, "high-temp-processor");
    let security = support::function(&stack, "security-alert-processor");
    assert_eq!(function.logical_id, "HighTempProcessorFunction");
    assert_eq!(
        function.arn,
        "arn:aws:lambda:eu-west-1:123456789012:function:high-temp-processor-dev"
    );
    assert_eq!(function.timeout, Duration::from_secs(45));
    assert_eq!(
        (function.memory_mb, function.reserved_concurrency),
        (256, None)
    );
    assert_eq!(function.role, "HighTempProcessorRole");
    assert_eq!(
        function.log_group.as_deref(),
        Some("/aws/lambda/high-temp-processor-dev")
    );
    assert_eq!(function.event_invoke.max_retries, 2);
    assert_eq!(function.event_invoke.max_age, Duration::from_secs(21_600));
    assert_eq!(
        function.event_invoke.on_failure.as_deref(),
        Some("arn:aws:sqs:eu-west-1:123456789012:sci-function-failures-dev")
    );
    let environment = &function.environment;
    let expected = [
        ("ALARM_LADDER_CELSIUS", "35=warning,40=major,45=critical"),
        (
            "ALARM_TOPIC_ARN",
            "arn:aws:sns:eu-west-1:123456789012:SCI-Temperature-Alarms-dev",
        ),
        ("ALARMS_TABLE", "Alarms-dev"),
        ("DEBOUNCE_COUNT", "1/1"),
        ("DEBOUNCE_SECONDS", "0"),
        ("FLAP_COUNT", "4"),
        ("FLAP_WINDOW_SECONDS", "3600"),
        ("HIGH_TEMP_CELSIUS", "30"),
        ("HIGH_TEMPS_TABLE", "HighTemps-dev"),
        ("HYSTERESIS_CELSIUS", "2"),
        ("OUTBOX_TABLE", "Outbox-dev"),
        ("PROPERTIES_TABLE", "Properties-dev"),
        ("READING_TTL_DAYS", "90"),
        (
            "REFUSED_QUEUE_URL",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/sci-refused-messages-dev",
        ),
        ("RENOTIFY_SECONDS", "3600"),
        ("RUST_LOG", "info"),
        ("SILENCE_SECONDS", "1800"),
        ("SSL_CERT_FILE", "/etc/pki/tls/certs/ca-bundle.crt"),
        ("STAGE", "dev"),
        ("TIMESTREAM_DATABASE", "SCI_Properties_dev"),
        ("TIMESTREAM_TABLE", "EnvironmentalData"),
    ];
    assert_eq!(
        environment
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect::<BTreeSet<_>>(),
        BTreeSet::from(expected)
    );
    let expected = [
        (
            "ALARM_TOPIC_ARN",
            "arn:aws:sns:eu-west-1:123456789012:SCI-Security-Alerts-dev",
        ),
        ("ALARMS_TABLE", "Alarms-dev"),
        ("DEBOUNCE_COUNT", "1/1"),
        ("DEBOUNCE_SECONDS", "0"),
        ("FLAP_COUNT", "4"),
        ("FLAP_WINDOW_SECONDS", "3600"),
        ("OUTBOX_TABLE", "Outbox-dev"),
        ("PROPERTIES_TABLE", "Properties-dev"),
        (
            "REFUSED_QUEUE_URL",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/sci-refused-messages-dev",
        ),
        ("RENOTIFY_SECONDS", "900"),
        ("RUST_LOG", "info"),
        ("SECURITY_LADDER_LEVELS", "3=warning,6=major,8=critical"),
        ("SILENCE_SECONDS", "3600"),
        ("SSL_CERT_FILE", "/etc/pki/tls/certs/ca-bundle.crt"),
        ("STAGE", "dev"),
        ("TIMESTREAM_DATABASE", "SCI_Properties_dev"),
        ("TIMESTREAM_TABLE", "SecurityEvents"),
    ];
    assert_eq!(
        security
            .environment
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect::<BTreeSet<_>>(),
        BTreeSet::from(expected)
    );
}

#[test]
fn timestream_tables_keep_what_was_asked() {
    let stack = default_stack();
    assert_eq!(stack.timestream_databases()[0].name, "SCI_Properties_dev");
    let tables = stack.timestream_tables().iter();
    let tables = tables.map(|t| {
        (
            t.database.as_str(),
            t.name.as_str(),
            t.memory_hours,
            t.magnetic_days,
            t.magnetic_writes,
        )
    });
    assert_eq!(
        tables.collect::<Vec<_>>(),
        [
            ("SCI_Properties_dev", "EnvironmentalData", 24, 365, true),
            ("SCI_Properties_dev", "SecurityEvents", 168, 2555, true),
        ]
    );
}

#[test]
fn tables_can_be_created_as_they_are() {
    let stack = default_stack();
    let keys = stack
        .tables()
        .iter()
        .map(|t| (t.name.as_str(), t.key.join(","), t.ttl_attribute.as_deref()));
    assert_eq!(
        keys.collect::<BTreeSet<_>>(),
        BTreeSet::from([
            ("Alarms-dev", "alarm_id".to_owned(), Some("expires_at")),
            ("DeviceAllowList-dev", "serial_number".to_owned(), None),
            ("DeviceKeys-dev", "thing".to_owned(), Some("expires_at")),
            ("EnrolmentAudit-dev", "subject,sequence".to_owned(), None),
            (
                "HighTemps-dev",
                "deviceId,timestamp".to_owned(),
                Some("expires_at")
            ),
            ("Introducers-dev", "introducer".to_owned(), None),
            (
                "Outbox-dev",
                "notification_id".to_owned(),
                Some("expires_at")
            ),
            (
                "Properties-dev",
                "property_id".to_owned(),
                Some("expires_at")
            ),
            (
                "TokenRevocations-dev",
                "subject".to_owned(),
                Some("expires_at")
            ),
        ])
    );
    let alarms = stack
        .tables()
        .iter()
        .find(|table| table.logical_id == "AlarmsTable")
        .unwrap();
    assert_eq!(
        (
            alarms.indexes[0].name.as_str(),
            alarms.indexes[0].key.join(",")
        ),
        ("due", "kind,due_at".to_owned())
    );
    assert_eq!(
        alarms.create_table,
        serde_json::json!({
            "TableName": "Alarms-dev",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "alarm_id", "AttributeType": "S"},
                {"AttributeName": "kind", "AttributeType": "S"},
                {"AttributeName": "due_at", "AttributeType": "N"},
            ],
            "KeySchema": [{"AttributeName": "alarm_id", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [{
                "IndexName": "due",
                "KeySchema": [
                    {"AttributeName": "kind", "KeyType": "HASH"},
                    {"AttributeName": "due_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }],
        })
    );
}

#[test]
fn rules_call_their_function_and_may() {
    let stack = default_stack();
    let names = stack
        .topic_rules()
        .iter()
        .map(|rule| rule.name.as_str())
        .collect::<BTreeSet<_>>();
    assert_eq!(
        names,
        BTreeSet::from([
            "SCI_Enrolment_Commit_Rule_dev",
            "SCI_Environmental_Data_Rule_dev",
            "SCI_High_Temp_Rule_dev",
            "SCI_Jit_Registration_Rule_dev",
            "SCI_Security_Alerts_Rule_dev",
            "SCI_Security_Events_Rule_dev",
        ])
    );
    for rule in stack.topic_rules() {
        assert!(!rule.disabled);
        assert_eq!(rule.sql_version, "2016-03-23");
        let [RuleAction::Lambda { function_arn }] = rule.actions.as_slice() else {
            panic!("{rule:?}")
        };
        let may = |account: &str| {
            stack
                .permissions()
                .iter()
                .any(|p| p.allows(function_arn, "iot.amazonaws.com", &rule.arn, account))
        };
        assert!(may("123456789012"), "{}", rule.name);
        assert!(!may("210987654321"), "{}", rule.name);
        let wanted = match rule.logical_id.as_str() {
            "EnrolmentCommitRule" => "enrolment-confirmer",
            "JitRegistrationRule" => "jit-registration",
            "HighTempRule" | "EnvironmentalDataRule" => "high-temp-processor",
            _ => "security-alert-processor",
        };
        assert_eq!(*function_arn, function(&stack, wanted).arn);
    }
}

#[test]
fn sweeps_tick() {
    let stack = default_stack();
    assert_eq!(stack.schedules().len(), 4);
    for schedule in stack.schedules() {
        let (binary, minutes) = match schedule.logical_id.as_str() {
            "HighTempSweepSchedule" => ("high-temp-processor", 1),
            "SecuritySweepSchedule" => ("security-alert-processor", 1),
            "EnrolmentSweepSchedule" => ("enrolment-confirmer", 1),
            "JitSweepSchedule" => ("jit-registration", 5),
            other => panic!("{other}"),
        };
        assert_eq!(schedule.rate, Duration::from_secs(60 * minutes));
        assert!(schedule.enabled);
        assert_eq!(schedule.target_arn, function(&stack, binary).arn);
        let input: serde_json::Value = serde_json::from_str(&schedule.input).unwrap();
        // Alarms live by the times of messages and schedules, leases and pending certificates by the functions' clocks.
        let expected = match binary {
            "enrolment-confirmer" | "jit-registration" => serde_json::json!({"type": "sweep"}),
            _ => {
                serde_json::json!({"type": "sweep", "scheduled_at": "<aws.scheduler.scheduled-time>"})
            }
        };
        assert_eq!(input, expected);
        assert!(schedule.dead_letter_arn.is_some());
    }
}

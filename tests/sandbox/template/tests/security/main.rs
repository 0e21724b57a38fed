//! What the template promises about security, as findings: none on the template as it is, and one on each template that
//! breaks a promise.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod access;
mod authorizers;
mod broken;
mod broken_onboarding;
mod claims;
mod data;
mod delivery;
mod device;
mod helpers;
mod onboarding;
#[path = "../support/mod.rs"]
mod support;

use sam_template::{Parameters, Stack, Template};

fn findings(stack: &Stack) -> Vec<String> {
    let checks: &[fn(&Stack) -> Vec<String>] = &[
        access::permissions,
        access::trusts,
        access::statements,
        access::written_out_arns,
        authorizers::invocation,
        authorizers::functions,
        delivery::functions,
        delivery::rules,
        delivery::loops,
        delivery::schedules,
        onboarding::hooks,
        onboarding::decisions,
        onboarding::bodies,
        onboarding::reach,
        claims::policies,
        data::encryption,
        data::log_groups,
        data::tls,
        data::tables,
    ];
    checks.iter().flat_map(|check| check(stack)).collect()
}

#[test]
fn the_template_keeps_its_promises() {
    for parameters in [
        &[][..],
        &[("TimestreamEnabled", "false")],
        &[("JitpEnabled", "true")],
        &[("Stage", "prod"), ("Architecture", "arm64")],
        &[
            ("JwtKeysParameter", "/sci/jwt/keys"),
            ("TokenSigningPublicKey", &support::public_key()),
        ],
    ] {
        assert_eq!(
            findings(&support::with(parameters)),
            Vec::<String>::new(),
            "{parameters:?}"
        );
    }
}

#[test]
fn a_broken_promise_is_found() {
    let cases = broken::CASES.iter().chain(broken_onboarding::CASES);
    for (promise, broken, expected) in cases {
        assert!(
            support::TEXT.contains(promise),
            "the template no longer says {promise}"
        );
        let text = support::TEXT.replacen(promise, broken, 1);
        let stack = Template::parse(&text)
            .unwrap()
            .resolve(
                &Parameters::new().with("JitpEnabled", "true"),
                &support::environment(),
            )
            .unwrap();
        let found = findings(&stack);
        assert!(
            found.iter().any(|finding| finding.starts_with(expected)),
            "{expected}: {found:#?}"
        );
    }
}

/// The SQL is what a person can read in the template: text, in which at most a parameter is filled in.
#[test]
fn rule_sql_is_literal_text() {
    let lines = support::TEXT
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("Sql:"))
        .collect::<Vec<_>>();
    assert_eq!(lines.len(), support::default_stack().topic_rules().len());
    assert!(
        lines
            .iter()
            .all(|line| ["Sql: >-", "Sql: !Sub >-"].contains(line)),
        "{lines:?}"
    );
    for rule in support::default_stack().topic_rules() {
        assert!(
            !rule.sql.contains("${") && !rule.sql.contains('\n'),
            "{}",
            rule.sql
        );
        let identities: &[&str] = match rule.logical_id.as_str() {
            "EnrolmentCommitRule" => &[
                "topic(3) AS thing",
                "clientid() AS client_id",
                "principal() AS principal",
            ],
            "JitRegistrationRule" => &["topic(5) AS ca_certificate_id", "clientid() AS client_id"],
            _ => &[
                "topic() AS topic",
                "clientid() AS client_id",
                "principal() AS principal",
                "encode(*, 'base64') AS payload",
            ],
        };
        for identity in identities {
            assert!(rule.sql.contains(identity), "{}: {identity}", rule.name);
        }
    }
    // A device says nothing here that counts.
    let stack = support::default_stack();
    let mut rules = stack.topic_rules().iter();
    let commit = rules
        .find(|r| r.logical_id == "EnrolmentCommitRule")
        .unwrap();
    let (select, _) = commit.sql.split_once(" FROM ").unwrap();
    for column in select.trim_start_matches("SELECT ").split(", ") {
        let (value, _) = column.split_once(" AS ").unwrap();
        assert!(value.ends_with(')') || value == "'commit'", "{column}");
        assert!(!value.contains('*'), "{column}");
    }
}

#[test]
fn production_tables_cannot_be_deleted_by_accident() {
    let stack = support::with(&[("Stage", "prod")]);
    assert!(
        stack
            .of_type("AWS::DynamoDB::Table")
            .all(|table| table.properties["DeletionProtectionEnabled"] == true)
    );
    // Whatever holds data, and the key without which it cannot be read, outlives its stack.
    let retained = support::TEXT.matches("DeletionPolicy: Retain").count();
    let holders = [
        "AWS::DynamoDB::Table",
        "AWS::Timestream::Database",
        "AWS::Timestream::Table",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
    ];
    assert_eq!(
        retained,
        stack
            .resources
            .iter()
            .filter(|r| holders.contains(&r.type_.as_str()))
            .count()
    );
}

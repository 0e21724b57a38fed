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
mod data;
mod delivery;
mod device;
mod helpers;
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
        data::encryption,
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
    for (promise, broken, expected) in broken::CASES {
        assert!(
            support::TEXT.contains(promise),
            "the template no longer says {promise}"
        );
        let text = support::TEXT.replacen(promise, broken, 1);
        let stack = Template::parse(&text)
            .unwrap()
            .resolve(&Parameters::new(), &support::environment())
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
        for identity in [
            "topic() AS topic",
            "clientid() AS client_id",
            "principal() AS principal",
            "encode(*, 'base64') AS payload",
        ] {
            assert!(rule.sql.contains(identity), "{}: {identity}", rule.name);
        }
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

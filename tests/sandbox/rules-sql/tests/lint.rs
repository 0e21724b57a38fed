//! Lints and template files beyond what the command line's tests show.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use rules_sql::{Finding, InvalidTemplateFile, Lint, TemplateFile, check};

/// A template with one rule that is in order but for its statement.
fn findings(sql: &str) -> Vec<Finding> {
    let template = format!(
        "Resources:\n  R:\n    Type: AWS::IoT::TopicRule\n    Properties:\n      TopicRulePayload:\n        \
         AwsIotSqlVersion: 2016-03-23\n        ErrorAction: {{}}\n        Sql: >-\n          {sql}\n"
    );
    check(&TemplateFile::parse(&template).unwrap())
}

fn count(sql: &str, lint: Lint) -> usize {
    let findings = findings(sql);
    assert!(findings.iter().all(|f| f.lint == lint), "{findings:?}");
    findings.len()
}

#[test]
fn int_division() {
    for (expr, expected) in [
        ("7 / 2", 1),
        ("6 / 2", 0),
        ("-6 / 3", 0),
        ("temp / 2", 1),
        ("temp / 2.0", 1),
        ("temp / 2.5", 0),
        ("temp * 0.5", 0),
        ("(temp - 32) * 5 / 9", 1),
        ("(temp - 32.5) * 5 / 9", 0),
        ("timestamp() / 1000", 1),
        ("sqrt(temp) / 2", 0),
        ("'7' / 2", 0),
        ("cast(temp AS Int) / 2", 1),
        ("cast(temp AS Decimal) / 2", 1),
        ("a / b / c / d", 1),
        ("(SELECT VALUE x / 2 FROM l)", 1),
    ] {
        let sql = format!("SELECT {expr} AS r FROM 'a'");
        assert_eq!(count(&sql, Lint::IntDivision), expected, "{expr}");
    }
}

#[test]
fn missing_alias() {
    for (items, expected) in [
        ("*, temp, a.b AS c", 0),
        ("a.b", 1),
        ("topic(1), temp + 1, cast(a AS Int)", 3),
        ("(SELECT a.b FROM l) AS l", 1),
        ("VALUE a.b", 0),
    ] {
        let sql = format!("SELECT {items} FROM 'a'");
        assert_eq!(count(&sql, Lint::MissingAlias), expected, "{items}");
    }
}

#[test]
fn policies_decide_what_can_be_published() {
    for (statement, reachable) in [
        ("{Effect: Allow, Action: 'iot:*', Resource: '*'}", true),
        (
            "{Effect: Allow, Action: iot:Publish, Resource: 'arn:aws:iot:eu-west-1:1:topic/a/*'}",
            true,
        ),
        (
            "{Effect: Allow, Action: [iot:Receive, iot:Publish], Resource: ['arn:aws:iot:eu-west-1:1:topic/a/x']}",
            true,
        ),
        (
            "{Effect: Allow, Action: iot:Publish, Resource: 'arn:aws:iot:eu-west-1:1:topic/b/*'}",
            false,
        ),
        (
            "{Effect: Allow, Action: iot:Publish, Resource: 'arn:aws:iot:eu-west-1:1:topicfilter/*'}",
            false,
        ),
        (
            "{Effect: Allow, Action: iot:Subscribe, Resource: '*'}",
            false,
        ),
        ("{Effect: Deny, Action: iot:Publish, Resource: '*'}", false),
        (
            "{Effect: Allow, Action: iot:Publish, Resource: 'arn:aws:iot:eu-west-1:1:topic/$aws/rules/rule_one/*'}",
            true,
        ),
        (
            "{Effect: Allow, Action: iot:Publish, Resource: !Sub 'arn:aws:iot:eu-west-1:1:topic/${Prefix}/x'}",
            true,
        ),
        (
            "{Effect: Allow, Action: iot:Publish, Resource: !Sub 'arn:aws:iot:eu-west-1:1:topic/${!iot:ClientId}/y'}",
            false,
        ),
    ] {
        let template = format!(
            "Resources:\n  P:\n    Type: AWS::IoT::Policy\n    Properties:\n      PolicyDocument:\n        Statement: {statement}\n  \
             R:\n    Type: AWS::IoT::TopicRule\n    Properties:\n      RuleName: rule_one\n      TopicRulePayload:\n        \
             AwsIotSqlVersion: beta\n        ErrorAction: {{}}\n        Sql: SELECT * FROM 'a/x'\n"
        );
        let findings = check(&TemplateFile::parse(&template).unwrap());
        let found: Vec<Lint> = findings.iter().map(|f| f.lint).collect();
        let expected = if reachable {
            vec![]
        } else {
            vec![Lint::UnreachableTopic]
        };
        assert_eq!(found, expected, "{statement}");
    }
}

#[test]
fn intrinsic_functions_in_long_and_short_form_and_json() {
    let sub =
        r#"{"Fn::Sub": ["SELECT * FROM '${T}/${Stage}/${AWS::Region}'", {"T": {"Ref": "Stage"}}]}"#;
    let template = format!(
        r#"{{"Parameters": {{"Stage": {{"Default": "dev"}}}}, "Resources": {{"R": {{"Type": "AWS::IoT::TopicRule",
           "Properties": {{"TopicRulePayload": {{"AwsIotSqlVersion": "2016-03-23", "Sql": {sub}}}}}}}}}}}"#
    );
    let file = TemplateFile::parse(&template).unwrap();
    assert_eq!(
        file.rules[0].sql.as_deref(),
        Ok("SELECT * FROM 'dev/dev/eu-west-1'")
    );
    let join = "Resources: {R: {Type: AWS::IoT::TopicRule, Properties: {TopicRulePayload: {Sql: !Join ['', [SELECT *, \" FROM 'a'\"]]}}}}";
    assert_eq!(
        TemplateFile::parse(join).unwrap().rules[0].sql.as_deref(),
        Ok("SELECT * FROM 'a'")
    );
    let unknown = "Resources: {R: {Type: AWS::IoT::TopicRule, Properties: {TopicRulePayload: {Sql: !FindInMap [a, b, c]}}}}";
    let sql = &TemplateFile::parse(unknown).unwrap().rules[0].sql;
    assert_eq!(
        sql,
        &Err("`Fn::FindInMap` is not known without the deployed stack".to_owned())
    );
}

#[test]
fn texts_that_are_no_template() {
    for (text, part) in [
        ("", "empty"),
        ("a: [", "not YAML"),
        ("a: 1\na: 2", "line 2: the key `a` stands there twice"),
        ("a: &x 1\nb: *x", "aliases"),
        ("a: 1", "no `Resources`"),
    ] {
        let error = TemplateFile::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn deep_templates_are_an_error() {
    let block: String = (0..3_000)
        .map(|n| format!("{}a:\n", " ".repeat(n)))
        .collect();
    assert_eq!(
        TemplateFile::parse(&block),
        Err(InvalidTemplateFile::TooDeep)
    );
    assert!(TemplateFile::parse(&"[".repeat(100_000)).is_err());
    assert!(TemplateFile::parse(&"{a: ".repeat(100_000)).is_err());
}

//! Every intrinsic function, condition and error on small templates.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use sam_template::{Environment, Parameters, Stack, Template, TemplateError};
use serde_json::{Value, json};

fn resolve(text: &str) -> Result<Stack, TemplateError> {
    Template::parse(text)?.resolve(
        &Parameters::new(),
        &Environment::new("123456789012", "eu-west-1", "s"),
    )
}

/// The value of one property of an alarm: a type whose properties nobody checks.
fn value(expression: &str) -> Result<Value, TemplateError> {
    let text = format!(
        "
Parameters:
  P: {{Type: String, Default: dev}}
  N: {{Type: Number, Default: 7}}
  L: {{Type: CommaDelimitedList, Default: 'a, b,c'}}
Mappings:
  M: {{dev: {{Size: 1, Names: [x, z]}}}}
Conditions:
  IsDev: !Equals [!Ref P, dev]
  NotDev: !Not [{{Condition: IsDev}}]
Resources:
  Queue: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q}}}}
  Absent: {{Type: AWS::SQS::Queue, Condition: NotDev}}
  A: {{Type: AWS::CloudWatch::Alarm, Properties: {{V: {expression}}}}}
"
    );
    Ok(resolve(&text)?.resource("A").unwrap().properties["V"].clone())
}

#[test]
fn values() {
    for (expression, expected) in [
        ("!Ref P", json!("dev")),
        ("!Ref N", json!("7")),
        ("!Ref L", json!(["a", "b", "c"])),
        (
            "!Ref Queue",
            json!("https://sqs.eu-west-1.amazonaws.com/123456789012/q"),
        ),
        ("!Ref AWS::Region", json!("eu-west-1")),
        ("!Ref AWS::Partition", json!("aws")),
        ("{Ref: AWS::URLSuffix}", json!("amazonaws.com")),
        (
            "!GetAtt Queue.Arn",
            json!("arn:aws:sqs:eu-west-1:123456789012:q"),
        ),
        ("{'Fn::GetAtt': [Queue, QueueName]}", json!("q")),
        ("{'Fn::GetAtt': Queue.QueueName}", json!("q")),
        (
            "!Sub 'x-${P}-${Queue.QueueName}-${AWS::AccountId}-${!iot:ClientId}'",
            json!("x-dev-q-123456789012-${iot:ClientId}"),
        ),
        ("!Sub ['${A}${P}', {A: !Ref N, P: local}]", json!("7local")),
        ("!Join ['-', [a, 1, !Ref P]]", json!("a-1-dev")),
        ("!Join ['+', !Ref L]", json!("a+b+c")),
        (
            "!Join ['-', [a, !If [NotDev, b, !Ref AWS::NoValue]]]",
            json!("a"),
        ),
        ("!Select [1, [a, b]]", json!("b")),
        (
            "!Select ['0', !Split [':', !GetAtt Queue.Arn]]",
            json!("arn"),
        ),
        ("!Split ['.', a.b]", json!(["a", "b"])),
        ("!FindInMap [M, !Ref P, Size]", json!(1)),
        ("!If [IsDev, 1, 2]", json!(1)),
        ("!If [NotDev, 1, !If [IsDev, !Ref P, 3]]", json!("dev")),
        ("[!If [NotDev, 1, !Ref AWS::NoValue], 2]", json!([2])),
        (
            "{a: !If [NotDev, 1, !Ref AWS::NoValue], b: 2}",
            json!({"b": 2}),
        ),
        (
            "{Condition: {Bool: {x: 'true'}}}",
            json!({"Condition": {"Bool": {"x": "true"}}}),
        ),
    ] {
        assert_eq!(value(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn errors_name_the_place() {
    for (expression, expected) in [
        (
            "!Ref Nope",
            ".Ref: `Nope` is no parameter, pseudo parameter or resource",
        ),
        (
            "!Ref Absent",
            ".Ref: `Absent` does not exist while condition `NotDev` is false",
        ),
        (
            "!GetAtt Queue.Nope",
            ".Fn::GetAtt: unsupported attribute `Nope` of `Queue` (AWS::SQS::Queue)",
        ),
        (
            "!GetAtt Nope.Arn",
            ".Fn::GetAtt: `Nope` is no parameter, pseudo parameter or resource",
        ),
        (
            "[1, !Sub '${Nope}']",
            "[1].Fn::Sub: `Nope` is no parameter, pseudo parameter or resource",
        ),
        ("!Sub '${P'", ".Fn::Sub: expected a `}` after `${`"),
        (
            "!Sub '${L}'",
            ".Fn::Sub: expected text, a number or a Boolean",
        ),
        (
            "{'Fn::Cidr': [a, b]}",
            ".Fn::Cidr: unsupported intrinsic `Fn::Cidr`",
        ),
        (
            "{'Fn::ImportValue': a}",
            ".Fn::ImportValue: unsupported intrinsic `Fn::ImportValue`",
        ),
        ("!Join [',', !Ref P]", ".Fn::Join[1]: expected a list"),
        ("!Join [',']", ".Fn::Join: expected a delimiter and a list"),
        (
            "!Join [',', [[a]]]",
            ".Fn::Join[1][0]: expected text, a number or a Boolean",
        ),
        (
            "!Select [2, [a, b]]",
            ".Fn::Select: expected an index within the list",
        ),
        (
            "!Select [x, [a, b]]",
            ".Fn::Select[0]: expected an index from 0",
        ),
        (
            "!Split ['', a]",
            ".Fn::Split: expected a delimiter and text",
        ),
        (
            "!FindInMap [M, prod, Size]",
            ".Fn::FindInMap[1]: no `prod` in the mapping",
        ),
        (
            "!If [Maybe, 1, 2]",
            ".Fn::If: condition `Maybe` is not declared",
        ),
        (
            "!If [IsDev, 1]",
            ".Fn::If: expected a condition's name and two values",
        ),
        ("!Ref A", ""),
    ] {
        let error = value(expression).unwrap_err().to_string();
        if expression == "!Ref A" {
            assert_eq!(error, "Resources: circular: A -> A");
        } else {
            assert_eq!(
                error,
                format!("Resources.A.Properties.V{expected}"),
                "{expression}"
            );
        }
    }
}

#[test]
fn conditions_combine() {
    let text = "
Parameters: {P: {Type: String, Default: dev}}
Conditions:
  Dev: !Equals [!Ref P, dev]
  Both: !And [!Condition Dev, !Not [!Condition Prod]]
  Either: !Or [!Condition Prod, !Equals [!Sub 'x${P}', xdev]]
  Prod: !Equals [prod, !Ref P]
Resources:
  A: {Type: AWS::SNS::Topic, Condition: Both}
  B: {Type: AWS::SNS::Topic, Condition: Either}
  C: {Type: AWS::SNS::Topic, Condition: Prod}
Outputs:
  A: {Condition: Dev, Value: !GetAtt A.TopicName}
  C: {Condition: Prod, Value: !Ref C}
";
    let at = |stage: &str| {
        let environment = Environment::new("123456789012", "eu-west-1", "s");
        Template::parse(text)
            .unwrap()
            .resolve(&Parameters::new().with("P", stage), &environment)
            .unwrap()
    };
    let ids = |stack: &Stack| {
        stack
            .resources
            .iter()
            .map(|r| r.logical_id.clone())
            .collect::<Vec<_>>()
            .join("")
    };
    assert_eq!(
        (ids(&at("dev")), ids(&at("prod")), ids(&at("test"))),
        ("AB".into(), "BC".into(), "".into())
    );
    assert!(at("dev").outputs["A"].starts_with("s-A-") && !at("dev").outputs.contains_key("C"));
}

#[test]
fn templates_that_cannot_be() {
    for (text, expected) in [
        (
            "Resources: {A: {Type: AWS::EC2::Instance}}",
            "Resources.A.Type: unsupported resource type `AWS::EC2::Instance`",
        ),
        (
            "Resources: {A: {Type: AWS::SNS::Topic, CreationPolicy: {}}}",
            "Resources.A: unsupported: resource attribute `CreationPolicy`",
        ),
        (
            "Rules: {}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "unsupported section `Rules`",
        ),
        (
            "Transform: Other\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Transform: expected AWS::Serverless-2016-10-31",
        ),
        ("Resources: {}", "`Resources` is required"),
        ("- a", "expected a template: a map of sections"),
        (
            "Globals: {Api: {}}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Globals: unsupported section `Api`",
        ),
        (
            "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: B}, B: {Type: AWS::SNS::Topic, DependsOn: [C]}, C: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt A.TopicName}}}",
            "Resources: circular: A -> B -> C -> A",
        ),
        (
            "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: B}}",
            "Resources.A.DependsOn: `B` is no parameter, pseudo parameter or resource",
        ),
        (
            "Resources: {A: {Type: AWS::SNS::Topic, Condition: C}}",
            "Resources.A.Condition: condition `C` is not declared",
        ),
        (
            "Conditions: {C: !Not [!Condition D], D: !Condition C}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Conditions.D.Condition: circular: C -> D -> C",
        ),
        (
            "Conditions: {C: !If [a, b, c]}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Conditions.C.Fn::If: unsupported intrinsic `Fn::If`",
        ),
        (
            "Parameters: {P: {Type: String}}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Parameters.P: no default and no value given",
        ),
        (
            "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: x}}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Parameters.P.Type: unsupported parameter type `AWS::SSM::Parameter::Value<String>`",
        ),
        (
            "Parameters: {P: {Type: Number, Default: x}}\nResources: {A: {Type: AWS::SNS::Topic}}",
            "Parameters.P: value `x` is refused: not a number",
        ),
        (
            "Resources: {A: {Type: AWS::IoT::TopicRule, Properties: {RuleName: a-b}}}",
            "Resources.A.Properties.RuleName: expected letters, digits and underscores only",
        ),
    ] {
        assert_eq!(resolve(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn properties_that_the_sandbox_would_ignore_are_errors() {
    let function = |extra: &str| {
        format!(
            "
Resources:
  R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Statement: []}}}}}}
  F:
    Type: AWS::Serverless::Function
    Metadata: {{BuildProperties: {{Binary: f}}}}
    Properties: {{Runtime: provided.al2023, Handler: bootstrap, Role: !GetAtt R.Arn, {extra}}}"
        )
    };
    assert_eq!(
        resolve(&function("Timeout: '5'")).unwrap().functions()[0]
            .timeout
            .as_secs(),
        5
    );
    let rule = |action: &str| {
        format!(
            "Resources: {{A: {{Type: AWS::IoT::TopicRule, Properties: {{RuleName: a, TopicRulePayload: {{Sql: x, Actions: [{action}]}}}}}}}}"
        )
    };
    for (text, expected) in [
        (function("VpcConfig: {}"), "Resources.F.Properties.VpcConfig: unsupported: unknown field `VpcConfig`"),
        (function("Events: {}"), "Resources.F.Properties.Events: unsupported: unknown field `Events`"),
        (function("Timeout: soon"), "Resources.F.Properties.Timeout: unsupported: expected a whole number, not `soon`"),
        (rule("{Timestream: {}}"), "Resources.A.Properties.TopicRulePayload.Actions[0]: unsupported: rule action `Timestream`"),
        (rule("{Sqs: {QueueUrl: a}}"), "Resources.A.Properties.TopicRulePayload.Actions[0]: unsupported: rule action `Sqs`: missing field `RoleArn`"),
        ("Resources: {A: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}}".to_owned(), "Resources.A.Properties.FifoQueue: unsupported: unknown field `FifoQueue`"),
        (
            "Resources: {A: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [], AssumeRolePolicyDocument: {Statement: []}}}}".to_owned(),
            "Resources.A.Properties.ManagedPolicyArns: unsupported: unknown field `ManagedPolicyArns`",
        ),
    ] {
        let error = resolve(&text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

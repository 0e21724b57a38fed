//! What is not understood is named when the document is read.

#![allow(clippy::unwrap_used, reason = "tests")]

use iot_policy::PolicyDocument;

fn why(json: &str) -> String {
    PolicyDocument::parse(json).unwrap_err().to_string()
}

fn in_statement(members: &str) -> String {
    why(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#
    ))
}

fn in_condition(condition: &str) -> String {
    in_statement(&format!(
        r#""Effect":"Allow","Action":"iot:Connect","Resource":"*","Condition":{condition}"#
    ))
}

#[test]
fn documents() {
    for (json, expected) in [
        (
            "",
            "not a JSON policy document: EOF while parsing a value at line 1 column 0",
        ),
        ("[]", "must be a JSON object"),
        ("{}", "`Version` is missing"),
        (r#"{"Version":"2012-10-17"}"#, "`Statement` is missing"),
        (
            r#"{"Version":"2012-10-17","Statement":[]}"#,
            "at Statement: must not be empty, it would never match",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":7}"#,
            "at Statement: must be an object",
        ),
        (
            r#"{"Version":"2008-10-17","Statement":[]}"#,
            "at Version: unsupported version `2008-10-17`; write \"Version\": \"2012-10-17\"",
        ),
        (
            r#"{"Version":2012,"Statement":[]}"#,
            "at Version: must be a string",
        ),
        (
            r#"{"Version":"2012-10-17","Id":"x","Statement":[]}"#,
            "unknown element `Id`; AWS IoT policies have a name instead",
        ),
    ] {
        assert_eq!(why(json), expected, "{json}");
    }
    let twice = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert!(
        why(twice).contains("`Effect` appears twice in one object"),
        "{}",
        why(twice)
    );
}

#[test]
fn statements() {
    for (members, expected) in [
        (
            r#""Effect":"Allow""#,
            "at Statement[0]: `Action` is missing",
        ),
        (
            r#""Action":"iot:Connect","Resource":"*""#,
            "at Statement[0]: `Effect` is missing",
        ),
        (
            r#""Effect":"Allow","Action":"iot:Connect""#,
            "at Statement[0]: `Resource` is missing",
        ),
        (
            r#""Effect":"allow""#,
            "at Statement[0].Effect: unknown effect `allow`; write `Allow` or `Deny`",
        ),
        (
            r#""Principal":"*""#,
            "at Statement[0]: unknown element `Principal`; an AWS IoT policy applies to whatever it is attached to",
        ),
        (
            r#""NotAction":"*""#,
            "at Statement[0]: unknown element `NotAction`; AWS IoT policies have only `Action`; list the actions",
        ),
        (
            r#""Action":[]"#,
            "at Statement[0].Action: must not be empty, it would never match",
        ),
        (
            r#""Action":{}"#,
            "at Statement[0].Action: must be a string or a list of strings",
        ),
        (
            r#""Action":"iot:publish""#,
            "at Statement[0].Action: unknown action `iot:publish`; did you mean `iot:Publish`?",
        ),
        (
            r#""Action":["iot:Publish","iot:CreateThing"]"#,
            "at Statement[0].Action: unknown action `iot:CreateThing`; AWS IoT policies hold data-plane actions such as \
             `iot:Publish` (control-plane calls need IAM)",
        ),
        (
            r#""Action":"s3:*""#,
            "at Statement[0].Action: unknown action `s3:*`; AWS IoT policies hold data-plane actions such as \
             `iot:Publish` (control-plane calls need IAM)",
        ),
        (
            r#""Resource":"topic/a""#,
            "at Statement[0].Resource: `topic/a` is not a resource; write `*` or \
             `arn:aws:iot:<region>:<account>:<type>/<name>`",
        ),
        (
            r#""Resource":"*","NotResource":"*""#,
            "at Statement[0]: has both `Resource` and `NotResource`; keep one",
        ),
        (
            r#""Resource":"*/${iot:Thing.ThingName}""#,
            "at Statement[0].Resource: unknown policy variable `${iot:Thing.ThingName}`; did you mean \
             `${iot:Connection.Thing.ThingName}`?",
        ),
        (
            r#""Resource":"*/${aws:username}""#,
            "at Statement[0].Resource: unknown policy variable `${aws:username}`; AWS IoT Core would never substitute it",
        ),
        (
            r#""Resource":"*/${iot:ConnectAttributes}""#,
            "at Statement[0].Resource: `iot:ConnectAttributes` is a condition key only, it cannot be substituted as \
             `${iot:ConnectAttributes}`",
        ),
        (
            r#""Resource":"*/$(*)""#,
            "at Statement[0].Resource: `$(*)` is not an escape; write `${*}`",
        ),
        (
            r#""Resource":"*/${iot:ClientId""#,
            "at Statement[0].Resource: `${` without `}`; write `${$}` for a literal dollar sign before a brace",
        ),
    ] {
        assert_eq!(in_statement(members), expected, "{members}");
    }
}

#[test]
fn conditions() {
    let at = "at Statement[0].Condition";
    for (condition, expected) in [
        ("[]", format!("{at}: must be an object")),
        (
            r#"{"StringEquals":{}}"#,
            format!("{at}.StringEquals: must not be empty, it would never match"),
        ),
        (
            r#"{"stringequals":{"iot:ClientId":"a"}}"#,
            format!(
                "{at}.stringequals: unknown condition operator `stringequals`; did you mean `StringEquals`?"
            ),
        ),
        (
            r#"{"BinaryEquals":{"iot:ClientId":"a"}}"#,
            format!("{at}.BinaryEquals: unsupported condition operator `BinaryEquals`"),
        ),
        (
            r#"{"ForSomeValues:StringEquals":{"iot:ClientId":"a"}}"#,
            format!(
                "{at}.ForSomeValues:StringEquals: unsupported condition operator `ForSomeValues:StringEquals`"
            ),
        ),
        (
            r#"{"NullIfExists":{"iot:ClientId":"true"}}"#,
            format!("{at}.NullIfExists: unsupported condition operator `NullIfExists`"),
        ),
        (
            r#"{"StringEquals":{"iot:clientid":"a"}}"#,
            format!(
                "{at}.StringEquals: unknown condition key `iot:clientid`; did you mean `iot:ClientId`?"
            ),
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalTag/x":"a"}}"#,
            format!(
                "{at}.StringEquals: unknown condition key `aws:PrincipalTag/x`; AWS IoT Core would never give it a value"
            ),
        ),
        (
            r#"{"StringEquals":{"iot:ConnectAttributes":"LastWill"}}"#,
            format!(
                "{at}.StringEquals: `iot:ConnectAttributes` can have several values; put `ForAllValues:` or \
                 `ForAnyValue:` before the operator"
            ),
        ),
        (
            r#"{"StringEquals":{"iot:ClientId":{}}}"#,
            format!("{at}.StringEquals: must be a string or a list of strings"),
        ),
        (
            r#"{"Bool":{"iot:Connection.Thing.IsAttached":"yes"}}"#,
            format!("{at}.Bool: `yes` is not `true` or `false`"),
        ),
        (
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}"#,
            format!("{at}.IpAddress: `10.0.0.0/33` is not an IP address or CIDR block"),
        ),
        (
            r#"{"NumericLessThan":{"iot:Connection.Thing.Attributes[n]":"1e3"}}"#,
            format!("{at}.NumericLessThan: `1e3` is not a number"),
        ),
        (
            r#"{"DateLessThan":{"iot:Connection.Thing.Attributes[d]":"tomorrow"}}"#,
            format!(
                "{at}.DateLessThan: `tomorrow` is not a date such as `2026-01-31T00:00:00Z` or seconds since the epoch"
            ),
        ),
        (
            r#"{"ArnEquals":{"iot:LastWillTopic":"my/topic"}}"#,
            format!("{at}.ArnEquals: `my/topic` is not an ARN of six parts separated by colons"),
        ),
        (
            r#"{"StringLike":{"iot:ClientId":"${iot:Certificate.Subject.Organization.List}"}}"#,
            format!(
                "{at}.StringLike: `iot:Certificate.Subject.Organization.List` is a condition key only, it cannot be \
                 substituted as `${{iot:Certificate.Subject.Organization.List}}`"
            ),
        ),
    ] {
        assert_eq!(in_condition(condition), expected, "{condition}");
    }
}

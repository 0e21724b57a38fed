//! Hostile texts in every place of a policy and its context: what must hold of every answer.

#![no_main]

use arbitrary::Arbitrary;
use iot_policy::certificate::NameAttribute;
use iot_policy::{Action, Arn, Certificate, Context, Policy, PolicyDocument, Request, Thing, Verdict, evaluate, explain};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    resource: &'a str,
    not: bool,
    deny: bool,
    operator: u8,
    key: u8,
    value: &'a str,
    topic: &'a str,
    client_id: &'a str,
    thing: Option<&'a str>,
    attribute: &'a str,
    common_names: Vec<&'a str>,
}

const OPERATORS: [&str; 8] = [
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringLikeIfExists",
    "ForAllValues:StringLike", "ForAnyValue:StringNotLike",
];
const KEYS: [&str; 5] = [
    "iot:ClientId", "iot:Connection.Thing.ThingName", "iot:Connection.Thing.Attributes[a]",
    "iot:Certificate.Subject.CommonName", "iot:Connection.Thing.IsAttached",
];

fn policy(statement: serde_json::Value) -> Option<Policy> {
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    Some(Policy::new("p", PolicyDocument::parse(&document.to_string()).ok()?))
}

fuzz_target!(|input: Input<'_>| {
    let operator = OPERATORS[usize::from(input.operator) % OPERATORS.len()];
    let key = KEYS[usize::from(input.key) % KEYS.len()];
    let mut statement = json!({
        "Effect": if input.deny { "Deny" } else { "Allow" },
        "Action": "iot:Publish",
        "Condition": {operator: {key: input.value}},
    });
    let element = if input.not { "NotResource" } else { "Resource" };
    statement[element] = json!(Arn::default().topic(input.resource));
    let Some(fuzzed) = policy(statement) else { return };
    let everything = |effect: &str| policy(json!({"Effect": effect, "Action": "*", "Resource": "*"})).unwrap();

    let mut certificate = Certificate::with_id("c");
    let names = input.common_names.iter().map(|&name| name.to_owned()).collect();
    certificate.subject.attributes.insert(NameAttribute::CommonName, names);
    let mut context = Context { certificate: Some(certificate), ..Context::of_client(input.client_id) };
    context.thing = input.thing.map(|name| {
        let mut thing = Thing::new(name);
        thing.attributes.insert("a".to_owned(), input.attribute.to_owned());
        thing
    });
    let publish = Request::new(Action::Publish, Arn::default().topic(input.topic), &context);
    let answer = |policies: &[Policy]| {
        let decision = evaluate(policies, &publish);
        assert_eq!(explain(policies, &publish).decision, decision);
        decision.effect
    };
    let alone = answer(std::slice::from_ref(&fuzzed));
    assert_ne!(alone, if input.deny { Verdict::Allowed } else { Verdict::ExplicitDeny });
    let with_allow = answer(&[everything("Allow"), fuzzed.clone()]);
    let expected = if alone == Verdict::ExplicitDeny { Verdict::ExplicitDeny } else { Verdict::Allowed };
    assert_eq!(with_allow, expected);
    assert_eq!(answer(&[fuzzed.clone(), everything("Deny")]), Verdict::ExplicitDeny);
    let other = Request::new(Action::Receive, publish.resource.clone(), &context);
    assert_eq!(evaluate(&[fuzzed], &other).effect, Verdict::ImplicitDeny);
});

//! Names as any text: what is no thing's name makes no policy, and no policy reaches another thing.

#![no_main]

use arbitrary::Arbitrary;
use iot_policy::{Action, Arn, Context, Policy, PolicyDocument, Request, ThingVariables, Verdict, evaluate};
use libfuzzer_sys::fuzz_target;
use sci_domain::{
    access::{ArnPrefix, Grant, PrincipalId, Scope, Scopes},
    thing::ThingName,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    thing: &'a str,
    other: &'a str,
    scopes: u8,
    leaf: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let Ok(thing) = ThingName::parse(input.thing) else { return };
    let scopes: Scopes = Scope::ALL.into_iter().enumerate().filter(|(n, _)| input.scopes >> n & 1 == 1).map(|(_, s)| s).collect();
    let prefix = ArnPrefix::parse("arn:aws:iot:eu-west-1:123456789012").unwrap();
    let documents = Grant { thing: &thing, scopes }.policies(&prefix).unwrap();
    let id = PrincipalId::of(&thing);
    assert!((1..=128).contains(&id.as_str().len()) && id.as_str().bytes().all(|b| b.is_ascii_alphanumeric()));
    assert!(documents.len() <= 10);
    let policies: Vec<Policy> = documents
        .iter()
        .map(|document| {
            assert!(document.as_str().len() <= 2048 && !document.as_str().contains("${"));
            Policy::new("p", PolicyDocument::parse(document.as_str()).unwrap())
        })
        .collect();
    let Ok(other) = ThingName::parse(input.other) else { return };
    if other == thing {
        return;
    }
    let arn = Arn::new("eu-west-1", "123456789012");
    let context = Context { thing_variables: ThingVariables::Unavailable, ..Context::of_client(thing.as_str()) };
    let denied = |action, resource: String| {
        let decision = evaluate(&policies, &Request::new(action, resource.as_str(), &context));
        assert_ne!(decision.effect, Verdict::Allowed, "{resource}");
    };
    denied(Action::Connect, arn.client(other.as_str()));
    for topic in [
        format!("sensors/{other}/data"),
        format!("sci/properties/{other}/{}", input.leaf),
        format!("$aws/things/{other}/{}", input.leaf),
    ] {
        denied(Action::Publish, arn.topic(&topic));
        denied(Action::Receive, arn.topic(&topic));
        denied(Action::Subscribe, arn.topic_filter(&topic));
    }
});

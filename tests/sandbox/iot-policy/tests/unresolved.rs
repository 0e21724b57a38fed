//! Variables without value: they compare equal to nothing and never widen an Allow.

#![allow(clippy::unwrap_used, reason = "tests")]

use iot_policy::{Action, Context, Policy, PolicyDocument, Request, Thing, Verdict, evaluate};
use serde_json::{Value, json};

fn decide(effect: &str, condition: &Value, context: &Context) -> Verdict {
    let document = json!({"Version": "2012-10-17", "Statement": {
        "Effect": effect, "Action": "iot:Connect", "Resource": "*", "Condition": condition,
    }});
    let policies = [Policy::new(
        "p",
        PolicyDocument::parse(&document.to_string()).unwrap(),
    )];
    evaluate(&policies, &Request::new(Action::Connect, "*", context)).effect
}

fn holds(condition: &Value, context: &Context) -> bool {
    decide("Allow", condition, context) == Verdict::Allowed
}

#[test]
fn an_unresolved_variable_in_a_value() {
    let variable = "${iot:Connection.Thing.ThingName}";
    let (stranger, thing) = (
        Context::of_client("c"),
        Context {
            thing: Some(Thing::new("c")),
            ..Context::of_client("c")
        },
    );
    for (operator, resolved, allow, deny) in [
        (
            "StringEquals",
            true,
            Verdict::ImplicitDeny,
            Verdict::ImplicitDeny,
        ),
        (
            "StringLike",
            true,
            Verdict::ImplicitDeny,
            Verdict::ImplicitDeny,
        ),
        (
            "StringNotEquals",
            false,
            Verdict::ImplicitDeny,
            Verdict::ExplicitDeny,
        ),
        (
            "ForAllValues:StringNotLike",
            false,
            Verdict::ImplicitDeny,
            Verdict::ExplicitDeny,
        ),
    ] {
        let condition = json!({operator: {"iot:ClientId": variable}});
        assert_eq!(holds(&condition, &thing), resolved, "{operator}");
        assert_eq!(decide("Allow", &condition, &stranger), allow, "{operator}");
        assert_eq!(decide("Deny", &condition, &stranger), deny, "{operator}");
    }
}

#[test]
fn an_unresolved_variable_in_a_resource() {
    let decide = |effect: &str, element: &str, context: &Context| {
        let resources = json!([
            "arn:aws:iot:eu-west-1:123456789012:topic/${iot:Connection.Thing.ThingName}",
            "arn:aws:iot:eu-west-1:123456789012:topic/all"
        ]);
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "iot:Publish", element: resources}});
        let policies = [Policy::new(
            "p",
            PolicyDocument::parse(&document.to_string()).unwrap(),
        )];
        let ask = |topic: &str| {
            evaluate(
                &policies,
                &Request::new(
                    Action::Publish,
                    iot_policy::Arn::default().topic(topic),
                    context,
                ),
            )
        };
        (ask("all").effect, ask("other").effect, ask("other").missing)
    };
    use Verdict::{Allowed, ExplicitDeny, ImplicitDeny};
    let stranger = Context::of_client("c");
    let thing = Context {
        thing: Some(Thing::new("c")),
        ..stranger.clone()
    };
    let missing = vec!["iot:Connection.Thing.ThingName".to_owned()];
    assert_eq!(
        decide("Allow", "Resource", &stranger),
        (Allowed, ImplicitDeny, missing.clone()),
        "the other resource still counts"
    );
    assert_eq!(
        decide("Deny", "Resource", &stranger),
        (ExplicitDeny, ImplicitDeny, missing.clone())
    );
    assert_eq!(
        decide("Allow", "NotResource", &stranger),
        (ImplicitDeny, ImplicitDeny, missing),
        "an exception that is lost must not widen"
    );
    assert_eq!(
        decide("Deny", "NotResource", &stranger),
        (ImplicitDeny, ExplicitDeny, vec![])
    );
    assert_eq!(
        decide("Allow", "NotResource", &thing),
        (ImplicitDeny, Allowed, vec![])
    );
}

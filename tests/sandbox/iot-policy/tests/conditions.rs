//! Every condition operator, with the key present, absent and of the wrong type.

#![allow(clippy::unwrap_used, reason = "tests")]

use iot_policy::{
    Action, Context, Policy, PolicyDocument, Request, Thing, ThingVariables, Verdict, evaluate,
};
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
    let allowed = decide("Allow", condition, context) == Verdict::Allowed;
    assert_eq!(
        decide("Deny", condition, context) == Verdict::ExplicitDeny,
        allowed,
        "{condition} on {context:?}"
    );
    allowed
}

/// A context with one thing attribute `x`.
fn attribute(value: &str) -> Context {
    let mut thing = Thing::new("t");
    thing.attributes.insert("x".to_owned(), value.to_owned());
    Context {
        thing: Some(thing),
        ..Context::of_client("t")
    }
}

const X: &str = "iot:Connection.Thing.Attributes[x]";

#[test]
fn comparisons() {
    for (operator, wanted, given, expected) in [
        ("StringEquals", json!(["a", "b"]), "b", true),
        ("StringEquals", json!("a*"), "ab", false),
        ("StringEquals", json!("a*"), "a*", true),
        ("StringEquals", json!("a"), "A", false),
        ("StringEquals", json!([]), "a", false),
        ("StringNotEquals", json!(["a", "b"]), "b", false),
        ("StringNotEquals", json!(["a", "b"]), "c", true),
        ("StringNotEquals", json!([]), "c", true),
        ("StringEqualsIgnoreCase", json!("ÄB"), "äb", true),
        ("StringNotEqualsIgnoreCase", json!("AB"), "ab", false),
        ("StringLike", json!("a?c*"), "abc/d", true),
        ("StringLike", json!("a${*}"), "ab", false),
        ("StringLike", json!("a${*}"), "a*", true),
        ("StringNotLike", json!("a*"), "ab", false),
        ("StringNotLike", json!("a*"), "ba", true),
        ("Bool", json!(true), "TRUE", true),
        ("Bool", json!("true"), "false", false),
        ("Bool", json!("false"), "no", false),
        ("NumericEquals", json!(10), "10.00", true),
        ("NumericEquals", json!("-0"), "0", true),
        ("NumericNotEquals", json!(10), "11", true),
        ("NumericNotEquals", json!([10, 11]), "11", false),
        ("NumericLessThan", json!("100"), "99.999", true),
        ("NumericLessThan", json!("-2"), "-10", true),
        ("NumericLessThan", json!("10"), "10", false),
        ("NumericLessThanEquals", json!("10"), "10", true),
        (
            "NumericGreaterThan",
            json!("99999999999999999999.1"),
            "99999999999999999999.2",
            true,
        ),
        ("NumericGreaterThanEquals", json!("1.5"), "1.50", true),
        ("NumericGreaterThan", json!("1"), "many", false),
        ("NumericNotEquals", json!("1"), "many", true),
        (
            "DateEquals",
            json!("2026-01-31T00:00:00Z"),
            "2026-01-31",
            true,
        ),
        (
            "DateEquals",
            json!("2026-01-31T01:00:00+01:00"),
            "1769817600",
            true,
        ),
        ("DateNotEquals", json!("2026-01-31"), "2026-02-01", true),
        (
            "DateLessThan",
            json!("2026-01-31"),
            "2026-01-30T23:59:59.999Z",
            true,
        ),
        (
            "DateLessThanEquals",
            json!("2026-01-31"),
            "2026-01-31",
            true,
        ),
        ("DateGreaterThan", json!("2026-01-31"), "2026-01-31", false),
        ("DateGreaterThanEquals", json!("2026-01-31"), "soon", false),
        ("IpAddress", json!("10.1.0.0/16"), "10.1.2.3", true),
        ("IpAddress", json!("10.1.2.3"), "10.1.2.4", false),
        (
            "IpAddress",
            json!(["10.0.0.0/8", "2001:db8::/32"]),
            "2001:db8:1::1",
            true,
        ),
        ("IpAddress", json!("::/0"), "10.0.0.1", false),
        ("NotIpAddress", json!("10.0.0.0/8"), "11.0.0.1", true),
        ("NotIpAddress", json!("10.0.0.0/8"), "10.255.255.255", false),
        (
            "ArnEquals",
            json!("arn:aws:iot:*:1:topic/a*"),
            "arn:aws:iot:eu-west-1:1:topic/a:b/c",
            true,
        ),
        (
            "ArnEquals",
            json!("arn:aws:iot:*:topic/a:x"),
            "arn:aws:iot:eu-west-1:1:topic/a",
            false,
        ),
        (
            "ArnLike",
            json!("arn:*:*:*:*:topic/?"),
            "arn:aws:iot:r:1:topic/a",
            true,
        ),
        ("ArnLike", json!("arn:*:*:*:*:*"), "topic/a", false),
        (
            "ArnNotEquals",
            json!("arn:aws:iot:r:1:topic/a"),
            "arn:aws:iot:r:1:topic/b",
            true,
        ),
        (
            "ArnNotLike",
            json!("arn:aws:iot:r:1:*"),
            "arn:aws:iot:r:1:topic/b",
            false,
        ),
        ("Null", json!("false"), "a", true),
        ("Null", json!("true"), "a", false),
    ] {
        let mut condition = json!({});
        condition[operator][X] = wanted;
        assert_eq!(
            holds(&condition, &attribute(given)),
            expected,
            "{condition} on {given}"
        );
    }
}

#[test]
fn an_absent_key() {
    for (operator, wanted, expected) in [
        ("StringEquals", "a", false),
        ("StringNotEquals", "a", true),
        ("StringLike", "*", false),
        ("StringNotLike", "*", true),
        ("ArnEquals", "arn:*:*:*:*:*", false),
        ("ArnNotLike", "arn:*:*:*:*:*", true),
        ("NumericEquals", "1", false),
        ("NumericNotEquals", "1", true),
        ("DateGreaterThan", "1970-01-01", false),
        ("DateNotEquals", "1970-01-01", true),
        ("Bool", "true", false),
        ("IpAddress", "0.0.0.0/0", false),
        ("NotIpAddress", "0.0.0.0/0", true),
        ("Null", "true", true),
        ("Null", "false", false),
        ("StringEqualsIfExists", "a", true),
        ("NumericLessThanIfExists", "1", true),
        ("StringNotEqualsIfExists", "a", true),
        ("ForAllValues:StringEquals", "a", true),
        ("ForAllValues:StringNotEquals", "a", true),
        ("ForAnyValue:StringEquals", "a", false),
        ("ForAnyValue:StringNotEquals", "a", false),
        ("ForAnyValue:StringEqualsIfExists", "a", false),
    ] {
        let mut condition = json!({});
        condition[operator][X] = json!(wanted);
        assert_eq!(
            holds(&condition, &Context::of_client("c")),
            expected,
            "{condition}"
        );
    }
    let present = json!({"StringEqualsIfExists": {X: "a"}});
    assert!(
        !holds(&present, &attribute("b")),
        "IfExists still compares a key that exists"
    );
}

#[test]
fn set_qualifiers() {
    let with = |values: &[&str]| Context {
        connect_attributes: values.iter().map(|&value| value.to_owned()).collect(),
        ..Context::of_client("c")
    };
    for (operator, values, given, expected) in [
        (
            "ForAllValues:StringEquals",
            json!(["a", "b"]),
            &["a", "b"][..],
            true,
        ),
        (
            "ForAllValues:StringEquals",
            json!(["a", "b"]),
            &["a", "c"],
            false,
        ),
        (
            "ForAllValues:StringNotEquals",
            json!(["a", "b"]),
            &["c", "d"],
            true,
        ),
        (
            "ForAllValues:StringNotEquals",
            json!(["a", "b"]),
            &["c", "a"],
            false,
        ),
        (
            "ForAnyValue:StringEquals",
            json!(["a", "b"]),
            &["c", "a"],
            true,
        ),
        (
            "ForAnyValue:StringEquals",
            json!(["a", "b"]),
            &["c", "d"],
            false,
        ),
        (
            "ForAnyValue:StringNotEquals",
            json!(["a", "b"]),
            &["a", "c"],
            true,
        ),
        (
            "ForAnyValue:StringNotEquals",
            json!(["a", "b"]),
            &["a", "b"],
            false,
        ),
        ("ForAllValues:StringLike", json!("a*"), &["a", "ab"], true),
        (
            "ForAnyValue:StringNotLike",
            json!("a*"),
            &["a", "ab"],
            false,
        ),
        ("Null", json!("false"), &["a"], true),
        ("Null", json!("true"), &[], true),
    ] {
        let condition = json!({operator: {"iot:ConnectAttributes": values}});
        assert_eq!(
            holds(&condition, &with(given)),
            expected,
            "{condition} on {given:?}"
        );
    }
}

#[test]
fn all_clauses_must_hold() {
    let condition = json!({
        "StringEquals": {"iot:ClientId": "t", X: "a"},
        "Bool": {"iot:Connection.Thing.IsAttached": "true"},
    });
    assert!(holds(&condition, &attribute("a")));
    assert!(!holds(&condition, &attribute("b")));
    assert!(!holds(
        &condition,
        &Context {
            thing: None,
            ..attribute("a")
        }
    ));
    assert!(!holds(
        &condition,
        &Context {
            thing_variables: ThingVariables::Unavailable,
            ..attribute("a")
        }
    ));
    assert!(holds(&json!({}), &Context::default()));
}

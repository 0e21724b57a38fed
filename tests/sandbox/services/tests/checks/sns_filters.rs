//! Filter policies, table-driven: policy, message, does it pass.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sns::{Pipe, text, typed};

/// A message text and its attributes: name, data type, value.
type Case<'a> = (&'a str, BTreeMap<&'a str, (&'a str, &'a str)>);

/// Publishes each message against a policy and says which arrived.
async fn passes(scope: &str, policy: Value, messages: &[Case<'_>]) -> Vec<bool> {
    let subscription =
        json!({"FilterPolicy": policy, "FilterPolicyScope": scope, "RawMessageDelivery": true});
    let pipe = Pipe::new(subscription).await;
    let mut passed = Vec::new();
    for (message, attributes) in messages {
        let mut publish = pipe.sns.publish().topic_arn(&pipe.topic).message(*message);
        for (name, (data_type, value)) in attributes {
            publish = publish.message_attributes(*name, typed(data_type, value));
        }
        publish.send().await.unwrap();
        passed.push(pipe.received().await.len() == 1);
    }
    passed
}

/// One attribute `k` of a type and value.
fn attribute(data_type: &'static str, value: &'static str) -> Case<'static> {
    ("m", BTreeMap::from([("k", (data_type, value))]))
}

fn string(value: &'static str) -> Case<'static> {
    attribute("String", value)
}

#[tokio::test]
async fn attribute_operators() {
    let none = || ("m", BTreeMap::new());
    let number = |value| attribute("Number", value);
    let list = |value| attribute("String.Array", value);
    let table = [
        (
            json!(["major", "critical"]),
            vec![
                (string("major"), true),
                (string("Major"), false),
                (none(), false),
            ],
        ),
        (
            json!([{"prefix": "prop"}]),
            vec![
                (string("property-1"), true),
                (string("p"), false),
                (number("1"), false),
            ],
        ),
        (
            json!([{"suffix": "-001"}]),
            vec![(string("property-001"), true), (string("-0010"), false)],
        ),
        (
            json!([{"equals-ignore-case": "HIGH"}]),
            vec![(string("high"), true), (string("higher"), false)],
        ),
        (
            json!([{"anything-but": ["a", "b"]}]),
            vec![
                (string("c"), true),
                (string("a"), false),
                (none(), false),
                (list("[\"a\",\"c\"]"), true),
                (list("[\"a\"]"), false),
            ],
        ),
        (
            json!([{"anything-but": {"prefix": "test-"}}]),
            vec![(string("prod-1"), true), (string("test-1"), false)],
        ),
        (
            json!([{"anything-but": 5}]),
            vec![(number("5.0"), false), (number("6"), true)],
        ),
        (
            json!([{"numeric": [">=", 35, "<", 50]}]),
            vec![
                (number("35"), true),
                (number("49.9"), true),
                (number("50"), false),
                (string("40"), false),
            ],
        ),
        (
            json!([{"numeric": ["=", 3.015e2]}]),
            vec![(number("301.5"), true), (number("301"), false)],
        ),
        (
            json!([5]),
            vec![(number("5.0"), true), (string("5"), false)],
        ),
        (
            json!([{"exists": true}]),
            vec![(string("x"), true), (none(), false)],
        ),
        (
            json!([{"exists": false}]),
            vec![(string("x"), false), (none(), true)],
        ),
        (
            json!([{"cidr": "10.1.0.0/16"}]),
            vec![
                (string("10.1.200.3"), true),
                (string("10.2.0.1"), false),
                (string("x"), false),
            ],
        ),
        (
            json!(["raise", {"prefix": "esc"}]),
            vec![
                (string("raise"), true),
                (string("escalate"), true),
                (string("clear"), false),
            ],
        ),
        (
            json!(["a"]),
            vec![
                (list("[\"b\",\"a\"]"), true),
                (list("[\"b\"]"), false),
                (list("[]"), false),
            ],
        ),
        (
            json!([true, null]),
            vec![
                (list("[true]"), true),
                (list("[null]"), true),
                (list("[false]"), false),
            ],
        ),
    ];
    for (conditions, cases) in table {
        let (messages, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
        let passed = passes("MessageAttributes", json!({"k": conditions}), &messages).await;
        assert_eq!(passed, expected, "{conditions}");
    }
}

#[tokio::test]
async fn keys_are_and_values_are_or() {
    let policy = json!({"severity": ["major", "critical"], "kind": ["temperature"]});
    let message = |severity, kind| {
        (
            "m",
            BTreeMap::from([
                ("severity", ("String", severity)),
                ("kind", ("String", kind)),
            ]),
        )
    };
    let messages = [
        message("major", "temperature"),
        message("minor", "temperature"),
        message("critical", "door"),
    ];
    assert_eq!(
        passes("MessageAttributes", policy, &messages).await,
        [true, false, false]
    );
}

#[tokio::test]
async fn or_groups() {
    let policy = json!({"source": ["sensor"], "$or": [{"severity": ["critical"]}, {"level": [{"numeric": [">", 7]}]}]});
    let message = |source, severity, level| {
        let fields = [
            ("source", ("String", source)),
            ("severity", ("String", severity)),
            ("level", ("Number", level)),
        ];
        ("m", BTreeMap::from(fields))
    };
    let messages = [
        message("sensor", "critical", "1"),
        message("sensor", "minor", "8"),
        message("sensor", "minor", "7"),
        message("camera", "critical", "9"),
    ];
    assert_eq!(
        passes("MessageAttributes", policy, &messages).await,
        [true, true, false, false]
    );
}

#[tokio::test]
async fn body_scope_looks_into_the_message() {
    let policy = json!({"alarm": {"severity": ["major"], "temp": [{"numeric": [">", 30]}]}, "tags": ["roof"]});
    let no = BTreeMap::new;
    let messages = [
        (
            r#"{"alarm": {"severity": "major", "temp": 33.2}, "tags": ["cellar", "roof"]}"#,
            no(),
        ),
        (
            r#"{"alarm": {"severity": "major", "temp": 29}, "tags": ["roof"]}"#,
            no(),
        ),
        (
            r#"{"alarm": [{"severity": "major", "temp": 33}], "tags": "roof"}"#,
            no(),
        ),
        (
            r#"{"alarm": {"severity": "major"}, "tags": ["roof"]}"#,
            no(),
        ),
        ("not json", no()),
        ("[1]", no()),
    ];
    assert_eq!(
        passes("MessageBody", policy, &messages).await,
        [true, false, true, false, false, false]
    );
}

#[tokio::test]
async fn policies_beyond_the_limits_or_the_sandbox_are_refused_by_name() {
    let pipe = Pipe::new(json!({})).await;
    let many: Vec<String> = (0..13).map(|i| i.to_string()).collect();
    for (scope, policy, part) in [
        (
            "MessageAttributes",
            json!({"a": ["1"], "b": ["1"], "c": ["1"], "d": ["1"], "e": ["1"], "f": ["1"]}),
            "5 keys",
        ),
        (
            "MessageAttributes",
            json!({"a": many, "b": many}),
            "150 combinations",
        ),
        (
            "MessageBody",
            json!({"a": {"b": {"c": many}}, "d": ["1", "2", "3", "4"]}),
            "150 combinations",
        ),
        ("MessageAttributes", json!({"a": {"b": ["1"]}}), "nested"),
        (
            "MessageAttributes",
            json!({"a": [{"wildcard": "x*"}]}),
            "wildcard",
        ),
        (
            "MessageAttributes",
            json!({"a": [{"starts-with": "x"}]}),
            "starts-with",
        ),
        (
            "MessageAttributes",
            json!({"a": [{"numeric": ["~", 1]}]}),
            "numeric",
        ),
        (
            "MessageAttributes",
            json!({"a": [{"numeric": ["=", 1e10]}]}),
            "1e9",
        ),
        ("MessageAttributes", json!({"a": []}), "Empty arrays"),
        ("MessageAttributes", json!({"a": "x"}), "array"),
        ("MessageAttributes", json!({"$or": [{"a": ["1"]}]}), "$or"),
        ("MessageAttributes", json!("text"), "object"),
    ] {
        let subscribe = pipe
            .sns
            .subscribe()
            .topic_arn(&pipe.topic)
            .protocol("email")
            .endpoint("a@example.com")
            .attributes("FilterPolicy", policy.to_string())
            .attributes("FilterPolicyScope", scope);
        let error = subscribe.send().await.unwrap_err().into_service_error();
        assert!(
            error.is_invalid_parameter_exception(),
            "{policy}: {error:?}"
        );
        assert!(
            error.meta().message().unwrap().contains(part),
            "{policy}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_filter_can_be_set_and_removed_later() {
    let pipe = Pipe::new(json!({})).await;
    let listed = pipe.sns.list_subscriptions().send().await.unwrap();
    let arn = listed.subscriptions()[0]
        .subscription_arn()
        .unwrap()
        .to_owned();
    let set = |policy: &str| {
        let call = pipe
            .sns
            .set_subscription_attributes()
            .subscription_arn(&arn)
            .attribute_name("FilterPolicy");
        call.attribute_value(policy).send()
    };
    let publish = || {
        pipe.sns
            .publish()
            .topic_arn(&pipe.topic)
            .message("m")
            .message_attributes("k", text("a"))
            .send()
    };
    set(r#"{"k": ["b"]}"#).await.unwrap();
    publish().await.unwrap();
    assert_eq!(pipe.received().await.len(), 0);
    set("").await.unwrap();
    publish().await.unwrap();
    assert_eq!(pipe.received().await.len(), 1);
}

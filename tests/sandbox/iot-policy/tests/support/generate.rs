//! Random policies, requests and contexts from a vocabulary small enough that they often meet.

use iot_policy::certificate::NameAttribute;
use iot_policy::{Action, Certificate, Context, Thing};
use serde_json::{Value, json};

use super::Random;

const ARN: &str = "arn:aws:iot:eu-west-1:123456789012:";
const NAMES: [&str; 10] = ["a", "b", "ab", "+", "#", "a*", "?", "$", "A", "a=b"];
const VARIABLES: [&str; 9] = [
    "iot:ClientId",
    "iot:ClientId",
    "iot:Connection.Thing.ThingName",
    "iot:Connection.Thing.ThingName",
    "iot:Connection.Thing.ThingTypeName",
    "iot:Connection.Thing.Attributes[k]",
    "iot:Certificate.Subject.Organization",
    "iot:Certificate.Subject.Organization.1",
    "iot:Certificate.Subject.Organization.7",
];
const KEYS: [&str; 6] = [
    "iot:ClientId",
    "iot:Connection.Thing.ThingName",
    "iot:Connection.Thing.Attributes[k]",
    "iot:Certificate.Subject.Organization",
    "iot:Connection.Thing.ThingTypeName",
    "iot:Certificate.Subject.Organization.1",
];
const TYPES: [&str; 3] = ["topic", "topicfilter", "client"];

pub(crate) fn context(random: &mut Random) -> Context {
    let mut context = Context::default();
    let name = |random: &mut Random| random.pick(&NAMES).to_owned();
    if random.chance(90) {
        context.client_id = Some(name(random));
    }
    if random.chance(70) {
        let mut thing = Thing::new(name(random));
        thing.type_name = random.chance(50).then(|| name(random));
        if random.chance(60) {
            thing.attributes.insert(
                "k".to_owned(),
                random.pick(&["a", "10", "9.5", "-3", "b#"]).to_owned(),
            );
        }
        context.thing = Some(thing);
    }
    if random.chance(60) {
        let mut certificate = Certificate::with_id("c");
        let values = (0..random.below(8)).map(|_| name(random)).collect();
        certificate
            .subject
            .attributes
            .insert(NameAttribute::Organization, values);
        context.certificate = Some(certificate);
    }
    if random.chance(70) {
        context.source_ip = Some(
            random
                .pick(&[
                    "10.0.0.1",
                    "10.0.0.200",
                    "192.0.2.7",
                    "2001:db8::1",
                    "2001:db9::1",
                ])
                .parse()
                .unwrap(),
        );
    }
    for attribute in ["PersistentConnect", "LastWill"] {
        if random.chance(30) {
            context.connect_attributes.push(attribute.to_owned());
        }
    }
    if random.chance(40) {
        context.last_will_topic = Some(format!("{ARN}topic/{}", path(random, false)));
    }
    context
}

pub(crate) fn request(random: &mut Random) -> (Action, String) {
    let actions = [
        Action::Publish,
        Action::Subscribe,
        Action::Connect,
        Action::Receive,
    ];
    let action = actions[random.below(4)];
    (
        action,
        format!("{ARN}{}/{}", random.pick(&TYPES), path(random, false)),
    )
}

fn path(random: &mut Random, pattern: bool) -> String {
    let mut levels = Vec::new();
    for _ in 0..=random.below(3) {
        levels.push(match random.below(if pattern { 5 } else { 1 }) {
            0 | 1 => random
                .pick(&NAMES[..if pattern { 5 } else { 10 }])
                .to_owned(),
            2 => format!("${{{}}}", random.pick(&VARIABLES)),
            3 => random.pick(&["*", "?", "a*", "*b", "??"]).to_owned(),
            _ => random
                .pick(&["${*}", "${?}", "${$}", "a${*}", "$"])
                .to_owned(),
        });
    }
    levels.join("/")
}

fn resource(random: &mut Random) -> String {
    match random.below(12) {
        0 => "*".to_owned(),
        1 => "arn:aws:iot:*".to_owned(),
        2 => format!("arn:*:{}/{}", random.pick(&TYPES), path(random, true)),
        3 => format!("{ARN}*/{}", path(random, true)),
        _ => format!("{ARN}{}/{}", random.pick(&TYPES), path(random, true)),
    }
}

fn one_or_many(random: &mut Random, mut make: impl FnMut(&mut Random) -> String) -> Value {
    if random.chance(50) {
        return Value::from(make(random));
    }
    (0..=random.below(3))
        .map(|_| Value::from(make(random)))
        .collect()
}

fn statement(random: &mut Random) -> Value {
    let mut statement = json!({
        "Effect": if random.chance(75) { "Allow" } else { "Deny" },
        "Action": one_or_many(random, |random| {
            random.pick(&["iot:Publish", "iot:Subscribe", "iot:Connect", "iot:Receive", "iot:*", "iot:?ub*", "*"]).to_owned()
        }),
    });
    let resources = one_or_many(random, resource);
    statement[if random.chance(85) {
        "Resource"
    } else {
        "NotResource"
    }] = resources;
    if random.chance(50) {
        let mut condition = json!({});
        for _ in 0..=random.below(2) {
            let (operator, key, values) = clause(random);
            condition[operator][key] = values;
        }
        statement["Condition"] = condition;
    }
    statement
}

fn clause(random: &mut Random) -> (String, String, Value) {
    let suffix = if random.chance(20) { "IfExists" } else { "" };
    let (operator, key, values) = match random.below(9) {
        0 => (
            "Bool",
            "iot:Connection.Thing.IsAttached",
            Value::from(random.pick(&["true", "false"])),
        ),
        1 => {
            let operator = random.pick(&["IpAddress", "NotIpAddress"]);
            let values = one_or_many(random, |random| {
                random
                    .pick(&[
                        "10.0.0.0/24",
                        "10.0.0.0/25",
                        "192.0.2.7",
                        "0.0.0.0/0",
                        "2001:db8::/32",
                        "::/0",
                    ])
                    .to_owned()
            });
            (operator, "aws:SourceIp", values)
        }
        2 => {
            let operator = random.pick(&["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"]);
            let values = one_or_many(random, |random| {
                format!("arn:aws:iot:*:123456789012:topic/{}", path(random, true))
            });
            (operator, "iot:LastWillTopic", values)
        }
        3 => {
            let orders = [
                "Equals",
                "NotEquals",
                "LessThan",
                "LessThanEquals",
                "GreaterThan",
                "GreaterThanEquals",
            ];
            let operator = format!("Numeric{}{suffix}", random.pick(&orders));
            let values = one_or_many(random, |random| {
                random.pick(&["10", "9.5", "-3.0", "0", "10.00"]).to_owned()
            });
            return (
                operator,
                "iot:Connection.Thing.Attributes[k]".to_owned(),
                values,
            );
        }
        4 => {
            let key = random.pick(&[
                "iot:ConnectAttributes",
                "iot:LastWillTopic",
                "iot:Connection.Thing.ThingName",
            ]);
            return (
                "Null".to_owned(),
                key.to_owned(),
                Value::from(random.pick(&["true", "false"])),
            );
        }
        5 | 6 => {
            let qualifier = random.pick(&["ForAllValues", "ForAnyValue"]);
            let operator = random.pick(&[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
            ]);
            if random.chance(60) {
                let values = one_or_many(random, |random| {
                    random
                        .pick(&["PersistentConnect", "LastWill", "*Connect"])
                        .to_owned()
                });
                let values = if random.chance(10) { json!([]) } else { values };
                return (
                    format!("{qualifier}:{operator}"),
                    "iot:ConnectAttributes".to_owned(),
                    values,
                );
            }
            let values = one_or_many(random, |random| path(random, true));
            return (
                format!("{qualifier}:{operator}"),
                "iot:Certificate.Subject.Organization.List".to_owned(),
                values,
            );
        }
        _ => {
            let operators = [
                "StringEquals",
                "StringNotEquals",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "StringLike",
                "StringNotLike",
            ];
            (
                random.pick(&operators),
                random.pick(&KEYS),
                one_or_many(random, |random| path(random, true)),
            )
        }
    };
    (format!("{operator}{suffix}"), key.to_owned(), values)
}

pub(crate) fn document(random: &mut Random) -> Value {
    let statements: Vec<Value> = (0..=random.below(3)).map(|_| statement(random)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

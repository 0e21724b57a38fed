//! No input makes a policy that was built for one thing allow anything on another.
//!
//! `IOT_POLICY_PAIRS` sets the number of pairs of things, `IOT_POLICY_SEED` the seed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use iot_policy::certificate::NameAttribute;
use iot_policy::limits::check_thing_name;
use iot_policy::{
    Action, Arn, Attachment, Certificate, Context, Policy, PolicyDocument, Request, Thing,
    evaluate, resolve_thing,
};
use support::{Random, setting};

/// The device policy, `NAME` standing for the thing's name or a variable.
const DEVICE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"iot:Connect","Resource":"ARN:client/NAME"},
    {"Effect":"Allow","Action":["iot:Publish","iot:RetainPublish"],
     "Resource":["ARN:topic/sensors/NAME/data","ARN:topic/sci/properties/NAME/*","ARN:topic/$aws/things/NAME/*"]},
    {"Effect":"Allow","Action":"iot:Receive","Resource":["ARN:topic/$aws/things/NAME/*","ARN:topic/sci/?/NAME/in"]},
    {"Effect":"Allow","Action":"iot:Subscribe",
     "Resource":["ARN:topicfilter/$aws/things/NAME/*","ARN:topicfilter/sci/?/NAME/in"]},
    {"Effect":"Allow","Action":["iot:*Shadow","iotjobsdata:*"],"Resource":["ARN:thing/NAME","ARN:thing/NAME/*"]}]}"#;

const HOSTILE: [&str; 24] = [
    "*",
    "?",
    "+",
    "#",
    "/",
    "//",
    "..",
    "$",
    "${",
    "}",
    "${*}",
    "${iot:ClientId}",
    "$aws",
    "$(*)",
    ":",
    "\"",
    "\\",
    "\0",
    "é",
    "\u{202e}",
    "%2f",
    "arn:aws:iot:",
    "topic/",
    " ",
];

fn device(name: &str) -> Vec<Policy> {
    let arn = Arn::default().resource("");
    let text = DEVICE.replace("NAME", name).replace("ARN:", &arn);
    vec![Policy::new("device", PolicyDocument::parse(&text).unwrap())]
}

fn thing_name(random: &mut Random) -> String {
    (0..=random.below(6))
        .map(|_| random.pick(&["a", "B", "1", "-", "_", ":"]))
        .collect()
}

/// Two different things, often with one name inside the other.
fn pair(random: &mut Random) -> (String, String) {
    let one = thing_name(random);
    let other = match random.below(4) {
        0 => format!("{one}{}", thing_name(random)),
        1 => format!("{}{one}", thing_name(random)),
        2 => one.to_uppercase(),
        _ => thing_name(random),
    };
    if random.chance(50) {
        (one, other)
    } else {
        (other, one)
    }
}

fn hostile(random: &mut Random, names: [&str; 2]) -> String {
    let piece = |random: &mut Random| {
        if random.chance(40) {
            names[random.below(2)].to_owned()
        } else {
            random.pick(&HOSTILE).to_owned()
        }
    };
    (0..random.below(5)).map(|_| piece(random)).collect()
}

/// Everything that is the other thing's, with hostile text wherever the client chooses.
fn targets(random: &mut Random, own: &str, other: &str) -> Vec<(Action, String)> {
    let arn = Arn::default();
    let text = hostile(random, [own, other]);
    let mut targets = vec![
        (Action::Connect, arn.client(other)),
        (Action::Publish, arn.topic(&format!("sensors/{other}/data"))),
        (Action::GetThingShadow, arn.thing(other)),
        (Action::UpdateThingShadow, arn.named_shadow(other, &text)),
        (Action::StartNextPendingJobExecution, arn.thing(other)),
    ];
    for prefix in ["sci/properties/", "$aws/things/"] {
        for action in [Action::Publish, Action::RetainPublish, Action::Receive] {
            targets.push((action, arn.topic(&format!("{prefix}{other}/{text}"))));
        }
        for filter in [
            format!("{prefix}{other}/{text}"),
            format!("{prefix}+/{text}"),
            format!("{prefix}#"),
            "#".to_owned(),
        ] {
            targets.push((Action::Subscribe, arn.topic_filter(&filter)));
        }
    }
    targets.push((Action::Subscribe, arn.topic_filter("sci/+/+/in")));
    targets.push((
        Action::Subscribe,
        arn.topic_filter(&format!("sci/+/{other}/in")),
    ));
    targets.push((Action::Receive, arn.topic(&format!("sci/x/{other}/in"))));
    targets
}

fn hostile_context(random: &mut Random, own: &str, other: &str) -> Context {
    let mut certificate = Certificate::with_id(hostile(random, [own, other]));
    for name in [NameAttribute::CommonName, NameAttribute::SerialNumber] {
        certificate
            .subject
            .attributes
            .insert(name, vec![hostile(random, [own, other]), other.to_owned()]);
    }
    let client_id = match random.below(3) {
        0 => own.to_owned(),
        1 => other.to_owned(),
        _ => hostile(random, [own, other]),
    };
    let mut thing = Thing::new(own);
    thing.type_name = Some(hostile(random, [own, other]));
    thing
        .attributes
        .insert("name".to_owned(), hostile(random, [own, other]));
    let attachments = [Attachment {
        thing,
        exclusive: random.chance(50),
    }];
    Context {
        thing: resolve_thing(&client_id, &attachments).cloned(),
        certificate: Some(certificate),
        domain_name: Some(other.to_owned()),
        connect_attributes: vec![hostile(random, [own, other])],
        last_will_topic: Some(Arn::default().topic(other)),
        ..Context::of_client(client_id)
    }
}

#[test]
fn no_input_reaches_another_thing() {
    let seed = setting("IOT_POLICY_SEED", 1);
    let mut random = Random(seed);
    let by_variable = device("${iot:Connection.Thing.ThingName}");
    let by_client_id = device("${iot:ClientId}");
    for case in 0..setting("IOT_POLICY_PAIRS", 10_000) {
        let (own, other) = pair(&mut random);
        if own == other {
            continue;
        }
        assert!(check_thing_name(&own).is_ok() && check_thing_name(&other).is_ok());
        let by_name = device(&own);
        let context = hostile_context(&mut random, &own, &other);
        for (action, resource) in targets(&mut random, &own, &other) {
            let request = Request::new(action, resource, &context);
            for policies in [&by_name, &by_variable] {
                let decision = evaluate(policies, &request);
                assert!(
                    !decision.is_allowed(),
                    "seed {seed} case {case}: thing `{own}`: {request:?}"
                );
            }
            // A policy by client id holds as long as the client id is the thing's: Connect decides that.
            if context.client_id.as_ref() == Some(&own) {
                assert!(
                    !evaluate(&by_client_id, &request).is_allowed(),
                    "seed {seed} case {case}: {request:?}"
                );
            }
        }
        let connect = Request::new(
            Action::Connect,
            Arn::default().client(context.client_id.as_deref().unwrap()),
            &context,
        );
        let is_own = context.client_id.as_ref() == Some(&own);
        assert_eq!(
            evaluate(&by_name, &connect).is_allowed(),
            is_own,
            "seed {seed} case {case}: {connect:?}"
        );
    }
}

#[test]
fn each_thing_reaches_what_is_its_own() {
    for policies in [device("t-1"), device("${iot:Connection.Thing.ThingName}")] {
        let context = Context {
            thing: Some(Thing::new("t-1")),
            ..Context::of_client("t-1")
        };
        let arn = Arn::default();
        for (action, resource) in [
            (Action::Connect, arn.client("t-1")),
            (Action::Publish, arn.topic("sensors/t-1/data")),
            (
                Action::Subscribe,
                arn.topic_filter("$aws/things/t-1/jobs/#"),
            ),
            (
                Action::Receive,
                arn.topic("$aws/things/t-1/shadow/update/delta"),
            ),
            (Action::UpdateThingShadow, arn.named_shadow("t-1", "config")),
        ] {
            let request = Request::new(action, resource, &context);
            assert!(evaluate(&policies, &request).is_allowed(), "{request:?}");
        }
    }
}

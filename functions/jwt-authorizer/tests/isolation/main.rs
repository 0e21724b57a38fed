//! What one device is let in for never opens anything of another one; and what its scopes promise, it may do.
//!
//! Policies are asked as AWS IoT asks them, by the crate `iot-policy`. `AUTHORIZER_PAIRS` says how many pairs of devices are tried.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod names;
#[path = "../support/mod.rs"]
mod support;
mod topics;

use std::env;

use iot_policy::{Action, Arn, Context, Policy, PolicyDocument, Request, ThingVariables, evaluate};
use jwt_authorizer::run;
use names::{name, other};
use sci_domain::{
    access::{PrincipalId, Scope, Scopes},
    thing::ThingName,
};
use serde_json::{Value, json};
use support::{Authorizer, World};
use testkit::{
    Random,
    authorizer::{AuthorizerEvent, claims_with},
    tokens::{TestKey, mint},
};
use topics::{filters_over, promised, topics_of};

/// How many others each device is tried against.
const OTHERS: u64 = 10;

/// Everything that a thing was let in for.
struct Let {
    thing: String,
    scopes: Scopes,
    policies: Vec<Policy>,
    arn: Arn,
}

impl Let {
    async fn in_as(authorizer: &Authorizer, thing: &str, scopes: Scopes) -> Self {
        let placement = ThingName::parse(thing).unwrap().placement();
        let property = placement.map_or_else(
            || "property-001".to_owned(),
            |(property, _)| property.to_string(),
        );
        let claims = json!({
            "sub": thing, "property_id": property, "scope": format!("root {scopes} Jobs:execute"),
        });
        let token = mint(TestKey::EdDsa, &claims_with(claims));
        let event = AuthorizerEvent::mqtt(thing, &token).value().to_string();
        let (answer, _) = run::answer(authorizer, &event).await;
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["isAuthenticated"], true, "{thing}");
        let documents = answer["policyDocuments"].as_array().unwrap();
        assert!(documents.len() <= 10, "{thing}");
        let read = |document: &Value| {
            let text = document.to_string();
            assert!(text.len() <= 2048, "{thing}: {text}");
            assert!(!text.contains("${"), "{thing}: a policy variable in {text}");
            Policy::new("device", PolicyDocument::parse(&text).unwrap())
        };
        Self {
            thing: thing.to_owned(),
            scopes,
            policies: documents.iter().map(read).collect(),
            arn: Arn::default(),
        }
    }

    fn allows(&self, context: &Context, action: Action, name: &str) -> bool {
        let resource = match action {
            Action::Connect => self.arn.client(name),
            Action::Subscribe => self.arn.topic_filter(name),
            _ => self.arn.topic(name),
        };
        evaluate(&self.policies, &Request::new(action, resource, context)).is_allowed()
    }

    fn keeps_its_promises(&self) {
        let thing = self.thing.as_str();
        let own = &connection(Some(thing));
        assert!(self.allows(own, Action::Connect, thing), "{thing}");
        for scope in Scope::ALL {
            for (action, name) in promised(scope, thing) {
                let granted = self.scopes.contains(scope);
                // Hearing overlaps between the two shadow scopes; speaking does not.
                if granted || action == Action::Publish {
                    assert_eq!(
                        self.allows(own, action, &name),
                        granted,
                        "{thing}: {action:?} {name} with {}",
                        self.scopes
                    );
                }
            }
        }
        // Not even its own: neither of these is anybody's scope.
        for name in [
            format!("$aws/things/{thing}/shadow/delete"),
            format!("sci/properties/{thing}/commands/x"),
            "sensors/data".to_owned(),
        ] {
            assert!(!self.allows(own, Action::Publish, &name), "{thing}: {name}");
        }
        for name in topics_of(thing) {
            assert!(
                !self.allows(own, Action::RetainPublish, &name),
                "{thing}: {name}"
            );
        }
    }

    /// Nothing of `other` is open, whoever the connection says to be.
    fn keeps_away_from(&self, other: &str, client_id: Option<&str>) {
        let Self { thing, .. } = self;
        let principal = |name: &str| PrincipalId::of(&ThingName::parse(name).unwrap());
        assert_ne!(principal(thing), principal(other));
        let context = connection(client_id);
        let allows = |action, name: &str| self.allows(&context, action, name);
        for id in [other, "+", "#", "*", "?", "", &format!("{other}/x")] {
            assert!(!allows(Action::Connect, id), "{thing} connects as {id}");
        }
        for topic in topics_of(other) {
            for action in [Action::Publish, Action::RetainPublish, Action::Receive] {
                assert!(!allows(action, &topic), "{thing}: {action:?} {topic}");
            }
        }
        for filter in filters_over(other) {
            assert!(
                !allows(Action::Subscribe, &filter),
                "{thing} hears {filter}"
            );
        }
    }
}

fn connection(client_id: Option<&str>) -> Context {
    Context {
        client_id: client_id.map(str::to_owned),
        thing_variables: ThingVariables::Unavailable,
        ..Context::default()
    }
}

/// A client id that a connection might have, whatever the policy says about that.
fn client_id<'a>(random: &mut Random, thing: &'a str, other: &'a str) -> Option<&'a str> {
    let ids = [Some(thing), Some(other), Some("+"), Some("*"), None];
    ids[random.below(ids.len() as u64) as usize]
}

#[tokio::test(flavor = "current_thread")]
async fn no_device_can_do_anything_of_another_one() {
    let pairs: u64 = env::var("AUTHORIZER_PAIRS").map_or(2000, |text| text.parse().unwrap());
    let authorizer = World::default().authorizer();
    let mut random = Random::new(20_261_120);
    let mut tried = 0;
    while tried < pairs {
        let thing = name(&mut random);
        let wanted = 1 + random.below(127);
        let scopes = Scope::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| wanted >> bit & 1 == 1);
        let allowed = Let::in_as(
            &authorizer,
            &thing,
            scopes.map(|(_, scope)| scope).collect(),
        )
        .await;
        allowed.keeps_its_promises();
        for _ in 0..OTHERS {
            let other = other(&mut random, &thing);
            let client_id = client_id(&mut random, &thing, &other);
            allowed.keeps_away_from(&other, client_id);
            tried += 1;
        }
    }
    println!("{tried} pairs of devices: none may do anything of the other one");
}

/// The test above can fail: a policy with a wildcard too many is noticed.
#[tokio::test(flavor = "current_thread")]
async fn a_wildcard_too_many_is_noticed() {
    let authorizer = World::default().authorizer();
    let allowed = Let::in_as(&authorizer, "dev1", Scopes::ALL).await;
    allowed.keeps_away_from("dev10", Some("dev10"));
    for (resource, action) in [
        ("client/dev1*", "Connect"),
        ("client/*", "Connect"),
        ("client/${iot:ClientId}", "Connect"),
        ("topic/sensors/dev1?/data", "Publish"),
        ("topic/sci/properties/*/security", "Publish"),
        ("topic/sci/properties/${iot:ClientId}/security", "Publish"),
        ("topic/$aws/things/dev1*", "Receive"),
        ("topicfilter/sci/properties/+/commands/#", "Subscribe"),
        ("topicfilter/*", "Subscribe"),
    ] {
        let document = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow", "Action": format!("iot:{action}"), "Resource": format!("{}:{resource}", support::ARN),
            }],
        });
        let wide = Let {
            policies: vec![Policy::new(
                "wide",
                PolicyDocument::parse(&document.to_string()).unwrap(),
            )],
            thing: allowed.thing.clone(),
            scopes: allowed.scopes,
            arn: allowed.arn.clone(),
        };
        let noticed = std::panic::catch_unwind(|| wide.keeps_away_from("dev10", Some("dev10")));
        assert!(noticed.is_err(), "{resource}");
    }
}

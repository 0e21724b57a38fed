//! The examples of AWS's documentation, and what they are said to do: `tests/corpus/*.json`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;

use iot_policy::certificate::NameAttribute;
use iot_policy::{
    Arn, Certificate, Context, Policy, PolicyDocument, Request, Thing, evaluate, lint,
};
use serde_json::Value;

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn context(case: &Value) -> Context {
    let text = |name: &str| {
        case.get(name)
            .map(|value| value.as_str().unwrap().to_owned())
    };
    let certificate = case.get("organization").map(|values| {
        let mut certificate = Certificate::with_id("id");
        certificate
            .subject
            .attributes
            .insert(NameAttribute::Organization, texts(values));
        certificate
    });
    Context {
        client_id: text("client_id"),
        source_ip: text("source_ip").map(|ip| ip.parse().unwrap()),
        thing: text("thing").map(Thing::new),
        certificate,
        connect_attributes: case
            .get("connect_attributes")
            .map(texts)
            .unwrap_or_default(),
        last_will_topic: text("last_will_topic").map(|topic| Arn::default().topic(&topic)),
        ..Context::default()
    }
}

#[test]
fn documented_examples_do_what_is_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut cases = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let corpus: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for example in corpus["examples"].as_array().unwrap() {
            let about = format!("{}: {}", file.display(), example["about"]);
            let documents = example["policies"].as_array().unwrap().iter();
            let parse = |document: &Value| {
                PolicyDocument::parse(&document.to_string())
                    .unwrap_or_else(|why| panic!("{about}: {why}"))
            };
            let policies: Vec<_> = documents
                .map(|document| Policy::new("p", parse(document)))
                .collect();
            for case in example["cases"].as_array().unwrap() {
                cases += 1;
                let resource = match case["resource"].as_str().unwrap() {
                    "*" => "*".to_owned(),
                    tail => Arn::default().resource(tail),
                };
                let context = context(case);
                let request = Request::new(
                    case["action"].as_str().unwrap().parse().unwrap(),
                    resource,
                    &context,
                );
                let decision = evaluate(&policies, &request);
                assert_eq!(
                    decision.effect.to_string(),
                    case["expect"].as_str().unwrap(),
                    "{about}: {case}"
                );
                if let Some(missing) = case.get("missing") {
                    assert_eq!(decision.missing, texts(missing), "{about}: {case}");
                }
            }
            if let Some(codes) = example.get("lint") {
                let found: BTreeSet<_> = policies
                    .iter()
                    .flat_map(lint)
                    .map(|finding| finding.code.to_string())
                    .collect();
                assert_eq!(found, texts(codes).into_iter().collect(), "{about}");
            }
        }
    }
    assert!(cases >= 150, "only {cases} cases were found");
}

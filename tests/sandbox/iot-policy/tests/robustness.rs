//! Whatever comes in, the answer is a value or a named error; never a panic, never a long wait.

#![allow(clippy::unwrap_used, reason = "tests")]

use iot_policy::glob::Glob;
use iot_policy::key::Key;
use iot_policy::pattern::{Pattern, Wildcards};
use iot_policy::{Action, Context, Policy, PolicyDocument, Request, evaluate, explain, lint};
use proptest::prelude::*;

fn exercise(document: PolicyDocument, resource: &str) {
    let policies = [Policy::new("p", document)];
    let context = Context::of_client(resource);
    for &action in Action::ALL {
        let request = Request::new(action, resource, &context);
        let decision = evaluate(&policies, &request);
        let explanation = explain(&policies, &request);
        assert_eq!(explanation.decision, decision);
        assert!(!explanation.to_string().is_empty());
    }
    assert!(
        lint(&policies[0])
            .iter()
            .all(|finding| !finding.message.is_empty())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(PolicyDocument::parse(&text).is_err());
    }

    #[test]
    fn any_texts_in_a_policy(resource in "(\\*|arn:)\\PC{0,40}", value in "\\PC{0,20}", given in "\\PC{0,40}") {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": resource, "Condition": {"StringLike": {"iot:ClientId": value}},
        }});
        if let Ok(document) = PolicyDocument::parse(&document.to_string()) {
            exercise(document, &given);
        }
    }

    #[test]
    fn any_pattern(text in "[ab*?${}():.éiot]{0,30}", given in "[ab*?$é]{0,20}") {
        let _ = Glob::parse(&text).matches(&given);
        for wildcards in [Wildcards::Active, Wildcards::Literal] {
            if let Ok(pattern) = Pattern::parse(&text, wildcards) {
                prop_assert_eq!(pattern.as_str(), &text);
                if let Ok(glob) = pattern.resolve(&Context::of_client(given.as_str())) {
                    let _ = glob.matches(&given);
                }
            }
        }
    }

    #[test]
    fn a_key_prints_as_it_was_read(name in "(iot|aws):(Certificate\\.(Subject|Issuer)\\.(AlternativeName\\.)?)?[A-Za-z]{1,12}(\\.List|\\.[0-9]|\\[[a-z]\\])?") {
        if let Some(key) = Key::parse(&name) {
            prop_assert_eq!(key.to_string(), name);
        }
    }

    #[test]
    fn a_text_without_wildcards_covers_only_itself(text in "[a-z0-9/+#:_.-]{0,20}", other in "[a-z0-9/+#:_.-]{0,20}") {
        prop_assert!(Glob::parse(&text).matches(&text));
        prop_assert_eq!(Glob::parse(&text).matches(&other), text == other);
    }

    #[test]
    fn a_substituted_value_is_literal(client_id in "\\PC{0,12}", other in "\\PC{0,12}") {
        let pattern = Pattern::parse("a/${iot:ClientId}/b", Wildcards::Active).unwrap();
        let glob = pattern.resolve(&Context::of_client(client_id.as_str())).unwrap();
        let (own, foreign) = (format!("a/{client_id}/b"), format!("a/{other}/b"));
        prop_assert!(glob.matches(&own));
        prop_assert_eq!(glob.matches(&foreign), client_id == other);
    }
}

#[test]
fn deep_and_long_documents_are_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(PolicyDocument::parse(&deep).is_err());
    let long = " ".repeat(404_601);
    let why = PolicyDocument::parse(&long).unwrap_err().to_string();
    assert_eq!(
        why,
        "404601 characters are more than the 404600 that CreatePolicy takes"
    );
}

#[test]
fn the_longest_document_is_answered_and_linted() {
    let resource = format!("arn:aws:iot:*{}", "*a?".repeat(600));
    let statement = |action: &str| serde_json::json!({"Effect": "Deny", "Action": action, "Resource": [resource, resource]});
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [statement("iot:Publish"), statement("*")]});
    exercise(
        PolicyDocument::parse(&document.to_string()).unwrap(),
        &format!("arn:aws:iot:{}", "a".repeat(500)),
    );
}

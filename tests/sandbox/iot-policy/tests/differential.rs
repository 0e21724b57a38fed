//! The engine against the second implementation, on random cases.
//!
//! `IOT_POLICY_PATTERNS` and `IOT_POLICY_EVALUATIONS` set the number of cases, `IOT_POLICY_SEED` the seed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::HashMap;

use iot_policy::glob::Glob;
use iot_policy::{Policy, PolicyDocument, Request, Verdict, evaluate, explain};
use support::oracle::{chars, decide, plain, spells};
use support::{Random, generate, setting};

fn text(random: &mut Random, alphabet: &[&str], longest: usize) -> String {
    (0..random.below(longest + 1))
        .map(|_| random.pick(alphabet))
        .collect()
}

#[test]
fn matcher() {
    let seed = setting("IOT_POLICY_SEED", 1);
    let mut random = Random(seed);
    let mut matched = 0_u64;
    let cases = setting("IOT_POLICY_PATTERNS", 1_000_000);
    for case in 0..cases {
        let pattern = text(&mut random, &["a", "b", "/", "é", "*", "*", "?", "+"], 7);
        let given = text(&mut random, &["a", "a", "b", "/", "é", "+", "*"], 6);
        let expected = spells(&plain(&pattern), &chars(&given));
        matched += u64::from(expected);
        assert_eq!(
            Glob::parse(&pattern).matches(&given),
            expected,
            "seed {seed} case {case}: `{pattern}` on `{given}`"
        );
    }
    assert!(
        matched > cases / 20,
        "only {matched} of {cases} cases match: the test has become hollow"
    );
}

#[test]
fn evaluation() {
    let seed = setting("IOT_POLICY_SEED", 1);
    let mut random = Random(seed);
    let mut counts = HashMap::new();
    let cases = setting("IOT_POLICY_EVALUATIONS", 100_000);
    let mut policies = Vec::new();
    let mut documents = Vec::new();
    for case in 0..cases {
        // Several questions to the same policies: reading them is the dear part.
        if case % 5 == 0 {
            documents = (0..=random.below(2))
                .map(|_| generate::document(&mut random))
                .collect();
            policies = documents
                .iter()
                .map(|json| Policy::new("p", PolicyDocument::parse(&json.to_string()).unwrap()))
                .collect();
        }
        let context = generate::context(&mut random);
        let (action, resource) = generate::request(&mut random);
        let expected = decide(&documents, action.as_str(), &resource, &context);
        *counts.entry(expected).or_insert(0) += 1;
        let request = Request::new(action, resource, &context);
        let decision = evaluate(&policies, &request);
        assert_eq!(
            decision.effect, expected,
            "seed {seed} case {case}: {request:?} on {documents:#?}"
        );
        assert_eq!(
            decision.decided_by.is_none(),
            expected == Verdict::ImplicitDeny
        );
        assert_eq!(explain(&policies, &request).decision, decision);
    }
    for verdict in [
        Verdict::Allowed,
        Verdict::ExplicitDeny,
        Verdict::ImplicitDeny,
    ] {
        let count = counts.get(&verdict).copied().unwrap_or(0);
        assert!(
            count > cases / 20,
            "only {count} of {cases} cases are {verdict}: the test has become hollow"
        );
    }
}

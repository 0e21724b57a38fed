//! Any text is a policy document or a named error; what can be read can be asked, explained and linted.

#![no_main]

use iot_policy::{Action, Context, Policy, PolicyDocument, Request, evaluate, explain, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match PolicyDocument::parse(text) {
        Err(why) => assert!(!why.to_string().is_empty()),
        Ok(document) => {
            let policies = [Policy::new("p", document)];
            let context = Context::of_client("client");
            for &action in Action::ALL {
                let request = Request::new(action, "arn:aws:iot:eu-west-1:123456789012:topic/a", &context);
                assert_eq!(explain(&policies, &request).decision, evaluate(&policies, &request));
            }
            let _ = lint(&policies[0]);
        }
    }
});

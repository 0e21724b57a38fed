//! The public vectors of Project Wycheproof (`tests/wycheproof`), on the very code that tokens go through.

mod jose;
mod signatures;

use serde_json::Value;

/// The vectors of a file: each test with the group that it stands in.
fn vectors(file: &str) -> Vec<(Value, Value)> {
    let mut file: Value = serde_json::from_str(file).unwrap();
    let Value::Array(groups) = file["testGroups"].take() else {
        panic!("no groups");
    };
    let vectors: Vec<_> = groups
        .into_iter()
        .flat_map(|mut group| {
            let Value::Array(tests) = group["tests"].take() else {
                panic!("no tests");
            };
            tests.into_iter().map(move |test| (group.clone(), test))
        })
        .collect();
    assert_eq!(file["numberOfTests"], vectors.len());
    vectors
}

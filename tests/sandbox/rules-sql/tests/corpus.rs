//! Runs the cases under `tests/corpus`; their form is described in the README there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use base64::Engine as _;
use rules_sql::{
    Evaluation, Message, NoExternal, Output, SqlVersion, Statement, Template, Variables,
};

type Case = BTreeMap<String, String>;

const KEYS: [&str; 10] = [
    "case",
    "sql",
    "template",
    "topic",
    "payload",
    "payload-base64",
    "version",
    "expect",
    "error",
    "refused",
];

fn cases() -> Vec<(String, Case)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "txt"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut names = HashSet::new();
        for block in text.split("\n\n") {
            let mut case = Case::new();
            let mut last = String::new();
            for line in block
                .lines()
                .filter(|l| !l.starts_with('#') && !l.is_empty())
            {
                if let Some(more) = line.strip_prefix("  ") {
                    let value = case.get_mut(&last).unwrap();
                    value.push('\n');
                    value.push_str(more);
                    continue;
                }
                let (key, value) = line
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{file}: {line}"));
                assert!(KEYS.contains(&key), "{file}: unknown key {key}");
                last = key.to_owned();
                let value = value.strip_prefix(' ').unwrap_or(value);
                assert!(
                    case.insert(last.clone(), value.to_owned()).is_none(),
                    "{file}: {line}"
                );
            }
            if case.is_empty() {
                continue;
            }
            let name = case
                .get("case")
                .unwrap_or_else(|| panic!("{file}: {block}"));
            assert!(names.insert(name.clone()), "{file}: two cases {name}");
            cases.push((format!("{file}: {name}"), case));
        }
    }
    cases
}

fn version(case: &Case) -> SqlVersion {
    case.get("version")
        .map_or(SqlVersion::V20160323, |v| v.parse().unwrap())
}

/// What a case does, in the words of its expectation.
fn outcome(case: &Case) -> (&'static str, String) {
    let payload = match case.get("payload-base64") {
        Some(text) => base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap(),
        None => case
            .get("payload")
            .map_or("{}", String::as_str)
            .as_bytes()
            .to_vec(),
    };
    let topic = case.get("topic").map_or("a/b", String::as_str);
    let message = Message {
        now_ms: 1_700_000_000_000,
        ..Message::new(topic, &payload)
    };
    if let Some(text) = case.get("template") {
        let template = match Template::parse_as(text, version(case)) {
            Ok(template) => template,
            Err(error) => return ("refused", error.to_string()),
        };
        return match template.render(&message, &Variables::default(), &NoExternal) {
            Ok(text) => ("expect", text),
            Err(error) => ("error", error.to_string()),
        };
    }
    let statement = match Statement::parse(&case["sql"], version(case)) {
        Ok(statement) => statement,
        Err(error) => return ("refused", error.to_string()),
    };
    match statement.evaluate(&message, &NoExternal) {
        Ok(Evaluation::NoMatch) => ("expect", "NOMATCH".to_owned()),
        Ok(Evaluation::Match(selected)) => match selected.output {
            Output::Json(text) => ("expect", text),
            Output::Raw(bytes) => {
                assert_eq!(bytes, payload);
                ("expect", "RAW".to_owned())
            }
            Output::Undefined => ("expect", "UNDEFINED".to_owned()),
        },
        Err(error) => ("error", error.to_string()),
    }
}

#[test]
fn every_case() {
    let cases = cases();
    assert!(cases.len() > 150, "only {} cases were found", cases.len());
    let mut failures = Vec::new();
    for (name, case) in &cases {
        let (kind, found) = outcome(case);
        let passed = match case.get(kind) {
            Some(expected) if kind == "expect" => *expected == found,
            Some(part) => found.contains(part),
            None => false,
        };
        if !passed {
            failures.push(format!("{name}\n  found {kind}: {found}\n  case  {case:?}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

#[test]
fn printing_and_reading_again_changes_nothing() {
    for (name, case) in cases() {
        if let Some(sql) = case.get("sql")
            && let Ok(statement) = Statement::parse(sql, version(&case))
        {
            let printed = statement.to_string();
            let again = Statement::parse(&printed, version(&case))
                .unwrap_or_else(|e| panic!("{name}: {printed}: {e}"));
            assert_eq!(again, statement, "{name}: {printed}");
            assert_eq!(again.to_string(), printed, "{name}");
        }
        if let Some(text) = case.get("template")
            && let Ok(template) = Template::parse_as(text, version(&case))
        {
            let printed = template.to_string();
            assert_eq!(
                Template::parse_as(&printed, version(&case)),
                Ok(template),
                "{name}: {printed}"
            );
        }
    }
}

//! `events/<function>/<outcome>-<case>.json`: replayed on fakes, with what their names promise asserted.

use std::{collections::BTreeSet, fs, path::PathBuf};

use sci_lambda::{
    Handle,
    answer::{Answer, Outcome},
};
use serde_json::Value;

use crate::{Fakes, log_scan::LogScan};

/// How many newer messages push a message out of the window in which late ones still count.
const NEWER: u64 = sci_domain::alarm::record::REORDER_WINDOW as u64 + 1;

/// What stands in the column "after" for generated messages.
const NEWER_MESSAGES: &str = "newer messages";

/// One file with what is handled before it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file's name.
    pub name: String,
    /// The event as the file has it.
    pub event: String,
    /// The events before it.
    pub before: Vec<String>,
}

/// Where the files are.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// The text of one file.
///
/// # Panics
/// When there is no such file.
#[must_use]
pub fn event(function: &str, file: &str) -> String {
    let path = folder().join(function).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a function's table in `events/README.md`; the first cell names a file.
///
/// # Panics
/// When a file is not listed, or a listed one does not exist, or the same one is listed twice.
#[must_use]
pub fn rows(function: &str) -> Vec<String> {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let heading = format!("## `{function}`");
    let section = readme.split("\n## ").map(|section| format!("## {section}"));
    let section = section
        .into_iter()
        .find(|section| section.starts_with(&heading));
    let section = section.unwrap_or_else(|| panic!("events/README.md has no section {heading}"));
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let rows: Vec<_> = rows.map(str::to_owned).collect();

    let listed: BTreeSet<_> = rows.iter().map(|row| cells(row)[0].clone()).collect();
    assert_eq!(listed.len(), rows.len(), "a file is listed twice");
    let files = fs::read_dir(folder().join(function)).unwrap();
    let found = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        found.collect::<BTreeSet<_>>(),
        listed,
        "events/README.md and the folder"
    );
    rows
}

/// The cells of a row, the first without its backticks.
fn cells(row: &str) -> Vec<String> {
    let inner = row.trim_matches('|').split('|');
    let mut cells: Vec<_> = inner.map(|cell| cell.trim().to_owned()).collect();
    cells[0] = cells[0].trim_matches('`').to_owned();
    cells
}

/// The files of a function as `events/README.md` lists them, with what is handled before each.
///
/// # Panics
/// As [`rows`] does.
#[must_use]
pub fn cases(function: &str) -> Vec<Case> {
    let rows = rows(function);
    rows.iter().map(|row| case(function, row)).collect()
}

fn case(function: &str, row: &str) -> Case {
    let cells = cells(row);
    let name = cells[0].clone();
    let text = event(function, &name);
    let before = match cells[1].as_str() {
        "" => Vec::new(),
        NEWER_MESSAGES => (1..=NEWER).map(|i| newer(&text, i)).collect(),
        files => files
            .split(", ")
            .map(|file| event(function, file.trim_matches('`')))
            .collect(),
    };
    Case {
        name,
        event: text,
        before,
    }
}

/// The same message `seconds` later.
fn newer(event: &str, seconds: u64) -> String {
    let mut later: Value = serde_json::from_str(event).unwrap();
    for name in ["received_at", "device_timestamp"] {
        if let Some(millis) = later[name].as_u64() {
            later[name] = (millis + seconds * 1000).into();
        }
    }
    later.to_string()
}

/// Replays every file of `function` in a world of its own, on a handler that `make` builds.
///
/// # Panics
/// When an answer or an effect is not what the file's name promises, or a secret or payload is logged.
pub async fn replay<H: Handle<Answer = Answer>>(function: &str, make: impl Fn(&Fakes) -> H) {
    for case in cases(function) {
        let fakes = Fakes::default();
        let handler = make(&fakes);
        for event in &case.before {
            handler.handle(event).await.unwrap();
        }
        let kept = fakes.refused.kept().len();
        let logs = LogScan::start();
        let answer = handler.handle(&case.event).await.unwrap();
        // In base64 every JSON object begins with "eyJ", so this finds payloads too.
        logs.assert_clean(&[]);
        assert_outcome(&case.name, &answer);
        let newly_kept = fakes.refused.kept().split_off(kept);
        if answer.outcome == Outcome::Refused {
            let [(refusal, event)] = newly_kept.as_slice() else {
                panic!("{}: not kept once", case.name);
            };
            assert_eq!(event, &case.event, "{}: kept verbatim", case.name);
            assert_eq!(Some(refusal.reason.code()), answer.reason, "{}", case.name);
        } else {
            assert!(newly_kept.is_empty(), "{}", case.name);
        }
        assert!(
            fakes.store.outbox().is_empty(),
            "{}: told at once",
            case.name
        );
    }
}

/// The reasons that the files of `function` show.
#[must_use]
pub fn reasons(function: &str) -> BTreeSet<String> {
    let cases = cases(function);
    cases
        .iter()
        .filter_map(|case| refused_for(&case.name))
        .collect()
}

/// `refuse-<reason>.json` or `refuse-<reason>--<case>.json`; `malformed-<case>.json`.
fn refused_for(file: &str) -> Option<String> {
    let stem = file.strip_suffix(".json").expect("a JSON file");
    if stem.starts_with("malformed-") {
        return Some("malformed-event".to_owned());
    }
    let reason = stem.strip_prefix("refuse-")?;
    Some(reason.split("--").next().unwrap_or(reason).to_owned())
}

fn assert_outcome(file: &str, answer: &Answer) {
    if let Some(reason) = refused_for(file) {
        assert_eq!(answer.outcome, Outcome::Refused, "{file}: {answer:?}");
        assert_eq!(answer.reason, Some(reason.as_str()), "{file}: {answer:?}");
        return;
    }
    let transitions = [
        ("raise-", "raised"),
        ("escalate-", "escalated"),
        ("deescalate-", "de_escalated"),
        ("clear-", "cleared"),
    ];
    if let Some((_, told)) = transitions
        .iter()
        .find(|(prefix, _)| file.starts_with(prefix))
    {
        assert_eq!(answer.transition, Some(*told), "{file}: {answer:?}");
        return;
    }
    let outcomes = [
        ("store-", Outcome::Stored),
        ("quiet-", Outcome::Quiet),
        ("duplicate-", Outcome::Duplicate),
        ("late-", Outcome::Late),
        ("record-", Outcome::Recorded),
        ("ignore-", Outcome::Ignored),
        ("sweep-", Outcome::Swept),
        ("acknowledge-", Outcome::Acknowledged),
        ("notactive-", Outcome::NotActive),
    ];
    let found = outcomes.iter().find(|(prefix, _)| file.starts_with(prefix));
    let (_, outcome) = found.unwrap_or_else(|| panic!("{file} begins with no known outcome"));
    assert_eq!(answer.outcome, *outcome, "{file}: {answer:?}");
    assert_eq!(answer.transition, None, "{file}: {answer:?}");
}

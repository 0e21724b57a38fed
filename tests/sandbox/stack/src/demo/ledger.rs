//! The account of every message: received = stored + quiet + duplicate + … + refused + dead-lettered, compared with what
//! the tables, queues and topics really hold.

use std::collections::{BTreeMap, BTreeSet};

use lambda_host::{Invocation, Kind, Outcome};
use serde_json::Value;

/// What became of one event, after its last attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// The function's own word: `stored`, `quiet`, `duplicate`, `refused`, …
    Answered(String),
    /// Every attempt failed; the event is in the failure queue.
    DeadLettered,
}

/// The account of one function.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Events by fate; sweeps and operators' commands are not messages and are left out.
    pub(crate) fates: BTreeMap<Fate, usize>,
    /// Reasons of the refused ones.
    pub(crate) reasons: BTreeMap<String, usize>,
}

impl Account {
    pub(crate) fn received(&self) -> usize {
        self.fates.values().sum()
    }

    pub(crate) fn count(&self, outcome: &str) -> usize {
        self.fates
            .get(&Fate::Answered(outcome.to_owned()))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn dead_lettered(&self) -> usize {
        self.fates
            .get(&Fate::DeadLettered)
            .copied()
            .unwrap_or_default()
    }
}

/// Accounts by function, out of everything that ran.
pub(crate) fn accounts(history: &[Invocation]) -> BTreeMap<String, Account> {
    let mut last: BTreeMap<(&str, &str), &Invocation> = BTreeMap::new();
    for invocation in history.iter().filter(|i| i.kind == Kind::Async) {
        last.insert((&invocation.function, &invocation.request_id), invocation);
    }
    let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
    let lost = history.iter().filter(|i| i.outcome == Outcome::Lost);
    let lost: BTreeSet<_> = lost.map(|i| i.request_id.clone()).collect();
    for ((function, _), invocation) in last {
        if !is_message(&invocation.payload) {
            continue;
        }
        let account = accounts.entry(function.to_owned()).or_default();
        let fate = match &invocation.outcome {
            Outcome::Ok(answer) => {
                let answer = serde_json::from_slice(answer).unwrap_or(Value::Null);
                if let Some(reason) = text(&answer, "reason") {
                    *account.reasons.entry(reason).or_default() += 1;
                }
                let outcome = text(&answer, "outcome").unwrap_or_else(|| "no outcome".into());
                // A retry that finds its own work done: the attempt before it stored the message, and could not say so.
                let own = outcome == "duplicate" && lost.contains(&invocation.request_id);
                Fate::Answered(if own { "stored".into() } else { outcome })
            }
            _ => Fate::DeadLettered,
        };
        *account.fates.entry(fate).or_default() += 1;
    }
    accounts
}

/// Ids of all notifications that functions said they decided.
pub(crate) fn decided_notifications(history: &[Invocation]) -> BTreeSet<String> {
    let answers = history
        .iter()
        .filter_map(|invocation| match &invocation.outcome {
            Outcome::Ok(answer) => serde_json::from_slice::<Value>(answer).ok(),
            _ => None,
        });
    answers
        .filter_map(|answer| text(&answer, "notification_id"))
        .collect()
}

fn is_message(payload: &[u8]) -> bool {
    let kind = serde_json::from_slice::<Value>(payload)
        .ok()
        .and_then(|event| text(&event, "type"));
    !matches!(kind.as_deref(), Some("sweep" | "acknowledge"))
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}

//! Metrics as log lines in CloudWatch's embedded metric format: no call, no agent.
//!
//! Source: CloudWatch User Guide, "Specification: Embedded metric format".

use std::io::{Write as _, stdout};

use sci_domain::{ports::FailureKind, timestamp::Timestamp};
use serde_json::{Map, Value, json};

use crate::answer::Answer;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "SCI/PropertyIoT";

/// A count with its dimensions. Names and values of dimensions come from our own enumerations, so that their number is
/// bounded: each combination is a metric that costs money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    name: &'static str,
    value: usize,
    dimension: Option<(&'static str, &'static str)>,
}

impl Count {
    /// A count of `value` without a dimension of its own.
    #[must_use]
    pub const fn new(name: &'static str, value: usize) -> Self {
        Self {
            name,
            value,
            dimension: None,
        }
    }

    /// The same count in a dimension.
    #[must_use]
    pub const fn by(self, dimension: &'static str, value: &'static str) -> Self {
        Self {
            dimension: Some((dimension, value)),
            ..self
        }
    }

    /// What an answered message counts as: `Messages` by `outcome`, `Refusals` by `reason`, and what needs attention.
    #[must_use]
    pub fn of_answer(answer: &Answer) -> Vec<Self> {
        let mut counts = vec![Self::new("Messages", 1).by("outcome", answer.outcome.as_str())];
        if let Some(reason) = answer.reason {
            counts.push(Self::new("Refusals", 1).by("reason", reason));
        }
        if let Some(transition) = answer.transition {
            counts.push(Self::new("Transitions", 1).by("transition", transition));
        }
        let undelivered = answer.undelivered_notifications();
        if undelivered > 0 {
            counts.push(Self::new("Undelivered", undelivered));
        }
        if answer.invalid_override.is_some() {
            counts.push(Self::new("InvalidOverride", 1));
        }
        counts
    }

    /// What a failed message counts as. Lambda tries it again, so one message may fail more than once.
    #[must_use]
    pub fn of_failure(kind: FailureKind) -> Vec<Self> {
        let kind = match kind {
            FailureKind::Throttled => "throttled",
            FailureKind::Unavailable => "unavailable",
            FailureKind::Misconfigured => "misconfigured",
        };
        vec![
            Self::new("Messages", 1).by("outcome", "failed"),
            Self::new("Failures", 1).by("kind", kind),
        ]
    }
}

/// One line in embedded metric format.
#[must_use]
pub fn emf(function: &str, count: &Count, at: Timestamp) -> String {
    let mut dimensions = vec!["function"];
    let mut line = Map::new();
    line.insert("function".to_owned(), function.into());
    if let Some((dimension, value)) = count.dimension {
        dimensions.push(dimension);
        line.insert(dimension.to_owned(), value.into());
    }
    line.insert(count.name.to_owned(), count.value.into());
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at.as_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [dimensions],
                "Metrics": [{ "Name": count.name, "Unit": "Count" }],
            }],
        }),
    );
    Value::Object(line).to_string()
}

/// Writes `counts` to standard output, where Lambda's log agent reads them.
pub fn emit(function: &str, counts: &[Count], at: Timestamp) {
    let lines = counts.iter().map(|count| emf(function, count, at) + "\n");
    // A closed standard output must not fail a message that was handled.
    let _ = stdout()
        .lock()
        .write_all(lines.collect::<String>().as_bytes());
}

#[cfg(test)]
mod tests {
    use sci_domain::refusal::Reason;

    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let counts = Count::of_answer(&Answer::refused(Reason::UnitMixUp));
        let lines: Vec<Value> = counts
            .iter()
            .map(|count| emf("high-temp-processor", count, Timestamp::default()))
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect();
        let names: Vec<_> = lines
            .iter()
            .map(|line| line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"].clone())
            .collect();
        assert_eq!(names, ["Messages", "Refusals"]);
        for line in &lines {
            let metric = &line["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(metric["Namespace"], NAMESPACE);
            // Every dimension and the metric itself must stand in the line, else CloudWatch drops it.
            for dimension in metric["Dimensions"][0].as_array().unwrap() {
                assert!(line[dimension.as_str().unwrap()].is_string());
            }
            assert_eq!(line[metric["Metrics"][0]["Name"].as_str().unwrap()], 1);
        }
        assert_eq!(lines[1]["reason"], "unit-mix-up");
    }
}

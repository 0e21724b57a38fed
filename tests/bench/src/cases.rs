//! The events that are measured: one file of `events/` for each amount of work, with the answer that shows that the work
//! was done.

use serde_json::Value;

/// An event with what must become of it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is, for the table.
    pub label: &'static str,
    /// The function that gets it.
    pub function: &'static str,
    /// The event as JSON text.
    pub event: &'static str,
    outcome: &'static str,
    transition: Option<&'static str>,
}

/// All cases. The stub finds nothing, so each event meets a thing without history, every time.
pub const CASES: [Case; 5] = [
    Case {
        label: "quiet reading",
        function: "high-temp-processor",
        event: include_str!("../../../events/high-temp-processor/quiet-cool.json"),
        outcome: "quiet",
        transition: None,
    },
    Case {
        label: "hot reading",
        function: "high-temp-processor",
        event: include_str!("../../../events/high-temp-processor/store-warm.json"),
        outcome: "stored",
        transition: None,
    },
    RAISING,
    Case {
        label: "refused reading",
        function: "high-temp-processor",
        event: include_str!("../../../events/high-temp-processor/refuse-wrong-type.json"),
        outcome: "refused",
        transition: None,
    },
    Case {
        label: "security alert",
        function: "security-alert-processor",
        event: include_str!("../../../events/security-alert-processor/raise-forced-entry.json"),
        outcome: "stored",
        transition: Some("raised"),
    },
];

const RAISING: Case = Case {
    label: "raising reading",
    function: "high-temp-processor",
    event: include_str!("../../../events/high-temp-processor/raise-hot.json"),
    outcome: "stored",
    transition: Some("raised"),
};

/// The case of `function` that does the most, for the first event after a start.
#[must_use]
pub fn heaviest(function: &str) -> Option<&'static Case> {
    CASES
        .iter()
        .find(|case| case.function == function && case.transition.is_some())
}

impl Case {
    /// Whether `answer` is the one that the event must get.
    #[must_use]
    pub fn is_answered_by(&self, answer: &str) -> bool {
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        let text = |name| answer.get(name).and_then(Value::as_str);
        text("outcome") == Some(self.outcome) && text("transition") == self.transition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_work_that_was_meant_counts() {
        assert!(
            RAISING.is_answered_by(
                r#"{"outcome":"stored","transition":"raised","severity":"warning"}"#
            )
        );
        for answer in [
            r#"{"outcome":"refused","reason":"thing-invalid"}"#,
            r#"{"outcome":"stored"}"#,
            "null",
            "",
        ] {
            assert!(!RAISING.is_answered_by(answer), "{answer}");
        }
    }

    #[test]
    fn every_function_has_a_heaviest_case() {
        for case in &CASES {
            assert!(heaviest(case.function).is_some());
        }
    }
}

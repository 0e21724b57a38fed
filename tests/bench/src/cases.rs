//! The events that are measured, one for each amount of work, with the answer that shows that the work was done.

use serde_json::{Value, json};

use crate::machine;

/// An event with what must become of it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is, for the table.
    pub label: &'static str,
    /// The function that gets it.
    pub function: &'static str,
    /// The answer's `outcome`.
    pub outcome: &'static str,
    /// The answer's `transition`.
    pub transition: Option<&'static str>,
    event: fn() -> Value,
}

/// All cases. The stub finds nothing, so each event meets a thing without history, every time.
pub const CASES: [Case; 5] = [
    Case {
        label: "quiet reading (21.5 °C)",
        function: "high-temp-processor",
        outcome: "quiet",
        transition: None,
        event: || reading(json!(21.5)),
    },
    Case {
        label: "hot reading (31.5 °C)",
        function: "high-temp-processor",
        outcome: "stored",
        transition: None,
        event: || reading(json!(31.5)),
    },
    RAISING,
    Case {
        label: "refused reading (a text)",
        function: "high-temp-processor",
        outcome: "refused",
        transition: None,
        event: || reading(json!("36.4")),
    },
    Case {
        label: "security alert (level 7)",
        function: "security-alert-processor",
        outcome: "stored",
        transition: Some("raised"),
        event: alert,
    },
];

const RAISING: Case = Case {
    label: "raising reading (36.4 °C)",
    function: "high-temp-processor",
    outcome: "stored",
    transition: Some("raised"),
    event: || reading(json!(36.4)),
};

/// The case of `function` that does the most, for the first event after a start.
#[must_use]
pub fn heaviest(function: &str) -> Option<&'static Case> {
    CASES
        .iter()
        .find(|case| case.function == function && case.transition.is_some())
}

impl Case {
    /// The event as JSON text, measured and received just now.
    #[must_use]
    pub fn event(&self) -> String {
        let mut event = (self.event)();
        let now = machine::epoch_millis();
        if let Value::Object(fields) = &mut event {
            fields.insert(
                "device_timestamp".to_owned(),
                now.saturating_sub(250).into(),
            );
            fields.insert("received_at".to_owned(), now.into());
        }
        event.to_string()
    }

    /// Whether `answer` is the one that the event must get.
    #[must_use]
    pub fn is_answered_by(&self, answer: &str) -> bool {
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        let text = |name| answer.get(name).and_then(Value::as_str);
        text("outcome") == Some(self.outcome) && text("transition") == self.transition
    }
}

fn reading(temperature: Value) -> Value {
    json!({
        "type": "reading",
        "source": "environmental",
        "temperature": temperature,
        "humidity": 45.5,
        "claimed_property": "property-001",
        "claimed_type": "environmental",
        "topic": "sci/properties/sci-property-001-environmental-0042/environmental",
        "thing": "sci-property-001-environmental-0042",
        "client_id": "sci-property-001-environmental-0042",
        "principal": PRINCIPAL,
        "trace_id": "6a1c2f9e-3b7d-4c58-9a10-2f4d8e6b7c91",
        "payload": "eyJ0ZW1wZXJhdHVyZSI6MzYuNCwiaHVtaWRpdHkiOjQ1LjUsInByb3BlcnR5X2lkIjoicHJvcGVydHktMDAxIn0=",
    })
}

fn alert() -> Value {
    json!({
        "type": "alert",
        "source": "security",
        "alert_level": 7,
        "event_type": "forced_entry",
        "event_id": "7f3c1a52",
        "zone": "basement",
        "claimed_property": "property-001",
        "claimed_type": "security",
        "topic": "sci/properties/sci-property-001-security-0007/security",
        "thing": "sci-property-001-security-0007",
        "client_id": "sci-property-001-security-0007",
        "principal": PRINCIPAL,
        "trace_id": "0d9b6f14-58c2-4f0e-8a73-b1e25c907d36",
        "payload": "eyJhbGVydF9sZXZlbCI6NywiZXZlbnRfdHlwZSI6ImZvcmNlZF9lbnRyeSJ9",
    })
}

const PRINCIPAL: &str = "3f1c9a7e5b2d8046c1e3f5a7092b4d6e8f0a1c3e5b7d9f2046a8c0e1d3f5b79a";

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

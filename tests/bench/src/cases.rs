//! The events that are measured: one for each amount of work, with the answer that shows that the work was done.

use std::borrow::Cow;

use aws_lc_rs::error::Unspecified;
use serde_json::Value;

use crate::{authorizer, issuer::Issuer};

/// An event with what must become of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is, for the table.
    pub label: &'static str,
    /// The event as JSON text.
    pub event: Cow<'static, str>,
    /// What must become of it.
    pub expected: Expected,
}

/// What must become of an event.
#[derive(Debug, Clone)]
pub enum Expected {
    /// A message that is handled.
    Handled {
        /// What becomes of it.
        outcome: &'static str,
        /// What happens to its alarm.
        transition: Option<&'static str>,
    },
    /// A device that is let in, with exactly this answer. How long it may stay depends on the clock.
    Allowed(Value),
    /// A device that is turned away.
    Denied(Value),
}

/// The cases of `function`. The first does the most: it is what a new process gets first. The stub finds nothing, so each
/// event meets a thing without history, every time.
///
/// # Errors
/// When the crypto library makes no tokens.
pub fn of(function: &str, issuer: &Issuer) -> Result<Vec<Case>, Unspecified> {
    let case = |label, event, outcome, transition| Case {
        label,
        event: Cow::Borrowed(event),
        expected: Expected::Handled {
            outcome,
            transition,
        },
    };
    Ok(match function {
        authorizer::FUNCTION | authorizer::ALONE => authorizer::cases(issuer)?,
        "security-alert-processor" => vec![case(
            "security alert",
            include_str!("../../../events/security-alert-processor/raise-forced-entry.json"),
            "stored",
            Some("raised"),
        )],
        _ => vec![
            case(
                "raising reading",
                include_str!("../../../events/high-temp-processor/raise-hot.json"),
                "stored",
                Some("raised"),
            ),
            case(
                "hot reading",
                include_str!("../../../events/high-temp-processor/store-warm.json"),
                "stored",
                None,
            ),
            case(
                "quiet reading",
                include_str!("../../../events/high-temp-processor/quiet-cool.json"),
                "quiet",
                None,
            ),
            case(
                "refused reading",
                include_str!("../../../events/high-temp-processor/refuse-wrong-type.json"),
                "refused",
                None,
            ),
        ],
    })
}

impl Case {
    /// Whether `answer` is the one that the event must get.
    #[must_use]
    pub fn is_answered_by(&self, answer: &str) -> bool {
        let mut answer: Value = serde_json::from_str(answer).unwrap_or_default();
        match &self.expected {
            Expected::Handled {
                outcome,
                transition,
            } => {
                let text = |name| answer.get(name).and_then(Value::as_str);
                text("outcome") == Some(outcome) && text("transition") == *transition
            }
            Expected::Allowed(expected) => {
                let left = answer.get_mut("disconnectAfterInSeconds").map(Value::take);
                let left = left.and_then(|left| left.as_u64());
                left.is_some_and(|left| authorizer::LEFT.contains(&left)) && answer == *expected
            }
            Expected::Denied(expected) => answer == *expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use serde_json::json;

    use super::*;

    static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer::new().unwrap());

    #[test]
    fn only_the_work_that_was_meant_counts() {
        let [raising, ..] = &of("high-temp-processor", &ISSUER).unwrap()[..] else {
            panic!("no cases");
        };
        assert!(
            raising.is_answered_by(
                r#"{"outcome":"stored","transition":"raised","severity":"warning"}"#
            )
        );
        for answer in [
            r#"{"outcome":"refused","reason":"thing-invalid"}"#,
            r#"{"outcome":"stored"}"#,
            "null",
            "",
        ] {
            assert!(!raising.is_answered_by(answer), "{answer}");
        }
    }

    #[test]
    fn a_device_is_let_in_with_its_policies_or_turned_away() {
        let cases = of(authorizer::FUNCTION, &ISSUER).unwrap();
        let denied = json!({
            "isAuthenticated": false, "principalId": "denied", "policyDocuments": [],
            "disconnectAfterInSeconds": 300, "refreshAfterInSeconds": 300,
        });
        let mut denials = 0;
        for case in &cases {
            let Expected::Allowed(expected) = &case.expected else {
                denials += 1;
                assert!(case.is_answered_by(&denied.to_string()));
                continue;
            };
            assert!(!case.is_answered_by(&denied.to_string()));
            let answer = |name: &str, value: Value| {
                let mut answer = expected.clone();
                answer["disconnectAfterInSeconds"] = 3599.into();
                answer[name] = value;
                case.is_answered_by(&answer.to_string())
            };
            assert!(answer("isAuthenticated", true.into()));
            for (name, wrong) in [
                ("disconnectAfterInSeconds", json!(3601)),
                ("principalId", json!("sci")),
                ("policyDocuments", json!([])),
            ] {
                assert!(!answer(name, wrong), "{name}");
            }
        }
        assert!(denials == 1 && cases.len() > 3);
    }
}

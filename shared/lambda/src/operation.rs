//! Events that people and schedules send: the same for every function with alarms.

use sci_domain::{
    alarm::{AlarmFamily, AlarmKey},
    refusal::{Reason, Refusal},
    timestamp::Timestamp,
};

use crate::fields::Fields;

/// The longest name of an operator.
const MAX_NAME: usize = 128;

/// What to do with alarms, apart from messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Let time pass and deliver what is left: `{"type":"sweep","scheduled_at":"<RFC 3339>"}`.
    Sweep {
        /// When the schedule fired.
        at: Timestamp,
    },
    /// Somebody looks after an alarm: `{"type":"acknowledge","alarm_id":"<thing>#<kind>","by":"<name>"}`.
    Acknowledge {
        /// The alarm.
        key: AlarmKey,
        /// Who.
        by: String,
        /// When, if not just now.
        at: Option<Timestamp>,
    },
}

impl Operation {
    /// Reads an operation on alarms of `family`, if `kind` (the event's `type`) names one.
    ///
    /// # Errors
    /// When a field is missing or wrong.
    pub fn read(
        kind: &str,
        fields: &Fields<'_>,
        family: AlarmFamily,
    ) -> Option<Result<Self, Refusal>> {
        match kind {
            "sweep" => Some(sweep(fields)),
            "acknowledge" => Some(acknowledge(fields, family)),
            _ => None,
        }
    }
}

fn sweep(fields: &Fields<'_>) -> Result<Operation, Refusal> {
    let at = fields.text("scheduled_at")?;
    Ok(Operation::Sweep {
        at: time("scheduled_at", &at)?,
    })
}

/// The name of the operator who asks for something: the field `by`.
///
/// # Errors
/// When it is absent, blank, longer than 128 bytes, or holds control characters.
pub fn operator(fields: &Fields<'_>) -> Result<String, Refusal> {
    let by = fields.text("by")?;
    if by.trim().is_empty() || by.len() > MAX_NAME || by.chars().any(char::is_control) {
        return Err(Refusal::new(
            Reason::MalformedEvent,
            "by must be a name of at most 128 bytes",
        ));
    }
    Ok(by)
}

fn acknowledge(fields: &Fields<'_>, family: AlarmFamily) -> Result<Operation, Refusal> {
    let key = AlarmKey::parse(&fields.text("alarm_id")?);
    let key = key
        .filter(|key| key.kind.family() == family)
        .ok_or_else(|| {
            Refusal::new(
                Reason::MalformedEvent,
                "alarm_id must be <thing>#<kind>, with a kind that this function looks after",
            )
        })?;
    let by = operator(fields)?;
    let at = fields.optional_text("at")?;
    let at = at.map(|text| time("at", &text)).transpose()?;
    Ok(Operation::Acknowledge { key, by, at })
}

fn time(name: &str, text: &str) -> Result<Timestamp, Refusal> {
    Timestamp::parse_rfc3339(text).map_err(|_| {
        Refusal::new(
            Reason::WrongType,
            format!("{name} must be a time such as 2026-11-20T14:23:00Z"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str) -> Result<Operation, Reason> {
        let fields = Fields::parse(event).unwrap();
        let kind = fields.text("type").unwrap();
        let operation = Operation::read(&kind, &fields, AlarmFamily::Temperature).unwrap();
        operation.map_err(|refusal| refusal.reason)
    }

    #[test]
    fn an_alarm_of_the_other_function_is_refused() {
        let acknowledge = |alarm: &str, by: &str| {
            read(&format!(
                r#"{{"type":"acknowledge","alarm_id":"{alarm}","by":"{by}"}}"#
            ))
        };
        assert!(acknowledge("raspi-01#temperature", "Ana").is_ok());
        for (alarm, by) in [
            ("raspi-01#tamper", "Ana"),
            ("raspi-01", "Ana"),
            ("a/b#temperature", "Ana"),
            ("raspi-01#temperature", " "),
            ("raspi-01#temperature", r"a\u0000b"),
            ("raspi-01#temperature", &"x".repeat(129)),
        ] {
            assert_eq!(
                acknowledge(alarm, by),
                Err(Reason::MalformedEvent),
                "{alarm} {by}"
            );
        }
    }

    #[test]
    fn a_sweep_needs_its_time() {
        assert!(read(r#"{"type":"sweep","scheduled_at":"2026-11-20T14:23:00Z"}"#).is_ok());
        assert_eq!(read(r#"{"type":"sweep"}"#), Err(Reason::MissingField));
        assert_eq!(
            read(r#"{"type":"sweep","scheduled_at":"today"}"#),
            Err(Reason::WrongType)
        );
    }
}

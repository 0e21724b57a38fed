//! What the function is sent: `{"type":"alert"}` by the rule for high levels, `record` by the rule for all levels,
//! `sweep` by a schedule, `acknowledge` by people.

use sci_domain::{
    alarm::AlarmFamily,
    refusal::{Reason, Refusal},
    security::{AlertLevel, SecurityEvent, SecurityKind},
};
use sci_lambda::{fields::Fields, operation::Operation, rule_event};

/// A checked event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened that may need an alarm.
    Alert(SecurityEvent),
    /// Something happened: to be recorded, nothing else.
    Record(SecurityEvent),
    /// A schedule or a person asks for something.
    Operation(Operation),
}

impl Event {
    /// Reads and checks an event, given as JSON text.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(event: &str) -> Result<Self, Refusal> {
        let fields = Fields::parse(event)?;
        let kind = fields.text("type")?;
        if let Some(operation) = Operation::read(&kind, &fields, AlarmFamily::Security) {
            return operation.map(Self::Operation);
        }
        match kind.as_str() {
            "alert" => security_event(&fields).map(Self::Alert),
            "record" => security_event(&fields).map(Self::Record),
            _ => Err(Refusal::new(
                Reason::UnknownEventType,
                "type must be alert, record, sweep or acknowledge",
            )),
        }
    }
}

fn security_event(fields: &Fields<'_>) -> Result<SecurityEvent, Refusal> {
    fields.require("claimed_property")?;
    fields.require("device_timestamp")?;
    let origin = rule_event::origin(fields, |thing| format!("sci/properties/{thing}/security"))?;
    Ok(SecurityEvent {
        origin,
        kind: SecurityKind::from_event_type(&fields.text("event_type")?),
        level: AlertLevel::new(fields.number("alert_level")?)?,
    })
}

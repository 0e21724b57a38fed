//! What the function is sent: `{"type":"commit"}` by the rule on the commit topic, `sweep` by a schedule, `command` by people.

use sci_domain::{
    admission::{CertificateId, Command, SerialNumber},
    refusal::{Reason, Refusal},
    thing::ThingName,
    timestamp::Timestamp,
};
use sci_lambda::{fields::Fields, operation::operator};

/// A checked event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A device came back with its certificate. All of it is the service's word; the payload is not read.
    Commit {
        /// The thing's level of the topic, which is also the client id.
        thing: ThingName,
        /// The certificate of the connection.
        certificate: CertificateId,
        /// When the rules engine received the message.
        at: Timestamp,
    },
    /// Time passed. The function's own time counts, as it does when the hook gives a lease: a sweep that Lambda tries again
    /// an hour later ends what has ended by then.
    Sweep,
    /// An operator decided: `{"type":"command","serial_number":"…","command":"keep","by":"<name>"}`.
    Command {
        /// About which device.
        serial: SerialNumber,
        /// What.
        command: Command,
        /// Who.
        by: String,
    },
}

impl Event {
    /// Reads and checks an event, given as JSON text.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(event: &str) -> Result<Self, Refusal> {
        let fields = Fields::parse(event)?;
        match fields.text("type")?.as_str() {
            "commit" => commit(&fields),
            "sweep" => Ok(Self::Sweep),
            "command" => command(&fields),
            _ => Err(Refusal::new(
                Reason::UnknownEventType,
                "type must be commit, sweep or command",
            )),
        }
    }
}

fn commit(fields: &Fields<'_>) -> Result<Event, Refusal> {
    let thing = ThingName::parse(fields.text("thing")?)
        .map_err(|invalid| Refusal::new(Reason::InvalidThingName, invalid.to_string()))?;
    if fields.text("client_id")? != thing.as_str() {
        return Err(Refusal::new(
            Reason::IdentityMismatch,
            "the client id is not the thing of the topic",
        ));
    }
    let certificate = CertificateId::parse(&fields.text("principal")?).map_err(|_| {
        Refusal::new(
            Reason::IdentityMismatch,
            "the device did not connect with a certificate",
        )
    })?;
    let at = Timestamp::from_millis(fields.millis("received_at")?);
    let at = at.map_err(|invalid| {
        Refusal::new(Reason::NumberOutOfRange, format!("received_at: {invalid}"))
    })?;
    Ok(Event::Commit {
        thing,
        certificate,
        at,
    })
}

fn command(fields: &Fields<'_>) -> Result<Event, Refusal> {
    let malformed = |detail: String| Refusal::new(Reason::MalformedEvent, detail);
    let serial = SerialNumber::parse(fields.text("serial_number")?)
        .map_err(|invalid| malformed(invalid.to_string()))?;
    let command = Command::parse(&fields.text("command")?).ok_or_else(|| {
        malformed("command must be keep, replace, block, quarantine or release".to_owned())
    })?;
    Ok(Event::Command {
        serial,
        command,
        by: operator(fields)?,
    })
}

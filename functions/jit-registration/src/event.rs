//! What the function is sent: `{"type":"registered"}` by the rule on the events of registered certificates, `sweep` by a schedule.

use std::fmt;

use sci_domain::{
    admission::CertificateId,
    refusal::{Reason, Refusal},
};
use sci_lambda::fields::Fields;

/// A checked event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// AWS IoT says that it registered a certificate, or that a device came with one that is still pending.
    Registered(Presented),
    /// Time passed.
    Sweep,
}

/// The certificate that an event is about. Whoever may invoke the function chooses all of it: AWS IoT is asked about the
/// certificate, and what else the event says of it, such as its status and account, is not read.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// The certificate.
    pub certificate: CertificateId,
    /// The CA for which it was registered.
    pub authority: CertificateId,
    /// The MQTT client id that the device connected with, if it got that far.
    pub client: Option<String>,
}

/// Without the client id, which is any text.
impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.certificate, self.authority)
    }
}

impl Event {
    /// Reads and checks an event, given as JSON text.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(event: &str) -> Result<Self, Refusal> {
        let fields = Fields::parse(event)?;
        match fields.text("type")?.as_str() {
            "registered" => registered(&fields).map(Self::Registered),
            "sweep" => Ok(Self::Sweep),
            _ => Err(Refusal::new(
                Reason::UnknownEventType,
                "type must be registered or sweep",
            )),
        }
    }
}

fn registered(fields: &Fields<'_>) -> Result<Presented, Refusal> {
    let id = |name: &str| {
        let id = CertificateId::parse(&fields.text(name)?);
        id.map_err(|_| {
            let rule = "64 lower-case hexadecimal digits";
            Refusal::new(Reason::MalformedEvent, format!("{name} must be {rule}"))
        })
    };
    let presented = Presented {
        certificate: id("certificateId")?,
        authority: id("caCertificateId")?,
        client: fields.optional_text("client_id")?,
    };
    if id("ca_certificate_id")? != presented.authority {
        return Err(Refusal::new(
            Reason::IdentityMismatch,
            "the payload names another CA than the topic",
        ));
    }
    Ok(presented)
}

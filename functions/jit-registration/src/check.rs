//! Whether a certificate is what its event says, and whom it names. What AWS IoT says of it counts, and the CA's signature.

use sci_certificates::{DeviceCertificate, inspect, is_signed_by};
use sci_domain::{
    admission::{
        CertificateId, Reason, Registered, RegisteredAuthority, RegisteredStatus, SerialNumber,
        serial_of,
    },
    thing::ThingName,
    timestamp::Timestamp,
};

/// Why a certificate is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) reason: Reason,
    /// What is wrong with the certificate, for operators.
    pub(crate) detail: Option<&'static str>,
}

impl From<Reason> for Unfit {
    fn from(reason: Reason) -> Self {
        let detail = None;
        Self { reason, detail }
    }
}

/// What AWS IoT has registered for `authority`.
#[derive(Debug)]
pub(crate) enum Fit {
    /// It was let in before.
    Active,
    /// It waits, and says that it is this device's.
    Pending(DeviceCertificate, SerialNumber),
}

/// Looks at what AWS IoT describes; asks nobody.
pub(crate) fn described(registered: &Registered, authority: CertificateId) -> Result<Fit, Unfit> {
    if registered.authority != Some(authority) {
        return Err(Reason::WrongAuthority.into());
    }
    match registered.status {
        RegisteredStatus::Active => return Ok(Fit::Active),
        RegisteredStatus::OutOfUse => return Err(Reason::NotPending.into()),
        RegisteredStatus::Pending => {}
    }
    let certificate = inspect(&registered.pem).map_err(|invalid| Unfit {
        reason: Reason::InvalidCertificate,
        detail: Some(invalid.code()),
    })?;
    let serial = named(&certificate).ok_or(Reason::InvalidSerial)?;
    Ok(Fit::Pending(certificate, serial))
}

/// Whether the CA is in force, and signed the certificate.
pub(crate) fn signed(
    certificate_pem: &str,
    authority: Option<&RegisteredAuthority>,
    now: Timestamp,
) -> Result<(), Unfit> {
    let authority = authority.filter(|authority| authority.active);
    let authority = authority.ok_or(Reason::AuthorityNotValid)?;
    let validity = is_signed_by(certificate_pem, &authority.pem).map_err(|not| Unfit {
        reason: Reason::WrongAuthority,
        detail: Some(not.code()),
    })?;
    if now < validity.not_before || now > validity.not_after {
        return Err(Reason::AuthorityNotValid.into());
    }
    Ok(())
}

/// The serial number that the subject's common name is, or that is part of the thing's name which it is. No text is both: a
/// serial number holds no hyphen.
fn named(certificate: &DeviceCertificate) -> Option<SerialNumber> {
    let name = certificate.subject.common_name.as_ref()?.as_str();
    SerialNumber::parse(name).ok().or_else(|| {
        let thing = ThingName::parse(name).ok()?;
        serial_of(&thing).map(|(serial, _)| serial)
    })
}

//! From when and until when a certificate is valid: RFC 5280, section 4.1.2.5.

use sci_domain::timestamp::Timestamp;

use crate::{
    InvalidCertificate,
    der::{Element, Reader, tag},
};

/// The validity of a certificate. Whether that is now is the caller's to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: Timestamp,
    /// The last second, not before the first. Certificates of AWS IoT say 2049-12-31T23:59:59Z.
    pub not_after: Timestamp,
}

impl Validity {
    pub(crate) fn read(mut fields: Reader<'_>) -> Result<Self, InvalidCertificate> {
        let mut time = || time(fields.any()?).ok_or(InvalidCertificate::Validity);
        let (not_before, not_after) = (time()?, time()?);
        fields.end()?;
        if not_before > not_after {
            return Err(InvalidCertificate::Validity);
        }
        Ok(Self {
            not_before,
            not_after,
        })
    }
}

/// `YYMMDDHHMMSSZ`, where 50 is 1950, or `YYYYMMDDHHMMSSZ`: neither fractions nor offsets.
fn time(element: Element<'_>) -> Option<Timestamp> {
    let digits = std::str::from_utf8(element.contents)
        .ok()?
        .strip_suffix('Z')?;
    let digits = match (element.tag, digits.len()) {
        (tag::UTC_TIME, 12) if digits < "50" => format!("20{digits}"),
        (tag::UTC_TIME, 12) => format!("19{digits}"),
        (tag::GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    let (date, time) = digits.split_at_checked(8)?;
    let (year, date) = date.split_at_checked(4)?;
    let (month, day) = date.split_at_checked(2)?;
    let (hour, time) = time.split_at_checked(2)?;
    let (minute, second) = time.split_at_checked(2)?;
    // RFC 3339 takes digits alone at these places.
    Timestamp::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
}

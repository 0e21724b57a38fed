//! What the subject of a device's certificate says. The device chose it when it made its request.

use std::fmt;

use crate::{
    InvalidCertificate,
    der::{Element, tag},
    name,
};

/// The contents of the object identifiers, below `id-at`, 2.5.4.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 3];
const SERIAL_NUMBER: &[u8] = &[0x55, 0x04, 5];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 10];

/// The attributes of a subject that are read, at most one of each. Others are passed over and come out nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// `CN`.
    pub common_name: Option<SubjectText>,
    /// `serialNumber`: of the device, not of the certificate.
    pub serial_number: Option<SubjectText>,
    /// `O`.
    pub organization: Option<SubjectText>,
}

/// 1 to 64 printable ASCII characters (0x20 to 0x7e): nothing that would break a line of a log. What a device wrote all the same:
/// it is to be compared with what is known, not believed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubjectText(String);

impl SubjectText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(value: Element<'_>) -> Result<Self, InvalidCertificate> {
        if !matches!(value.tag, tag::UTF8_STRING | tag::PRINTABLE_STRING) {
            return Err(InvalidCertificate::SubjectNotText);
        }
        // Makers of requests put `_` and `@` into PrintableString, so its own narrower alphabet is not asked for.
        std::str::from_utf8(value.contents)
            .ok()
            .filter(|text| (1..=64).contains(&text.len()))
            .filter(|text| text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)))
            .map(|text| Self(text.to_owned()))
            .ok_or(InvalidCertificate::SubjectNotPrintable)
    }
}

impl fmt::Display for SubjectText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Subject {
    pub(crate) fn read(name: Element<'_>) -> Result<Self, InvalidCertificate> {
        let mut subject = Self::default();
        name::attributes(name, |id, value| {
            let place = match id {
                COMMON_NAME => &mut subject.common_name,
                SERIAL_NUMBER => &mut subject.serial_number,
                ORGANIZATION => &mut subject.organization,
                _ => return Ok(()),
            };
            match place.replace(SubjectText::read(value)?) {
                None => Ok(()),
                Some(_) => Err(InvalidCertificate::SubjectTwice),
            }
        })?;
        Ok(subject)
    }
}

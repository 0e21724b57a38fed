//! Extensions: RFC 5280, section 4.2. Two of them are read, to know who may sign certificates.

use std::collections::BTreeSet;

use crate::{
    InvalidCertificate,
    der::{Reader, tag},
};

/// The contents of the object identifiers, below `id-ce`, 2.5.29.
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];

/// What the extensions say about signing certificates.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extensions {
    /// `cA` of the basic constraints.
    pub(crate) is_ca: bool,
    /// `keyCertSign` of the key usage; nothing where there is no key usage.
    pub(crate) key_cert_sign: Option<bool>,
}

impl Extensions {
    /// `[3] EXPLICIT Extensions OPTIONAL`, the last field of the signed part.
    pub(crate) fn read(fields: &mut Reader<'_>) -> Result<Self, InvalidCertificate> {
        let mut read = Self::default();
        let Some(extensions) = fields.optional(tag::EXTENSIONS)? else {
            return Ok(read);
        };
        let mut extensions = extensions.fields();
        let mut list = extensions.sequence()?;
        extensions.end()?;
        let mut seen = BTreeSet::new();
        while !list.is_empty() {
            let mut extension = list.sequence()?;
            let id = extension.oid()?;
            let critical = extension.flag()?;
            let value = extension.take(tag::OCTET_STRING)?.fields();
            extension.end()?;
            if !seen.insert(id) {
                return Err(InvalidCertificate::ExtensionTwice);
            }
            match id {
                BASIC_CONSTRAINTS => read.is_ca = is_ca(value)?,
                KEY_USAGE => read.key_cert_sign = Some(key_cert_sign(value)?),
                // They narrow what the certificate is for elsewhere; none makes it more than a name for a key.
                SUBJECT_ALT_NAME | EXT_KEY_USAGE => {}
                _ if critical => return Err(InvalidCertificate::ExtensionCritical),
                _ => {}
            }
        }
        Ok(read)
    }
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`: section 4.2.1.9.
///
/// No path length is too short here: what is signed with the key is a device's certificate, never a CA.
fn is_ca(mut value: Reader<'_>) -> Result<bool, InvalidCertificate> {
    let mut constraints = value.sequence()?;
    value.end()?;
    let is_ca = constraints.flag()?;
    if !constraints.is_empty() {
        constraints.integer()?;
    }
    constraints.end()?;
    Ok(is_ca)
}

/// Bit 5 of a BIT STRING: section 4.2.1.3.
fn key_cert_sign(mut value: Reader<'_>) -> Result<bool, InvalidCertificate> {
    let bits = value.take(tag::BIT_STRING)?.contents;
    value.end()?;
    match bits {
        [0..=7, bits, ..] => Ok(bits & 0b100 != 0),
        _ => Err(InvalidCertificate::NotDer),
    }
}

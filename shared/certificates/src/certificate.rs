//! The structure of a certificate: RFC 5280, section 4.1.

use crate::{
    InvalidCertificate, Validity,
    der::{Element, Reader, tag},
    extensions::Extensions,
    name,
};

/// A certificate that is well-formed. Nothing in it is believed.
pub(crate) struct Certificate<'d> {
    /// What was signed: `tbsCertificate` as DER.
    pub(crate) signed: &'d [u8],
    /// What stands in the `AlgorithmIdentifier` of the signature.
    pub(crate) algorithm: &'d [u8],
    pub(crate) signature: &'d [u8],
    pub(crate) issuer: Element<'d>,
    pub(crate) validity: Validity,
    pub(crate) subject: Element<'d>,
    /// `SubjectPublicKeyInfo`.
    pub(crate) key: Element<'d>,
    pub(crate) extensions: Extensions,
}

impl<'d> Certificate<'d> {
    pub(crate) fn read(der: &'d [u8]) -> Result<Self, InvalidCertificate> {
        let mut file = Reader::new(der);
        let mut certificate = file.sequence()?;
        file.end()?;
        let signed = certificate.take(tag::SEQUENCE)?;
        let algorithm = certificate.take(tag::SEQUENCE)?;
        let signature = certificate.octets()?;
        certificate.end()?;

        let mut fields = signed.fields();
        version_3(&mut fields)?;
        fields.integer()?; // serialNumber: the issuer's affair, and no serial number of a device
        if fields.take(tag::SEQUENCE)?.encoding != algorithm.encoding {
            return Err(InvalidCertificate::AlgorithmMismatch);
        }
        let issuer = fields.take(tag::SEQUENCE)?;
        name::attributes(issuer, |_, _| Ok(()))?;
        let validity = Validity::read(fields.sequence()?)?;
        let subject = fields.take(tag::SEQUENCE)?;
        let key = fields.take(tag::SEQUENCE)?;
        let extensions = Extensions::read(&mut fields)?;
        fields.end()?;
        Ok(Self {
            signed: signed.encoding,
            algorithm: algorithm.contents,
            signature,
            issuer,
            validity,
            subject,
            key,
            extensions,
        })
    }
}

/// `[0] EXPLICIT INTEGER { v1(0), v2(1), v3(2) } DEFAULT v1`.
fn version_3(fields: &mut Reader<'_>) -> Result<(), InvalidCertificate> {
    let version = fields
        .optional(tag::VERSION)?
        .ok_or(InvalidCertificate::NotVersion3)?;
    let mut version = version.fields();
    let number = version.integer()?;
    version.end()?;
    if number == [2] {
        Ok(())
    } else {
        Err(InvalidCertificate::NotVersion3)
    }
}

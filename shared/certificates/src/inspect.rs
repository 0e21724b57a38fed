//! What a device's certificate says.

use aws_lc_rs::digest;
use sci_domain::admission::{CertificateId, KeyFingerprint};

use crate::{
    InvalidCertificate, KeyKind, Subject, Validity, certificate::Certificate, pem,
    public_key::PublicKey,
};

/// What is read out of a device's certificate. That somebody signed it is not among it: AWS IoT made the certificate, or
/// [`is_signed_by`](crate::is_signed_by) tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCertificate {
    /// SHA-256 of the certificate.
    pub id: CertificateId,
    /// SHA-256 of the key. One key has one fingerprint, however it is certified.
    pub key: KeyFingerprint,
    /// Algorithm and size of the key.
    pub key_kind: KeyKind,
    /// From when and until when.
    pub validity: Validity,
    /// What the device calls itself.
    pub subject: Subject,
}

/// Reads the certificate of a device, which must be one PEM block, strict DER and X.509 v3, no CA, with a sound key.
///
/// # Errors
/// [`InvalidCertificate`] for everything else.
pub fn inspect(pem: &str) -> Result<DeviceCertificate, InvalidCertificate> {
    let der = pem::decode(pem, "CERTIFICATE")?;
    let certificate = Certificate::read(&der)?;
    if certificate.extensions.is_ca {
        return Err(InvalidCertificate::IsACa);
    }
    Ok(DeviceCertificate {
        id: CertificateId::from_bytes(sha256(&der)),
        key: KeyFingerprint::from_bytes(sha256(certificate.key.encoding)),
        key_kind: PublicKey::read(certificate.key)?.kind,
        validity: certificate.validity,
        subject: Subject::read(certificate.subject)?,
    })
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    let mut copy = [0; 32];
    copy.copy_from_slice(digest.as_ref());
    copy
}

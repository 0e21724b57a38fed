//! Who signed a certificate: RFC 5280, section 6.1.3, for a path of one step.

use std::{error::Error, fmt};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};

use crate::{
    InvalidCertificate, KeyKind, Validity, certificate::Certificate, name, pem,
    public_key::PublicKey,
};

/// Why a certificate does not count as signed by a CA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSigned {
    /// The certificate is malformed.
    Certificate(InvalidCertificate),
    /// The CA's certificate is malformed or has a weak key.
    Ca(InvalidCertificate),
    /// The issuer of the certificate is not the subject of the CA, byte for byte. RFC 5280, section 7.1, would fold case and spaces.
    Name,
    /// The basic constraints of the CA do not say that it is one (RFC 5280, section 6.1.4, (k)).
    NotACa,
    /// The key usage of the CA excludes signing certificates (RFC 5280, section 6.1.4, (n)).
    KeyUsage,
    /// Not RSA PKCS #1 v1.5 or ECDSA with SHA-256, SHA-384 or SHA-512, or not with a key like the CA's.
    Algorithm,
    /// The signature is not that of the CA's key.
    Signature,
}

impl NotSigned {
    /// The stable code: it stands in audit records and metrics and never changes its spelling.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Certificate(why) => why.code(),
            Self::Ca(_) => "ca-invalid",
            Self::Name => "ca-name",
            Self::NotACa => "ca-not-a-ca",
            Self::KeyUsage => "ca-key-usage",
            Self::Algorithm => "ca-algorithm",
            Self::Signature => "ca-signature",
        }
    }
}

impl fmt::Display for NotSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate(why) => return why.fmt(f),
            Self::Ca(why) => return write!(f, "of the CA: {why}"),
            Self::Name => "the certificate names another issuer",
            Self::NotACa => "the basic constraints of the CA do not say that it is one",
            Self::KeyUsage => "the key usage of the CA excludes signing certificates",
            Self::Algorithm => {
                "the signature algorithm is not accepted or not that of the CA's key"
            }
            Self::Signature => "the signature is not that of the CA",
        })
    }
}

impl Error for NotSigned {}

/// Whether the key of the CA signed the certificate, and may do so. The answer is the validity of the CA: it is not compared with a
/// clock here, nor is that of the certificate.
///
/// # Errors
/// [`NotSigned`] for whatever is in doubt.
pub fn is_signed_by(certificate_pem: &str, ca_pem: &str) -> Result<Validity, NotSigned> {
    let decode = |text| pem::decode(text, "CERTIFICATE");
    let der = decode(certificate_pem).map_err(NotSigned::Certificate)?;
    let certificate = Certificate::read(&der).map_err(NotSigned::Certificate)?;
    let der = decode(ca_pem).map_err(NotSigned::Ca)?;
    let ca = Certificate::read(&der).map_err(NotSigned::Ca)?;
    name::attributes(ca.subject, |_, _| Ok(())).map_err(NotSigned::Ca)?;
    let key = PublicKey::read(ca.key).map_err(NotSigned::Ca)?;

    if certificate.issuer.encoding != ca.subject.encoding {
        return Err(NotSigned::Name);
    }
    if !ca.extensions.is_ca {
        return Err(NotSigned::NotACa);
    }
    if ca.extensions.key_cert_sign == Some(false) {
        return Err(NotSigned::KeyUsage);
    }
    let algorithm = algorithm(key.kind, certificate.algorithm).ok_or(NotSigned::Algorithm)?;
    UnparsedPublicKey::new(algorithm, key.bytes)
        .verify(certificate.signed, certificate.signature)
        .map_err(|_| NotSigned::Signature)?;
    Ok(ca.validity)
}

/// The algorithm of a signature by a key of this kind. RSA: RFC 4055, section 5; ECDSA: RFC 5758, section 3.2.
fn algorithm(kind: KeyKind, identifier: &[u8]) -> Option<&'static dyn VerificationAlgorithm> {
    if let KeyKind::Rsa { .. } = kind {
        // 1.2.840.113549.1.1, then which one, then NULL.
        let [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, hash, 5, 0] = identifier else {
            return None;
        };
        return Some(match hash {
            11 => &RSA_PKCS1_2048_8192_SHA256,
            12 => &RSA_PKCS1_2048_8192_SHA384,
            13 => &RSA_PKCS1_2048_8192_SHA512,
            _ => return None,
        });
    }
    // 1.2.840.10045.4.3, then which one.
    let [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, hash] = identifier else {
        return None;
    };
    Some(match (kind, hash) {
        (KeyKind::EcP256, 2) => &ECDSA_P256_SHA256_ASN1,
        (KeyKind::EcP256, 3) => &ECDSA_P256_SHA384_ASN1,
        (KeyKind::EcP256, 4) => &ECDSA_P256_SHA512_ASN1,
        (KeyKind::EcP384, 2) => &ECDSA_P384_SHA256_ASN1,
        (KeyKind::EcP384, 3) => &ECDSA_P384_SHA384_ASN1,
        (KeyKind::EcP384, 4) => &ECDSA_P384_SHA512_ASN1,
        (KeyKind::EcP521, 2) => &ECDSA_P521_SHA256_ASN1,
        (KeyKind::EcP521, 3) => &ECDSA_P521_SHA384_ASN1,
        (KeyKind::EcP521, 4) => &ECDSA_P521_SHA512_ASN1,
        _ => return None,
    })
}

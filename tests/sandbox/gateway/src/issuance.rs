//! Whether one certificate may sign others, and whether it signed a certain one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::SignatureVerificationAlgorithm;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::registry::issuer::check_key;

/// Reads the one certificate of a PEM text.
///
/// # Errors
/// A fragment of text that says what it is instead.
pub(crate) fn from_pem(pem: &str) -> Result<Vec<u8>, String> {
    let (_, block) =
        x509_parser::pem::parse_x509_pem(pem.as_bytes()).map_err(|e| format!("not PEM: {e}"))?;
    if block.label != "CERTIFICATE" {
        return Err(format!("a PEM of type {}, not CERTIFICATE", block.label));
    }
    Ok(block.contents)
}

/// The subject of a certificate that may sign others, DER.
///
/// # Errors
/// A fragment of text that says why it may not.
pub(crate) fn authority_subject(der: &[u8]) -> Result<Vec<u8>, String> {
    let certificate = parse(der)?;
    let constraints = certificate.basic_constraints();
    if !constraints.is_ok_and(|found| found.is_some_and(|it| it.value.ca)) {
        return Err("not a CA certificate: basicConstraints must say CA:TRUE".into());
    }
    let usage = certificate.key_usage();
    if usage.is_ok_and(|found| found.is_some_and(|it| !it.value.key_cert_sign())) {
        return Err("a CA certificate whose keyUsage has no keyCertSign".into());
    }
    check_key(certificate.public_key()).map_err(|why| format!("a certificate that {why}"))?;
    Ok(certificate.subject().as_raw().to_vec())
}

/// The name of whoever signed a certificate, DER.
///
/// # Errors
/// A fragment of text: it cannot be read, or its key is not one that AWS IoT takes.
pub(crate) fn issuer(der: &[u8]) -> Result<Vec<u8>, String> {
    let certificate = parse(der)?;
    check_key(certificate.public_key()).map_err(|why| format!("a certificate that {why}"))?;
    Ok(certificate.issuer().as_raw().to_vec())
}

/// Checks that the key of `authority` signed a certificate. Names, validity and status are the caller's.
///
/// # Errors
/// A fragment of text.
pub(crate) fn check_signature(der: &[u8], authority: &[u8]) -> Result<(), String> {
    let (certificate, authority) = (parse(der)?, parse(authority)?);
    let key = &authority.public_key().subject_public_key.data;
    let signed = certificate.tbs_certificate.as_ref();
    let signature = &certificate.signature_value.data;
    // Those of rustls, because x509-parser's lack P-521. Whichever fits, it is the CA's key that signed.
    let algorithms = default_provider().signature_verification_algorithms.all;
    let fits = |algorithm: &&dyn SignatureVerificationAlgorithm| {
        let verified = algorithm.verify_signature(key, signed, signature);
        verified.is_ok()
    };
    match algorithms.iter().any(fits) {
        true => Ok(()),
        false => Err("not signed with the CA's key".into()),
    }
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|e| format!("not an X.509 certificate: {e}"))?;
    if !rest.is_empty() {
        return Err(format!("{} bytes follow the certificate", rest.len()));
    }
    Ok(certificate)
}

/// A certificate as PEM.
pub(crate) fn to_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
        PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, PKCS_RSA_SHA512,
    };

    use super::*;

    fn authority(key: KeyPair) -> (Vec<u8>, Issuer<'static, KeyPair>) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        (der, Issuer::new(params, key))
    }

    #[test]
    fn signatures_of_every_kind_of_key_that_aws_takes() {
        for kind in [
            &PKCS_RSA_SHA256,
            &PKCS_RSA_SHA512,
            &PKCS_ECDSA_P256_SHA256,
            &PKCS_ECDSA_P384_SHA384,
            &PKCS_ECDSA_P521_SHA512,
        ] {
            let (der, issuer) = authority(KeyPair::generate_for(kind).unwrap());
            let device = CertificateParams::default()
                .signed_by(&KeyPair::generate().unwrap(), &issuer)
                .unwrap();
            assert_eq!(check_signature(device.der(), &der), Ok(()), "{kind:?}");
            let (other, _) = authority(KeyPair::generate_for(kind).unwrap());
            assert!(check_signature(device.der(), &other).is_err(), "{kind:?}");
            assert!(authority_subject(&der).is_ok() && authority_subject(device.der()).is_err());
        }
    }

    #[test]
    fn pem_and_back() {
        let (der, _) = authority(KeyPair::generate().unwrap());
        assert_eq!(from_pem(&to_pem(&der)), Ok(der));
        let key = KeyPair::generate().unwrap().serialize_pem();
        assert_eq!(
            from_pem(&key),
            Err("a PEM of type PRIVATE KEY, not CERTIFICATE".into())
        );
    }
}

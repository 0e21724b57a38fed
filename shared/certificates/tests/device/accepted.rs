//! Certificates that are accepted, and what is read out of them: x509-parser is the second opinion.

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{
    CertificateParams, DnType, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, RsaKeySize,
};
use sci_certificates::{DeviceCertificate, KeyKind, inspect};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::forge::{self, CN, O, SERIAL, SOUND};

/// One pair of each kind of key that is taken.
fn keys() -> Vec<(KeyKind, KeyPair)> {
    let rsa = |size| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).unwrap();
    let ec = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    vec![
        (KeyKind::Rsa { bits: 2048 }, rsa(RsaKeySize::_2048)),
        (KeyKind::Rsa { bits: 3072 }, rsa(RsaKeySize::_3072)),
        (KeyKind::Rsa { bits: 4096 }, rsa(RsaKeySize::_4096)),
        (KeyKind::EcP256, ec(&PKCS_ECDSA_P256_SHA256)),
        (KeyKind::EcP384, ec(&PKCS_ECDSA_P384_SHA384)),
        (KeyKind::EcP521, ec(&PKCS_ECDSA_P521_SHA512)),
    ]
}

/// Asserts that x509-parser reads the same out of `der`.
pub(crate) fn agrees(certificate: &DeviceCertificate, der: &[u8]) {
    let (rest, other) = X509Certificate::from_der(der).unwrap();
    assert!(rest.is_empty());
    assert_eq!(
        certificate.id.as_bytes(),
        digest(&SHA256, other.as_raw()).as_ref()
    );
    let key = other.public_key();
    assert_eq!(
        certificate.key.as_bytes(),
        digest(&SHA256, key.raw).as_ref()
    );
    let bits = key.parsed().unwrap().key_size();
    assert_eq!(
        bits,
        match certificate.key_kind {
            KeyKind::Rsa { bits } => bits as usize,
            KeyKind::EcP256 => 256,
            KeyKind::EcP384 => 384,
            // x509-parser counts the bytes of the coordinate.
            KeyKind::EcP521 => 528,
        }
    );
    let seconds = |time: sci_domain::timestamp::Timestamp| i64::try_from(time.as_millis() / 1000);
    let validity = other.validity();
    assert_eq!(
        seconds(certificate.validity.not_before),
        Ok(validity.not_before.timestamp())
    );
    assert_eq!(
        seconds(certificate.validity.not_after),
        Ok(validity.not_after.timestamp())
    );
    let subject = &certificate.subject;
    for (ours, id) in [
        (&subject.common_name, CN),
        (&subject.serial_number, SERIAL),
        (&subject.organization, O),
    ] {
        let theirs: Vec<_> = other
            .subject()
            .iter_attributes()
            .filter(|attribute| attribute.attr_type().as_bytes() == id)
            .map(|attribute| attribute.as_str().unwrap())
            .collect();
        let ours: Vec<_> = ours.iter().map(|text| text.as_str()).collect();
        assert_eq!(ours, theirs);
    }
}

#[test]
fn every_kind_of_key_is_taken_and_x509_parser_reads_the_same() {
    for (kind, pair) in keys() {
        let mut params = CertificateParams::new(["device.example".to_owned()]).unwrap();
        params.is_ca = IsCa::ExplicitNoCa;
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "SN0042");
        name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), "0042");
        name.push(DnType::OrganizationName, "Test Maker");
        name.push(DnType::OrganizationalUnitName, "Ünits");
        let made = params.self_signed(&pair).unwrap();
        for pem in [made.pem().replace("\r\n", "\n"), forge::pem(made.der())] {
            let certificate = inspect(&pem).unwrap();
            assert_eq!(certificate.key_kind, kind);
            agrees(&certificate, made.der());
            let texts = [
                certificate.subject.common_name,
                certificate.subject.serial_number,
                certificate.subject.organization,
            ]
            .map(|text| text.unwrap().to_string());
            assert_eq!(texts, ["SN0042", "0042", "Test Maker"]);
        }
    }
}

/// Made by `openssl ca`: another implementation's habits. Its private keys are lost.
#[test]
fn a_certificate_of_openssl_is_read() {
    let certificate = inspect(include_str!("openssl/device.pem")).unwrap();
    assert_eq!(certificate.key_kind, KeyKind::Rsa { bits: 2048 });
    // `openssl x509 -outform DER | sha256sum`, and the same of `openssl x509 -pubkey`.
    assert_eq!(
        [certificate.id.to_string(), certificate.key.to_string()],
        [
            "4e65a22a002dba757b640aa2ee27b3b0b744efa349a71351d10440d4117c2bf9",
            "ee74b28c6d489f954674265b2c976f770aa07f6671bfcdb59df24e057a297403"
        ]
    );
    let validity = certificate.validity;
    assert_eq!(
        [validity.not_before, validity.not_after].map(|time| time.to_string()),
        ["2025-01-01T00:00:00.000Z", "2049-12-31T23:59:59.000Z"]
    );
    let name = certificate.subject.common_name.unwrap();
    assert_eq!(name.as_str(), "AWS IoT Certificate");
    assert_eq!(certificate.subject.serial_number, None);
}

#[test]
fn one_key_has_one_fingerprint_whoever_certifies_it() {
    let pair = KeyPair::generate().unwrap();
    let certify = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        inspect(&params.self_signed(&pair).unwrap().pem()).unwrap()
    };
    let (one, other) = (certify("one"), certify("other"));
    assert_eq!(one.key, other.key);
    assert_ne!(one.id, other.id);
}

#[test]
fn the_forged_certificate_that_all_others_differ_from_is_sound() {
    let certificate = SOUND.inspect().unwrap();
    agrees(&certificate, &SOUND.der());
    assert_eq!(certificate.key_kind, KeyKind::EcP256);
}

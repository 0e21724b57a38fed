//! Certificates that no issuer would make: DER by hand, field by field. Their signature is never checked.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use sci_certificates::{DeviceCertificate, InvalidCertificate, inspect};

/// The public P-256 key of RFC 7515, appendix A.3.1. Its private part is published: a test key.
pub(crate) const SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==";

/// The object identifiers of `CN`, `serialNumber`, `O` and `OU`.
pub(crate) const CN: &[u8] = &[0x55, 4, 3];
pub(crate) const SERIAL: &[u8] = &[0x55, 4, 5];
pub(crate) const O: &[u8] = &[0x55, 4, 10];
pub(crate) const OU: &[u8] = &[0x55, 4, 11];

/// A value with the shortest length.
pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut value = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    value.extend(contents);
    value
}

pub(crate) fn sequence(fields: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &fields.concat())
}

pub(crate) fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], octets].concat())
}

/// A name of one UTF8String for each attribute.
pub(crate) fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let rdns: Vec<_> = attributes
        .iter()
        .map(|(id, text)| rdn(id, &tlv(0x0c, text.as_bytes())))
        .collect();
    tlv(0x30, &rdns.concat())
}

pub(crate) fn rdn(id: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(0x31, &sequence(&[&tlv(6, id), value]))
}

/// An extension below `id-ce`.
pub(crate) fn extension(id: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    sequence(&[&tlv(6, &[0x55, 0x1d, id]), critical, &tlv(4, value)])
}

/// `[3] EXPLICIT` with these extensions.
pub(crate) fn extensions(list: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xa3, &tlv(0x30, &list.concat()))
}

/// `SubjectPublicKeyInfo` of an elliptic curve's key.
pub(crate) fn ec_key(curve: &[u8], point: &[u8]) -> Vec<u8> {
    let id = tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
    sequence(&[&sequence(&[&id, curve]), &bit_string(point)])
}

/// `SubjectPublicKeyInfo` of an RSA key of these INTEGERs' contents.
pub(crate) fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let numbers = sequence(&[&tlv(2, modulus), &tlv(2, exponent)]);
    rsa_info(&[5, 0], &numbers)
}

pub(crate) fn rsa_info(parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let id = tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    sequence(&[&sequence(&[&id, parameters]), &bit_string(key)])
}

/// The encoded fields of a certificate, in their order.
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// A certificate that is accepted. Every other one differs from it in what it is about.
pub(crate) static SOUND: LazyLock<Forged> = LazyLock::new(|| {
    let ecdsa_sha256 = sequence(&[&tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]);
    Forged {
        version: tlv(0xa0, &tlv(2, &[2])),
        serial: tlv(2, &[1]),
        inner_algorithm: ecdsa_sha256.clone(),
        issuer: name(&[(O, "Müller & Söhne"), (CN, "Test CA")]),
        validity: validity(b"250101000000Z", b"491231235959Z"),
        subject: name(&[(CN, "AWS IoT Certificate")]),
        key: STANDARD.decode(SPKI).unwrap(),
        extensions: extensions(&[extension(19, true, &[0x30, 0])]),
        algorithm: ecdsa_sha256,
        signature: bit_string(b"never checked"),
    }
});

/// UTCTime or GeneralizedTime, by their length.
pub(crate) fn validity(not_before: &[u8], not_after: &[u8]) -> Vec<u8> {
    let time = |text: &[u8]| tlv(if text.len() == 13 { 0x17 } else { 0x18 }, text);
    sequence(&[&time(not_before), &time(not_after)])
}

impl Forged {
    pub(crate) fn der(&self) -> Vec<u8> {
        let signed = sequence(&[
            &self.version,
            &self.serial,
            &self.inner_algorithm,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.key,
            &self.extensions,
        ]);
        sequence(&[&signed, &self.algorithm, &self.signature])
    }

    pub(crate) fn inspect(&self) -> Result<DeviceCertificate, InvalidCertificate> {
        inspect(&pem(&self.der()))
    }
}

/// The sound certificate after `change`, inspected.
pub(crate) fn with(
    change: impl FnOnce(&mut Forged),
) -> Result<DeviceCertificate, InvalidCertificate> {
    let mut forged = SOUND.clone();
    change(&mut forged);
    forged.inspect()
}

pub(crate) fn pem(der: &[u8]) -> String {
    block("CERTIFICATE", der)
}

pub(crate) fn block(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
}

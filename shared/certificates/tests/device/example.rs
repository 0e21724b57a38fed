//! The worked example of the README: its numbers were computed with Python's standard library, and are checked here.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use sci_certificates::{Rejected, TemplateName, Voucher, VoucherKey};
use sci_domain::admission::{KeyFingerprint, SerialNumber};

use crate::forge::{SPKI, block};

const README: &str = include_str!("../../README.md");

/// What stands behind `label` in the example's list of values, without spaces and line ends.
fn value(label: &str) -> String {
    let (_, rest) = README.split_once(&format!("\n{label}\n")).expect(label);
    rest.lines()
        .take_while(|line| line.starts_with("    "))
        .map(str::trim)
        .collect()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .map(|digit| digit.to_digit(16).unwrap() as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

#[test]
fn the_numbers_of_the_readme_are_right() {
    assert_eq!(
        value("device key, SubjectPublicKeyInfo as DER, base64"),
        SPKI
    );
    let info = STANDARD.decode(SPKI).unwrap();
    let fingerprint = value("its SHA-256");
    assert_eq!(hex(&fingerprint), digest(&SHA256, &info).as_ref());

    let (template, serial) = (value("template"), value("serial number"));
    let message = hex(&value("message, 115 bytes, hexadecimal"));
    let expected = format!("sci-voucher-v1\n{template}\n{serial}\n{fingerprint}");
    assert_eq!(String::from_utf8(message).unwrap(), expected);
    assert_eq!(expected.len(), 115);

    let secret = hex(&value("secret of the device (for tests only), hexadecimal"));
    let secret = VoucherKey::device_secret(&secret).unwrap();
    let factory = STANDARD.decode(value(
        "public key of the factory (for tests only), SubjectPublicKeyInfo as DER, base64",
    ));
    let factory = VoucherKey::factory_key(&block("PUBLIC KEY", &factory.unwrap())).unwrap();
    let template = TemplateName::parse(template).unwrap();
    let serial = SerialNumber::parse(serial).unwrap();
    let key = KeyFingerprint::parse(&fingerprint).unwrap();
    for (label, against) in [("hmac voucher", secret), ("es256 voucher", factory)] {
        let voucher = Voucher::parse(&value(label)).unwrap();
        assert_eq!(voucher.verify(&against, &serial, &template, &key), Ok(()));
        let other = SerialNumber::parse("SN0043").unwrap();
        let refusal = voucher.verify(&against, &other, &template, &key);
        assert_eq!(refusal, Err(Rejected::Wrong));
    }
}

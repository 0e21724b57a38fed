//! Fields that a certificate of RFC 5280 does not have, and values that its fields cannot have.

use sci_certificates::{DeviceCertificate, InvalidCertificate as I};

use crate::forge::{CN, Forged, extension, extensions, name, rdn, sequence, tlv, validity, with};

type Change = fn(&mut Forged);

fn all(reason: I, changes: &[Change]) {
    for (index, change) in changes.iter().enumerate() {
        assert_eq!(with(change), Err(reason), "change {index}");
    }
}

/// Appends a value to the SEQUENCE in `field`. x509-parser passes over such values.
fn append(field: &mut Vec<u8>, extra: &[u8]) {
    let header = if field[1] < 0x80 { 2 } else { 3 };
    *field = tlv(field[0], &[&field[header..], extra].concat());
}

#[test]
fn no_structure_has_a_field_too_many_or_too_few() {
    const NULL: &[u8] = &[5, 0];
    all(
        I::NotACertificate,
        &[
            |c| append(&mut c.version, NULL),
            |c| append(&mut c.validity, NULL),
            |c| append(&mut c.subject, NULL),
            |c| append(&mut c.issuer, NULL),
            |c| append(&mut c.key, NULL),
            |c| append(&mut c.extensions, NULL),
            |c| c.signature.extend(NULL),
            |c| c.extensions.extend(NULL),
            |c| c.version.extend(NULL),
            |c| c.serial.clear(),
            |c| c.issuer.clear(),
            |c| c.validity = tlv(0x31, &[]),
            |c| c.subject.clear(),
            |c| c.key.clear(),
            |c| c.signature.clear(),
            |c| c.serial = tlv(4, &[1]),
            |c| c.key = tlv(0x31, &[]),
            // The unique identifiers of version 2, which RFC 5280 forbids.
            |c| c.extensions = tlv(0x81, &[0, 1]),
            |c| c.extensions = tlv(0xa3, &[]),
            |c| c.extensions = extensions(&[tlv(0x31, &[])]),
            |c| c.extensions = extensions(&[extension(19, true, &[])]),
            |c| c.extensions = extensions(&[extension(19, true, &[0x30, 0, 5, 0])]),
            |c| c.extensions = extensions(&[extension(19, true, &[0x30, 2, 5, 0])]),
            |c| c.extensions = extensions(&[extension(15, true, &[3, 2, 7, 0x80, 5, 0])]),
            |c| c.extensions = extensions(&[extension(19, true, &[0x30, 5, 2, 1, 0, 5, 0])]),
            |c| {
                let mut twice = extension(15, false, &[3, 2, 7, 0x80]);
                append(&mut twice, NULL);
                c.extensions = extensions(&[twice]);
            },
            // A name with an empty set, with an attribute without value, and with one of two values.
            |c| c.subject = sequence(&[&tlv(0x31, &[])]),
            |c| c.subject = sequence(&[&rdn(CN, &[])]),
            |c| c.subject = sequence(&[&rdn(CN, &[0x0c, 1, b'a', 0x0c, 1, b'b'])]),
            |c| c.issuer = sequence(&[&rdn(CN, &[])]),
        ],
    );
}

#[test]
fn version_3_and_no_other() {
    all(
        I::NotVersion3,
        &[
            |c| c.version.clear(),
            |c| {
                c.version.clear();
                c.extensions.clear();
            },
            |c| c.version = tlv(0xa0, &tlv(2, &[0])),
            |c| c.version = tlv(0xa0, &tlv(2, &[1])),
            |c| c.version = tlv(0xa0, &tlv(2, &[3])),
            |c| c.version = tlv(0xa0, &tlv(2, &[1, 2])),
        ],
    );
}

#[test]
fn the_algorithm_that_is_signed_is_that_of_the_signature() {
    all(
        I::AlgorithmMismatch,
        &[
            |c| append(&mut c.algorithm, &[5, 0]),
            |c| append(&mut c.inner_algorithm, &[5, 0]),
            |c| *c.algorithm.last_mut().unwrap() += 1,
        ],
    );
}

#[test]
fn extensions_stand_once_and_are_known_if_they_are_critical() {
    all(
        I::ExtensionTwice,
        &[
            |c| c.extensions = extensions(&[extension(99, false, &[]), extension(99, false, &[])]),
            |c| {
                let none = extension(19, true, &[0x30, 0]);
                let ca = extension(19, true, &sequence(&[&[1, 1, 0xff]]));
                c.extensions = extensions(&[none, ca]);
            },
        ],
    );
    all(
        I::ExtensionCritical,
        &[
            |c| c.extensions = extensions(&[extension(99, true, &[])]),
            // Name constraints: nobody here looks at them.
            |c| c.extensions = extensions(&[extension(30, true, &[0x30, 0])]),
        ],
    );
    for fine in [
        vec![],
        vec![extension(99, false, b"anything")],
        vec![
            extension(17, true, b"anything"),
            extension(37, true, b"anything"),
        ],
        vec![extension(15, true, &[3, 2, 7, 0x80])],
    ] {
        assert!(with(|c| c.extensions = extensions(&fine)).is_ok());
    }
    assert!(with(|c| c.extensions.clear()).is_ok());
}

#[test]
fn a_device_is_no_authority() {
    all(
        I::IsACa,
        &[
            |c| {
                let ca = sequence(&[&[1, 1, 0xff]]);
                c.extensions = extensions(&[extension(19, true, &ca)]);
            },
            |c| {
                let ca = sequence(&[&[1, 1, 0xff], &[2, 1, 0]]);
                c.extensions = extensions(&[extension(19, false, &ca)]);
            },
        ],
    );
}

#[test]
fn times_are_of_one_form_and_in_order() {
    let times = |certificate: DeviceCertificate| {
        let validity = certificate.validity;
        [validity.not_before, validity.not_after].map(|time| time.to_string())
    };
    let fine: [(&[u8], &[u8], _); 4] = [
        (
            b"250101000000Z",
            b"491231235959Z",
            ["2025-01-01T00:00:00.000Z", "2049-12-31T23:59:59.000Z"],
        ),
        (
            b"700101000000Z",
            b"99991231235959Z",
            ["1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"],
        ),
        (
            b"991231235959Z",
            b"000229000000Z",
            ["1999-12-31T23:59:59.000Z", "2000-02-29T00:00:00.000Z"],
        ),
        (
            b"20500101000000Z",
            b"20500101000000Z",
            ["2050-01-01T00:00:00.000Z", "2050-01-01T00:00:00.000Z"],
        ),
    ];
    for (from, until, expected) in fine {
        let read = with(|c| c.validity = validity(from, until)).map(times);
        assert_eq!(read, Ok(expected.map(str::to_owned)));
    }
    let ill: [(&[u8], &[u8]); 16] = [
        (b"250101000001Z", b"250101000000Z"),
        (b"500101000000Z", b"250101000000Z"),
        (b"691231235959Z", b"250101000000Z"),
        (b"19691231235959Z", b"250101000000Z"),
        (b"2501010000Z", b"491231235959Z"),
        (b"250101000000", b"491231235959Z"),
        (b"250101000000z", b"491231235959Z"),
        (b"250101000000+0000", b"491231235959Z"),
        (b"20250101000000.5Z", b"491231235959Z"),
        (b"251301000000Z", b"491231235959Z"),
        (b"250230000000Z", b"491231235959Z"),
        (b"250101240000Z", b"491231235959Z"),
        (b"2501010000-1Z", b"491231235959Z"),
        (b"25010100000\xb2Z", b"491231235959Z"),
        (b"250101000000Z", b""),
        (b"250101000000Z", b"100000101000000Z"),
    ];
    for (from, until) in ill {
        let refusal = with(|c| c.validity = validity(from, until));
        assert_eq!(refusal, Err(I::Validity), "{from:?}, {until:?}");
    }
    let refusal = with(|c| c.validity = sequence(&[&tlv(4, b"250101000000Z"), &tlv(5, &[])]));
    assert_eq!(refusal, Err(I::Validity));
    let empty_name = with(|c| c.subject = name(&[]));
    assert_eq!(empty_name.map(|c| c.subject), Ok(Default::default()));
}

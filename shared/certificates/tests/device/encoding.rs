//! BER that is not DER.

use sci_certificates::{InvalidCertificate as I, inspect};

use crate::forge::{self, SOUND, bit_string, extension, extensions, rdn, sequence, tlv, with};

fn refusal(der: &[u8]) -> Option<I> {
    inspect(&forge::pem(der)).err()
}

#[test]
fn lengths_are_definite_and_shortest() {
    let sound = SOUND.der();
    assert_eq!(sound[..2], [0x30, 0x82]);
    let body = &sound[4..];
    let indefinite = [&[0x30, 0x80], body, &[0, 0]].concat();
    assert_eq!(refusal(&indefinite), Some(I::NotDer));
    let long = [&[0x30, 0x83, 0], &sound[2..4], body].concat();
    assert_eq!(refusal(&long), Some(I::NotDer));
    let endless = [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], body].concat();
    assert_eq!(refusal(&endless), Some(I::NotDer));

    // In every field, also in those whose value is not used: x509-parser takes these.
    for (what, refusal) in [
        (
            "version",
            with(|c| c.version = vec![0xa0, 0x81, 3, 2, 1, 2]),
        ),
        ("serial", with(|c| c.serial = vec![2, 0x81, 1, 1])),
        ("serial", with(|c| c.serial = vec![2, 0x82, 0, 1, 1])),
        ("issuer", with(|c| c.issuer = vec![0x30, 0x81, 0])),
        ("subject", with(|c| c.subject = vec![0x30, 0x82, 0, 0])),
        (
            "issuer's attribute",
            with(|c| c.issuer = sequence(&[&[0x31, 0x81, 0]])),
        ),
        (
            "key",
            with(|c| {
                let rest = c.key.split_off(2);
                c.key = [&[0x30, 0x81, 0x59], rest.as_slice()].concat();
            }),
        ),
        (
            "point",
            with(|c| {
                let point = c.key.split_off(25);
                c.key = [c.key[2..].to_vec(), vec![3, 0x81], point[2..].to_vec()].concat();
                c.key.insert(c.key.len() - 65, 0);
                c.key = tlv(0x30, &c.key);
            }),
        ),
        ("signature", with(|c| c.signature = vec![3, 0x81, 2, 0, 0])),
    ] {
        assert_eq!(refusal, Err(I::NotDer), "{what}");
    }
}

#[test]
fn values_have_one_encoding() {
    let not_der = Err(I::NotDer);
    for integer in [&[][..], &[0, 0], &[0, 0x7f], &[0xff, 0x80], &[0xff, 0xff]] {
        assert_eq!(with(|c| c.serial = tlv(2, integer)), not_der, "{integer:?}");
    }
    for integer in [
        &[0][..],
        &[0x7f],
        &[0, 0x80],
        &[0xff],
        &[0xff, 0x7f],
        &[0x80; 20],
    ] {
        assert!(with(|c| c.serial = tlv(2, integer)).is_ok(), "{integer:?}");
    }
    assert_eq!(with(|c| c.version = tlv(0xa0, &tlv(2, &[0, 2]))), not_der);
    // BIT STRINGs of whole octets, with their count of unused bits.
    for bits in [&[][..], &[1, 2], &[8, 1], &[7, 0x80]] {
        assert_eq!(with(|c| c.signature = tlv(3, bits)), not_der, "{bits:?}");
    }
    // BOOLEANs: true is 0xff, and false is left out.
    for flag in [&[0][..], &[1], &[0xfe], &[], &[0xff, 0xff]] {
        let critical = sequence(&[&tlv(6, &[0x55, 0x1d, 99]), &tlv(1, flag), &tlv(4, &[])]);
        let refusal = with(|c| c.extensions = extensions(&[critical]));
        assert_eq!(refusal, not_der, "{flag:?}");
        let is_ca = extension(19, true, &sequence(&[&tlv(1, flag)]));
        let refusal = with(|c| c.extensions = extensions(&[is_ca]));
        assert_eq!(refusal, not_der, "{flag:?}");
    }
    for usage in [&[][..], &[0], &[8, 4], &[0xff, 4]] {
        let usage = extension(15, true, &tlv(3, usage));
        let refusal = with(|c| c.extensions = extensions(&[usage]));
        assert_eq!(refusal, not_der);
    }
    for id in [
        &[][..],
        &[0x80, 0x55, 4, 3],
        &[0x55, 4, 0x80, 3],
        &[0x55, 4, 0x83],
    ] {
        let attribute = rdn(id, &tlv(0x0c, b"a"));
        let refusal = with(|c| c.subject = sequence(&[&attribute]));
        assert_eq!(refusal, not_der, "{id:02x?}");
    }
    // A tag of two octets.
    assert_eq!(with(|c| c.serial = vec![0x1f, 2, 1, 1]), not_der);
    // A constructed BIT STRING.
    let pieces = [0x23, 0x04, 3, 2, 0, 0];
    let refusal = with(|c| c.signature = pieces.to_vec());
    assert_eq!(refusal, Err(I::NotACertificate));
}

#[test]
fn every_loss_and_every_addition_is_noticed() {
    let sound = SOUND.der();
    assert_eq!(refusal(&sound), None);
    for length in 0..sound.len() {
        assert!(refusal(&sound[..length]).is_some(), "{length} bytes");
    }
    for byte in [0, 0x30, 0xff] {
        let longer = [sound.as_slice(), &[byte]].concat();
        assert!(refusal(&longer).is_some());
    }
    for extra in [tlv(5, &[]), tlv(0x30, &[]), bit_string(&[]), tlv(0xa3, &[])] {
        let longer = [sound.as_slice(), &extra].concat();
        assert_eq!(refusal(&longer), Some(I::NotACertificate));
    }
}

//! The subject, which the device chose.

use sci_certificates::{InvalidCertificate as I, Subject};

use crate::forge::{CN, O, OU, SERIAL, name, rdn, sequence, tlv, with};

fn subject(attributes: &[(&[u8], &str)]) -> Result<Subject, I> {
    with(|c| c.subject = name(attributes)).map(|certificate| certificate.subject)
}

#[test]
fn three_attributes_are_read_and_the_others_come_out_nowhere() {
    let read = subject(&[
        (OU, "x\0\n"),
        (SERIAL, "0042"),
        (O, "Maker"),
        (OU, "ü"),
        (CN, "~ !"),
    ]);
    let read = read.unwrap();
    assert_eq!(read.common_name.as_ref().unwrap().as_str(), "~ !");
    assert_eq!(read.serial_number.as_ref().unwrap().as_str(), "0042");
    assert_eq!(read.organization.as_ref().unwrap().to_string(), "Maker");
    assert_eq!(
        format!("{read:?}"),
        "Subject { common_name: Some(SubjectText(\"~ !\")), serial_number: Some(SubjectText(\"0042\")), \
         organization: Some(SubjectText(\"Maker\")) }"
    );
    assert_eq!(subject(&[]), Ok(Subject::default()));
}

#[test]
fn none_stands_twice() {
    for id in [CN, SERIAL, O] {
        assert_eq!(subject(&[(id, "a"), (id, "b")]), Err(I::SubjectTwice));
        assert_eq!(
            subject(&[(id, "a"), (OU, "x"), (id, "a")]),
            Err(I::SubjectTwice)
        );
        // Both in one relative distinguished name.
        let attribute = |text: &[u8]| sequence(&[&tlv(6, id), &tlv(0x0c, text)]);
        let set = tlv(0x31, &[attribute(b"a"), attribute(b"b")].concat());
        let refusal = with(|c| c.subject = tlv(0x30, &set));
        assert_eq!(refusal, Err(I::SubjectTwice));
    }
}

#[test]
fn only_printable_ascii_comes_out() {
    let long = "a".repeat(64);
    for id in [CN, SERIAL, O] {
        for fine in ["a", " ", "~", "a=b,c=d", "${jndi:ldap://x}", &long] {
            assert!(subject(&[(id, fine)]).is_ok(), "{fine}");
        }
        let too_long = "a".repeat(65);
        for hostile in [
            "",
            "\0",
            "a\0",
            "a\n",
            "a\r\nERROR",
            "\t",
            "\x1b[2J",
            "\x7f",
            "ä",
            "а",
            "\u{202e}",
            "\u{2028}",
            "😀",
            &too_long,
        ] {
            let refusal = subject(&[(id, hostile)]);
            assert_eq!(refusal, Err(I::SubjectNotPrintable), "{hostile:?}");
        }
        let of = |tag: u8, bytes: &[u8]| {
            with(|c| c.subject = sequence(&[&rdn(id, &tlv(tag, bytes))])).map(|c| c.subject)
        };
        // Not UTF-8, though it says so.
        for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80"] {
            assert_eq!(of(0x0c, bytes), Err(I::SubjectNotPrintable));
            assert_eq!(of(0x13, bytes), Err(I::SubjectNotPrintable));
        }
        assert!(of(0x13, b"SN_0042").is_ok());
        // IA5String, T61String, BMPString, UniversalString, VisibleString, OCTET STRING, NULL, SEQUENCE.
        for tag in [0x16, 0x14, 0x1e, 0x1c, 0x1a, 0x04, 0x05, 0x30] {
            assert_eq!(of(tag, b"abcd"), Err(I::SubjectNotText), "{tag:x}");
        }
    }
}

//! The text around a certificate.

use sci_certificates::{InvalidCertificate as I, MAX_PEM_BYTES, inspect};

use crate::forge::{self, SOUND};

#[test]
fn one_block_and_nothing_else() {
    let sound = forge::pem(&SOUND.der());
    let base64 = sound.lines().nth(1).unwrap();
    let refusal = |text: &str| inspect(text).err();
    for same in [
        sound.clone(),
        sound.trim_end().to_owned(),
        sound.replace('\n', "\r\n"),
    ] {
        assert_eq!(refusal(&same), None, "{same:?}");
    }
    for (text, reason) in [
        (String::new(), I::NotPem),
        ("\n".into(), I::NotPem),
        (base64.to_owned(), I::NotPem),
        (format!("\n{sound}"), I::NotPem),
        (format!(" {sound}"), I::NotPem),
        (format!("subject=CN\n{sound}"), I::NotPem),
        (format!("\u{feff}{sound}"), I::NotPem),
        (sound.replace("CERTIFICATE", "X509 CERTIFICATE"), I::NotPem),
        (
            sound.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
            I::NotPem,
        ),
        (sound.replace("CERTIFICATE", "certificate"), I::NotPem),
        (
            sound.replace("END CERTIFICATE", "END PRIVATE KEY"),
            I::NotPem,
        ),
        (sound.replace("-----END CERTIFICATE-----\n", ""), I::NotPem),
        (sound.replace("-----END", "----END"), I::NotPem),
        (sound.replace('\n', "\r"), I::NotPem),
        (sound.replace('\n', ""), I::NotPem),
        (format!("{sound}{sound}"), I::TrailingText),
        (format!("{sound}\n"), I::TrailingText),
        (format!("{sound} "), I::TrailingText),
        (
            format!("{sound}{}", forge::block("PRIVATE KEY", b"key")),
            I::TrailingText,
        ),
        (sound.replace("-----\nM", "-----\n M"), I::Base64),
        (sound.replace("-----\nM", "-----\n\0M"), I::Base64),
        (
            sound.replace("-----\nM", "-----\nProc-Type: 4,ENCRYPTED\n\nM"),
            I::Base64,
        ),
        (sound.replace(base64, &base64[1..]), I::Base64),
        (sound.replace("-----END", "=\n-----END"), I::Base64),
        (
            sound.replace("-----END", "-----BEGIN CERTIFICATE-----\n-----END"),
            I::Base64,
        ),
    ] {
        assert_eq!(refusal(&text), Some(reason), "{text:?}");
    }
}

#[test]
fn bits_behind_the_last_byte_are_refused() {
    // One byte more than a multiple of three: `xx==`, of which four bits mean nothing.
    let mut forged = SOUND.clone();
    while forged.der().len() % 3 != 1 {
        let longer = [forged.signature[2..].to_vec(), vec![0]].concat();
        forged.signature = forge::tlv(3, &longer);
    }
    let sound = forge::pem(&forged.der());
    assert!(inspect(&sound).is_ok());
    let at = sound.find("==").unwrap() - 1;
    let mut text = sound.into_bytes();
    text[at] += 1;
    let text = String::from_utf8(text).unwrap();
    assert_eq!(inspect(&text), Err(I::Base64));
}

#[test]
fn sixteen_kib_are_looked_at_and_not_a_byte_more() {
    // An attribute that is passed over makes the certificate as long as is liked.
    let long = |length: usize| {
        let text = "a".repeat(length);
        let mut forged = SOUND.clone();
        forged.subject = forge::name(&[(forge::OU, &text)]);
        forge::pem(&forged.der())
    };
    assert!(inspect(&long(11_000)).is_ok());
    let mut text = long(11_000);
    let padding = MAX_PEM_BYTES - text.len();
    text.insert_str(28, &"\n".repeat(padding));
    assert_eq!(text.len(), MAX_PEM_BYTES);
    assert!(inspect(&text).is_ok());
    text.insert(28, '\n');
    assert_eq!(inspect(&text), Err(I::TooLong));
    assert_eq!(inspect(&"-".repeat(10_000_000)), Err(I::TooLong));
}

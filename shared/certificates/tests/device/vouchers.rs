//! What a voucher proves, and what proves nothing.

use aws_lc_rs::signature::KeyPair;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sci_certificates::{InvalidTemplateName, MAX_VOUCHER_BYTES, Rejected as R, TemplateName};
use sci_domain::admission::SerialNumber;

use crate::mint::{Factory, SECRET, TEMPLATE, es256, fingerprint, hmac, message, secret, verify};

#[test]
fn a_voucher_is_for_one_serial_number_template_and_key() {
    let factory = Factory::new();
    let right = message("sci-voucher-v1", TEMPLATE, "SN0042", 7);
    assert_eq!(verify(&hmac(&SECRET, &right), &secret()), Ok(()));
    assert_eq!(verify(&factory.sign(&right), &factory.key()), Ok(()));
    let hex = fingerprint(7).to_string();
    for wrong in [
        message("sci-voucher-v1", TEMPLATE, "SN0043", 7),
        message("sci-voucher-v1", TEMPLATE, "SN004", 7),
        message("sci-voucher-v1", TEMPLATE, "sn0042", 7),
        message("sci-voucher-v1", TEMPLATE, "", 7),
        message("sci-voucher-v1", "Another-Template", "SN0042", 7),
        message("sci-voucher-v1", "", "SN0042", 7),
        message("sci-voucher-v1", TEMPLATE, "SN0042", 8),
        message("sci-voucher-v2", TEMPLATE, "SN0042", 7),
        message("", TEMPLATE, "SN0042", 7),
        [right.as_slice(), b"\n"].concat(),
        right.to_ascii_uppercase(),
        right
            .split(|byte| *byte == b'\n')
            .collect::<Vec<_>>()
            .concat(),
        String::from_utf8(right.clone())
            .unwrap()
            .replace('\n', "\r\n")
            .into_bytes(),
        format!("sci-voucher-v1\nSN0042\n{TEMPLATE}\n{hex}").into_bytes(),
        format!(
            "sci-voucher-v1\n{TEMPLATE}\nSN0042\n{}",
            hex.to_uppercase().replace('0', "O")
        )
        .into_bytes(),
        [right[..right.len() - 64].to_vec(), vec![7; 32]].concat(),
        vec![],
    ] {
        let wrong_text = String::from_utf8_lossy(&wrong).into_owned();
        assert_eq!(
            verify(&hmac(&SECRET, &wrong), &secret()),
            Err(R::Wrong),
            "{wrong_text}"
        );
        assert_eq!(
            verify(&factory.sign(&wrong), &factory.key()),
            Err(R::Wrong),
            "{wrong_text}"
        );
    }
}

#[test]
fn another_secret_and_another_factory_prove_nothing() {
    let (ours, theirs) = (Factory::new(), Factory::new());
    let right = message("sci-voucher-v1", TEMPLATE, "SN0042", 7);
    let mut other = SECRET;
    other[31] ^= 1;
    assert_eq!(verify(&hmac(&other, &right), &secret()), Err(R::Wrong));
    assert_eq!(verify(&theirs.sign(&right), &ours.key()), Err(R::Wrong));
    // The public key of the factory is no secret, whatever the device says.
    let public = ours.0.public_key().as_ref();
    for known in [public, ours.pem().as_bytes(), &[]] {
        assert_eq!(
            verify(&hmac(known, &right), &ours.key()),
            Err(R::OtherScheme)
        );
    }
    assert_eq!(
        verify(&hmac(&SECRET, &right), &ours.key()),
        Err(R::OtherScheme)
    );
    assert_eq!(verify(&ours.sign(&right), &secret()), Err(R::OtherScheme));
    // The scheme relabelled.
    let tag = hmac(&SECRET, &right).replace("hmac", "es256");
    assert_eq!(verify(&tag, &ours.key()), Err(R::Length));
    let signature = ours.sign(&right).replace("es256", "hmac");
    assert_eq!(verify(&signature, &secret()), Err(R::Length));
    // "Psychic" signatures: r and s of 0 fit every message where they are not refused (CVE-2022-21449).
    for (r, s) in [(0, 0), (0, 1), (1, 0), (1, 1), (0xff, 0xff)] {
        let proof = [[r; 32], [s; 32]].concat();
        assert_eq!(verify(&es256(&proof), &ours.key()), Err(R::Wrong));
    }
}

#[test]
fn a_voucher_has_one_form() {
    let factory = Factory::new();
    let right = message("sci-voucher-v1", TEMPLATE, "SN0042", 7);
    let voucher = hmac(&SECRET, &right);
    let proof = voucher.rsplit('.').next().unwrap();
    let short = URL_SAFE_NO_PAD.encode([7; 31]);
    let long = URL_SAFE_NO_PAD.encode([7; 33]);
    for (text, reason) in [
        (String::new(), R::Version),
        ("v1".into(), R::Version),
        (format!("v2.hmac.{proof}"), R::Version),
        (format!("V1.hmac.{proof}"), R::Version),
        (format!("v10.hmac.{proof}"), R::Version),
        (format!(" {voucher}"), R::Version),
        (format!("hmac.{proof}"), R::Version),
        ("v1.".into(), R::Scheme),
        ("v1.hmac".into(), R::Scheme),
        (format!("v1.{proof}"), R::Scheme),
        (format!("v1..{proof}"), R::Scheme),
        (format!("v1.HMAC.{proof}"), R::Scheme),
        (format!("v1.hmac .{proof}"), R::Scheme),
        (format!("v1.none.{proof}"), R::Scheme),
        (format!("v1.hs256.{proof}"), R::Scheme),
        (format!("v1.hmac..{proof}"), R::Base64url),
        (format!("{voucher}="), R::Base64url),
        (format!("{voucher}\n"), R::Base64url),
        (format!("{voucher}."), R::Base64url),
        (format!("v1.hmac. {proof}"), R::Base64url),
        (format!("v1.hmac.+{}", &proof[1..]), R::Base64url),
        (format!("v1.hmac./{}", &proof[1..]), R::Base64url),
        (format!("v1.hmac.é{}", &proof[2..]), R::Base64url),
        ("v1.hmac.".into(), R::Length),
        (format!("v1.hmac.{short}"), R::Length),
        (format!("v1.hmac.{long}"), R::Length),
        (format!("v1.es256.{proof}"), R::Length),
        ("v1.es256.".into(), R::Length),
    ] {
        assert_eq!(verify(&text, &secret()), Err(reason), "{text:?}");
    }
    // 32 bytes leave two bits over: three more spellings of the same proof.
    let last = proof.bytes().last().unwrap();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.iter().position(|letter| *letter == last).unwrap();
    assert_eq!(at % 4, 0);
    for spare in 1..4 {
        let text = format!(
            "{}{}",
            &voucher[..voucher.len() - 1],
            char::from(alphabet[at + spare])
        );
        assert_eq!(verify(&text, &secret()), Err(R::Base64url));
    }
    for voucher in [voucher, factory.sign(&right)] {
        for length in 0..voucher.len() {
            let refusal = verify(&voucher[..length], &secret()).unwrap_err();
            assert_ne!(refusal, R::Wrong, "{length} characters");
        }
    }
    let longest = factory.sign(&right);
    assert_eq!(longest.len(), MAX_VOUCHER_BYTES);
    assert_eq!(
        verify(&format!("{longest}A"), &factory.key()),
        Err(R::TooLong)
    );
    assert_eq!(
        verify(&"v1.hmac.".repeat(1_000_000), &secret()),
        Err(R::TooLong)
    );
    // ASN.1, which `openssl dgst` makes.
    let asn1 = [[0x30, 62, 2, 29].as_slice(), &[1; 29], &[2, 29], &[1; 29]].concat();
    assert_eq!(verify(&es256(&asn1), &factory.key()), Err(R::Wrong));
}

#[test]
fn no_changed_bit_of_a_proof_passes() {
    let factory = Factory::new();
    let right = message("sci-voucher-v1", TEMPLATE, "SN0042", 7);
    let proof = factory.proof(&right);
    for bit in 0..512 {
        let mut changed = proof.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(&es256(&changed), &factory.key()), Err(R::Wrong));
    }
    let tag = hmac(&SECRET, &right);
    let tag = URL_SAFE_NO_PAD.decode(&tag[8..]).unwrap();
    for bit in 0..256 {
        let mut changed = tag.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let text = format!("v1.hmac.{}", URL_SAFE_NO_PAD.encode(changed));
        assert_eq!(verify(&text, &secret()), Err(R::Wrong));
    }
}

/// The message is unambiguous because nothing that ends in it at a line feed can hold one.
#[test]
fn no_field_holds_the_separator() {
    for text in [
        "a\nb",
        "\n",
        "a\n",
        "\na",
        "a\r",
        "a\0b",
        "a.b",
        "a/b",
        "a b",
        "ä",
        "",
        &"a".repeat(37),
    ] {
        assert_eq!(
            TemplateName::parse(text),
            Err(InvalidTemplateName),
            "{text:?}"
        );
    }
    assert_eq!(
        InvalidTemplateName.to_string(),
        "a template name must match [0-9A-Za-z_-]{1,36}"
    );
    for byte in 0..=127_u8 {
        let text = char::from(byte).to_string();
        let fits = byte.is_ascii_alphanumeric() || byte == b'_';
        assert_eq!(SerialNumber::parse(text.as_str()).is_ok(), fits);
        assert_eq!(
            TemplateName::parse(text.as_str()).is_ok(),
            fits || byte == b'-'
        );
    }
    assert!(TemplateName::parse("a".repeat(36)).is_ok());
}

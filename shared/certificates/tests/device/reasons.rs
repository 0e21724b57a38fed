//! One certificate for each reason there is, so that none can be there in vain, and the form of codes and texts.

use std::collections::BTreeSet;

use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use sci_certificates::{InvalidCertificate as I, InvalidVoucherKey, Rejected, inspect};

use crate::forge::{
    CN, SOUND, ec_key, extension, extensions, name, pem, rdn, rsa_info, rsa_key, sequence, tlv,
    validity, with,
};

#[test]
fn every_reason_to_refuse_a_certificate_occurs() {
    let sound = pem(&SOUND.der());
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let ed25519 = CertificateParams::default().self_signed(&ed25519).unwrap();
    let refusals = [
        inspect(&"-".repeat(20_000)),
        inspect(""),
        inspect(&format!("{sound}{sound}")),
        inspect(&sound.replace("-----\nM", "-----\n.")),
        with(|c| c.serial = vec![2, 0x81, 1, 1]),
        with(|c| c.serial.clear()),
        with(|c| c.version.clear()),
        with(|c| c.algorithm = tlv(0x30, &[])),
        with(|c| c.validity = validity(b"260101000000Z", b"250101000000Z")),
        with(|c| c.extensions = extensions(&[extension(9, false, &[]), extension(9, false, &[])])),
        with(|c| c.extensions = extensions(&[extension(9, true, &[])])),
        with(|c| c.extensions = extensions(&[extension(19, true, &[0x30, 3, 1, 1, 0xff])])),
        with(|c| c.subject = name(&[(CN, "a"), (CN, "b")])),
        with(|c| c.subject = sequence(&[&rdn(CN, &tlv(0x16, b"a"))])),
        with(|c| c.subject = name(&[(CN, "a\nb")])),
        inspect(ed25519.pem().as_str()),
        with(|c| c.key = rsa_info(&[], &[])),
        with(|c| c.key = ec_key(&[5, 0], &[4])),
        with(|c| c.key = ec_key(&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], &[4; 65])),
        with(|c| c.key = rsa_key(&[1], &[1, 0, 1])),
        with(|c| c.key = rsa_key(&crate::keys::modulus(2049), &[3])),
        with(|c| c.key = rsa_key(&[1; 258], &[1, 0, 1])),
        with(|c| c.key = rsa_key(&crate::keys::roca(), &[1, 0, 1])),
    ];
    let seen: BTreeSet<_> = refusals.into_iter().map(Result::unwrap_err).collect();
    assert_eq!(seen, I::ALL.iter().copied().collect());
}

#[test]
fn codes_are_unique_and_kebab_case_and_texts_are_fragments() {
    let reasons = I::ALL
        .iter()
        .map(|reason| (reason.code(), reason.to_string()))
        .chain(Rejected::ALL.iter().map(|r| (r.code(), r.to_string())))
        .chain(
            InvalidVoucherKey::ALL
                .iter()
                .map(|k| (k.code(), k.to_string())),
        );
    let mut codes = BTreeSet::new();
    for (code, text) in reasons {
        let kebab = code.split('-').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
        assert!(kebab, "{code}");
        assert!(codes.insert(code), "{code} stands twice");
        assert!(!text.ends_with('.') && text.is_ascii(), "{text}");
    }
}

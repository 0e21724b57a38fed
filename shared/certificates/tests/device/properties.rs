//! What holds of every text.

use proptest::{collection::vec, prelude::*, sample::Index};
use sci_certificates::{TemplateName, Voucher, VoucherKey, inspect, is_signed_by};
use sci_domain::admission::{KeyFingerprint, SerialNumber};

use crate::{
    accepted::agrees,
    forge::{SOUND, block, pem},
};

const CA: &str = include_str!("openssl/ca.pem");

/// Bytes that are often DER.
fn derish() -> impl Strategy<Value = Vec<u8>> {
    let leaf = (
        prop::sample::select(vec![1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x17, 0x18, 0x80, 0x9f]),
        vec(any::<u8>(), 0..20),
    );
    let leaf = leaf.prop_map(|(tag, contents)| crate::forge::tlv(tag, &contents));
    leaf.prop_recursive(6, 64, 8, |inner| {
        let tag = prop::sample::select(vec![0x30, 0x31, 0xa0, 0xa3]);
        (tag, vec(inner, 0..8)).prop_map(|(tag, fields)| crate::forge::tlv(tag, &fields.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}|(-----BEGIN CERTIFICATE-----\n)?[A-Za-z0-9+/=\n]{0,200}(-----END CERTIFICATE-----)?") {
        prop_assert!(inspect(&text).is_err());
        prop_assert!(is_signed_by(&text, CA).is_err());
        prop_assert!(is_signed_by(CA, &text).is_err());
        prop_assert!(VoucherKey::factory_key(&text).is_err());
        prop_assert!(Voucher::parse(&text).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop_oneof![vec(any::<u8>(), 0..400), derish()]) {
        prop_assert!(inspect(&pem(&bytes)).is_err());
        prop_assert!(is_signed_by(&pem(&bytes), CA).is_err());
        prop_assert!(VoucherKey::factory_key(&block("PUBLIC KEY", &bytes)).is_err());
    }

    /// Each field of a sound certificate replaced by anything, and any bytes changed, removed and put in.
    #[test]
    fn what_passes_after_a_change_reads_the_same_to_x509_parser(
        field in 0..10_usize,
        value in derish(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 0..4),
    ) {
        let mut forged = SOUND.clone();
        let c = &mut forged;
        let fields = [
            &mut c.version, &mut c.serial, &mut c.inner_algorithm, &mut c.issuer, &mut c.validity, &mut c.subject,
            &mut c.key, &mut c.extensions, &mut c.signature, &mut c.algorithm,
        ];
        // Half of the time the bytes alone change.
        if field % 2 == 0 || edits.is_empty() {
            *fields.into_iter().nth(field).unwrap() = value;
        }
        let mut der = forged.der();
        for (place, byte, how) in edits {
            let place = place.index(der.len());
            match how {
                0 => der[place] = byte,
                1 => der.insert(place, byte),
                _ => { der.remove(place); }
            }
        }
        if let Ok(certificate) = inspect(&pem(&der)) {
            agrees(&certificate, &der);
        }
    }

    #[test]
    fn no_proof_is_guessed(
        scheme in prop::sample::select(vec!["hmac", "es256"]),
        proof in "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]|[A-Za-z0-9_-]{85}[AQgw]|[A-Za-z0-9_-]{0,90}",
        serial in "[a-zA-Z0-9_]{1,32}",
        template in "[0-9A-Za-z_-]{1,36}",
        key: [u8; 32],
        secret in vec(any::<u8>(), 32..=64),
    ) {
        let text = format!("v1.{scheme}.{proof}");
        if let Ok(voucher) = Voucher::parse(&text) {
            let serial = SerialNumber::parse(serial).unwrap();
            let template = TemplateName::parse(template).unwrap();
            let key = KeyFingerprint::from_bytes(key);
            let secret = VoucherKey::device_secret(&secret).unwrap();
            let factory = VoucherKey::factory_key(&factory()).unwrap();
            prop_assert!(voucher.verify(&secret, &serial, &template, &key).is_err());
            prop_assert!(voucher.verify(&factory, &serial, &template, &key).is_err());
        }
    }
}

fn factory() -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    block("PUBLIC KEY", &STANDARD.decode(crate::forge::SPKI).unwrap())
}

#[test]
fn every_changed_bit_of_a_certificate_is_refused_or_read_as_x509_parser_reads_it() {
    let sound = SOUND.der();
    let id = SOUND.inspect().unwrap().id;
    let mut accepted = 0;
    for place in 0..sound.len() {
        for bit in 0..8 {
            let mut changed = sound.clone();
            changed[place] ^= 1 << bit;
            if let Ok(certificate) = inspect(&pem(&changed)) {
                agrees(&certificate, &changed);
                assert_ne!(certificate.id, id);
                accepted += 1;
            }
        }
    }
    // Names, times, serial number and signature can be others: a certificate without issuer proves nothing.
    assert!(accepted > 100);
}

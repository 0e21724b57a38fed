//! The numbers of a key: weak, malformed or no point of the curve.

use sci_jwt::{Algorithm, KeyDefect, Rejection, UnverifiedToken};
use serde_json::{Value, json};

use crate::{
    keys::{changed, jwk, load},
    mint::{base64url, claims, expectation, key, now},
};

/// A modulus of so many bits that nothing but its size can be wrong with.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xa7; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    modulus[0] = 1 << top | (0xa7 & ((1 << top) - 1));
    let last = modulus.len() - 1;
    let fits = |low: &u8| {
        let mut modulus = modulus.clone();
        modulus[last] = *low;
        let defect = changed(Algorithm::Rs256, &json!({ "n": base64url(modulus) }));
        defect != Some(KeyDefect::RsaSmallFactor)
    };
    let low = (1..=255).step_by(2).find(fits).unwrap();
    modulus[last] = low;
    modulus
}

#[test]
fn rsa_keys_are_strong_and_plain() {
    use KeyDefect as D;
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let with = |n: &[u8]| changed(algorithm, &json!({ "n": base64url(n) }));
        for (bits, defect) in [
            (1024, Some(D::RsaSize)),
            (2040, Some(D::RsaSize)),
            (2047, Some(D::RsaSize)),
            (2048, None),
            (2049, None),
            (3072, None),
            (4096, None),
            (4097, Some(D::RsaSize)),
            (8192, Some(D::RsaSize)),
        ] {
            assert_eq!(with(&modulus(bits)), defect, "{bits}");
        }
        assert_eq!(with(&[]), Some(D::RsaSize));
        let good = modulus(2048);
        assert_eq!(
            with(&[&[0], good.as_slice()].concat()),
            Some(D::RsaLeadingZero)
        );
        assert_eq!(with(&[&[0], &good[1..]].concat()), Some(D::RsaLeadingZero));
        for even_byte in (0..=254).step_by(2) {
            let mut even = good.clone();
            *even.last_mut().unwrap() = even_byte;
            assert_eq!(with(&even), Some(D::RsaSmallFactor), "{even_byte}");
        }
        // 0xff...ff = 2^2048 - 1 is divisible by 3.
        assert_eq!(with(&[0xff; 256]), Some(D::RsaSmallFactor));

        for e in [
            "AQ", "Aw", "Ag", "AA", "", "AQAC", "AAEAAQ", "AQAAAAE", "EQ", "AQABAA",
        ] {
            let defect = changed(algorithm, &json!({ "e": e }));
            assert_eq!(defect, Some(D::RsaExponent), "{e}");
        }
        for bad in [
            json!(null),
            json!(65537),
            json!("AQAB="),
            json!("AQ+B"),
            json!("A"),
        ] {
            assert_eq!(
                changed(algorithm, &json!({ "e": bad })),
                Some(D::Base64url),
                "{bad}"
            );
            assert_eq!(
                changed(algorithm, &json!({ "n": bad })),
                Some(D::Base64url),
                "{bad}"
            );
        }
    }
}

#[test]
fn ec_points_are_on_the_curve_and_have_its_length() {
    use KeyDefect as D;
    let cases = [
        (
            Algorithm::Es256,
            32,
            "x = 5 (SEC 2 parameters of P-256)",
            [
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAU",
                "RZJDuapYGAb-kTvOmYF63hHKUDxk2aPFM0FcCDJI-8w",
                "_____wAAAAEAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAQ",
            ],
        ),
        (
            Algorithm::Es384,
            48,
            "x = 2",
            [
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAC",
                "jN6tu9BJEaPBkx4m3z-mQ53KnH6yhvvUb8MZ8OK7eAIyuvV4JfwMGRKtov7-hAJM",
                "__________________________________________7_____AAAAAAAAAAEAAAAB",
            ],
        ),
    ];
    for (algorithm, length, what, [x, y, x_plus_p]) in cases {
        let with = |x: &str, y: &str| changed(algorithm, &json!({ "x": x, "y": y }));
        assert_eq!(with(x, y), None, "{what}");
        assert_eq!(
            with(x_plus_p, y),
            Some(D::EcNotOnCurve),
            "{what}, beyond the field"
        );
        assert_eq!(with(y, x), Some(D::EcNotOnCurve), "{what}, swapped");
        let zero = base64url(vec![0; length]);
        assert_eq!(with(&zero, &zero), Some(D::EcNotOnCurve));
        assert_eq!(
            with(x, &base64url(vec![0xff; length])),
            Some(D::EcNotOnCurve)
        );
        for wrong in [0, 1, length - 1, length + 1, 66] {
            let wrong = base64url(vec![0; wrong]);
            assert_eq!(with(&wrong, y), Some(D::EcLength));
            assert_eq!(with(x, &wrong), Some(D::EcLength));
        }
        let bad = [
            json!(null),
            json!(5),
            json!(format!("{x}=")),
            json!(format!("{x} ")),
        ];
        for bad in bad {
            assert_eq!(changed(algorithm, &json!({ "x": bad })), Some(D::Base64url));
            assert_eq!(changed(algorithm, &json!({ "y": bad })), Some(D::Base64url));
        }
    }
}

#[test]
fn ed25519_keys_are_points_that_bind() {
    use KeyDefect as D;
    let with = |x: Vec<u8>| changed(Algorithm::EdDsa, &json!({ "x": base64url(x) }));
    let ends = |first: u8, middle: u8, last: u8| {
        let mut x = vec![middle; 32];
        (x[0], x[31]) = (first, last);
        x
    };
    // The points of small order and the second spellings of RFC 8032's decoding ("Taming the many EdDSAs", tables 1 and 2), but
    // for the four of order 8, which have a test of their own.
    for (x, defect) in [
        (ends(0x01, 0x00, 0x00), D::Ed25519SmallOrder),
        (ends(0x01, 0x00, 0x80), D::Ed25519SmallOrder),
        (ends(0xec, 0xff, 0x7f), D::Ed25519SmallOrder),
        (ends(0xec, 0xff, 0xff), D::Ed25519SmallOrder),
        (ends(0x00, 0x00, 0x00), D::Ed25519SmallOrder),
        (ends(0x00, 0x00, 0x80), D::Ed25519SmallOrder),
        (ends(0xed, 0xff, 0x7f), D::Ed25519NotCanonical),
        (ends(0xed, 0xff, 0xff), D::Ed25519NotCanonical),
        (ends(0xee, 0xff, 0x7f), D::Ed25519NotCanonical),
        (ends(0xee, 0xff, 0xff), D::Ed25519NotCanonical),
        (ends(0xff, 0xff, 0x7f), D::Ed25519NotCanonical),
        (ends(0xff, 0xff, 0xff), D::Ed25519NotCanonical),
    ] {
        assert_eq!(with(x.clone()), Some(defect), "{x:x?}");
    }
    assert_eq!(with(ends(0xeb, 0xff, 0x7f)), None);
    assert_eq!(with(ends(0xff, 0xff, 0x7e)), None);
    for length in [0, 1, 31, 33, 44, 57] {
        assert_eq!(with(vec![9; length]), Some(D::Ed25519Length));
    }
    let ed25519 = |changes: Value| changed(Algorithm::EdDsa, &changes);
    assert_eq!(ed25519(json!({ "crv": "Ed448" })), Some(D::CurveMismatch));
    assert_eq!(ed25519(json!({ "crv": "X25519" })), Some(D::CurveMismatch));
    assert_eq!(ed25519(json!({ "x": null })), Some(D::Base64url));
    assert_eq!(ed25519(json!({ "y": "AA" })), None);
}

/// Whether 32 bytes are a point at all shows when they are used. y = 2 is none.
#[test]
fn what_is_no_point_verifies_nothing() {
    let mut jwk = jwk(Algorithm::EdDsa);
    let mut two = [0; 32];
    two[0] = 2;
    jwk["x"] = base64url(two).into();
    let loaded = load(&[jwk]);
    let key = key(Algorithm::EdDsa);
    let token = key.sign(key.header().text(), claims().text());
    let token = UnverifiedToken::parse(token.as_bytes()).ok().unwrap();
    let no_point = loaded.keys.get("key-EdDSA").unwrap();
    let refusal = token.verify(no_point, &expectation(), now()).err();
    assert_eq!(refusal, Some(Rejection::Signature));
}

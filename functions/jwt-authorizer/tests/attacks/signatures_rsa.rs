//! RSA: salts, padding, numbers out of range.

use num_bigint::BigUint;
use testkit::tokens::{TestKey, Unsigned};

use crate::{
    row::{Row, allow, deny},
    rsa::{self, Rsa, padded},
    signatures::good,
};

pub(crate) fn rows() -> Vec<Row> {
    [pss(), pkcs1()].concat()
}

fn pss() -> Vec<Row> {
    let source = "RFC 7518 3.5: SHA-256, MGF1 with SHA-256, a salt of 32 bytes";
    let key = TestKey::Ps256;
    let private = Rsa::of(key);
    let (unsigned, signature) = good(key);
    let message = unsigned.as_str().as_bytes();
    let salted =
        |length: usize| unsigned.with(&private.sign(&rsa::pss(message, &vec![0x5a; length])));
    let mut rows: Vec<_> = [0, 1, 20, 31, 33, 48, 64, 222]
        .into_iter()
        .map(|length| {
            deny(
                format!("pss-salt-of-{length}"),
                source,
                "signature",
                salted(length),
            )
        })
        .collect();
    rows.push(allow("pss-salt-of-32", source, salted(32)));
    rows.push(allow(
        "pss-salt-of-zeros",
        source,
        unsigned.with(&private.sign(&rsa::pss(message, &[0; 32]))),
    ));
    let mut trailer = rsa::pss(message, &[1; 32]);
    *trailer.last_mut().unwrap() = 0xcc;
    rows.push(deny(
        "pss-other-trailer",
        source,
        "signature",
        unsigned.with(&private.sign(&trailer)),
    ));
    let mut separator = rsa::pss(message, &[1; 32]);
    separator[190] ^= 1;
    rows.push(deny(
        "pss-padding-changed",
        source,
        "signature",
        unsigned.with(&private.sign(&separator)),
    ));
    rows.extend(out_of_range("pss", &unsigned, &signature, &private));
    rows
}

fn pkcs1() -> Vec<Row> {
    let source = "RFC 8017 8.2.2: compared whole; CVE-2006-4339, CVE-2021-30246, CVE-2022-24771";
    let key = TestKey::Rs256;
    let private = Rsa::of(key);
    let (unsigned, signature) = good(key);
    let digest = rsa::digest(unsigned.as_str().as_bytes());
    let info = [rsa::SHA256.as_slice(), &digest].concat();
    // DigestInfo without the NULL of its parameters.
    let without_null = [
        &[0x30, 0x2f, 0x30, 0x0b],
        &rsa::SHA256[4..15],
        &[0x04, 0x20],
        digest.as_slice(),
    ]
    .concat();
    // The identifier of SHA-1 before a digest of SHA-256.
    let sha1 = [
        &[
            0x30, 0x2d, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04,
            0x20,
        ],
        digest.as_slice(),
    ]
    .concat();
    let ber = [&[0x30, 0x81], &rsa::SHA256[1..], digest.as_slice()].concat();
    let edited = |at: usize, value: u8| {
        let mut em = rsa::pkcs1(&info, 0);
        em[at] = value;
        em
    };
    let mut rows = vec![allow(
        "pkcs1-by-hand",
        source,
        unsigned.with(&private.sign(&rsa::pkcs1(&info, 0))),
    )];
    for (name, em) in [
        ("no-null", rsa::pkcs1(&without_null, 0)),
        ("sha1-identifier", rsa::pkcs1(&sha1, 0)),
        ("ber-length", rsa::pkcs1(&ber, 0)),
        ("digest-alone", rsa::pkcs1(&digest, 0)),
        ("junk-behind", rsa::pkcs1(&info, 100)),
        ("one-byte-behind", rsa::pkcs1(&info, 1)),
        ("eight-bytes-of-padding", rsa::pkcs1(&info, 194)),
        ("block-type-2", edited(1, 2)),
        ("block-type-0", edited(1, 0)),
        ("first-byte", edited(0, 1)),
        ("padding-changed", edited(100, 0xfe)),
        ("padding-ends-early", edited(100, 0)),
        ("separator", edited(256 - info.len() - 1, 1)),
        (
            "other-digest",
            rsa::pkcs1(&[rsa::SHA256.as_slice(), &rsa::digest(b"")].concat(), 0),
        ),
    ] {
        rows.push(deny(
            format!("pkcs1-{name}"),
            source,
            "signature",
            unsigned.with(&private.sign(&em)),
        ));
    }
    rows.extend(out_of_range("pkcs1", &unsigned, &signature, &private));
    rows
}

/// The same residue, another number.
fn out_of_range(name: &str, unsigned: &Unsigned, signature: &[u8], private: &Rsa) -> Vec<Row> {
    let source = "RFC 8017 5.2.2: a signature is less than the modulus";
    let number = BigUint::from_bytes_be(signature);
    let longer = padded(&(&number + &private.n), 257);
    vec![
        deny(
            format!("{name}-plus-modulus"),
            source,
            "signature",
            unsigned.with(&longer),
        ),
        deny(
            format!("{name}-minus"),
            source,
            "signature",
            unsigned.with(&padded(&(&private.n - &number), 256)),
        ),
        deny(
            format!("{name}-modulus"),
            source,
            "signature",
            unsigned.with(&padded(&private.n, 256)),
        ),
        deny(
            format!("{name}-modulus-less-one"),
            source,
            "signature",
            unsigned.with(&padded(&(&private.n - 1_u8), 256)),
        ),
    ]
}

//! ECDSA and Ed25519: numbers out of range, other encodings, and the one that is valid.

use num_bigint::BigUint;
use testkit::tokens::TestKey;

use crate::{
    row::{Row, allow, deny},
    rsa::{self, padded},
    signatures::good,
};

pub(crate) fn rows() -> Vec<Row> {
    [ecdsa(), eddsa()].concat()
}

/// Order of the group. Source: FIPS 186-5, by way of SEC 2, sections 2.4.2 and 2.5.1.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
/// The field. Source: the same.
const P256_PRIME: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const P384_PRIME: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff";

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap()
}

/// A number in DER.
fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes[0] >= 0x80 {
        bytes.insert(0, 0);
    }
    [&[2, u8::try_from(bytes.len()).unwrap()], bytes.as_slice()].concat()
}

fn ecdsa() -> Vec<Row> {
    let psychic = "CVE-2022-21449: r and s are 1 to n - 1";
    let shape = "RFC 7518 3.4: r and s, as long as the field; CVE-2020-14966, CVE-2024-42461";
    let mut rows = Vec::new();
    for (key, order, prime, length) in [
        (TestKey::Es256, P256_ORDER, P256_PRIME, 32),
        (TestKey::Es384, P384_ORDER, P384_PRIME, 48),
    ] {
        let (unsigned, signature) = good(key);
        let (order, prime) = (number(order), number(prime));
        let (r, s) = signature.split_at(length);
        let (r, s) = (BigUint::from_bytes_be(r), BigUint::from_bytes_be(s));
        let pair = |r: &BigUint, s: &BigUint| [padded(r, length), padded(s, length)].concat();
        let zero = BigUint::from(0_u8);
        let one = BigUint::from(1_u8);
        for (name, odd_r, odd_s) in [
            ("zero-zero", &zero, &zero),
            ("zero-s", &zero, &s),
            ("r-zero", &r, &zero),
            ("zero-one", &zero, &one),
            ("one-zero", &one, &zero),
            ("one-one", &one, &one),
            ("order-order", &order, &order),
            ("order-s", &order, &s),
            ("r-order", &r, &order),
            ("order-zero", &order, &zero),
            ("zero-order", &zero, &order),
            ("prime-prime", &prime, &prime),
            ("order-and-one", &(&order + 1_u8), &(&order + 1_u8)),
            ("order-less-one", &(&order - 1_u8), &(&order - 1_u8)),
            ("exchanged", &s, &r),
            ("minus-r", &(&order - &r), &s),
            ("minus-both", &(&order - &r), &(&order - &s)),
            ("r-twice", &r, &r),
        ] {
            rows.push(deny(
                format!("{name}-{key:?}"),
                psychic,
                "signature",
                unsigned.with(&pair(odd_r, odd_s)),
            ));
        }
        // (r, n - s) verifies wherever (r, s) does. JWS has no rule for the smaller one, as Bitcoin has: it is valid, so a
        // signature must never serve as the name of a token.
        for (name, s) in [("s", &s), ("other-s", &(&order - &s))] {
            rows.push(allow(
                format!("{name}-is-valid-{key:?}"),
                "RFC 7518 3.4 does not forbid the larger s",
                unsigned.with(&pair(&r, s)),
            ));
        }

        let r_longer = [padded(&(&r + &order), length + 1), padded(&s, length)].concat();
        let s_longer = [padded(&r, length), padded(&(&s + &order), length + 1)].concat();
        let both_longer = [
            padded(&(&r + &order), length + 1),
            padded(&(&s + &order), length + 1),
        ]
        .concat();
        let body = [integer(&r), integer(&s)].concat();
        let der = [&[0x30, u8::try_from(body.len()).unwrap()], body.as_slice()].concat();
        let long_der = [
            &[0x30, 0x81, u8::try_from(body.len()).unwrap()],
            body.as_slice(),
        ]
        .concat();
        for (name, odd) in [
            ("r-plus-order", r_longer),
            ("s-plus-order", s_longer),
            ("both-plus-order", both_longer),
            (
                "both-one-longer",
                [padded(&r, length + 1), padded(&s, length + 1)].concat(),
            ),
            ("der", der.clone()),
            ("ber", long_der),
            ("der-and-junk", [der.as_slice(), &[0]].concat()),
            ("r-alone", padded(&r, length)),
            ("recovery-byte", [pair(&r, &s).as_slice(), &[27]].concat()),
            (
                "three-numbers",
                [padded(&r, length), padded(&s, length), padded(&s, length)].concat(),
            ),
        ] {
            rows.push(deny(
                format!("{name}-{key:?}"),
                shape,
                "signature",
                unsigned.with(&odd),
            ));
        }
    }
    rows
}

fn eddsa() -> Vec<Row> {
    let source = "RFC 8032 5.1.7: S is less than L; CVE-2020-36843, CVE-2024-42459";
    let (unsigned, signature) = good(TestKey::EdDsa);
    let (point, scalar) = signature.split_at(32);
    let order = rsa::ed25519_order();
    let little = |number: &BigUint| {
        let mut bytes = number.to_bytes_le();
        bytes.resize(32, 0);
        bytes
    };
    let scalar_number = BigUint::from_bytes_le(scalar);
    let zero = BigUint::from(0_u8);
    // Encodings of points of small order.
    let identity = little(&BigUint::from(1_u8));
    let mut minus_identity = identity.clone();
    minus_identity[31] |= 0x80;
    let mut twisted = point.to_vec();
    twisted[31] ^= 0x80;
    let mut high_bit = scalar.to_vec();
    high_bit[31] |= 0x80;
    let mut rows = Vec::new();
    for (name, odd) in [
        (
            "plus-order",
            [point, &little(&(&scalar_number + &order))].concat(),
        ),
        (
            "plus-order-twice",
            [point, &little(&(&scalar_number + &order * 2_u8))].concat(),
        ),
        (
            "plus-order-eight-times",
            [point, &little(&(&scalar_number + &order * 8_u8))].concat(),
        ),
        ("scalar-order", [point, &little(&order)].concat()),
        ("scalar-zero", [point, &little(&zero)].concat()),
        (
            "scalar-minus",
            [point, &little(&(&order - &scalar_number))].concat(),
        ),
        ("scalar-high-bit", [point, &high_bit].concat()),
        ("point-negative", [&twisted, scalar].concat()),
        (
            "identity-zero",
            [identity.as_slice(), &little(&zero)].concat(),
        ),
        (
            "identity-order",
            [identity.as_slice(), &little(&order)].concat(),
        ),
        (
            "identity-other-spelling-zero",
            [minus_identity.as_slice(), &little(&zero)].concat(),
        ),
        (
            "zero-point-zero",
            [[0; 32].as_slice(), &little(&zero)].concat(),
        ),
        ("exchanged", [scalar, point].concat()),
        (
            "with-the-public-key",
            [signature.as_slice(), &TestKey::EdDsa.public()].concat(),
        ),
        (
            "public-key-as-point",
            [TestKey::EdDsa.public().as_slice(), scalar].concat(),
        ),
    ] {
        rows.push(deny(
            format!("ed25519-{name}"),
            source,
            "signature",
            unsigned.with(&odd),
        ));
    }
    rows
}

//! Ed25519 public keys that must not be used.

use crate::KeyDefect;

/// The `y` of every point of small order (1, 2, 4 or 8) on edwards25519, as RFC 8032, section 5.1.2, encodes it. Their `x` differ
/// only in sign, so the top bit of the last byte is left out.
///
/// Source: Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs" (SSR 2020, eprint 2020/1244), table 1. libsodium's
/// `ge25519_has_small_order` has the same list and two further spellings, which are not canonical.
const SMALL_ORDER: [[u8; 32]; 5] = [
    // y = 1: the neutral element.
    [
        0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ],
    // y = -1: order 2.
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, //
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0x7f,
    ],
    // y = 0: order 4.
    [0; 32],
    // Order 8.
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, //
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc,
        0x05,
    ],
    // Order 8.
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, //
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03,
        0x7a,
    ],
];

/// p = 2^255 - 19, which every `y` must be less than, with the least significant byte last.
const P: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, //
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xed,
];

/// Refuses points of small order and points with a second spelling. A text that is no point at all is not noticed: aws-lc finds
/// out when it checks a signature, and accepts none.
pub(crate) fn check(point: &[u8; 32]) -> Result<(), KeyDefect> {
    let mut y = *point;
    let [.., last] = &mut y;
    *last &= 0x7f;
    if SMALL_ORDER.contains(&y) {
        return Err(KeyDefect::Ed25519SmallOrder);
    }
    y.reverse();
    if y >= P {
        return Err(KeyDefect::Ed25519NotCanonical);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, ParsedPublicKey};

    use super::*;

    /// Both signs of each `y`, and the second spellings of the rest.
    #[test]
    fn every_point_of_small_order_is_refused() {
        for y in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut point = y;
                point[31] |= sign;
                assert_eq!(check(&point), Err(KeyDefect::Ed25519SmallOrder));
            }
        }
    }

    /// The second spellings of 0 and 1, of which the first is p itself.
    #[test]
    fn every_second_spelling_is_refused() {
        for above in [0, 1, 18] {
            let mut point = P;
            point.reverse();
            point[0] += above;
            assert_eq!(check(&point), Err(KeyDefect::Ed25519NotCanonical));
        }
    }

    /// Why: the base point and 1 are a signature of every message, and aws-lc says so.
    #[test]
    fn aws_lc_would_take_a_forgery() {
        let neutral = SMALL_ORDER[0];
        let key = ParsedPublicKey::new(&ED25519, neutral).unwrap();
        let mut forgery = [0x66; 64];
        forgery[0] = 0x58;
        forgery[32..].fill(0);
        forgery[32] = 1;
        for message in ["one", "another"] {
            assert!(key.verify_sig(message.as_bytes(), &forgery).is_ok());
        }
    }
}

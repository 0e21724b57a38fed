//! Keys that are weak, of another kind, or spelled in another way.

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use sci_certificates::{InvalidCertificate as I, KeyKind, inspect};

use crate::forge::{SPKI, bit_string, ec_key, rsa_info, rsa_key, sequence, tlv, with};

const EXPONENT: &[u8] = &[1, 0, 1];
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

fn key(info: &[u8]) -> Result<KeyKind, I> {
    with(|c| c.key = info.to_vec()).map(|certificate| certificate.key_kind)
}

/// The contents of an INTEGER.
fn unsigned(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0x80..=0xff, ..] => [&[0], bytes].concat(),
        _ => bytes.to_vec(),
    }
}

fn modulus_of(bytes: &[u8]) -> Result<KeyKind, I> {
    key(&rsa_key(&unsigned(bytes), EXPONENT))
}

/// A modulus of so many bits that nothing but its size can be wrong with.
pub(crate) fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xa7; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    modulus[0] = 1 << top | (0xa7 & ((1 << top) - 1));
    let last = modulus.len() - 1;
    let fits = |low: &u8| {
        let mut modulus = modulus.clone();
        modulus[last] = *low;
        modulus_of(&modulus) != Err(I::KeyRsaSmallFactor)
    };
    let low = (1..=255).step_by(2).find(fits).unwrap();
    modulus[last] = low;
    modulus
}

#[test]
fn rsa_keys_are_strong() {
    for bits in [1, 512, 1024, 2040, 2047, 4097, 8192] {
        assert_eq!(modulus_of(&modulus(bits)), Err(I::KeyRsaSize), "{bits}");
    }
    for bits in [2048, 2049, 3072, 4096] {
        let read = modulus_of(&modulus(bits));
        assert_eq!(read, Ok(KeyKind::Rsa { bits: bits as u32 }));
    }
    assert_eq!(modulus_of(&[0]), Err(I::KeyRsaSize));
    let mut even = modulus(2048);
    *even.last_mut().unwrap() -= 1;
    assert_eq!(modulus_of(&even), Err(I::KeyRsaSmallFactor));
    // 0xff...ff = 2^2048 - 1 is divisible by 3.
    assert_eq!(modulus_of(&[0xff; 256]), Err(I::KeyRsaSmallFactor));
    let sound = unsigned(&modulus(2048));
    for exponent in [
        &[1][..],
        &[3],
        &[17],
        &[35],
        &[0],
        &[1, 0, 3],
        &[1, 0, 0],
        &[1, 0, 0, 0, 1],
        &[0xff],
    ] {
        let refusal = key(&rsa_key(&sound, exponent));
        assert_eq!(refusal, Err(I::KeyRsaExponent), "{exponent:?}");
    }
}

/// 65537^128, which has 2,049 bits: a power of 65537 modulo each of the primes, as a modulus of the flawed library is.
pub(crate) fn roca() -> Vec<u8> {
    let mut power = vec![1_u8]; // the least significant byte first
    for _ in 0..128 {
        // Times 65537: shifted by 16 bits and added.
        let shifted = [0, 0].iter().chain(&power);
        let zeros = std::iter::repeat(&0);
        let mut carry = 0;
        let mut next = Vec::new();
        for (high, low) in shifted.zip(power.iter().chain(zeros)) {
            let sum = u16::from(*high) + u16::from(*low) + carry;
            next.push(sum.to_le_bytes()[0]);
            carry = sum >> 8;
        }
        if carry > 0 {
            next.push(1);
        }
        power = next;
    }
    power.reverse();
    power
}

#[test]
fn roca_is_found() {
    assert_eq!(modulus_of(&roca()), Err(I::KeyRsaRoca));
}

#[test]
fn rsa_keys_have_one_spelling() {
    let sound = unsigned(&modulus(2048));
    let numbers = sequence(&[&tlv(2, &sound), &tlv(2, EXPONENT)]);
    assert!(key(&rsa_info(&[5, 0], &numbers)).is_ok());
    let malformed: [Vec<u8>; 10] = [
        rsa_info(&[], &numbers),
        rsa_info(&[5, 1, 0], &numbers),
        rsa_info(&[0x30, 0], &numbers),
        rsa_info(&[5, 0], &[]),
        rsa_info(&[5, 0], &numbers[1..]),
        rsa_info(&[5, 0], &[numbers.as_slice(), &[5, 0]].concat()),
        rsa_info(&[5, 0], &sequence(&[&tlv(2, &sound)])),
        rsa_info(
            &[5, 0],
            &sequence(&[&tlv(2, &sound), &tlv(2, EXPONENT), &[5, 0]]),
        ),
        // Two zeros, and negative.
        rsa_key(&[&[0], sound.as_slice()].concat(), EXPONENT),
        rsa_key(&[&[0xa7], &sound[1..]].concat(), EXPONENT),
    ];
    for (index, info) in malformed.iter().enumerate() {
        assert_eq!(key(info), Err(I::KeyMalformed), "{index}");
    }
    assert_eq!(key(&rsa_key(&sound, &[0, 1, 0, 1])), Err(I::KeyMalformed));
    // Beside the algorithm's parameters, and beside the key.
    let id = tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    let more = sequence(&[&sequence(&[&id, &[5, 0], &[5, 0]]), &bit_string(&numbers)]);
    assert_eq!(key(&more), Err(I::NotACertificate));
    let more = sequence(&[&sequence(&[&id, &[5, 0]]), &bit_string(&numbers), &[5, 0]]);
    assert_eq!(key(&more), Err(I::NotACertificate));
    let bits = sequence(&[
        &sequence(&[&id, &[5, 0]]),
        &tlv(3, &[&[1], numbers.as_slice()].concat()),
    ]);
    assert_eq!(key(&bits), Err(I::NotDer));
}

#[test]
fn points_are_uncompressed_and_on_their_curve() {
    let info = STANDARD.decode(SPKI).unwrap();
    let point = &info[26..];
    assert_eq!(key(&ec_key(P256, point)), Ok(KeyKind::EcP256));
    let parity = 2 + (point[64] & 1);
    let mut off = point.to_vec();
    off[64] ^= 1;
    let hybrid = [&[4 + parity], &point[1..]].concat();
    for bad in [
        [&[parity], &point[1..33]].concat(),
        hybrid,
        off,
        vec![],
        vec![0],
        [&[4], [0; 64].as_slice()].concat(),
        [&[4], [0xff; 64].as_slice()].concat(),
        point[..64].to_vec(),
        [point, &[0]].concat(),
        info.clone(), // a SubjectPublicKeyInfo within, which aws-lc takes too
    ] {
        assert_eq!(key(&ec_key(P256, &bad)), Err(I::KeyPoint), "{bad:02x?}");
    }
    // The point of another curve.
    for curve in [
        &[6, 5, 0x2b, 0x81, 4, 0, 0x22],
        &[6, 5, 0x2b, 0x81, 4, 0, 0x23],
    ] {
        assert_eq!(key(&ec_key(curve, point)), Err(I::KeyPoint));
    }
}

#[test]
fn other_curves_are_refused() {
    let info = STANDARD.decode(SPKI).unwrap();
    let point = &info[26..];
    let curves: [&[u8]; 7] = [
        &[6, 5, 0x2b, 0x81, 4, 0, 0x0a],                        // secp256k1
        &[6, 5, 0x2b, 0x81, 4, 0, 0x21],                        // P-224
        &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1],         // P-192
        &[6, 9, 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7],               // brainpoolP256r1
        &[],                                                    // none
        &[5, 0],                                                // implicitCurve
        include_bytes!("openssl/explicit-p256.der").as_slice(), // P-256, but of the certificate's own making
    ];
    for curve in curves {
        assert_eq!(key(&ec_key(curve, point)), Err(I::KeyCurve), "{curve:02x?}");
    }
}

#[test]
fn other_algorithms_are_refused() {
    let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let made = CertificateParams::default().self_signed(&pair).unwrap();
    assert_eq!(inspect(&made.pem()), Err(I::KeyAlgorithm));
    // DSA, RSASSA-PSS, X25519, Ed448.
    for id in [
        &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1][..],
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10],
        &[0x2b, 0x65, 0x6e],
        &[0x2b, 0x65, 0x71],
    ] {
        let info = sequence(&[&sequence(&[&tlv(6, id), &[5, 0]]), &bit_string(&[9; 32])]);
        assert_eq!(key(&info), Err(I::KeyAlgorithm), "{id:02x?}");
    }
}

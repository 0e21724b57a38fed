//! RSA by hand: signatures that no library makes. Sources: RFC 8017, sections 8.1, 8.2, 9.1 and 9.2.

use num_bigint::BigUint;
use sha2::{Digest as _, Sha256};
use testkit::tokens::TestKey;

const LENGTH: usize = 256;

/// A private key.
pub(crate) struct Rsa {
    pub(crate) n: BigUint,
    d: BigUint,
}

impl Rsa {
    pub(crate) fn of(key: TestKey) -> Self {
        let der = key.pkcs1();
        // RSAPrivateKey: the numbers version, n, e, d and others, each with tag 2.
        let mut rest = &der[4..];
        let mut number = || {
            let (length, skip) = match rest[1] {
                0x82 => (usize::from(rest[2]) << 8 | usize::from(rest[3]), 4),
                0x81 => (usize::from(rest[2]), 3),
                short => (usize::from(short), 2),
            };
            let (value, after) = rest[skip..].split_at(length);
            rest = after;
            BigUint::from_bytes_be(value)
        };
        let (_version, n, _e, d) = (number(), number(), number(), number());
        Self { n, d }
    }

    /// The signature whose encoded message is `em`.
    pub(crate) fn sign(&self, em: &[u8]) -> Vec<u8> {
        padded(&BigUint::from_bytes_be(em).modpow(&self.d, &self.n), LENGTH)
    }
}

/// A number in as many bytes as it must have.
pub(crate) fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut padded = vec![0; length.saturating_sub(bytes.len())];
    padded.extend(bytes);
    padded
}

/// The encoded message of RSASSA-PSS with SHA-256 and a salt of any length.
pub(crate) fn pss(message: &[u8], salt: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update([0; 8]);
    hash.update(Sha256::digest(message));
    hash.update(salt);
    let hash = hash.finalize();
    let mut block = vec![0; LENGTH - 32 - 1 - salt.len() - 1];
    block.push(1);
    block.extend(salt);
    mask(&mut block, &hash);
    // The encoded message has one bit less than the modulus.
    block[0] &= 0x7f;
    [&block, hash.as_slice(), &[0xbc]].concat()
}

/// MGF1 with SHA-256.
fn mask(block: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0_u32..).zip(block.chunks_mut(32)) {
        let mut mask = Sha256::new();
        mask.update(seed);
        mask.update(counter.to_be_bytes());
        for (byte, mask) in chunk.iter_mut().zip(mask.finalize()) {
            *byte ^= mask;
        }
    }
}

/// The DigestInfo of SHA-256 before the digest itself.
pub(crate) const SHA256: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// The encoded message of RSASSA-PKCS1-v1_5 with any text in the place of DigestInfo, and bytes behind it.
pub(crate) fn pkcs1(digest_info: &[u8], behind: usize) -> Vec<u8> {
    let padding = LENGTH - 3 - digest_info.len() - behind;
    [
        &[0, 1],
        vec![0xff; padding].as_slice(),
        &[0],
        digest_info,
        &vec![0; behind],
    ]
    .concat()
}

/// Whether `em` is one of RSASSA-PSS, whatever its salt's length: the mistake of those who find the salt instead of
/// knowing it.
pub(crate) fn opens_pss_with_any_salt(em: &[u8], message: &[u8]) -> bool {
    (0..=222).any(|length| {
        let hash = &em[LENGTH - 33..LENGTH - 1];
        let mut block = em[..LENGTH - 33].to_vec();
        mask(&mut block, hash);
        let salt = block[block.len() - length..].to_vec();
        pss(message, &salt) == em
    })
}

/// Whether `em` is one of RSASSA-PKCS1-v1_5 as far as somebody looks who stops behind the digest.
pub(crate) fn opens_pkcs1_anyhow(em: &[u8], message: &[u8]) -> bool {
    let padding = em.iter().skip(2).take_while(|byte| **byte == 0xff).count();
    let info = [SHA256.as_slice(), &digest(message)].concat();
    em.starts_with(&[0, 1])
        && em.get(2 + padding) == Some(&0)
        && em[3 + padding..].starts_with(&info)
}

/// The order of the base point of Ed25519. Source: RFC 8032, section 5.1.
pub(crate) fn ed25519_order() -> BigUint {
    (BigUint::from(1_u8) << 252)
        + BigUint::from(27_742_317_777_372_353_535_851_937_790_883_648_493_u128)
}

/// SHA-256 of `message`.
pub(crate) fn digest(message: &[u8]) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

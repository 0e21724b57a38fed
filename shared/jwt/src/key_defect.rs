//! Why a key or a whole key set is not used.

use sci_domain::{reasons, rsa_modulus::WeakModulus};

reasons! {
    /// Why one key of a set is dropped. Its neighbours stay.
    pub enum KeyDefect {
        /// No JSON object.
        NotAnObject => "key-not-an-object": "the key is not a JSON object",
        /// A member of the key stands twice (RFC 7517, section 4).
        DuplicateMember => "key-duplicate-member": "a member stands twice in the key",
        /// The key is nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
        TooDeep => "key-too-deep": "the key is nested too deeply",
        /// `kid` is absent (RFC 7517, section 4.5).
        KidMissing => "key-without-kid": "the key has no `kid`",
        /// `kid` is no string of 1 to 128 printable ASCII characters.
        KidMalformed => "key-kid-malformed": "`kid` is not 1 to 128 printable ASCII characters",
        /// Two keys of the set have this `kid` (RFC 7517, section 4.5): neither can be meant.
        KidShared => "key-kid-shared": "another key of the set has the same `kid`",
        /// A symmetric key (`kty` is `oct` or `k` is there): whoever can verify with it can sign.
        Symmetric => "key-symmetric": "the key is symmetric",
        /// `d`, `p`, `q`, `dp`, `dq`, `qi` or `oth`: the private part is published, so the key is lost (RFC 7517, section 9.2).
        Private => "key-private": "the key holds its private part",
        /// `alg` is absent or no string. It says what the key is for, so we require it (RFC 8725, section 3.1).
        AlgMissing => "key-without-alg": "the key has no `alg`",
        /// `alg` is none of the five.
        AlgNotAllowed => "key-alg-not-allowed": "`alg` of the key is not an accepted algorithm",
        /// `kty` is absent or another than that of `alg` (RFC 7518, section 6.1).
        KtyMismatch => "key-kty-mismatch": "`kty` does not belong to `alg`",
        /// `use` is there and not `sig` (RFC 7517, section 4.2).
        UseNotSig => "key-use-not-sig": "`use` is not `sig`",
        /// `key_ops` is there and not exactly `["verify"]`: that is all a public key does (RFC 7517, section 4.3).
        KeyOpsNotVerify => "key-ops-not-verify": "`key_ops` is not exactly `verify`",
        /// `crv` is another curve than that of `alg` (RFC 7518, section 3.4; RFC 8037, section 3.1).
        CurveMismatch => "key-curve-mismatch": "`crv` does not belong to `alg`",
        /// A number of the key is absent, or no canonical base64url.
        Base64url => "key-base64url": "a number of the key is not canonical base64url without padding",
        /// `n` begins with a zero byte (RFC 7518, section 6.3.1.1; RFC 7518, section 2, Base64urlUInt).
        RsaLeadingZero => "key-rsa-leading-zero": "the modulus begins with a zero byte",
        /// Fewer than 2,048 bits (RFC 7518, sections 3.3 and 3.5), or more than 4,096, which are slow and only so.
        RsaSize => "key-rsa-size": "the modulus does not have 2,048 to 4,096 bits",
        /// `e` is not 65537. With 1 every signature can be forged; 3 makes mistakes in padding fatal (CVE-2006-4339).
        RsaExponent => "key-rsa-exponent": "the exponent is not 65537",
        /// The modulus has a prime factor below 168.
        RsaSmallFactor => "key-rsa-small-factor": "the modulus has a small prime factor",
        /// The modulus has the form that a flawed library of a smart-card maker gave its keys (ROCA, CVE-2017-15361).
        RsaRoca => "key-rsa-roca": "the modulus can be factored (ROCA)",
        /// A coordinate does not have the length of the curve's field (RFC 7518, section 6.2.1.2).
        EcLength => "key-ec-length": "a coordinate does not have the length of the curve",
        /// The point is not on the curve (RFC 8725, section 3.4).
        EcNotOnCurve => "key-ec-not-on-curve": "the point is not on the curve",
        /// `x` does not have 32 bytes (RFC 8037, section 2).
        Ed25519Length => "key-ed25519-length": "`x` does not have 32 bytes",
        /// `x` is another spelling of a point than the one that RFC 8032, section 5.1.2, gives it.
        Ed25519NotCanonical => "key-ed25519-not-canonical": "`x` is not the canonical form of a point",
        /// A point of order 1, 2, 4 or 8: signatures that fit any message can be made for it.
        Ed25519SmallOrder => "key-ed25519-small-order": "`x` is a point of small order",
        /// aws-lc does not take the key, whatever the reason.
        Unusable => "key-unusable": "the key cannot be used",
    }
}

reasons! {
    /// Why a whole key set is refused.
    pub enum InvalidKeySet {
        /// More than [`MAX_KEY_SET_BYTES`](crate::MAX_KEY_SET_BYTES).
        TooLong => "key-set-too-long": "the key set is longer than 64 KiB",
        /// Not UTF-8.
        NotUtf8 => "key-set-not-utf8": "the key set is not UTF-8",
        /// No JSON object with one array `keys` (RFC 7517, section 5).
        NotAKeySet => "key-set-malformed": "the text is not a JSON object with one array `keys`",
        /// More than [`MAX_KEYS`](crate::MAX_KEYS).
        TooManyKeys => "key-set-too-many-keys": "the key set has more than 64 keys",
    }
}

impl From<WeakModulus> for KeyDefect {
    fn from(weak: WeakModulus) -> Self {
        match weak {
            WeakModulus::Size => Self::RsaSize,
            WeakModulus::SmallFactor => Self::RsaSmallFactor,
            WeakModulus::Roca => Self::RsaRoca,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{InvalidKeySet, KeyDefect, Rejection};

    #[test]
    fn codes_are_unique_and_kebab_case_and_texts_are_fragments() {
        let reasons = Rejection::ALL
            .iter()
            .map(|reason| (reason.code(), reason.to_string()))
            .chain(KeyDefect::ALL.iter().map(|d| (d.code(), d.to_string())))
            .chain(InvalidKeySet::ALL.iter().map(|e| (e.code(), e.to_string())));
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
}

//! A device's secret as text.

use std::collections::BTreeSet;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sci_domain::admission::DeviceSecret;

use super::What;

/// With or without padding, since vendors' tools differ (RFC 4648, section 5).
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Of 32 random bytes 30 differ on average; that no more than 16 do happens once in 10^13 secrets. Counters, padding, and
/// digits that were encoded a second time have no more.
const FEWEST_DIFFERENT: usize = 17;

/// Reads a secret. What could be both is hexadecimal: by chance no base64url of 43 characters or more has digits alone.
pub(super) fn read(text: &str) -> Result<DeviceSecret, What> {
    let bytes = if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        from_hex(text)
    } else {
        BASE64URL.decode(text).ok()
    };
    let bytes = bytes.ok_or(What::SecretText)?;
    let different = bytes.iter().collect::<BTreeSet<_>>().len();
    let secret = DeviceSecret::new(bytes).map_err(What::Secret)?;
    if different < FEWEST_DIFFERENT {
        return Err(What::SecretNotRandom);
    }
    Ok(secret)
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        // One digit alone is half a byte.
        (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok())?
    };
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use sci_domain::admission::InvalidSecret;

    use super::*;

    fn bytes(length: u8) -> Vec<u8> {
        (0..length)
            .map(|n| n.wrapping_mul(37).wrapping_add(251))
            .collect()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn every_spelling_of_a_secret_is_read() {
        for length in 32..=64 {
            let bytes = bytes(length);
            for text in [
                hex(&bytes),
                hex(&bytes).to_uppercase(),
                BASE64_URL_SAFE.encode(&bytes),
                BASE64_URL_SAFE_NO_PAD.encode(&bytes),
            ] {
                assert_eq!(read(&text).unwrap().expose(), bytes, "{length}");
            }
        }
    }

    #[test]
    fn weak_and_broken_secrets_are_refused() {
        let plain = BASE64_STANDARD.encode(bytes(32));
        assert!(plain.contains(['+', '/']));
        let digits_twice = BASE64_URL_SAFE_NO_PAD.encode(hex(&bytes(32)));
        for (text, what) in [
            (hex(&bytes(31)), What::Secret(InvalidSecret)),
            (hex(&bytes(65)), What::Secret(InvalidSecret)),
            // Long enough, if it were base64url.
            (hex(&bytes(24)), What::Secret(InvalidSecret)),
            (
                BASE64_URL_SAFE.encode(bytes(31)),
                What::Secret(InvalidSecret),
            ),
            (String::new(), What::Secret(InvalidSecret)),
            (format!("{}0", hex(&bytes(32))), What::SecretText),
            (plain, What::SecretText),
            (
                "not a secret at all, but a remark".to_owned(),
                What::SecretText,
            ),
            ("00".repeat(32), What::SecretNotRandom),
            (hex(&bytes(16).repeat(2)), What::SecretNotRandom),
            (digits_twice, What::SecretNotRandom),
        ] {
            assert_eq!(read(&text), Err(what), "{text}");
        }
    }
}

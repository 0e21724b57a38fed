//! The three segments of a compact JWS, and base64url.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::Rejection;

/// The parts of `header.payload.signature`, still encoded; none of them is empty.
pub(crate) struct Segments<'t> {
    pub(crate) header: &'t [u8],
    pub(crate) payload: &'t [u8],
    pub(crate) signature: &'t [u8],
    /// Header, dot and payload: what was signed (RFC 7515, section 5.1, step 5).
    pub(crate) signing_input: &'t [u8],
}

impl<'t> Segments<'t> {
    pub(crate) fn split(token: &'t [u8]) -> Result<Self, Rejection> {
        // As a str, because its search looks at words, not at bytes. What is not UTF-8 is not base64url either.
        let token = std::str::from_utf8(token).map_err(|_| Rejection::Base64url)?;
        let (signing_input, signature) =
            token.rsplit_once('.').ok_or(Rejection::NotThreeSegments)?;
        let (header, payload) = signing_input
            .split_once('.')
            .ok_or(Rejection::NotThreeSegments)?;
        if payload.contains('.') {
            return Err(Rejection::NotThreeSegments);
        }
        if header.is_empty() || payload.is_empty() || signature.is_empty() {
            return Err(Rejection::EmptySegment);
        }
        Ok(Self {
            header: header.as_bytes(),
            payload: payload.as_bytes(),
            signature: signature.as_bytes(),
            signing_input: signing_input.as_bytes(),
        })
    }
}

/// Decodes base64url, of which every text has exactly one spelling: no padding, no space, no bits behind the last byte.
pub(crate) fn decode(segment: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(segment).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_has_one_spelling() {
        assert_eq!(decode(b"-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(decode(b"TQ"), Some(vec![0x4d]));
        for other in [
            "TQ==", "TQ=", "TR", "TS", "TX", "-_9", "+/8", "T", "TQTQT", "T Q", "TQ\n", " TQ",
            "T\0", "TQ.", "ТQ", "T%51",
        ] {
            assert_eq!(decode(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn exactly_three_segments_and_none_is_empty() {
        let parts = Segments::split(b"ab.cd.ef").ok().unwrap();
        assert_eq!(parts.header, b"ab");
        assert_eq!(parts.payload, b"cd");
        assert_eq!(parts.signature, b"ef");
        assert_eq!(parts.signing_input, b"ab.cd");
        for (token, reason) in [
            ("", Rejection::NotThreeSegments),
            ("ab", Rejection::NotThreeSegments),
            ("ab.cd", Rejection::NotThreeSegments),
            ("ab.cd.ef.", Rejection::NotThreeSegments),
            ("ab.cd.ef.gh", Rejection::NotThreeSegments),
            ("a.b.c.d.e", Rejection::NotThreeSegments),
            ("ab.cd.", Rejection::EmptySegment),
            ("ab..ef", Rejection::EmptySegment),
            (".cd.ef", Rejection::EmptySegment),
            ("..", Rejection::EmptySegment),
        ] {
            let refused = Segments::split(token.as_bytes()).err();
            assert_eq!(refused, Some(reason), "{token}");
        }
    }
}

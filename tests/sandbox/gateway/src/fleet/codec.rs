//! Payloads: JSON (RFC 8259) or CBOR (RFC 8949), by the last level of the topic.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// How payloads are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Cbor,
}

/// A payload that is not what the operation takes. Nothing of the payload is shown: it may hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// At this line and column.
    Json { line: usize, column: usize },
    /// Near this byte, where it is known.
    Cbor { offset: Option<usize> },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column } => write!(
                f,
                "the payload is not the JSON that this operation takes, at line {line} column {column}"
            ),
            Self::Cbor {
                offset: Some(offset),
            } => write!(
                f,
                "the payload is not the CBOR that this operation takes, near byte {offset}"
            ),
            Self::Cbor { offset: None } => {
                f.write_str("the payload is not the CBOR that this operation takes")
            }
        }
    }
}

impl Format {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`Malformed`], also for whatever follows the first value.
    pub(super) fn read<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, Malformed> {
        match self {
            Self::Json => serde_json::from_slice(payload).map_err(|e| Malformed::Json {
                line: e.line(),
                column: e.column(),
            }),
            Self::Cbor => {
                use ciborium::de::Error as E;
                let mut rest = payload;
                let read = ciborium::from_reader(&mut rest).map_err(|e| Malformed::Cbor {
                    offset: match e {
                        E::Syntax(offset) | E::Semantic(Some(offset), _) => Some(offset),
                        _ => None,
                    },
                })?;
                match rest.len() {
                    0 => Ok(read),
                    left => Err(Malformed::Cbor {
                        offset: Some(payload.len() - left),
                    }),
                }
            }
        }
    }

    /// Reads the payload of an operation that takes none: empty, or an object, whose members count for nothing.
    ///
    /// # Errors
    /// [`Malformed`].
    pub(super) fn read_nothing(self, payload: &[u8]) -> Result<(), Malformed> {
        if payload.is_empty() {
            return Ok(());
        }
        let members: Result<BTreeMap<String, IgnoredAny>, _> = self.read(payload);
        members.map(drop)
    }

    /// Writes an answer.
    pub(super) fn write(self, answer: &impl Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Texts, numbers and maps of texts into memory: nothing that can fail.
        match self {
            Self::Json => drop(serde_json::to_writer(&mut bytes, answer)),
            Self::Cbor => drop(ciborium::into_writer(answer, &mut bytes)),
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Texts = BTreeMap<String, String>;

    #[test]
    fn what_follows_the_value_is_malformed() {
        let mut cbor = Format::Cbor.write(&Texts::new());
        cbor.push(0);
        let read: Result<Texts, _> = Format::Cbor.read(&cbor);
        assert_eq!(read, Err(Malformed::Cbor { offset: Some(1) }));
        let read: Result<Texts, _> = Format::Json.read(b"{} {}");
        assert!(matches!(read, Err(Malformed::Json { line: 1, .. })));
    }

    #[test]
    fn nothing_is_empty_or_an_object() {
        for (format, good, bad) in [
            (Format::Json, &b"{\"a\":[1]}"[..], &b"[]"[..]),
            (Format::Cbor, &b"\xa1\x61a\x81\x01"[..], &b"\x80"[..]),
        ] {
            assert_eq!(format.read_nothing(b""), Ok(()));
            assert_eq!(format.read_nothing(good), Ok(()));
            assert!(format.read_nothing(bad).is_err());
        }
    }

    #[test]
    fn an_error_shows_nothing_of_the_payload() {
        for format in [Format::Json, Format::Cbor] {
            let payload = format.write(&BTreeMap::from([("a", "hush")]));
            let error = format.read::<BTreeMap<String, u8>>(&payload).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_formats_carry_any_text(texts: Texts) {
            for format in [Format::Json, Format::Cbor] {
                prop_assert_eq!(format.read::<Texts>(&format.write(&texts)), Ok(texts.clone()));
            }
        }

        #[test]
        fn no_bytes_do_harm(bytes: Vec<u8>) {
            for format in [Format::Json, Format::Cbor] {
                let _ = format.read::<Texts>(&bytes);
                let _ = format.read_nothing(&bytes);
            }
        }
    }
}

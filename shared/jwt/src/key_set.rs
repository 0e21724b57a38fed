//! A set of keys: JWK Set, RFC 7517, section 5.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{InvalidKeySet, KeyDefect, VerifyingKey, identifier::is_identifier, jwk};

/// The longest key set that is read.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;

/// The most keys of a set, dropped ones included.
pub const MAX_KEYS: usize = 64;

/// Keys by `kid`. Every one of them is fit to verify tokens.
#[derive(Clone, Default)]
pub struct KeySet {
    // At most 64, so a search from the front is faster than a hash.
    keys: Vec<(String, Arc<VerifyingKey>)>,
}

/// A key set, and what of it is not used.
#[derive(Debug)]
pub struct Loaded {
    /// The keys that are used. There may be none.
    pub keys: KeySet,
    /// The others, in the order of the set.
    pub dropped: Vec<DroppedKey>,
}

/// A key that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedKey {
    /// Which of the set's keys it is, from 0.
    pub index: usize,
    /// Its `kid`, if that is 1 to 128 printable ASCII characters.
    pub kid: Option<String>,
    /// Why.
    pub defect: KeyDefect,
}

/// The set as it stands in JSON. Other members are ignored, as RFC 7517, section 5, asks; `keys` twice is an error.
#[derive(Deserialize)]
struct Document<'j> {
    #[serde(borrow)]
    keys: Vec<&'j RawValue>,
}

/// Read for itself, so that a key that is defective in another way still counts as one with this `kid`.
#[derive(Deserialize)]
struct Identified<'j> {
    #[serde(borrow)]
    kid: Option<Cow<'j, str>>,
}

impl KeySet {
    /// Reads a set key by key: drops what is weak or wrong and keeps the others.
    ///
    /// # Errors
    /// When the text as a whole is no key set.
    pub fn load(json: &[u8]) -> Result<Loaded, InvalidKeySet> {
        if json.len() > MAX_KEY_SET_BYTES {
            return Err(InvalidKeySet::TooLong);
        }
        let json = std::str::from_utf8(json).map_err(|_| InvalidKeySet::NotUtf8)?;
        // serde would take a list for an object, its elements for the members in their order.
        let object = json
            .trim_start_matches([' ', '\t', '\n', '\r'])
            .starts_with('{');
        let document: Document<'_> = serde_json::from_str(json)
            .ok()
            .filter(|_| object)
            .ok_or(InvalidKeySet::NotAKeySet)?;
        if document.keys.len() > MAX_KEYS {
            return Err(InvalidKeySet::TooManyKeys);
        }

        let kids: Vec<_> = document.keys.iter().map(|key| kid(key.get())).collect();
        let mut loaded = Loaded {
            keys: Self::default(),
            dropped: Vec::new(),
        };
        for (index, (key, kid)) in document.keys.iter().zip(&kids).enumerate() {
            let shared = || kids.iter().filter(|other| *other == kid).count() > 1;
            let usable = jwk::read(key.get()).and_then(|key| match kid {
                Ok(_) if shared() => Err(KeyDefect::KidShared),
                Ok(kid) => Ok((kid.clone(), Arc::new(key))),
                Err(defect) => Err(*defect),
            });
            match usable {
                Ok(key) => loaded.keys.keys.push(key),
                Err(defect) => loaded.dropped.push(DroppedKey {
                    index,
                    kid: kid.as_ref().ok().cloned(),
                    defect,
                }),
            }
        }
        Ok(loaded)
    }

    /// The key of exactly this `kid`.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Arc<VerifyingKey>> {
        let (_, key) = self.keys.iter().find(|(known, _)| known == kid)?;
        Some(key)
    }

    /// How many keys there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// The number of keys alone.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet({} keys)", self.len())
    }
}

/// The `kid` of the key in `json`.
fn kid(json: &str) -> Result<String, KeyDefect> {
    match serde_json::from_str(json) {
        Ok(Identified { kid: Some(kid) }) if is_identifier(&kid) => Ok(kid.into_owned()),
        Ok(Identified { kid: None }) => Err(KeyDefect::KidMissing),
        _ => Err(KeyDefect::KidMalformed),
    }
}

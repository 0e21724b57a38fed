//! The principal id of a connection that a token opened.

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::thing::ThingName;

/// The longest that AWS IoT takes.
const MAX_LENGTH: usize = 128;

/// A principal id: `[a-zA-Z0-9]{1,128}`, another one for every thing.
///
/// A thing's name may hold `-`, `_` and `:`, which a principal id may not. Dropping them would let `a-1` and `a1` be one
/// principal, so they are written with the escape letter `Z`. A name that gets too long by that becomes its SHA-256
/// behind `Zs`, an escape that no name produces: no code into 128 letters and digits can keep all names of 128 characters
/// of a larger alphabet apart without a hash. So does a name that looks like a certificate's id, the principal of others.
///
/// Source: AWS IoT developer guide, "Defining your Lambda function" (custom authentication), `principalId`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PrincipalId(String);

impl PrincipalId {
    /// The principal id of a thing.
    #[must_use]
    pub fn of(thing: &ThingName) -> Self {
        let mut id = String::with_capacity(MAX_LENGTH);
        for letter in thing.as_str().chars() {
            match letter {
                'Z' => id.push_str("ZZ"),
                '-' => id.push_str("Zh"),
                '_' => id.push_str("Zu"),
                ':' => id.push_str("Zc"),
                plain => id.push(plain),
            }
        }
        if id.len() > MAX_LENGTH || is_certificate_id(&id) {
            let digest = Sha256::digest(thing.as_str());
            id = digest
                .iter()
                .fold(String::from("Zs"), |hex, byte| hex + &format!("{byte:02x}"));
        }
        Self(id)
    }

    /// The id of the certificate with which a device connected, where an authorizer comes on top of it: AWS IoT wants its
    /// own word back. Nothing if that is no principal id.
    #[must_use]
    pub fn of_certificate(certificate_id: &str) -> Option<Self> {
        let valid = (1..=MAX_LENGTH).contains(&certificate_id.len())
            && certificate_id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric());
        valid.then(|| Self(certificate_id.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 64 hexadecimal digits. Source: AWS IoT API reference, `CertificateId`.
fn is_certificate_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(name: &str) -> String {
        PrincipalId::of(&ThingName::parse(name).unwrap()).0
    }

    #[test]
    fn names_stay_readable() {
        assert_eq!(of("sci-p_1:lock-7"), "sciZhpZu1ZclockZh7");
        assert_eq!(of("Zoo"), "ZZoo");
        let long = of(&"-".repeat(128));
        assert_eq!(long.len(), 66);
        assert!(long.starts_with("Zs"));
        assert_eq!(of(&"-".repeat(64)).len(), 128);
        assert_eq!(of(&"-".repeat(65)).len(), 66);
    }

    #[test]
    fn no_thing_has_the_principal_of_a_certificate() {
        let id = "0123456789abcdef".repeat(4);
        assert!(of(&id).starts_with("Zs"));
        assert_eq!(of(&id[1..]), id[1..]);
    }

    #[test]
    fn a_certificate_keeps_its_id() {
        let id = "ab".repeat(32);
        assert_eq!(PrincipalId::of_certificate(&id).unwrap().as_str(), id);
        for bad in ["", "a-b", "a/b", &"a".repeat(129)] {
            assert_eq!(PrincipalId::of_certificate(bad), None, "{bad}");
        }
    }

    /// Undoes the escapes: what can be undone is injective.
    fn back(id: &str) -> String {
        let mut letters = id.chars();
        let mut name = String::new();
        while let Some(letter) = letters.next() {
            name.push(match letter {
                'Z' => match letters.next() {
                    Some('h') => '-',
                    Some('u') => '_',
                    Some('c') => ':',
                    Some('Z') => 'Z',
                    other => panic!("{other:?}"),
                },
                plain => plain,
            });
        }
        name
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_thing_is_another_principal(name in "[a-zA-Z0-9:_Z-]{1,128}") {
            let id = of(&name);
            prop_assert!((1..=128).contains(&id.len()));
            prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            if !id.starts_with("Zs") {
                prop_assert_eq!(back(&id), name);
            }
        }
    }
}

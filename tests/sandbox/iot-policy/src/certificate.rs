//! What a policy can see of an X.509 client certificate.
//!
//! Source: AWS IoT developer guide, "X.509 Certificate AWS IoT Core policy variables" and its limitations.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Most values of one attribute that a policy can see; further ones are ignored.
pub const MAX_VALUES: usize = 5;
/// Longest value in characters that a policy can see.
pub const MAX_VALUE_CHARACTERS: usize = 1024;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the variants are AWS's own names")]
        pub enum $type { $($variant,)* }

        impl $type {
            /// Every name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name as it stands in a policy variable.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
        }
    };
}

names! {
    /// An attribute of the subject's or issuer's distinguished name.
    NameAttribute {
        DistinguishedNameQualifier, Country, Organization, OrganizationalUnit, State, CommonName, SerialNumber, Title,
        Surname, GivenName, Initials, Pseudonym, GenerationQualifier,
    }
}

names! {
    /// A kind of subject or issuer alternative name.
    AlternativeName { RFC822Name, DNSName, DirectoryName, UniformResourceIdentifier, IPAddress }
}

names! {
    /// Whose names: those of the certificate's owner or of its issuer.
    Party { Issuer, Subject }
}

/// One party's names; each attribute has its values in the certificate's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The distinguished name's attributes, values without escapes.
    pub attributes: BTreeMap<NameAttribute, Vec<String>>,
    /// The alternative names.
    pub alternatives: BTreeMap<AlternativeName, Vec<String>>,
}

/// The certificate a connection was authenticated with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// `iot:CertificateId`: 64 hexadecimal digits.
    pub id: String,
    /// `iot:Certificate.SerialNumber`, in the caller's notation (AWS does not document one: unconfirmed).
    pub serial_number: Option<String>,
    /// The owner's names.
    pub subject: Names,
    /// The issuer's names.
    pub issuer: Names,
}

impl Certificate {
    /// A certificate of which only the id is known.
    #[must_use]
    pub fn with_id(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// One party's names.
    #[must_use]
    pub fn names(&self, party: Party) -> &Names {
        match party {
            Party::Subject => &self.subject,
            Party::Issuer => &self.issuer,
        }
    }

    /// The names of the certificate variables that hold a value: `iot:Certificate.AvailableKeys`.
    #[must_use]
    pub fn available_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for &party in Party::ALL {
            let names = self.names(party);
            let prefix = format!("iot:Certificate.{}", party.as_str());
            let filled = names
                .attributes
                .iter()
                .filter(|(_, values)| !values.is_empty());
            keys.extend(filled.map(|(name, _)| format!("{prefix}.{}", name.as_str())));
            let filled = names
                .alternatives
                .iter()
                .filter(|(_, values)| !values.is_empty());
            keys.extend(
                filled.map(|(name, _)| format!("{prefix}.AlternativeName.{}", name.as_str())),
            );
        }
        if self.serial_number.is_some() {
            keys.push("iot:Certificate.SerialNumber".to_owned());
        }
        keys
    }
}

/// The value as a policy sees it; nothing when AWS does not substitute it: it holds a wildcard of policies or of MQTT
/// (`*`, `$`, `+`, `?`, `#`) or is longer than [`MAX_VALUE_CHARACTERS`].
pub(crate) fn usable(value: &str) -> Option<&str> {
    let usable = !value.contains(['*', '$', '+', '?', '#'])
        && value.chars().nth(MAX_VALUE_CHARACTERS).is_none();
    usable.then_some(value)
}

/// A distinguished name's value in the notation a policy must use: `, " \ = < > ;` with a backslash before them.
pub(crate) fn escaped(value: &str) -> Cow<'_, str> {
    const SPECIAL: [char; 7] = [',', '"', '\\', '=', '<', '>', ';'];
    if !value.contains(SPECIAL) {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len() + 4);
    for character in value.chars() {
        if SPECIAL.contains(&character) {
            text.push('\\');
        }
        text.push(character);
    }
    Cow::Owned(text)
}

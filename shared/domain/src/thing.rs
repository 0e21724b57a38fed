//! Names of things, properties and device types.

use std::fmt;

/// A name that breaks its pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidName {
    what: &'static str,
    pattern: &'static str,
}

impl InvalidName {
    pub(crate) const fn new(what: &'static str, pattern: &'static str) -> Self {
        Self { what, pattern }
    }
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} must match {}", self.what, self.pattern)
    }
}

impl std::error::Error for InvalidName {}

/// A newtype over text of an alphabet.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $pattern:literal, $max:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the name.
            ///
            /// # Errors
            /// When the text breaks the pattern.
            pub fn parse(text: impl Into<String>) -> Result<Self, $crate::thing::InvalidName> {
                let text = text.into();
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() || text.len() > $max || !text.chars().all(allowed) {
                    return Err($crate::thing::InvalidName::new($what, $pattern));
                }
                Ok(Self(text))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::thing::InvalidName;

            fn try_from(text: String) -> Result<Self, $crate::thing::InvalidName> {
                Self::parse(text)
            }
        }
    };
}

pub(crate) use name;

name!(
    /// A thing in the registry. It cannot hold `*`, `?`, `/`, `$`, `+` or `#`, so it is safe in topics, policies and keys.
    ///
    /// Source: AWS IoT API reference, `ThingName`.
    ThingName, "thing name", "[a-zA-Z0-9:_-]{1,128}", 128,
    |c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-')
);

name!(
    /// A building or site, for example `property-001`. Its alphabet is that of a thing's name, of which it is a part.
    PropertyId, "property id", "[a-zA-Z0-9:_-]{1,128}", 128,
    |c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-')
);

name!(
    /// The type part of a thing's name, for example `environmental`, `camera` or `lock`.
    DeviceType, "device type", "[a-zA-Z0-9_]{1,32}", 32,
    |c| c.is_ascii_alphanumeric() || c == '_'
);

impl ThingName {
    /// The property and the type of a thing named `sci-<property>-<type>-<serial>`; nothing for any other name.
    ///
    /// Provisioning decides the name, so its parts can be trusted where a payload's cannot. The property may hold
    /// hyphens; type and serial may not, which keeps the reading unambiguous.
    #[must_use]
    pub fn placement(&self) -> Option<(PropertyId, DeviceType)> {
        let (rest, serial) = self.0.strip_prefix("sci-")?.rsplit_once('-')?;
        let (property, device_type) = rest.rsplit_once('-')?;
        if serial.is_empty() {
            return None;
        }
        Some((
            PropertyId::parse(property).ok()?,
            DeviceType::parse(device_type).ok()?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_cannot_be_written() {
        let long = "a".repeat(129);
        for text in [
            "", "a*", "a?", "a/b", "$aws", "a+", "a#b", "ä", "a b", "${x}", "a\n", &long,
        ] {
            assert!(ThingName::parse(text).is_err(), "{text:?}");
        }
        let error = ThingName::parse("a/b").unwrap_err().to_string();
        assert_eq!(error, "a thing name must match [a-zA-Z0-9:_-]{1,128}");
        assert!(serde_json::from_str::<ThingName>("\"a*\"").is_err());
    }

    #[test]
    fn the_name_tells_property_and_type() {
        let placement = |name: &str| {
            let (p, t) = ThingName::parse(name).unwrap().placement()?;
            Some((p.to_string(), t.to_string()))
        };
        assert_eq!(
            placement("sci-property-001-environmental-0042"),
            Some(("property-001".into(), "environmental".into()))
        );
        assert_eq!(
            placement("sci-p1-lock-7"),
            Some(("p1".into(), "lock".into()))
        );
        for other in [
            "sensor-1", "raspi-01", "sci-", "sci-a", "sci-a-b", "sci--b-1", "sci-a-b-",
        ] {
            assert_eq!(placement(other), None, "{other}");
        }
    }
}

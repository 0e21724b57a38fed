//! Names of what takes part in an enrolment. None can hold a character that means something in a topic, a policy, an ARN
//! or a key of the store.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::thing::{DeviceType, InvalidName, PropertyId, ThingName, name};

name!(
    /// A device's serial number, as its maker gave it and its label says. Without a hyphen, so that the name of the thing
    /// can be taken apart again.
    SerialNumber, "serial number", "[a-zA-Z0-9_]{1,32}", 32,
    |c| c.is_ascii_alphanumeric() || c == '_'
);

name!(
    /// A batch of devices: made together, introduced by the same claim certificates, under one policy.
    BatchId, "batch id", "[a-zA-Z0-9_-]{1,64}", 64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
);

/// A digest of 32 bytes, written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// For any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let invalid = InvalidName::new("digest", "[0-9a-f]{64}");
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(invalid);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(invalid),
                };
                *byte = *byte << 4 | value;
            }
        }
        Ok(Self(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::parse(&text)
    }
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Digest);

        impl $name {
            /// From the digest's bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(Digest::from_bytes(bytes))
            }

            /// Reads 64 lower-case hexadecimal digits.
            ///
            /// # Errors
            /// For any other text.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                Digest::parse(text).map(Self)
            }

            /// The digest's bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

digest!(
    /// The id of a certificate in AWS IoT: SHA-256 of its DER.
    ///
    /// Source: AWS IoT API reference, `CertificateId`, 64 hexadecimal digits. That it is the SHA-256 is not documented
    /// (unconfirmed); nothing here depends on it.
    CertificateId
);

digest!(
    /// A public key: SHA-256 of its `SubjectPublicKeyInfo` as DER (RFC 5280, section 4.1).
    KeyFingerprint
);

/// The kinds of devices that are enrolled: each has its thing type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A sensor of temperature and humidity.
    Environmental,
    /// A camera.
    Camera,
    /// A lock.
    Lock,
}

impl DeviceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Environmental, Self::Camera, Self::Lock];

    /// The part of the thing's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Environmental => "environmental",
            Self::Camera => "camera",
            Self::Lock => "lock",
        }
    }

    /// The kind that is called `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The thing type of the template.
    #[must_use]
    pub const fn thing_type(self) -> &'static str {
        match self {
            Self::Environmental => "SCI-Environmental-Sensor",
            Self::Camera => "SCI-Security-Camera",
            Self::Lock => "SCI-Smart-Lock",
        }
    }
}

/// Where a device belongs, which is the operator's decision and never the device's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The property.
    pub property: PropertyId,
    /// The kind of device.
    pub kind: DeviceKind,
}

impl Placement {
    /// The name of the thing: `sci-<property>-<kind>-<serial>`.
    ///
    /// # Errors
    /// When it is longer than 128 characters, which a property of more than 78 can cause.
    pub fn thing(&self, serial: &SerialNumber) -> Result<ThingName, InvalidName> {
        ThingName::parse(format!(
            "sci-{}-{}-{serial}",
            self.property,
            self.kind.as_str()
        ))
    }
}

/// The serial number in the name of a thing that was enrolled here.
#[must_use]
pub fn serial_of(thing: &ThingName) -> Option<(SerialNumber, Placement)> {
    let (property, device_type): (PropertyId, DeviceType) = thing.placement()?;
    let (_, serial) = thing.as_str().rsplit_once('-')?;
    let placement = Placement {
        property,
        kind: DeviceKind::parse(device_type.as_str())?,
    };
    Some((SerialNumber::parse(serial).ok()?, placement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_lower_case_and_whole() {
        let text = "00ff".repeat(16);
        let digest = CertificateId::parse(&text).unwrap();
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.as_bytes()[..2], [0, 255]);
        assert_eq!(
            serde_json::from_str::<CertificateId>(&format!("\"{text}\"")).unwrap(),
            digest
        );
        assert_eq!(
            serde_json::to_string(&digest).unwrap(),
            format!("\"{text}\"")
        );
        for bad in [
            "",
            &text[1..],
            &text.to_uppercase(),
            &"0g".repeat(32),
            &"é".repeat(32),
        ] {
            assert!(KeyFingerprint::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_thing_is_named_after_its_place_and_serial() {
        let placement = Placement {
            property: PropertyId::parse("property-001").unwrap(),
            kind: DeviceKind::Environmental,
        };
        let serial = SerialNumber::parse("0042").unwrap();
        let thing = placement.thing(&serial).unwrap();
        assert_eq!(thing.as_str(), "sci-property-001-environmental-0042");
        assert_eq!(serial_of(&thing), Some((serial.clone(), placement)));
        let long = Placement {
            property: PropertyId::parse("p".repeat(128)).unwrap(),
            kind: DeviceKind::Lock,
        };
        assert!(long.thing(&serial).is_err());
        for other in ["sensor-1", "sci-p-toaster-1", "sci-p-lock-a:b"] {
            assert_eq!(
                serial_of(&ThingName::parse(other).unwrap()),
                None,
                "{other}"
            );
        }
    }

    #[test]
    fn hostile_serials_cannot_be_written() {
        for bad in ["", "a-b", "a/b", "*", "${x}", "a b", "ä", &"1".repeat(33)] {
            assert!(SerialNumber::parse(bad).is_err(), "{bad}");
        }
        for kind in DeviceKind::ALL {
            assert_eq!(DeviceKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(DeviceKind::parse("Camera"), None);
    }
}

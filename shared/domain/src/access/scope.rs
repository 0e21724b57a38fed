//! Scopes: what a device's token asks for, as one bit each.

use std::fmt;

/// One capability of a device. The spelling is that of the token's claim `scope` (RFC 8693, section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Scope {
    /// Publish readings.
    TelemetryPublish,
    /// Publish security events.
    SecurityPublish,
    /// Receive the commands sent to this thing.
    CommandsSubscribe,
    /// Read the thing's shadows and hear of their changes.
    ShadowRead,
    /// Change the thing's shadows.
    ShadowWrite,
    /// Carry out AWS IoT Jobs.
    JobsExecute,
    /// Ask for a new certificate and prove its use.
    CertificateRotate,
}

impl Scope {
    /// Every scope, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::TelemetryPublish,
        Self::SecurityPublish,
        Self::CommandsSubscribe,
        Self::ShadowRead,
        Self::ShadowWrite,
        Self::JobsExecute,
        Self::CertificateRotate,
    ];

    /// As it stands in a token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TelemetryPublish => "telemetry:publish",
            Self::SecurityPublish => "security:publish",
            Self::CommandsSubscribe => "commands:subscribe",
            Self::ShadowRead => "shadow:read",
            Self::ShadowWrite => "shadow:write",
            Self::JobsExecute => "jobs:execute",
            Self::CertificateRotate => "certificate:rotate",
        }
    }

    /// The scope of this exact spelling; nothing for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope there is.
    pub const ALL: Self = Self(0x7f);

    /// Reads a space-separated list. Answers the known scopes, and how many words are none: they grant nothing.
    #[must_use]
    pub fn parse(text: &str) -> (Self, usize) {
        let words = text.split(' ').filter(|word| !word.is_empty());
        words.fold(
            (Self::default(), 0),
            |(scopes, unknown), word| match Scope::parse(word) {
                Some(scope) => (scopes.with(scope), unknown),
                None => (scopes, unknown + 1),
            },
        )
    }

    /// This set and one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// Whether `scope` is in the set.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is granted.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::default(), Self::with)
    }
}

/// The list as it would stand in a token.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{}", scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_count_and_unknown_ones_are_counted() {
        let (scopes, unknown) =
            Scopes::parse("jobs:execute  root telemetry:publish jobs:execute Shadow:read");
        assert_eq!(scopes.to_string(), "telemetry:publish jobs:execute");
        assert_eq!(unknown, 2);
        assert_eq!(Scopes::parse(""), (Scopes::default(), 0));
        // Only the space of RFC 6749, section 3.3, separates.
        assert_eq!(
            Scopes::parse("shadow:read\tshadow:write"),
            (Scopes::default(), 1)
        );
    }

    #[test]
    fn every_scope_has_its_own_bit_and_word() {
        assert_eq!(Scope::ALL.into_iter().collect::<Scopes>(), Scopes::ALL);
        assert_eq!(Scopes::parse(&Scopes::ALL.to_string()), (Scopes::ALL, 0));
        for scope in Scope::ALL {
            let alone = Scopes::default().with(scope);
            assert_eq!(alone.iter().collect::<Vec<_>>(), [scope]);
            assert_eq!(alone.and(Scopes::ALL), alone);
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
    }
}

//! The policy variables and condition keys of AWS IoT Core.
//!
//! Source: AWS IoT developer guide, "AWS IoT Core policy variables".

use std::borrow::Cow;
use std::fmt;

use crate::certificate::{
    AlternativeName, Certificate, MAX_VALUES, NameAttribute, Party, escaped, usable,
};
use crate::context::{Context, Thing, ThingVariables};

/// Which of an attribute's values is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selection {
    /// No suffix: the first value.
    First,
    /// `.<n>`, counted from zero.
    Index(usize),
    /// `.List`: all values, only as a condition key.
    List,
}

/// A policy variable or condition key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// `iot:ClientId`
    ClientId,
    /// `aws:SourceIp`
    SourceIp,
    /// `iot:DomainName`
    DomainName,
    /// `iot:ConnectAttributes`, only as a condition key.
    ConnectAttributes,
    /// `iot:LastWillTopic`, only as a condition key.
    LastWillTopic,
    /// `iot:Connection.Thing.ThingName`
    ThingName,
    /// `iot:Connection.Thing.ThingTypeName`
    ThingTypeName,
    /// `iot:Connection.Thing.Attributes[<name>]`
    ThingAttribute(String),
    /// `iot:Connection.Thing.IsAttached`: `true` or `false`.
    ThingIsAttached,
    /// `iot:CertificateId`
    CertificateId,
    /// `iot:Certificate.SerialNumber`
    CertificateSerialNumber,
    /// `iot:Certificate.AvailableKeys`, only as a condition key.
    CertificateAvailableKeys,
    /// `iot:Certificate.Subject.<attribute>` or `iot:Certificate.Issuer.<attribute>`
    CertificateName(Party, NameAttribute, Selection),
    /// `iot:Certificate.Subject.AlternativeName.<kind>` or `iot:Certificate.Issuer.AlternativeName.<kind>`
    CertificateAlternativeName(Party, AlternativeName, Selection),
}

const PLAIN: [(&str, Key); 11] = [
    ("iot:ClientId", Key::ClientId),
    ("aws:SourceIp", Key::SourceIp),
    ("iot:DomainName", Key::DomainName),
    ("iot:ConnectAttributes", Key::ConnectAttributes),
    ("iot:LastWillTopic", Key::LastWillTopic),
    ("iot:Connection.Thing.ThingName", Key::ThingName),
    ("iot:Connection.Thing.ThingTypeName", Key::ThingTypeName),
    ("iot:Connection.Thing.IsAttached", Key::ThingIsAttached),
    ("iot:CertificateId", Key::CertificateId),
    ("iot:Certificate.SerialNumber", Key::CertificateSerialNumber),
    (
        "iot:Certificate.AvailableKeys",
        Key::CertificateAvailableKeys,
    ),
];

impl Key {
    /// Reads a name as it stands in `${…}` or as a condition key; nothing when AWS IoT Core has no such key.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if let Some((_, key)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
            return Some(key.clone());
        }
        if let Some(attribute) = name.strip_prefix("iot:Connection.Thing.Attributes[") {
            let attribute = attribute.strip_suffix(']')?;
            let named = !attribute.is_empty() && !attribute.contains(['[', ']']);
            return named.then(|| Self::ThingAttribute(attribute.to_owned()));
        }
        let (party, rest) = name.strip_prefix("iot:Certificate.")?.split_once('.')?;
        let party = *Party::ALL.iter().find(|known| known.as_str() == party)?;
        if let Some(rest) = rest.strip_prefix("AlternativeName.") {
            let (kind, selection) = split_selection(rest)?;
            let kind = *AlternativeName::ALL
                .iter()
                .find(|known| known.as_str() == kind)?;
            return Some(Self::CertificateAlternativeName(party, kind, selection));
        }
        let (attribute, selection) = split_selection(rest)?;
        let attribute = *NameAttribute::ALL
            .iter()
            .find(|known| known.as_str() == attribute)?;
        Some(Self::CertificateName(party, attribute, selection))
    }

    /// The key that a misspelt name probably means.
    #[must_use]
    pub fn meant_by(name: &str) -> Option<String> {
        if let Some(rest) = name.strip_prefix("iot:Thing.") {
            return Self::meant_by(&format!("iot:Connection.Thing.{rest}"));
        }
        let known = PLAIN.iter().map(|(plain, _)| *plain);
        let mut close = known.filter(|plain| plain.eq_ignore_ascii_case(name));
        close.next().map(str::to_owned)
    }

    /// Whether it can have several values, and so needs `ForAllValues:` or `ForAnyValue:` in a condition.
    #[must_use]
    pub fn is_multi_valued(&self) -> bool {
        matches!(
            self,
            Self::ConnectAttributes
                | Self::CertificateAvailableKeys
                | Self::CertificateName(_, _, Selection::List)
                | Self::CertificateAlternativeName(_, _, Selection::List)
        )
    }

    /// Whether `${…}` can hold it: it has one value and is not a property of the CONNECT packet.
    #[must_use]
    pub fn is_variable(&self) -> bool {
        !self.is_multi_valued() && *self != Self::LastWillTopic
    }

    /// The values in this context; empty when there is none.
    #[must_use]
    pub fn values<'c>(&self, context: &'c Context) -> Vec<Cow<'c, str>> {
        if let Self::ConnectAttributes = self {
            return context
                .connect_attributes
                .iter()
                .map(|value| Cow::Borrowed(value.as_str()))
                .collect();
        }
        if let Some(certificate) = &context.certificate {
            match self {
                Self::CertificateAvailableKeys => {
                    return certificate
                        .available_keys()
                        .into_iter()
                        .map(Cow::Owned)
                        .collect();
                }
                Self::CertificateName(_, _, Selection::List)
                | Self::CertificateAlternativeName(_, _, Selection::List) => {
                    return self.certificate_values(certificate).collect();
                }
                _ => {}
            }
        }
        self.value(context).into_iter().collect()
    }

    /// The single value in this context; nothing when there is none, or when AWS does not substitute it.
    #[must_use]
    pub fn value<'c>(&self, context: &'c Context) -> Option<Cow<'c, str>> {
        let certificate = context.certificate.as_ref();
        match self {
            Self::ClientId => context.client_id.as_deref().map(Cow::Borrowed),
            Self::SourceIp => context
                .source_ip
                .map(|ip| Cow::Owned(ip.to_canonical().to_string())),
            Self::DomainName => context.domain_name.as_deref().map(Cow::Borrowed),
            Self::LastWillTopic => context.last_will_topic.as_deref().map(Cow::Borrowed),
            Self::ThingName => thing(context).map(|thing| Cow::Borrowed(thing.name.as_str())),
            Self::ThingTypeName => thing(context)?.type_name.as_deref().map(Cow::Borrowed),
            Self::ThingAttribute(name) => thing(context)?
                .attributes
                .get(name)
                .map(|value| Cow::Borrowed(value.as_str())),
            Self::ThingIsAttached => match context.thing_variables {
                ThingVariables::Unavailable => None,
                ThingVariables::Available if context.thing.is_some() => Some(Cow::Borrowed("true")),
                ThingVariables::Available => Some(Cow::Borrowed("false")),
            },
            Self::CertificateId => {
                certificate.map(|certificate| Cow::Borrowed(certificate.id.as_str()))
            }
            Self::CertificateSerialNumber => certificate?
                .serial_number
                .as_deref()
                .and_then(usable)
                .map(Cow::Borrowed),
            Self::CertificateName(..) | Self::CertificateAlternativeName(..) => {
                self.certificate_values(certificate?).next()
            }
            Self::ConnectAttributes | Self::CertificateAvailableKeys => None,
        }
    }

    /// The selected values of an attribute, of those among the first five that AWS substitutes.
    fn certificate_values<'c>(
        &self,
        certificate: &'c Certificate,
    ) -> impl Iterator<Item = Cow<'c, str>> + use<'c> {
        let (values, selection, escape) = match self {
            Self::CertificateName(party, name, selection) => (
                certificate.names(*party).attributes.get(name),
                *selection,
                true,
            ),
            Self::CertificateAlternativeName(party, name, selection) => (
                certificate.names(*party).alternatives.get(name),
                *selection,
                false,
            ),
            _ => (None, Selection::List, false),
        };
        let (skipped, taken) = match selection {
            Selection::First => (0, 1),
            Selection::Index(index) => (index, 1),
            Selection::List => (0, MAX_VALUES),
        };
        let values = values.map(Vec::as_slice).unwrap_or_default();
        let values = values.iter().take(MAX_VALUES).skip(skipped).take(taken);
        values.filter_map(|value| usable(value)).map(move |value| {
            if escape {
                escaped(value)
            } else {
                Cow::Borrowed(value)
            }
        })
    }
}

fn thing(context: &Context) -> Option<&Thing> {
    match context.thing_variables {
        ThingVariables::Available => context.thing.as_ref(),
        ThingVariables::Unavailable => None,
    }
}

fn split_selection(text: &str) -> Option<(&str, Selection)> {
    match text.split_once('.') {
        None => Some((text, Selection::First)),
        Some((name, "List")) => Some((name, Selection::List)),
        Some((name, index)) => {
            let digits = index.bytes().all(|byte| byte.is_ascii_digit());
            let index = digits.then(|| index.parse().ok()).flatten()?;
            Some((name, Selection::Index(index)))
        }
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => Ok(()),
            Self::Index(index) => write!(f, ".{index}"),
            Self::List => f.write_str(".List"),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThingAttribute(name) => write!(f, "iot:Connection.Thing.Attributes[{name}]"),
            Self::CertificateName(party, name, selection) => {
                write!(
                    f,
                    "iot:Certificate.{}.{}{selection}",
                    party.as_str(),
                    name.as_str()
                )
            }
            Self::CertificateAlternativeName(party, name, selection) => {
                write!(
                    f,
                    "iot:Certificate.{}.AlternativeName.{}{selection}",
                    party.as_str(),
                    name.as_str()
                )
            }
            plain => {
                let name = PLAIN
                    .iter()
                    .find(|(_, key)| key == plain)
                    .map(|(name, _)| *name);
                f.write_str(name.unwrap_or_default())
            }
        }
    }
}

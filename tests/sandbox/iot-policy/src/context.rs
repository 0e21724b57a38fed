//! What is known about a connection when a policy is evaluated.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::certificate::Certificate;

/// A thing of the registry, as the policy variables show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thing {
    /// `iot:Connection.Thing.ThingName`.
    pub name: String,
    /// `iot:Connection.Thing.ThingTypeName`.
    pub type_name: Option<String>,
    /// `iot:Connection.Thing.Attributes[<name>]`.
    pub attributes: BTreeMap<String, String>,
}

impl Thing {
    /// A thing without type and attributes.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// A thing that the connection's principal (certificate or Cognito identity) is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The thing.
    pub thing: Thing,
    /// Whether it was attached with `thingPrincipalType=EXCLUSIVE_THING`.
    pub exclusive: bool,
}

/// The thing of a connection, which gives the thing policy variables their values.
///
/// A principal with an exclusive attachment has that thing, whatever the client id. Otherwise the client id must be
/// exactly the name of an attached thing. An exclusive attachment beside any other one contradicts the registry's own
/// rule; no thing is resolved then.
///
/// Source: AWS IoT developer guide, "Thing policy variables" and "Exclusive thing".
#[must_use]
pub fn resolve_thing<'a>(client_id: &str, attachments: &'a [Attachment]) -> Option<&'a Thing> {
    match attachments {
        [only] if only.exclusive => Some(&only.thing),
        several if several.iter().any(|attachment| attachment.exclusive) => None,
        several => {
            let mut things = several.iter().map(|attachment| &attachment.thing);
            things.find(|thing| thing.name == client_id)
        }
    }
}

/// Whether the thing policy variables have values on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThingVariables {
    /// MQTT, also over WebSocket, by certificate, Cognito identity or `CUSTOM_AUTH_X509`: `IsAttached` is `true` or
    /// `false`, the others follow [`Context::thing`].
    #[default]
    Available,
    /// HTTP, or a custom authorizer without certificate: none has a value, not even `IsAttached`.
    Unavailable,
}

/// What is known about the connection and the request; an empty or missing field gives its variables no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// `iot:ClientId`.
    pub client_id: Option<String>,
    /// `aws:SourceIp`.
    pub source_ip: Option<IpAddr>,
    /// `iot:DomainName`: the name the client connected to.
    pub domain_name: Option<String>,
    /// The thing found by [`resolve_thing`].
    pub thing: Option<Thing>,
    /// Whether the thing variables exist on this connection at all.
    pub thing_variables: ThingVariables,
    /// The client certificate.
    pub certificate: Option<Certificate>,
    /// `iot:ConnectAttributes` of a CONNECT: `PersistentConnect`, `LastWill`; empty for a connection with default
    /// features and for any other request.
    pub connect_attributes: Vec<String>,
    /// `iot:LastWillTopic` of a CONNECT with a will: the topic's ARN ([`crate::Arn::topic`]).
    pub last_will_topic: Option<String>,
}

impl Context {
    /// The context of a client id and nothing else.
    #[must_use]
    pub fn of_client(client_id: impl Into<String>) -> Self {
        Self {
            client_id: Some(client_id.into()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached(names: &[(&str, bool)]) -> Vec<Attachment> {
        let attachment = |&(name, exclusive): &(&str, bool)| Attachment {
            thing: Thing::new(name),
            exclusive,
        };
        names.iter().map(attachment).collect()
    }

    #[test]
    fn non_exclusive_needs_the_client_id() {
        let things = attached(&[("a", false), ("b", false)]);
        let name = |client_id| resolve_thing(client_id, &things).map(|thing| thing.name.as_str());
        assert_eq!(name("b"), Some("b"));
        assert_eq!(name("B"), None);
        assert_eq!(name("a/"), None);
        assert_eq!(resolve_thing("a", &[]), None);
    }

    #[test]
    fn exclusive_takes_the_certificates_thing() {
        let things = attached(&[("a", true)]);
        assert_eq!(resolve_thing("anything", &things), Some(&Thing::new("a")));
        let contradictory = attached(&[("a", true), ("b", false)]);
        assert_eq!(resolve_thing("b", &contradictory), None);
    }
}

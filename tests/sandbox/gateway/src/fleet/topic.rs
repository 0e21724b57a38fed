//! The topics of the API.

use mqtt_topic::TopicName;

use super::codec::Format;
use crate::registry::names;

const NAMESPACES: [&str; 2] = ["$aws/certificates/", "$aws/provisioning-templates/"];

/// Whether a topic belongs to the API: only clients on their connections may use it, and only as [`Request`]s.
pub(crate) fn is_reserved(topic: &str) -> bool {
    NAMESPACES
        .iter()
        .any(|namespace| topic.starts_with(namespace))
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateKeysAndCertificate,
    CreateCertificateFromCsr,
    RegisterThing { template: String },
}

impl Operation {
    /// As AWS writes it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::CreateKeysAndCertificate => "CreateKeysAndCertificate",
            Self::CreateCertificateFromCsr => "CreateCertificateFromCsr",
            Self::RegisterThing { .. } => "RegisterThing",
        }
    }
}

/// A request, as far as its topic says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(super) operation: Operation,
    pub(super) format: Format,
    pub(super) accepted: TopicName,
    pub(super) rejected: TopicName,
}

impl Request {
    /// The request that a message to this topic is.
    pub(crate) fn of(topic: &TopicName) -> Option<Self> {
        let segments: Vec<_> = topic.as_str().split('/').collect();
        let (operation, format) = match segments.as_slice() {
            ["$aws", "certificates", "create", format] => {
                (Operation::CreateKeysAndCertificate, *format)
            }
            ["$aws", "certificates", "create-from-csr", format] => {
                (Operation::CreateCertificateFromCsr, *format)
            }
            ["$aws", "provisioning-templates", name, "provision", format] => {
                names::template_name(name).ok()?;
                let template = (*name).to_owned();
                (Operation::RegisterThing { template }, *format)
            }
            _ => return None,
        };
        let format = match format {
            "json" => Format::Json,
            "cbor" => Format::Cbor,
            _ => return None,
        };
        let answer = |kind: &str| TopicName::parse(format!("{topic}/{kind}")).ok();
        Some(Self {
            operation,
            format,
            accepted: answer("accepted")?,
            rejected: answer("rejected")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_topics_are_requests_and_nothing_else_is() {
        let request = |topic: &str| Request::of(&TopicName::parse(topic).unwrap());
        let longest = "a".repeat(36);
        let register = format!("$aws/provisioning-templates/{longest}/provision/cbor");
        let found = request(&register).unwrap();
        let template = longest.clone();
        assert_eq!(found.operation, Operation::RegisterThing { template });
        assert_eq!(found.format, Format::Cbor);
        assert_eq!(found.accepted.as_str(), format!("{register}/accepted"));
        assert_eq!(found.rejected.as_str(), format!("{register}/rejected"));
        for (topic, operation) in [
            ("$aws/certificates/create/json", "CreateKeysAndCertificate"),
            (
                "$aws/certificates/create-from-csr/json",
                "CreateCertificateFromCsr",
            ),
        ] {
            assert_eq!(request(topic).unwrap().operation.name(), operation);
            assert!(is_reserved(topic));
        }
        for topic in [
            "$aws/certificates/create/json/accepted",
            "$aws/certificates/create/xml",
            "$aws/certificates/create",
            "$aws/certificates/delete/json",
            "$aws/provisioning-templates/t/provision/json/rejected",
            "$aws/provisioning-templates/t/provision/",
            "$aws/provisioning-templates/a.b/provision/json",
            &format!("$aws/provisioning-templates/a{longest}/provision/json"),
        ] {
            assert_eq!(request(topic), None, "{topic}");
            assert!(is_reserved(topic), "{topic}");
        }
        for topic in [
            "$aws/events/certificates/registered/x",
            "aws/certificates/create/json",
        ] {
            assert!(!is_reserved(topic), "{topic}");
            assert_eq!(request(topic), None, "{topic}");
        }
    }
}

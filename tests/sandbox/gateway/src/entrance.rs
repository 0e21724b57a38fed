//! By which way a peer comes in: from its port, its ALPN and the endpoint it names.
//!
//! Source: AWS IoT developer guide, "Device communication protocols".

use crate::authenticator::Peer;
use crate::registry::domains::{ApplicationProtocol, AuthenticationType};
use crate::registry::{DomainConfiguration, State, managed_domains};

/// One of the gateway's ports, by its role on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    /// 8883.
    Mqtt,
    /// 443.
    Https,
}

impl Port {
    /// The application protocols that clients may name (ALPN).
    pub(crate) fn application_protocols(self) -> &'static [&'static str] {
        match self {
            Self::Mqtt => &["x-amzn-mqtt-ca", "mqtt"],
            Self::Https => &["x-amzn-mqtt-ca", "mqtt", "x-amzn-http-ca", "http/1.1"],
        }
    }
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// MQTT.
    Mqtt,
    /// HTTP.
    Http {
        /// Whether it may become a WebSocket with MQTT.
        web_socket: bool,
        /// Whether messages may be published.
        publish: bool,
    },
}

/// How a peer proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// By a certificate.
    Certificate,
    /// By a custom authorizer.
    Authorizer,
    /// By both.
    Both,
}

const PUBLISH_ONLY: Transport = Transport::Http {
    web_socket: false,
    publish: true,
};
const SOCKET_ONLY: Transport = Transport::Http {
    web_socket: true,
    publish: false,
};
const ANY_HTTP: Transport = Transport::Http {
    web_socket: true,
    publish: true,
};

/// Finds the way in.
///
/// # Errors
/// The reason for the operator why there is none.
pub(crate) fn entrance(
    port: Port,
    peer: &Peer,
    state: &State,
    region: &str,
) -> Result<(Transport, Means), String> {
    let domain = match &peer.server_name {
        Some(name) => domain(name, state, region)?,
        None => None,
    };
    let configured = domain.filter(|domain| domain.authentication != AuthenticationType::Default);
    match (port, configured) {
        (Port::Mqtt, None) => Ok((Transport::Mqtt, Means::Certificate)),
        (Port::Https, None) => Ok(by_alpn(peer.alpn.as_deref())),
        (Port::Mqtt, Some(domain)) => match by_configuration(domain) {
            way @ (Transport::Mqtt, Means::Certificate) => Ok(way),
            _ => Err(format!(
                "domain configuration {} has authenticationType {} and applicationProtocol {}, which the gateway's other port serves (AWS's 443)",
                domain.name,
                domain.authentication.as_str(),
                domain.protocol.as_str()
            )),
        },
        (Port::Https, Some(domain)) => Ok(by_configuration(domain)),
    }
}

fn domain<'a>(
    server_name: &str,
    state: &'a State,
    region: &str,
) -> Result<Option<&'a DomainConfiguration>, String> {
    match state.domains.of_domain(server_name) {
        Some(domain) if !domain.enabled => {
            Err(format!("domain configuration {} is DISABLED", domain.name))
        }
        None if server_name
            .to_ascii_lowercase()
            .ends_with(&managed_domains(region)) =>
        {
            Err(format!(
                "no domain configuration has the domain name {server_name:?}"
            ))
        }
        found => Ok(found),
    }
}

fn by_alpn(alpn: Option<&str>) -> (Transport, Means) {
    match alpn {
        Some("x-amzn-mqtt-ca") => (Transport::Mqtt, Means::Certificate),
        Some("mqtt") => (Transport::Mqtt, Means::Authorizer),
        Some("x-amzn-http-ca") => (PUBLISH_ONLY, Means::Certificate),
        _ => (ANY_HTTP, Means::Authorizer),
    }
}

fn by_configuration(domain: &DomainConfiguration) -> (Transport, Means) {
    let transport = match domain.protocol {
        ApplicationProtocol::SecureMqtt => Transport::Mqtt,
        ApplicationProtocol::MqttWss => SOCKET_ONLY,
        ApplicationProtocol::Https => PUBLISH_ONLY,
        ApplicationProtocol::Default => ANY_HTTP,
    };
    let means = match domain.authentication {
        AuthenticationType::X509 => Means::Certificate,
        AuthenticationType::CustomX509 => Means::Both,
        AuthenticationType::Custom | AuthenticationType::Default => Means::Authorizer,
    };
    (transport, means)
}

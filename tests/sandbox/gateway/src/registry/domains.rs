//! Domain configurations: endpoints of one's own, with an authorizer and a way of authentication.
//!
//! Source: AWS IoT developer guide, "Domain configurations" and "Device communication protocols".

use std::collections::BTreeMap;

use super::{Refusal, names};

/// Most domain configurations of an account. Source: AWS IoT Core quotas (adjustable).
const MAX_CONFIGURATIONS: usize = 10;
/// How long one must be DISABLED before it can be deleted, milliseconds. Source: AWS IoT developer guide, "Managing
/// domain configurations".
const DISABLED_BEFORE_DELETION_MS: u64 = 7 * 24 * 3_600_000;

/// How clients prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticationType {
    /// By port and ALPN.
    Default,
    /// A client certificate.
    X509,
    /// A custom authorizer.
    Custom,
    /// A client certificate and a custom authorizer.
    CustomX509,
}

impl AuthenticationType {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::X509 => "AWS_X509",
            Self::Custom => "CUSTOM_AUTH",
            Self::CustomX509 => "CUSTOM_AUTH_X509",
        }
    }

    /// Reads AWS's spelling.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for `AWS_SIGV4`, [`Refusal::InvalidRequest`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(match text {
            "DEFAULT" => Self::Default,
            "AWS_X509" => Self::X509,
            "CUSTOM_AUTH" => Self::Custom,
            "CUSTOM_AUTH_X509" => Self::CustomX509,
            "AWS_SIGV4" => {
                return Err(Refusal::Unsupported(
                    "authenticationType AWS_SIGV4 is not supported by this gateway".into(),
                ));
            }
            _ => {
                return Err(Refusal::InvalidRequest(format!(
                    "authenticationType `{text}` must be CUSTOM_AUTH_X509, CUSTOM_AUTH, AWS_X509, AWS_SIGV4 or DEFAULT"
                )));
            }
        })
    }
}

/// What clients speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationProtocol {
    /// By port and ALPN.
    Default,
    /// MQTT over TLS.
    SecureMqtt,
    /// MQTT over WebSocket.
    MqttWss,
    /// HTTP over TLS.
    Https,
}

impl ApplicationProtocol {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::SecureMqtt => "SECURE_MQTT",
            Self::MqttWss => "MQTT_WSS",
            Self::Https => "HTTPS",
        }
    }

    /// Reads AWS's spelling.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(match text {
            "DEFAULT" => Self::Default,
            "SECURE_MQTT" => Self::SecureMqtt,
            "MQTT_WSS" => Self::MqttWss,
            "HTTPS" => Self::Https,
            _ => {
                return Err(Refusal::InvalidRequest(format!(
                    "applicationProtocol `{text}` must be SECURE_MQTT, MQTT_WSS, HTTPS or DEFAULT"
                )));
            }
        })
    }
}

/// Which authorizer an endpoint uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizerConfig {
    /// The one for connections that name none.
    pub default_authorizer: Option<String>,
    /// Whether a connection may name another one.
    pub allow_override: Option<bool>,
}

/// A domain configuration on a name that the service gives out.
#[derive(Debug, Clone)]
pub struct DomainConfiguration {
    /// 1 to 128 of `[\w.-]`.
    pub name: String,
    /// The name that clients send as SNI.
    pub domain_name: String,
    /// The end of its ARN.
    pub suffix: String,
    /// Connections to it are accepted.
    pub enabled: bool,
    /// Its authorizer.
    pub authorizer: Option<AuthorizerConfig>,
    /// How clients prove who they are.
    pub authentication: AuthenticationType,
    /// What clients speak.
    pub protocol: ApplicationProtocol,
    /// When it was last enabled or disabled, epoch milliseconds.
    pub status_changed_ms: u64,
}

impl DomainConfiguration {
    /// Checks that the way of authentication goes with the protocol.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for a pair that AWS's table of supported combinations does not have.
    pub fn check(&self) -> Result<(), Refusal> {
        use ApplicationProtocol as P;
        use AuthenticationType as A;
        match (self.authentication, self.protocol) {
            (A::Default, P::Default)
            | (A::X509 | A::CustomX509, P::SecureMqtt | P::Https)
            | (A::Custom, P::SecureMqtt | P::MqttWss | P::Https) => Ok(()),
            (authentication, protocol) => Err(Refusal::InvalidRequest(format!(
                "authenticationType {} does not go with applicationProtocol {}; see AWS's \"Supported combinations of authentication types and application protocols\"",
                authentication.as_str(),
                protocol.as_str()
            ))),
        }
    }
}

/// All domain configurations.
#[derive(Debug, Default)]
pub struct DomainConfigurations {
    by_name: BTreeMap<String, DomainConfiguration>,
}

impl DomainConfigurations {
    /// Adds one.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::LimitExceeded`], [`Refusal::InvalidRequest`].
    pub fn add(&mut self, configuration: DomainConfiguration, arn: String) -> Result<(), Refusal> {
        names::domain_configuration_name(&configuration.name)?;
        if self.by_name.contains_key(&configuration.name) {
            return Err(Refusal::AlreadyExists {
                message: format!("domain configuration {} exists", configuration.name),
                id: configuration.name,
                arn,
            });
        }
        if self.by_name.len() >= MAX_CONFIGURATIONS {
            return Err(Refusal::LimitExceeded(format!(
                "there are {MAX_CONFIGURATIONS} domain configurations already"
            )));
        }
        configuration.check()?;
        self.by_name
            .insert(configuration.name.clone(), configuration);
        Ok(())
    }

    /// Changes one, all or nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::InvalidRequest`].
    pub fn change(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut DomainConfiguration),
    ) -> Result<(), Refusal> {
        let mut changed = self.get(name)?.clone();
        change(&mut changed);
        changed.check()?;
        self.by_name.insert(name.to_owned(), changed);
        Ok(())
    }

    /// Finds one by its name.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, name: &str) -> Result<&DomainConfiguration, Refusal> {
        self.by_name
            .get(name)
            .ok_or_else(|| Refusal::NotFound(format!("domain configuration {name} does not exist")))
    }

    /// Finds one by the name that clients connect to.
    #[must_use]
    pub fn of_domain(&self, domain_name: &str) -> Option<&DomainConfiguration> {
        self.list()
            .find(|it| it.domain_name.eq_ignore_ascii_case(domain_name))
    }

    /// All of them by name.
    pub fn list(&self) -> impl Iterator<Item = &DomainConfiguration> {
        self.by_name.values()
    }

    /// Deletes one that has been DISABLED for a week.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::InvalidRequest`].
    pub fn delete(&mut self, name: &str, now_ms: u64) -> Result<(), Refusal> {
        let found = self.get(name)?;
        let disabled_ms = now_ms.saturating_sub(found.status_changed_ms);
        if found.enabled || disabled_ms < DISABLED_BEFORE_DELETION_MS {
            return Err(Refusal::InvalidRequest(format!(
                "domain configuration {name} must be DISABLED for 7 days before it is deleted"
            )));
        }
        self.by_name.remove(name);
        Ok(())
    }
}

//! Operations on domain configurations, as far as authentication goes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::domains::{ApplicationProtocol, AuthenticationType, AuthorizerConfig};
use crate::registry::{DomainConfiguration, Refusal, State};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    authorizer_config: Option<WireConfig>,
    remove_authorizer_config: Option<bool>,
    service_type: Option<String>,
    domain_configuration_status: Option<String>,
    authentication_type: Option<String>,
    application_protocol: Option<String>,
    // What follows is refused by its name.
    domain_name: Option<Value>,
    server_certificate_arns: Option<Vec<Value>>,
    validation_certificate_arn: Option<Value>,
    tls_config: Option<Value>,
    server_certificate_config: Option<Value>,
    client_certificate_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireConfig {
    default_authorizer_name: Option<String>,
    allow_authorizer_override: Option<bool>,
}

impl Api {
    /// POST /domainConfigurations/{domainConfigurationName}
    pub(super) fn create_domain_configuration(&self, name: &str, request: &Request) -> Answer {
        let body: Body = request.json()?;
        body.check()?;
        let (domain_name, suffix) = self.registry.scope.managed_domain(name);
        let arn = self.registry.scope.domain_configuration(name, &suffix);
        let configuration = DomainConfiguration {
            name: name.to_owned(),
            domain_name,
            suffix,
            enabled: true,
            authorizer: body.authorizer_config()?,
            authentication: body
                .authentication()?
                .unwrap_or(AuthenticationType::Default),
            protocol: body.protocol()?.unwrap_or(ApplicationProtocol::Default),
            status_changed_ms: self.now_ms(),
        };
        self.registry.with(|state| {
            exists(state, configuration.authorizer.as_ref())?;
            state.domains.add(configuration, arn.clone())
        })?;
        Ok(json!({ "domainConfigurationName": name, "domainConfigurationArn": arn }))
    }

    /// PUT /domainConfigurations/{domainConfigurationName}
    pub(super) fn update_domain_configuration(&self, name: &str, request: &Request) -> Answer {
        let body: Body = request.json()?;
        body.check()?;
        let (config, enabled) = (body.authorizer_config()?, body.enabled()?);
        let (authentication, protocol) = (body.authentication()?, body.protocol()?);
        let remove = body.remove_authorizer_config.unwrap_or(false);
        if remove && config.is_some() {
            return Err(Refusal::InvalidRequest(
                "authorizerConfig and removeAuthorizerConfig exclude each other".into(),
            ));
        }
        let now = self.now_ms();
        self.registry.with(|state| {
            exists(state, config.as_ref())?;
            state.domains.change(name, |it| {
                if let Some(enabled) = enabled.filter(|enabled| *enabled != it.enabled) {
                    it.enabled = enabled;
                    it.status_changed_ms = now;
                }
                if remove || config.is_some() {
                    it.authorizer = config;
                }
                it.authentication = authentication.unwrap_or(it.authentication);
                it.protocol = protocol.unwrap_or(it.protocol);
            })?;
            let found = state.domains.get(name)?;
            Ok(json!({ "domainConfigurationName": name, "domainConfigurationArn": self.arn(found) }))
        })
    }

    /// GET /domainConfigurations/{domainConfigurationName}
    pub(super) fn describe_domain_configuration(&self, name: &str) -> Answer {
        self.registry.with(|state| {
            let found = state.domains.get(name)?;
            let config = found.authorizer.as_ref().map(|config| {
                json!({
                    "defaultAuthorizerName": config.default_authorizer,
                    "allowAuthorizerOverride": config.allow_override,
                })
            });
            Ok(json!({
                "domainConfigurationName": found.name,
                "domainConfigurationArn": self.arn(found),
                "domainName": found.domain_name,
                "serverCertificates": [],
                "authorizerConfig": config,
                "domainConfigurationStatus": if found.enabled { "ENABLED" } else { "DISABLED" },
                "serviceType": "DATA",
                "domainType": "AWS_MANAGED",
                "lastStatusChangeDate": timestamp(found.status_changed_ms),
                "authenticationType": found.authentication.as_str(),
                "applicationProtocol": found.protocol.as_str(),
            }))
        })
    }

    /// GET /domainConfigurations?serviceType
    pub(super) fn list_domain_configurations(&self, request: &Request) -> Answer {
        if let Some(service) = request.query("serviceType") {
            data_only(service)?;
        }
        let all = self.registry.with(|state| {
            let all = state.domains.list().map(|it| {
                json!({
                    "domainConfigurationName": it.name,
                    "domainConfigurationArn": self.arn(it),
                    "serviceType": "DATA",
                })
            });
            all.collect()
        });
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "domainConfigurations": page, "nextMarker": next }))
    }

    /// DELETE /domainConfigurations/{domainConfigurationName}
    pub(super) fn delete_domain_configuration(&self, name: &str) -> Answer {
        let now = self.now_ms();
        self.registry
            .with(|state| state.domains.delete(name, now))?;
        Ok(json!({}))
    }

    fn arn(&self, it: &DomainConfiguration) -> String {
        self.registry
            .scope
            .domain_configuration(&it.name, &it.suffix)
    }
}

impl Body {
    fn check(&self) -> Result<(), Refusal> {
        let arns = self.server_certificate_arns.as_deref().unwrap_or_default();
        let foreign = [
            ("domainName", self.domain_name.is_some()),
            ("serverCertificateArns", !arns.is_empty()),
            (
                "validationCertificateArn",
                self.validation_certificate_arn.is_some(),
            ),
            ("tlsConfig", self.tls_config.is_some()),
            (
                "serverCertificateConfig",
                self.server_certificate_config.is_some(),
            ),
            (
                "clientCertificateConfig",
                self.client_certificate_config.is_some(),
            ),
        ];
        if let Some((name, _)) = foreign.into_iter().find(|(_, given)| *given) {
            return Err(Refusal::Unsupported(format!(
                "{name} of a domain configuration is not supported by this gateway"
            )));
        }
        self.service_type.as_deref().map_or(Ok(()), data_only)
    }

    fn authorizer_config(&self) -> Result<Option<AuthorizerConfig>, Refusal> {
        let Some(config) = &self.authorizer_config else {
            return Ok(None);
        };
        if config.default_authorizer_name.is_none() && config.allow_authorizer_override.is_none() {
            return Err(Refusal::InvalidRequest("authorizerConfig is empty".into()));
        }
        Ok(Some(AuthorizerConfig {
            default_authorizer: config.default_authorizer_name.clone(),
            allow_override: config.allow_authorizer_override,
        }))
    }

    fn enabled(&self) -> Result<Option<bool>, Refusal> {
        match self.domain_configuration_status.as_deref() {
            None => Ok(None),
            Some("ENABLED") => Ok(Some(true)),
            Some("DISABLED") => Ok(Some(false)),
            Some(other) => Err(Refusal::InvalidRequest(format!(
                "domainConfigurationStatus `{other}` must be ENABLED or DISABLED"
            ))),
        }
    }

    fn authentication(&self) -> Result<Option<AuthenticationType>, Refusal> {
        let given = self.authentication_type.as_deref();
        given.map(AuthenticationType::parse).transpose()
    }

    fn protocol(&self) -> Result<Option<ApplicationProtocol>, Refusal> {
        let given = self.application_protocol.as_deref();
        given.map(ApplicationProtocol::parse).transpose()
    }
}

fn exists(state: &State, config: Option<&AuthorizerConfig>) -> Result<(), Refusal> {
    let name = config.and_then(|config| config.default_authorizer.as_deref());
    match name.map(|name| state.authorizers.get(name)) {
        // The model has no ResourceNotFoundException for these operations.
        Some(Err(refusal)) => Err(Refusal::InvalidRequest(refusal.message().to_owned())),
        _ => Ok(()),
    }
}

fn data_only(service: &str) -> Result<(), Refusal> {
    match service {
        "DATA" => Ok(()),
        "CREDENTIAL_PROVIDER" | "JOBS" => Err(Refusal::Unsupported(format!(
            "serviceType {service} is not supported by this gateway, nor by AWS IoT for new domain configurations"
        ))),
        _ => Err(Refusal::InvalidRequest(format!(
            "serviceType `{service}` must be DATA, CREDENTIAL_PROVIDER or JOBS"
        ))),
    }
}

//! Custom authentication of AWS IoT: authorizers, and the domain configurations that use them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fields::{Flag, Ignored, Text, texts};
use crate::stack::Resource;
use crate::{Problem, TemplateError};

/// A custom authorizer (`AWS::IoT::Authorizer`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// Its name in the template.
    pub logical_id: String,
    /// `AuthorizerName`.
    pub name: String,
    /// ARN: the source of the function's invocations.
    pub arn: String,
    /// ARN of the function that decides.
    pub function_arn: String,
    /// Whether AWS IoT leaves a token's signature unchecked. AWS's default is `false`.
    pub signing_disabled: bool,
    /// The header, query parameter or part of the MQTT user name that holds the token. Always there while signing is on.
    pub token_key_name: Option<String>,
    /// RSA public keys as PEM, by name. Not empty while signing is on.
    pub token_signing_public_keys: BTreeMap<String, String>,
    /// `Status` is `ACTIVE`.
    pub active: bool,
    /// Whether an answer counts for further requests on the same HTTP connection. AWS's default is `false`.
    pub caching_for_http: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "AuthorizerName")]
    _authorizer_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    authorizer_function_arn: String,
    signing_disabled: Option<Flag>,
    token_key_name: Option<String>,
    #[serde(default)]
    token_signing_public_keys: BTreeMap<String, Text>,
    status: Option<Status>,
    enable_caching_for_http: Option<Flag>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Active,
    Inactive,
}

impl Authorizer {
    pub(super) fn of(resource: &Resource, resources: &[Resource]) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        let function_arn = properties.authorizer_function_arn;
        if !resources
            .iter()
            .any(|other| other.type_ == "AWS::Serverless::Function" && other.arn() == function_arn)
        {
            let what = format!("function `{function_arn}` that is not in the template");
            return Err(resource.error("AuthorizerFunctionArn", Problem::UnsupportedProperty(what)));
        }
        let missing = |property| resource.error(property, Problem::Missing(property));
        let signing_disabled = properties.signing_disabled == Some(Flag(true));
        if !signing_disabled && properties.token_key_name.is_none() {
            return Err(missing("TokenKeyName"));
        }
        if !signing_disabled && properties.token_signing_public_keys.is_empty() {
            return Err(missing("TokenSigningPublicKeys"));
        }
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            function_arn,
            signing_disabled,
            token_key_name: properties.token_key_name,
            token_signing_public_keys: texts(properties.token_signing_public_keys),
            // AWS does not document a default.
            active: properties.status.ok_or_else(|| missing("Status"))? == Status::Active,
            caching_for_http: properties.enable_caching_for_http == Some(Flag(true)),
        })
    }
}

/// A domain configuration (`AWS::IoT::DomainConfiguration`) for device data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainConfiguration {
    /// Its name in the template.
    pub logical_id: String,
    /// `DomainConfigurationName`.
    pub name: String,
    /// ARN, with the five characters that AWS appends.
    pub arn: String,
    /// `DomainName`; without it AWS makes one.
    pub domain_name: Option<String>,
    /// `DomainConfigurationStatus` is not `DISABLED`.
    pub enabled: bool,
    /// `AuthenticationType`, for example `CUSTOM_AUTH`. `DEFAULT`: by port and ALPN.
    pub authentication_type: String,
    /// `ApplicationProtocol`, for example `SECURE_MQTT`. `DEFAULT`: by port and ALPN.
    pub application_protocol: String,
    /// Name of the authorizer that decides about clients that name none.
    pub default_authorizer: Option<String>,
    /// Whether clients may name another authorizer.
    pub allow_authorizer_override: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DomainProperties {
    #[serde(rename = "DomainConfigurationName")]
    _domain_configuration_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    // The sandbox has a certificate of its own.
    #[serde(rename = "ServerCertificateArns")]
    _server_certificate_arns: Option<Ignored>,
    #[serde(rename = "ValidationCertificateArn")]
    _validation_certificate_arn: Option<Ignored>,
    domain_name: Option<String>,
    domain_configuration_status: Option<String>,
    service_type: Option<String>,
    authentication_type: Option<String>,
    application_protocol: Option<String>,
    authorizer_config: Option<AuthorizerConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct AuthorizerConfig {
    default_authorizer_name: Option<String>,
    allow_authorizer_override: Option<Flag>,
}

impl DomainConfiguration {
    pub(super) fn of(resource: &Resource, resources: &[Resource]) -> Result<Self, TemplateError> {
        let properties: DomainProperties = resource.read()?;
        let unsupported =
            |property, what: String| resource.error(property, Problem::UnsupportedProperty(what));
        if let Some(service) = properties.service_type.filter(|service| service != "DATA") {
            return Err(unsupported("ServiceType", format!("service `{service}`")));
        }
        let (default_authorizer, allow_override) = match properties.authorizer_config {
            None => (None, false),
            Some(config) => {
                let path = "AuthorizerConfig.AllowAuthorizerOverride";
                // AWS requires it beside a default authorizer, and documents no default.
                let allow = config.allow_authorizer_override.ok_or_else(|| {
                    resource.error(path, Problem::Missing("AllowAuthorizerOverride"))
                })?;
                (config.default_authorizer_name, allow == Flag(true))
            }
        };
        if let Some(name) = &default_authorizer
            && !resources
                .iter()
                .any(|other| other.type_ == "AWS::IoT::Authorizer" && other.physical_id == *name)
        {
            return Err(unsupported(
                "AuthorizerConfig.DefaultAuthorizerName",
                format!("authorizer `{name}` that is not in the template"),
            ));
        }
        let or_default = |value: Option<String>| value.unwrap_or_else(|| "DEFAULT".to_owned());
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            domain_name: properties.domain_name,
            enabled: properties.domain_configuration_status.as_deref() != Some("DISABLED"),
            authentication_type: or_default(properties.authentication_type),
            application_protocol: or_default(properties.application_protocol),
            default_authorizer,
            allow_authorizer_override: allow_override,
        })
    }
}

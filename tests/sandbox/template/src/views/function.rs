//! Lambda functions and who may invoke them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::fields::{Ignored, Text, Whole, texts};
use crate::stack::Resource;
use crate::{Problem, TemplateError};

/// A Lambda function (`AWS::Serverless::Function`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name in the template.
    pub logical_id: String,
    /// `FunctionName`.
    pub name: String,
    /// ARN without version.
    pub arn: String,
    /// The cargo binary: `Metadata.BuildProperties.Binary`.
    pub binary: String,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take. AWS's default is 3 s.
    pub timeout: Duration,
    /// Memory in MB. AWS's default is 128.
    pub memory_mb: u32,
    /// `ReservedConcurrentExecutions`.
    pub reserved_concurrency: Option<u32>,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// Logical id of the execution role.
    pub role: String,
    /// Physical name of the log group, if it has its own.
    pub log_group: Option<String>,
    /// What happens to asynchronous invocations.
    pub event_invoke: EventInvoke,
}

/// Asynchronous invocation of a function.
///
/// Source: Lambda, "Configuring error handling settings for asynchronous invocations".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventInvoke {
    /// Retries after the first attempt, 0 to 2. AWS's default is 2.
    pub max_retries: u32,
    /// How long an event may wait, 60 s to 6 h. AWS's default is 6 h.
    pub max_age: Duration,
    /// ARN that gets a record of each event that failed for good.
    pub on_failure: Option<String>,
    /// ARN that gets a record of each event that succeeded.
    pub on_success: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "FunctionName")]
    _function_name: Option<Ignored>,
    #[serde(rename = "Description")]
    _description: Option<Ignored>,
    #[serde(rename = "CodeUri")]
    _code_uri: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    runtime: String,
    handler: String,
    #[serde(default)]
    architectures: Vec<String>,
    timeout: Option<Whole>,
    memory_size: Option<Whole>,
    reserved_concurrent_executions: Option<Whole>,
    environment: Option<Environment>,
    role: Option<String>,
    logging_config: Option<LoggingConfig>,
    event_invoke_config: Option<EventInvokeConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Environment {
    variables: BTreeMap<String, Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct LoggingConfig {
    log_group: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct EventInvokeConfig {
    maximum_retry_attempts: Option<Whole>,
    maximum_event_age_in_seconds: Option<Whole>,
    destination_config: Option<DestinationConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DestinationConfig {
    on_failure: Option<Destination>,
    on_success: Option<Destination>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Destination {
    #[serde(rename = "Type")]
    _type: Option<Ignored>,
    destination: String,
}

impl Function {
    pub(super) fn of(resource: &Resource, resources: &[Resource]) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        let unsupported =
            |property, what: String| resource.error(property, Problem::UnsupportedProperty(what));
        if properties.runtime != "provided.al2023" {
            return Err(unsupported(
                "Runtime",
                format!("runtime `{}`", properties.runtime),
            ));
        }
        if properties.handler != "bootstrap" {
            return Err(unsupported(
                "Handler",
                format!("handler `{}`", properties.handler),
            ));
        }
        let binary = resource
            .metadata
            .pointer("/BuildProperties/Binary")
            .and_then(serde_json::Value::as_str);
        let binary = binary.ok_or_else(|| TemplateError {
            path: format!("Resources.{}.Metadata", resource.logical_id),
            problem: Problem::Missing("BuildProperties.Binary"),
        })?;
        let role_arn = properties
            .role
            .ok_or_else(|| resource.error("Role", Problem::Missing("Role")))?;
        let role = resources
            .iter()
            .find(|other| other.type_ == "AWS::IAM::Role" && other.arn() == role_arn)
            .ok_or_else(|| {
                unsupported(
                    "Role",
                    format!("role `{role_arn}` that is not in the template"),
                )
            })?;
        let event_invoke = properties.event_invoke_config;
        let destinations = event_invoke
            .as_ref()
            .and_then(|config| config.destination_config.as_ref());
        let destination = |end: Option<&Destination>| end.map(|end| end.destination.clone());
        let whole = |value: Option<Whole>, default| value.map_or(default, |Whole(number)| number);
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            binary: binary.to_owned(),
            environment: properties
                .environment
                .map(|environment| texts(environment.variables))
                .unwrap_or_default(),
            timeout: Duration::from_secs(whole(properties.timeout, 3).into()),
            memory_mb: whole(properties.memory_size, 128),
            reserved_concurrency: properties
                .reserved_concurrent_executions
                .map(|Whole(number)| number),
            architecture: properties
                .architectures
                .into_iter()
                .next()
                .unwrap_or_else(|| "x86_64".to_owned()),
            role: role.logical_id.clone(),
            log_group: properties
                .logging_config
                .and_then(|config| config.log_group),
            event_invoke: EventInvoke {
                max_retries: whole(
                    event_invoke
                        .as_ref()
                        .and_then(|config| config.maximum_retry_attempts),
                    2,
                ),
                max_age: Duration::from_secs(
                    whole(
                        event_invoke
                            .as_ref()
                            .and_then(|config| config.maximum_event_age_in_seconds),
                        21_600,
                    )
                    .into(),
                ),
                on_failure: destination(destinations.and_then(|ends| ends.on_failure.as_ref())),
                on_success: destination(destinations.and_then(|ends| ends.on_success.as_ref())),
            },
        })
    }
}

/// A statement of a function's resource policy (`AWS::Lambda::Permission`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Its name in the template.
    pub logical_id: String,
    /// ARN of the function.
    pub function_arn: String,
    /// For example `lambda:InvokeFunction`.
    pub action: String,
    /// The service or account that may.
    pub principal: String,
    /// Only on behalf of this resource. `*` and `?` are wildcards.
    pub source_arn: Option<String>,
    /// Only on behalf of this account.
    pub source_account: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct PermissionProperties {
    action: String,
    function_name: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<Text>,
}

impl Permission {
    pub(super) fn of(resource: &Resource, resources: &[Resource]) -> Result<Self, TemplateError> {
        let properties: PermissionProperties = resource.read()?;
        let function = resources
            .iter()
            .filter(|other| other.type_ == "AWS::Serverless::Function")
            .find(|other| [&other.physical_id, &other.arn()].contains(&&properties.function_name));
        let function = function.ok_or_else(|| {
            let what = format!(
                "function `{}` that is not in the template",
                properties.function_name
            );
            resource.error("FunctionName", Problem::UnsupportedProperty(what))
        })?;
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            function_arn: function.arn(),
            action: properties.action,
            principal: properties.principal,
            source_arn: properties.source_arn,
            source_account: properties.source_account.map(|Text(account)| account),
        })
    }

    /// Whether this statement lets `principal` invoke the function on behalf of a resource of an account.
    #[must_use]
    pub fn allows(
        &self,
        function_arn: &str,
        principal: &str,
        source_arn: &str,
        source_account: &str,
    ) -> bool {
        self.function_arn == function_arn
            && self.action == "lambda:InvokeFunction"
            && self.principal == principal
            && self
                .source_arn
                .as_deref()
                .is_none_or(|pattern| crate::glob::matches(pattern, source_arn))
            && self
                .source_account
                .as_deref()
                .is_none_or(|account| account == source_account)
    }
}

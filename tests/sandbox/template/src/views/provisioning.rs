//! Provisioning templates of AWS IoT.

use serde::Deserialize;

use super::fields::{Flag, Ignored};
use crate::stack::Resource;
use crate::{Problem, TemplateError};

/// The one version of what AWS IoT sends to a hook.
///
/// Source: CloudFormation template reference, "AWS::IoT::ProvisioningTemplate ProvisioningHook".
const PAYLOAD_VERSION: &str = "2020-04-01";

/// A provisioning template (`AWS::IoT::ProvisioningTemplate`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisioningTemplate {
    /// Its name in the template.
    pub logical_id: String,
    /// `TemplateName`.
    pub name: String,
    /// ARN: the source of the hook's invocations.
    pub arn: String,
    /// How devices come to it.
    pub kind: ProvisioningKind,
    /// The provisioning template itself, JSON that AWS IoT evaluates for each device. Text here.
    pub body: String,
    /// `Enabled`.
    pub enabled: bool,
    /// ARN of the function that decides about each device. Never there for [`ProvisioningKind::Jitp`].
    pub hook_function_arn: Option<String>,
    /// Logical id of the role with which AWS IoT makes things.
    pub role: String,
}

/// `TemplateType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProvisioningKind {
    /// With a claim certificate (AWS's default).
    #[default]
    FleetProvisioning,
    /// With a certificate of a registered CA.
    Jitp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "TemplateName")]
    _template_name: Option<Ignored>,
    #[serde(rename = "Description")]
    _description: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    #[serde(default)]
    template_type: ProvisioningKind,
    template_body: String,
    enabled: Option<Flag>,
    provisioning_role_arn: String,
    pre_provisioning_hook: Option<Hook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Hook {
    target_arn: String,
    payload_version: Option<String>,
}

impl ProvisioningTemplate {
    pub(super) fn of(resource: &Resource, resources: &[Resource]) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        let unsupported =
            |property, what: String| resource.error(property, Problem::UnsupportedProperty(what));
        let of_type = |type_: &'static str, arn: &str| {
            let mut found = resources.iter().filter(|other| other.type_ == type_);
            found.find(|other| other.arn() == arn)
        };
        if let Some(hook) = &properties.pre_provisioning_hook {
            let arn = &hook.target_arn;
            if properties.template_type == ProvisioningKind::Jitp {
                let what = "a hook of a template for just-in-time provisioning".to_owned();
                return Err(unsupported("PreProvisioningHook", what));
            }
            if of_type("AWS::Serverless::Function", arn).is_none() {
                return Err(unsupported(
                    "PreProvisioningHook.TargetArn",
                    format!("function `{arn}` that is not in the template"),
                ));
            }
            if let Some(version) = &hook.payload_version
                && version != PAYLOAD_VERSION
            {
                return Err(unsupported(
                    "PreProvisioningHook.PayloadVersion",
                    format!("payload version `{version}`"),
                ));
            }
        }
        let role_arn = &properties.provisioning_role_arn;
        let role = of_type("AWS::IAM::Role", role_arn).ok_or_else(|| {
            unsupported(
                "ProvisioningRoleArn",
                format!("role `{role_arn}` that is not in the template"),
            )
        })?;
        // AWS does not document a default.
        let enabled = properties
            .enabled
            .ok_or_else(|| resource.error("Enabled", Problem::Missing("Enabled")))?;
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource
                .attributes
                .get("TemplateArn")
                .cloned()
                .unwrap_or_default(),
            kind: properties.template_type,
            body: properties.template_body,
            enabled: enabled == Flag(true),
            hook_function_arn: properties.pre_provisioning_hook.map(|hook| hook.target_arn),
            role: role.logical_id.clone(),
        })
    }
}

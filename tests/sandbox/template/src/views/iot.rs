//! The device side of AWS IoT: policies, thing types, thing groups.

use serde::Deserialize;
use serde_json::Value;

use super::fields::Ignored;
use crate::TemplateError;
use crate::stack::Resource;

/// An AWS IoT policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IotPolicy {
    /// Its name in the template.
    pub logical_id: String,
    /// `PolicyName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// The document, policy variables (`${iot:…}`) as they are.
    pub document: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct PolicyProperties {
    #[serde(rename = "PolicyName")]
    _policy_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    policy_document: Value,
}

impl IotPolicy {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            document: resource.read::<PolicyProperties>()?.policy_document,
        })
    }
}

/// A thing type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingType {
    /// Its name in the template.
    pub logical_id: String,
    /// `ThingTypeName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `ThingTypeDescription`.
    pub description: Option<String>,
    /// Attribute names that can be searched.
    pub searchable_attributes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TypeProperties {
    #[serde(rename = "ThingTypeName")]
    _thing_type_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    thing_type_properties: Option<TypeDetails>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TypeDetails {
    thing_type_description: Option<String>,
    #[serde(default)]
    searchable_attributes: Vec<String>,
}

impl ThingType {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let details = resource
            .read::<TypeProperties>()?
            .thing_type_properties
            .unwrap_or_default();
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            description: details.thing_type_description,
            searchable_attributes: details.searchable_attributes,
        })
    }
}

/// A static thing group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingGroup {
    /// Its name in the template.
    pub logical_id: String,
    /// `ThingGroupName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `ParentGroupName`.
    pub parent: Option<String>,
    /// `ThingGroupDescription`.
    pub description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GroupProperties {
    #[serde(rename = "ThingGroupName")]
    _thing_group_name: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    parent_group_name: Option<String>,
    thing_group_properties: Option<GroupDetails>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GroupDetails {
    thing_group_description: Option<String>,
}

impl ThingGroup {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let properties: GroupProperties = resource.read()?;
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            parent: properties.parent_group_name,
            description: properties
                .thing_group_properties
                .unwrap_or_default()
                .thing_group_description,
        })
    }
}

//! IAM roles and their statements.

use serde::Deserialize;
use serde_json::Value;

use super::fields::{Ignored, OneOrMany, Text};
use crate::TemplateError;
use crate::stack::Resource;

/// An IAM role. Managed policies are not supported: they allow what no template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name in the template.
    pub logical_id: String,
    /// `RoleName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Who may take the role on.
    pub trust: Vec<Statement>,
    /// What the role may do, from all its inline policies.
    pub statements: Vec<Statement>,
}

/// A statement of an IAM policy. `NotAction`, `NotResource` and `NotPrincipal` are not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `Effect`.
    pub effect: Effect,
    /// Trust policies only: for example `{"Service": "lambda.amazonaws.com"}`.
    pub principal: Option<Value>,
    /// Actions, with IAM's wildcards.
    pub actions: Vec<String>,
    /// ARNs, with IAM's wildcards. Empty in a trust policy.
    pub resources: Vec<String>,
    /// Operator, then key, then value or values; an empty map without conditions.
    pub conditions: Value,
}

/// `Effect` of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Effect {
    /// Allows what nothing denies.
    Allow,
    /// Denies whatever else allows.
    Deny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "RoleName")]
    _role_name: Option<Ignored>,
    #[serde(rename = "Description")]
    _description: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
    assume_role_policy_document: Document,
    #[serde(default)]
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Policy {
    #[serde(rename = "PolicyName")]
    _policy_name: Text,
    policy_document: Document,
}

/// A policy document of any kind, for every place that holds one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Document {
    #[serde(rename = "Version")]
    _version: Option<Ignored>,
    #[serde(rename = "Id")]
    _id: Option<Ignored>,
    statement: OneOrMany<StatementProperties>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StatementProperties {
    sid: Option<String>,
    effect: Effect,
    principal: Option<Value>,
    action: OneOrMany<String>,
    resource: Option<OneOrMany<String>>,
    condition: Option<Value>,
}

impl Document {
    fn statements(self) -> impl Iterator<Item = Statement> {
        self.statement.0.into_iter().map(|statement| Statement {
            sid: statement.sid,
            effect: statement.effect,
            principal: statement.principal,
            actions: statement.action.0,
            resources: statement
                .resource
                .map(|resource| resource.0)
                .unwrap_or_default(),
            conditions: statement
                .condition
                .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        })
    }
}

impl Role {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            trust: properties
                .assume_role_policy_document
                .statements()
                .collect(),
            statements: properties
                .policies
                .into_iter()
                .flat_map(|policy| policy.policy_document.statements())
                .collect(),
        })
    }
}

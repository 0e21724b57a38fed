//! DynamoDB tables.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::{Flag, Ignored};
use crate::TemplateError;
use crate::stack::Resource;

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name in the template.
    pub logical_id: String,
    /// `TableName`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Partition key and, if it has one, sort key.
    pub key: Vec<String>,
    /// Global secondary indexes.
    pub indexes: Vec<Index>,
    /// The attribute that holds the expiry in seconds since the epoch, while time to live is on.
    pub ttl_attribute: Option<String>,
    /// The request body of the API's `CreateTable` that makes this table. Time to live and recovery have calls of their own.
    pub create_table: Value,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// `IndexName`.
    pub name: String,
    /// Partition key and, if it has one, sort key.
    pub key: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "TableName")]
    _table_name: Option<Ignored>,
    attribute_definitions: Value,
    key_schema: Vec<KeyElement>,
    billing_mode: Option<String>,
    #[serde(default)]
    global_secondary_indexes: Vec<IndexProperties>,
    time_to_live_specification: Option<TimeToLive>,
    #[serde(rename = "PointInTimeRecoverySpecification")]
    _recovery: Option<Ignored>,
    #[serde(rename = "SSESpecification")]
    _encryption: Option<Ignored>,
    #[serde(rename = "DeletionProtectionEnabled")]
    _deletion_protection: Option<Ignored>,
    #[serde(rename = "Tags")]
    _tags: Option<Ignored>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct KeyElement {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct IndexProperties {
    index_name: String,
    key_schema: Vec<KeyElement>,
    projection: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: Flag,
}

fn names(schema: &[KeyElement]) -> Vec<String> {
    schema
        .iter()
        .map(|element| element.attribute_name.clone())
        .collect()
}

fn schema(elements: &[KeyElement]) -> Value {
    elements
        .iter()
        .map(|key| json!({"AttributeName": key.attribute_name, "KeyType": key.key_type}))
        .collect()
}

impl Table {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        let mut create_table = json!({
            "TableName": resource.physical_id,
            "AttributeDefinitions": properties.attribute_definitions,
            "KeySchema": schema(&properties.key_schema),
            "BillingMode": properties.billing_mode.as_deref().unwrap_or("PROVISIONED"),
        });
        if let Some(request) = create_table
            .as_object_mut()
            .filter(|_| !properties.global_secondary_indexes.is_empty())
        {
            let indexes = properties.global_secondary_indexes.iter().map(|index| {
                json!({
                    "IndexName": index.index_name,
                    "KeySchema": schema(&index.key_schema),
                    "Projection": index.projection,
                })
            });
            request.insert("GlobalSecondaryIndexes".to_owned(), indexes.collect());
        }
        let ttl = properties
            .time_to_live_specification
            .filter(|ttl| ttl.enabled == Flag(true));
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            key: names(&properties.key_schema),
            indexes: properties
                .global_secondary_indexes
                .iter()
                .map(|index| Index {
                    name: index.index_name.clone(),
                    key: names(&index.key_schema),
                })
                .collect(),
            ttl_attribute: ttl.map(|ttl| ttl.attribute_name),
            create_table,
        })
    }
}

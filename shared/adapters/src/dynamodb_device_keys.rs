//! The public keys of devices that sign their own tokens, in DynamoDB.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use sci_domain::{
    access::{DeviceKeys, DeviceRecord, Scopes},
    ports::PortFailure,
    thing::{PropertyId, ThingName},
};

use crate::{
    aws_clients::Lazily,
    dynamodb_item::{BrokenItem, s, text},
    dynamodb_put::Item,
    sdk_error::{failure, misconfigured},
};

const LOAD: &str = "load a device's keys";

/// [`DeviceKeys`] in one table: hash `thing`.
#[derive(Debug, Clone)]
pub struct DynamoDbDeviceKeys {
    client: Lazily<Client>,
    table: String,
}

impl DynamoDbDeviceKeys {
    /// Reads `table`.
    #[must_use]
    pub const fn new(client: Lazily<Client>, table: String) -> Self {
        Self { client, table }
    }
}

/// The record of a device; nothing when it is switched off.
fn record_from(item: &Item) -> Result<Option<DeviceRecord>, BrokenItem> {
    match item.get("enabled") {
        None | Some(AttributeValue::Bool(true)) => {}
        Some(AttributeValue::Bool(false)) => return Ok(None),
        Some(_) => return Err(BrokenItem::Attribute("enabled")),
    }
    let property = PropertyId::parse(text(item, "property_id")?)
        .map_err(|_| BrokenItem::Attribute("property_id"))?;
    let (scopes, unknown) = Scopes::parse(text(item, "scopes")?);
    if unknown > 0 {
        // They grant nothing. It may be a slip, or a scope that only a newer version knows.
        tracing::warn!(unknown, "a device's record holds unknown scopes");
    }
    Ok(Some(DeviceRecord {
        jwks: text(item, "jwks")?.to_owned(),
        property,
        scopes,
    }))
}

impl DeviceKeys for DynamoDbDeviceKeys {
    async fn load(&self, thing: &ThingName) -> Result<Option<DeviceRecord>, PortFailure> {
        let answer = self
            .client
            .get()
            .get_item()
            .table_name(&self.table)
            .key("thing", s(thing.as_str()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure(LOAD, error))?;
        let record = answer.item.as_ref().map(record_from).transpose();
        let record = record.map_err(|error| misconfigured(LOAD, error))?;
        Ok(record.flatten())
    }
}

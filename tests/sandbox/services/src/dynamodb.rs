//! DynamoDB: the `dynoxide` engine called in process, plus the few operations and spellings it does not have.

mod backups;
mod dispatch;
mod engine_error;
pub(crate) mod resource;

use std::sync::Arc;

use bytes::Bytes;
use dynoxide::{Database, storage_backend::Clock as EngineClock, streams};
use http::Response;
use serde_json::{Map, Value};

use crate::{
    api_error::ApiError,
    config::{Clock, Config},
    wire,
};

pub(crate) use backups::Backups;

/// The service's state.
pub(crate) struct DynamoDb {
    database: Database,
    backups: Backups,
    config: Arc<Config>,
    /// How the engine spells the beginning of an ARN, and how AWS does.
    arn_prefix: (String, String),
}

/// The injected clock in the engine's terms.
struct Seconds(Clock);

impl EngineClock for Seconds {
    fn now_unix_secs(&self) -> u64 {
        (self.0)() / 1000
    }

    fn now_unix_secs_f64(&self) -> f64 {
        std::time::Duration::from_millis((self.0)()).as_secs_f64()
    }
}

impl DynamoDb {
    /// An empty in-memory database.
    ///
    /// # Errors
    /// The engine's text when SQLite cannot be opened.
    pub(crate) fn new(config: Arc<Config>) -> Result<Self, dynoxide::DynoxideError> {
        let database = Database::memory_with_clock(Arc::new(Seconds(Arc::clone(&config.clock))))?;
        let engine = format!(
            "arn:aws:dynamodb:{}:{}:",
            streams::LOCAL_REGION,
            streams::LOCAL_ACCOUNT
        );
        let arn_prefix = (engine, config.arn("dynamodb", ""));
        Ok(Self {
            database,
            backups: Backups::default(),
            config,
            arn_prefix,
        })
    }

    /// Answers one operation.
    ///
    /// # Errors
    /// The service's own error, or one that names what is not supported.
    pub(crate) fn handle(&self, operation: &str, body: &[u8]) -> Result<Response<Bytes>, ApiError> {
        Ok(wire::json_response(200, self.call(operation, body)?))
    }

    /// Deletes items whose time to live has passed, by the injected clock; nothing does so by itself.
    ///
    /// # Errors
    /// The engine's error.
    pub(crate) fn sweep_time_to_live(&self) -> Result<usize, ApiError> {
        self.database
            .sweep_ttl()
            .map_err(|error| engine_error::translate("TimeToLiveSweep", error))
    }

    /// Whether a table exists.
    pub(crate) fn has_table(&self, name: &str) -> bool {
        matches!(self.database.get_table_metadata(name), Ok(Some(_)))
    }

    fn call(&self, operation: &str, body: &[u8]) -> Result<String, ApiError> {
        let body = std::str::from_utf8(body)
            .map_err(|_| ApiError::new(400, "SerializationException", "the body is not UTF-8"))?;
        if let Some(answer) = self.backups.handle(self, operation, body)? {
            return Ok(answer);
        }
        refuse_unknown_members(operation, body)?;
        let (engine, aws) = &self.arn_prefix;
        let answer = dispatch::dispatch(&self.database, operation, &body.replace(aws, engine))?;
        if operation == "DeleteTable" {
            self.backups.forget(body);
        }
        Ok(answer.replace(engine, aws))
    }
}

/// Members of `CreateTable` the engine reads. It ignores others without a word, so they are refused here.
const CREATE_TABLE: &[&str] = &[
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
    "TableName",
    "Tags",
];

/// Members of one index in it.
const INDEX: &[&str] = &[
    "IndexName",
    "KeySchema",
    "OnDemandThroughput",
    "Projection",
    "ProvisionedThroughput",
];

fn refuse_unknown_members(operation: &str, body: &str) -> Result<(), ApiError> {
    if operation != "CreateTable" {
        return Ok(());
    }
    let members: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    refuse_others(&members, CREATE_TABLE, "CreateTable")?;
    for list in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let indexes = members.get(list).and_then(Value::as_array);
        for index in indexes.into_iter().flatten().filter_map(Value::as_object) {
            refuse_others(index, INDEX, list)?;
        }
    }
    Ok(())
}

fn refuse_others(members: &Map<String, Value>, known: &[&str], of: &str) -> Result<(), ApiError> {
    match members
        .keys()
        .find(|member| !known.contains(&member.as_str()))
    {
        None => Ok(()),
        Some(member) => Err(ApiError::unsupported(
            "ValidationException",
            format!("{member} of {of}"),
        )),
    }
}

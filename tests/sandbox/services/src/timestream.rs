//! Timestream for LiveAnalytics, write and query, on SQLite in memory.

mod catalog;
mod limits;
mod merge;
mod model;
mod names;
mod query;
mod reject;
pub(crate) mod resource;
mod store;
mod tables;
pub(crate) mod time;
mod value;
mod write;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::{
    api_error::ApiError,
    config::Config,
    wire::{self, read},
};
use catalog::Catalog;

/// The service's state.
pub(crate) struct Timestream {
    config: Arc<Config>,
    catalog: Mutex<Catalog>,
}

impl Timestream {
    /// No databases yet.
    ///
    /// # Errors
    /// When SQLite cannot be opened.
    pub(crate) fn new(config: Arc<Config>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            config,
            catalog: Mutex::new(Catalog::new()?),
        })
    }

    /// Answers one operation of either API. `reject` lists record indices that `WriteRecords` rejects on demand.
    ///
    /// # Errors
    /// The service's own error, or one that names what is not supported.
    pub(crate) fn handle(
        &self,
        operation: &str,
        body: &[u8],
        reject: &[usize],
    ) -> Result<Response<Bytes>, ApiError> {
        self.call(operation, body, reject)
            .map(|answer| wire::json_response(200, answer.to_string()))
    }

    fn call(&self, operation: &str, body: &[u8], reject: &[usize]) -> Result<Value, ApiError> {
        match operation {
            "CreateDatabase" => self.create_database(read(body)?),
            "CreateTable" => self.create_table(read(body)?),
            "DeleteDatabase" => self.delete_database(&read(body)?),
            "DeleteTable" => self.delete_table(&read(body)?),
            "DescribeDatabase" => self.describe_database(&read(body)?),
            // botocore keeps an address with a scheme as it is; see the README.
            "DescribeEndpoints" => Ok(json!({
                "Endpoints": [{"Address": self.config.endpoint_base, "CachePeriodInMinutes": 1440}]
            })),
            "DescribeTable" => self.describe_table(&read(body)?),
            "ListDatabases" => self.list_databases(&read(body)?),
            "ListTables" => self.list_tables(&read(body)?),
            "Query" => self.query(read(body)?),
            "UpdateTable" => self.update_table(read(body)?),
            "WriteRecords" => self.write_records(read(body)?, reject),
            _ => Err(ApiError::unsupported(
                "ValidationException",
                format!("the Timestream operation `{operation}`"),
            )),
        }
    }
}

/// `ValidationException`.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::validation(message)
}

/// SQLite failed where it cannot.
fn storage(error: rusqlite::Error) -> ApiError {
    ApiError::new(500, "InternalServerException", format!("SQLite: {error}"))
}

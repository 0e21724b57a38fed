//! `Query`: a small part of Timestream's SQL, translated to SQLite. What is outside of it is refused by name.

mod condition;
mod constant;
mod parse;
mod projection;
mod select;

use rusqlite::{params_from_iter, types::Value as Sql};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Timestream, invalid};
use crate::{api_error::ApiError, sync::lock};

/// Rows of a page when the caller does not say.
const PAGE: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Query {
    query_string: String,
    max_rows: Option<usize>,
    next_token: Option<String>,
    #[serde(rename = "ClientToken")]
    _client_token: Option<String>,
}

impl Timestream {
    /// Runs a query. A further page runs it again from the row its token names.
    pub(super) fn query(&self, request: Query) -> Result<Value, ApiError> {
        let size = request.max_rows.unwrap_or(PAGE);
        if !(1..=PAGE).contains(&size) {
            return Err(invalid(format!("MaxRows must be from 1 to {PAGE}.")));
        }
        let start = match &request.next_token {
            None => 0,
            Some(token) => token
                .parse::<usize>()
                .map_err(|_| invalid("Invalid NextToken."))?,
        };
        let parsed = parse::parse(&request.query_string)?;
        let mut catalog = lock(&self.catalog);
        let (connection, table) = catalog.table(&parsed.database, &parsed.table)?;
        let now_ms = self.config.now_ms();
        let select = select::translate(&parsed, table, now_ms)?;

        let width = select.outputs.len();
        let run = || -> Result<Vec<Vec<Sql>>, rusqlite::Error> {
            let mut statement = connection.prepare(&select.sql)?;
            let rows = statement.query_map(params_from_iter(&select.params), |row| {
                (0..width).map(|i| row.get(i)).collect()
            })?;
            rows.collect()
        };
        let rows = run().map_err(|error| invalid(format!("the query failed: {error}")))?;

        let columns: Vec<Value> = select
            .outputs
            .iter()
            .map(
                |output| json!({"Name": output.name, "Type": {"ScalarType": output.scalar.name()}}),
            )
            .collect();
        let end = start.saturating_add(size);
        let more = rows.len() > end;
        let data = |row: Vec<Sql>| -> Value {
            let cells = row.iter().zip(&select.outputs);
            json!({"Data": cells.map(|(value, output)| output.scalar.datum(value)).collect::<Vec<_>>()})
        };
        let page: Vec<Value> = rows.into_iter().skip(start).take(size).map(data).collect();
        let mut answer = json!({
            "QueryId": Uuid::new_v4().simple().to_string().to_uppercase(),
            "ColumnInfo": columns,
            "Rows": page,
            "QueryStatus": {"ProgressPercentage": 100.0, "CumulativeBytesScanned": 0, "CumulativeBytesMetered": 0},
        });
        if let (true, Some(object)) = (more, answer.as_object_mut()) {
            object.insert("NextToken".to_owned(), Value::String(end.to_string()));
        }
        Ok(answer)
    }
}

/// A construct of Timestream's SQL that is not translated.
fn unsupported(construct: impl Into<String>) -> ApiError {
    let construct = construct.into().replace(constant::DURATION_MARK, "");
    ApiError::unsupported("ValidationException", format!("in a query: {construct}"))
}

//! What the tables, queues and topics really hold, read with the AWS SDK as an operator would.

use std::collections::{BTreeMap, HashMap};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::story::DemoFailed;
use crate::Sandbox;

pub(super) type Item = HashMap<String, AttributeValue>;

/// An alarm as its item shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlarmRow {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) closed_by: String,
    pub(crate) closed_at: String,
}

/// Reads the sandbox.
pub(crate) struct Evidence<'a> {
    sandbox: &'a Sandbox,
    dynamodb: aws_sdk_dynamodb::Client,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, config: &SdkConfig) -> Self {
        Self {
            sandbox,
            dynamodb: aws_sdk_dynamodb::Client::new(config),
        }
    }

    /// Every item of a table that an output names.
    pub(crate) async fn items(&self, output: &str) -> Result<Vec<Item>, DemoFailed> {
        let scan = self
            .dynamodb
            .scan()
            .table_name(self.sandbox.output(output))
            .consistent_read(true);
        let items = scan.into_paginator().items().send();
        let items: Result<Vec<_>, _> = items.collect().await;
        items.map_err(|error| {
            DemoFailed::Aws(format!(
                "{}",
                aws_sdk_dynamodb::error::DisplayErrorContext(error)
            ))
        })
    }

    /// Writes an item into a table that an output names, as an operator would.
    pub(crate) async fn put(&self, output: &str, item: Item) -> Result<(), DemoFailed> {
        let put = self.dynamodb.put_item().set_item(Some(item));
        let put = put.table_name(self.sandbox.output(output)).send().await;
        put.map(drop).map_err(|error| {
            let cause = aws_sdk_dynamodb::error::DisplayErrorContext(error);
            DemoFailed::Aws(cause.to_string())
        })
    }

    /// Rows of `HighTemps` by device.
    pub(crate) async fn rows(&self) -> Result<BTreeMap<String, usize>, DemoFailed> {
        let mut rows = BTreeMap::new();
        for item in self.items("HighTempsTableName").await? {
            *rows.entry(text(&item, "deviceId")).or_default() += 1;
        }
        Ok(rows)
    }

    /// Alarms that were ever raised, by id.
    pub(crate) async fn alarms(&self) -> Result<Vec<AlarmRow>, DemoFailed> {
        let items = self.items("AlarmsTableName").await?;
        let mut alarms: Vec<_> = items
            .iter()
            .map(|item| AlarmRow {
                id: text(item, "alarm_id"),
                state: text(item, "state"),
                closed_by: text(item, "closed_by"),
                closed_at: text(item, "closed_at"),
            })
            .filter(|alarm| alarm.state != "normal")
            .collect();
        alarms.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(alarms)
    }

    /// How many messages wait in a queue.
    pub(crate) async fn depth(&self, output: &str) -> Result<usize, DemoFailed> {
        let url = self.sandbox.output(output);
        let body = json!({ "QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"] });
        let answer = self
            .call("sqs", "AmazonSQS.GetQueueAttributes", &body)
            .await?;
        let depth = answer
            .pointer("/Attributes/ApproximateNumberOfMessages")
            .and_then(Value::as_str);
        depth
            .and_then(|d| d.parse().ok())
            .ok_or_else(|| DemoFailed::Aws(format!("SQS answered {answer}")))
    }

    /// The single value of a Timestream query.
    pub(crate) async fn query(&self, sql: &str) -> Result<Vec<Vec<String>>, DemoFailed> {
        let body = json!({ "QueryString": sql });
        let answer = self
            .call("timestream", "Timestream_20181101.Query", &body)
            .await?;
        let rows = answer
            .get("Rows")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let scalar = |datum: &Value| {
            datum
                .get("ScalarValue")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(rows
            .iter()
            .map(|row| {
                row.get("Data")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .map(scalar)
                    .collect()
            })
            .collect())
    }

    /// A call of a JSON service whose SDK the demo does without.
    async fn call(&self, service: &str, target: &str, body: &Value) -> Result<Value, DemoFailed> {
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .body(Bytes::from(body.to_string()))
            .map_err(|error| DemoFailed::Aws(error.to_string()))?;
        let response = self.sandbox.services.handle(service, request).await;
        let text = String::from_utf8_lossy(response.body()).into_owned();
        if !response.status().is_success() {
            return Err(DemoFailed::Aws(format!("{target} answered {text}")));
        }
        serde_json::from_str(&text).map_err(|error| DemoFailed::Aws(error.to_string()))
    }
}

fn text(item: &Item, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        _ => String::new(),
    }
}

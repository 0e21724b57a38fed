//! The SQL functions that reach outside the message, as far as the sandbox has what they reach for.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use iot_gateway::Gateway;
use lambda_host::{InvokeOptions, LambdaHost};
use rules_sql::{External, ExternalFailure, Value as SqlValue};
use sam_template::Permission;
use sandbox_services::Services;
use serde_json::{Map, Value, json};
use tokio::{runtime::Handle, task::block_in_place, time::timeout};

use crate::options::ACCOUNT;

/// How long `aws_lambda()` waits. Source: AWS IoT Core developer guide, "aws_lambda(functionArn, inputJson)".
const LAMBDA_LIMIT: Duration = Duration::from_millis(2000);
/// The largest item that `get_dynamodb()` answers. Source: the same, "get_dynamodb()".
const ITEM_LIMIT: usize = 8 * 1024;

/// The services behind one rule. Must be called on a multi-threaded runtime: the calls block.
pub(crate) struct SandboxExternal<'a> {
    pub(crate) rule_arn: &'a str,
    pub(crate) permissions: &'a [Permission],
    pub(crate) services: &'a Services,
    pub(crate) lambda: &'a LambdaHost,
    /// None while it is still starting.
    pub(crate) gateway: Option<Arc<Gateway>>,
}

impl External for SandboxExternal<'_> {
    fn aws_lambda(&self, function_arn: &str, payload: &str) -> Result<String, ExternalFailure> {
        let failed = |reason: String| ExternalFailure::Failed {
            function: "aws_lambda",
            reason,
        };
        let allows =
            |p: &Permission| p.allows(function_arn, "iot.amazonaws.com", self.rule_arn, ACCOUNT);
        if !self.permissions.iter().any(allows) {
            return Err(failed(format!(
                "no AWS::Lambda::Permission lets this rule invoke {function_arn}"
            )));
        }
        let call = self.lambda.invoke(
            function_arn,
            Bytes::from(payload.to_owned()),
            InvokeOptions::default(),
        );
        let answer = block_in_place(|| Handle::current().block_on(timeout(LAMBDA_LIMIT, call)));
        let answer = answer.map_err(|_| failed("no answer within 2,000 ms".into()))?;
        let answer = answer.map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8_lossy(&answer.payload).into_owned();
        if answer.function_error {
            Err(failed(text))
        } else {
            Ok(text)
        }
    }

    fn get_dynamodb(
        &self,
        table: &str,
        key: &[(&str, SqlValue)],
        _role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        let failed = |reason: String| ExternalFailure::Failed {
            function: "get_dynamodb",
            reason,
        };
        let mut wanted = Map::new();
        for (name, value) in key {
            let typed = match value {
                SqlValue::String(text) => json!({ "S": text.as_ref() }),
                SqlValue::Int(number) => json!({ "N": number.to_string() }),
                SqlValue::Decimal(number) => json!({ "N": number.to_string() }),
                _ => {
                    return Err(failed(format!(
                        "the key {name} is neither text nor a number"
                    )));
                }
            };
            wanted.insert((*name).to_owned(), typed);
        }
        let body = json!({ "TableName": table, "Key": wanted }).to_string();
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "DynamoDB_20120810.GetItem")
            .body(Bytes::from(body))
            .map_err(|error| failed(error.to_string()))?;
        let call = self.services.handle("dynamodb", request);
        let response = block_in_place(|| Handle::current().block_on(call));
        let text = String::from_utf8_lossy(response.body()).into_owned();
        if !response.status().is_success() {
            return Err(failed(text));
        }
        let answer: Value =
            serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        let item = answer
            .get("Item")
            .and_then(Value::as_object)
            .ok_or_else(|| failed("no such item".into()))?;
        let item = plain_object(item).to_string();
        if item.len() > ITEM_LIMIT {
            Err(failed("the item is larger than 8 KB".into()))
        } else {
            Ok(item)
        }
    }

    fn get_registry_data(
        &self,
        api: &str,
        thing: &str,
        _role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        let failed = |reason: String| ExternalFailure::Failed {
            function: "get_registry_data",
            reason,
        };
        let path = match api {
            "DescribeThing" => format!("/things/{thing}"),
            "ListThingGroupsForThing" => format!("/things/{thing}/thing-groups"),
            other => return Err(failed(format!("no API {other}"))),
        };
        let gateway = self
            .gateway
            .as_ref()
            .ok_or_else(|| failed("the registry is not up yet".into()))?;
        let request = Request::get(path)
            .body(Bytes::new())
            .map_err(|error| failed(error.to_string()))?;
        let call = gateway.handle_iot(request);
        let response = block_in_place(|| Handle::current().block_on(call));
        let text = String::from_utf8_lossy(response.body()).into_owned();
        if response.status().is_success() {
            Ok(text)
        } else {
            Err(failed(text))
        }
    }
}

fn plain_object(attributes: &Map<String, Value>) -> Value {
    attributes
        .iter()
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// DynamoDB's typed JSON as plain JSON. Binary stays base64; sets become arrays.
fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|typed| typed.iter().next()) else {
        return Value::Null;
    };
    let number = |text: &Value| {
        text.as_str()
            .and_then(|t| serde_json::from_str(t).ok())
            .unwrap_or(Value::Null)
    };
    match (kind.as_str(), value) {
        ("N", text) => number(text),
        ("NS", Value::Array(texts)) => texts.iter().map(number).collect(),
        ("M", Value::Object(map)) => plain_object(map),
        ("L", Value::Array(list)) => list.iter().map(plain).collect(),
        ("NULL", _) => Value::Null,
        (_, other) => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_become_plain_json() {
        let item = json!({
            "s": { "S": "x" }, "n": { "N": "1.50" }, "b": { "BOOL": true }, "z": { "NULL": true },
            "m": { "M": { "l": { "L": [{ "N": "1" }, { "S": "y" }] } } }, "ns": { "NS": ["1", "2"] }, "ss": { "SS": ["a"] },
        });
        let expected = json!({
            "s": "x", "n": 1.5, "b": true, "z": null, "m": { "l": [1, "y"] }, "ns": [1, 2], "ss": ["a"],
        });
        assert_eq!(plain_object(item.as_object().unwrap()), expected);
    }
}

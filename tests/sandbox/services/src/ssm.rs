//! Systems Manager, of which only the Parameter Store, and of that only what a reader of configuration needs.
//!
//! Source: AWS Systems Manager API Reference, `PutParameter`, `GetParameter`, `DeleteParameter`.

mod name;
mod request;
pub(crate) mod resource;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::{
    api_error::ApiError,
    config::Config,
    sync::lock,
    wire::{self, read},
};
use name::Wanted;
use request::{DeleteParameter, GetParameter, PutParameter, Tier};

/// Versions that the service keeps of a parameter.
const KEPT_VERSIONS: usize = 100;

/// The service's state.
pub(crate) struct Ssm {
    config: Arc<Config>,
    parameters: Mutex<BTreeMap<String, Parameter>>,
}

struct Parameter {
    tier: Tier,
    /// Never empty; the newest is the last.
    versions: VecDeque<Version>,
}

struct Version {
    number: u64,
    value: String,
    modified_ms: u64,
}

impl Ssm {
    /// No parameters yet.
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            parameters: Mutex::default(),
        }
    }

    /// Answers one operation.
    ///
    /// # Errors
    /// The service's own error, or one that names what is not supported.
    pub(crate) fn handle(&self, operation: &str, body: &[u8]) -> Result<Response<Bytes>, ApiError> {
        self.call(operation, body)
            .map(|answer| wire::json_1_1_response(200, answer.to_string()))
    }

    fn call(&self, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
        match operation {
            "DeleteParameter" => self.delete(&read(body)?),
            "GetParameter" => self.get(&read(body)?),
            "PutParameter" => self.put(read(body)?),
            _ => Err(ApiError::unsupported(
                "ValidationException",
                format!("the SSM operation `{operation}`"),
            )),
        }
    }

    fn put(&self, request: PutParameter) -> Result<Value, ApiError> {
        let name = request.name.trim();
        name::check(name, &self.arn(name))?;
        request.check_kind()?;
        let mut parameters = lock(&self.parameters);
        let known = parameters.get(name);
        if known.is_some() && !request.overwrite {
            return Err(ApiError::new(
                400,
                "ParameterAlreadyExists",
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to \
                 true.",
            ));
        }
        if known.is_none() && request.type_.is_none() {
            return Err(ApiError::validation(
                "A parameter type is required when you create a parameter.",
            ));
        }
        let tier = request.tier(known.map(|parameter| parameter.tier))?;
        let parameter = parameters
            .entry(name.to_owned())
            .or_insert_with(|| Parameter {
                tier,
                versions: VecDeque::new(),
            });
        let number = parameter.versions.back().map_or(1, |last| last.number + 1);
        parameter.tier = tier;
        parameter.versions.push_back(Version {
            number,
            value: request.value,
            modified_ms: self.config.now_ms(),
        });
        if parameter.versions.len() > KEPT_VERSIONS {
            parameter.versions.pop_front();
        }
        Ok(json!({"Version": number, "Tier": tier.as_str()}))
    }

    fn get(&self, request: &GetParameter) -> Result<Value, ApiError> {
        let wanted = Wanted::parse(&request.name)?;
        let parameters = lock(&self.parameters);
        let (name, parameter) = parameters
            .iter()
            .find(|(name, _)| *name == wanted.parameter || self.arn(name) == wanted.parameter)
            .ok_or_else(not_found)?;
        let version = match wanted.version {
            None => parameter.versions.back(),
            Some(number) => parameter.versions.iter().find(|v| v.number == number),
        };
        let version = version.ok_or_else(|| {
            ApiError::new(
                400,
                "ParameterVersionNotFound",
                "The specified parameter version wasn't found. Verify the parameter name and version, and try again.",
            )
        })?;
        let mut found = json!({
            "Name": name,
            "Type": "String",
            "Value": version.value,
            "Version": version.number,
            "LastModifiedDate": Duration::from_millis(version.modified_ms).as_secs_f64(),
            "ARN": self.arn(name),
            "DataType": "text",
        });
        if let (Some(number), Some(members)) = (wanted.version, found.as_object_mut()) {
            members.insert("Selector".to_owned(), format!(":{number}").into());
        }
        Ok(json!({"Parameter": found}))
    }

    fn delete(&self, request: &DeleteParameter) -> Result<Value, ApiError> {
        lock(&self.parameters)
            .remove(&request.name)
            .map(|_| json!({}))
            .ok_or_else(not_found)
    }

    /// A name with a leading slash does not get a second one.
    fn arn(&self, name: &str) -> String {
        let name = name.strip_prefix('/').unwrap_or(name);
        self.config.arn("ssm", &format!("parameter/{name}"))
    }
}

fn not_found() -> ApiError {
    ApiError::new(
        400,
        "ParameterNotFound",
        "The parameter couldn't be found. Verify the name and try again.",
    )
}

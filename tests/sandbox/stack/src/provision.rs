//! Makes the template's resources in the sandbox's services.

use std::{collections::BTreeMap, io::Write as _, path::PathBuf};

use bytes::Bytes;
use http::{Method, Request};
use iot_gateway::Gateway;
use lambda_host::{EventInvoke, FunctionSpec, LambdaHost};
use sam_template::{Function, Resource, Stack};
use sandbox_services::Services;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::sandbox::{StartFailed, machine, template};

/// Types that the sandbox reads elsewhere, or that are no part of a message's way. Any other unknown type is an error.
const NOT_MADE_HERE: [&str; 12] = [
    "AWS::CloudWatch::Alarm",
    "AWS::IAM::Role",
    "AWS::IoT::TopicRule",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::Function",
];

/// Lambda's default account concurrency is far above what a laptop should start.
const MAX_CONCURRENCY: u32 = 8;

/// Makes everything but the functions.
pub(crate) async fn resources(
    stack: &Stack,
    services: &Services,
    gateway: &Gateway,
) -> Result<(), StartFailed> {
    for resource in &stack.resources {
        match resource.type_.as_str() {
            "AWS::IoT::Authorizer"
            | "AWS::IoT::DomainConfiguration"
            | "AWS::IoT::Policy"
            | "AWS::IoT::ProvisioningTemplate"
            | "AWS::IoT::ThingGroup"
            | "AWS::IoT::ThingType" => iot(resource, gateway).await?,
            known if NOT_MADE_HERE.contains(&known) => {}
            type_ => {
                let name = physical_name(resource, stack);
                services
                    .create_resource(type_, &name, &resource.properties)
                    .await
                    .map_err(template)?;
            }
        }
    }
    Ok(())
}

/// A queue's `Ref` is its URL; the services want its name.
fn physical_name(resource: &Resource, stack: &Stack) -> String {
    let queue = stack
        .queues()
        .iter()
        .find(|queue| queue.logical_id == resource.logical_id);
    queue.map_or_else(|| resource.physical_id.clone(), |queue| queue.name.clone())
}

/// Through the same API that operators use.
async fn iot(resource: &Resource, gateway: &Gateway) -> Result<(), StartFailed> {
    let property = |name: &str| {
        resource
            .properties
            .get(name)
            .cloned()
            .unwrap_or(Value::Null)
    };
    let name = &resource.physical_id;
    let (path, body) = match resource.type_.as_str() {
        "AWS::IoT::ThingType" => (format!("/thing-types/{name}"), json!({})),
        "AWS::IoT::ThingGroup" => {
            let mut body = json!({});
            if let (Value::String(parent), Some(object)) =
                (property("ParentGroupName"), body.as_object_mut())
            {
                object.insert("parentGroupName".into(), parent.into());
            }
            (format!("/thing-groups/{name}"), body)
        }
        "AWS::IoT::Policy" => {
            let document = property("PolicyDocument").to_string();
            (
                format!("/policies/{name}"),
                json!({ "policyDocument": document }),
            )
        }
        // The API's members are the template's properties with a small first letter, and every one of them is checked
        // there.
        "AWS::IoT::Authorizer" => (
            format!("/authorizer/{name}"),
            members(&resource.properties, "AuthorizerName"),
        ),
        "AWS::IoT::ProvisioningTemplate" => (
            "/provisioning-templates".to_owned(),
            provisioning_template(&resource.properties),
        ),
        _ => (
            format!("/domainConfigurations/{name}"),
            members(&resource.properties, "DomainConfigurationName"),
        ),
    };
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request
        .body(Bytes::from(body.to_string()))
        .map_err(machine)?;
    let response = gateway.handle_iot(request).await;
    if response.status().is_success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(response.body()).into_owned();
    Err(template(format!("{}: {text}", resource.logical_id)))
}

/// The one member that has another name in the API.
fn provisioning_template(properties: &Value) -> Value {
    let mut body = members(properties, "TemplateType");
    if let (Some(kind), Some(object)) = (properties.get("TemplateType"), body.as_object_mut()) {
        object.insert("type".to_owned(), kind.clone());
    }
    body
}

/// A template's properties as the members of an API request, without the one that stands in its path.
fn members(properties: &Value, name: &str) -> Value {
    match properties {
        Value::Object(map) => {
            let others = map.iter().filter(|(key, _)| *key != name);
            others
                .map(|(key, value)| (small_first(key), members(value, name)))
                .collect()
        }
        Value::Array(list) => list.iter().map(|value| members(value, name)).collect(),
        plain => plain.clone(),
    }
}

fn small_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// What every function finds around it here instead of AWS.
#[derive(Debug)]
pub(crate) struct Surroundings {
    endpoint: String,
    /// A file of certificates that functions trust, for as long as the sandbox runs.
    roots: Option<NamedTempFile>,
}

impl Surroundings {
    /// The AWS APIs at `endpoint`, and HTTPS servers whose certificates `roots` vouch for.
    pub(crate) fn new(endpoint: String, roots: &str) -> Result<Self, StartFailed> {
        let mut file = None;
        if !roots.is_empty() {
            let mut temporary = NamedTempFile::new().map_err(machine)?;
            temporary.write_all(roots.as_bytes()).map_err(machine)?;
            file = Some(temporary);
        }
        Ok(Self {
            endpoint,
            roots: file,
        })
    }

    /// The template's environment of a function, with the sandbox as AWS.
    pub(crate) fn environment(&self, function: &Function) -> BTreeMap<String, String> {
        let mut environment = function.environment.clone();
        // A path of Amazon Linux; the sandbox's AWS speaks plain HTTP.
        environment.remove("SSL_CERT_FILE");
        if let Some(roots) = &self.roots {
            let path = roots.path().display().to_string();
            environment.insert("SSL_CERT_FILE".into(), path);
        }
        environment.insert("AWS_ENDPOINT_URL".into(), self.endpoint.clone());
        environment
    }
}

/// Registers the functions with their environment, limits and failure destinations.
pub(crate) fn functions(
    stack: &Stack,
    lambda: &LambdaHost,
    binaries: &BTreeMap<String, PathBuf>,
    surroundings: &Surroundings,
) -> Result<(), StartFailed> {
    for function in stack.functions() {
        let binary = binaries.get(&function.binary);
        let binary = binary
            .ok_or_else(|| template(format!("{}: no binary {}", function.name, function.binary)))?;
        let retries = u8::try_from(function.event_invoke.max_retries).map_err(template)?;
        let concurrency = function.reserved_concurrency.unwrap_or(MAX_CONCURRENCY);
        let spec = FunctionSpec {
            environment: surroundings.environment(function),
            timeout: function.timeout,
            memory_mb: function.memory_mb,
            max_concurrency: concurrency.min(MAX_CONCURRENCY),
            event_invoke: EventInvoke {
                max_retry_attempts: retries,
                max_event_age: function.event_invoke.max_age,
                on_failure: function.event_invoke.on_failure.clone(),
                on_success: function.event_invoke.on_success.clone(),
            },
            ..FunctionSpec::new(&function.name, binary)
        };
        lambda.register(spec).map_err(template)?;
    }
    Ok(())
}

//! The complete environment of a function's process.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use uuid::Uuid;

use crate::config::HostConfig;
use crate::spec::FunctionSpec;
use crate::timestamp;

/// Names AWS refuses in a function's configuration, without the three credential variables, which a
/// sandbox may set to tell its functions apart.
///
/// # Source
/// `lambda/latest/dg/configuration-envvars`, "Defined runtime environment variables", reserved.
const RESERVED: [&str; 14] = [
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Everything the process will see: nothing is inherited from the host's own environment.
pub(crate) fn of_instance(
    config: &HostConfig,
    spec: &FunctionSpec,
    runtime_api: SocketAddr,
) -> BTreeMap<String, String> {
    let task_root = spec
        .binary
        .parent()
        .map_or_else(|| "/".into(), |p| p.display().to_string());
    let stream = format!(
        "{}/[$LATEST]{}",
        timestamp::log_stream_day(config.now_ms()),
        Uuid::new_v4().simple()
    );
    let standard = [
        ("AWS_ACCESS_KEY_ID", "ASIASANDBOXLAMBDA000".into()),
        ("AWS_DEFAULT_REGION", config.region.clone()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            spec.memory_mb.to_string(),
        ),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", spec.name),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        // No scheme and no path: every runtime client understands a bare host:port.
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
        ("AWS_REGION", config.region.clone()),
        ("AWS_SECRET_ACCESS_KEY", "sandbox-secret".into()),
        ("AWS_SESSION_TOKEN", "sandbox-session".into()),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".into()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".into()),
        ("LAMBDA_TASK_ROOT", task_root),
        ("LANG", "en_US.UTF-8".into()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin".into()),
        ("TZ", ":UTC".into()),
        ("_HANDLER", "bootstrap".into()),
    ];
    let mut environment: BTreeMap<String, String> = standard
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    environment.extend(spec.environment.clone());
    environment
}

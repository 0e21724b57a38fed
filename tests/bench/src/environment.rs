//! The environment of a measured process: what Lambda and `template.yaml` would give it, and nothing else. The values are
//! the template's defaults; a name that a function misses stops it at its start, which the benchmark reports.

use std::path::Path;

use crate::{authorizer, machine, runtime_api::RuntimeApi, subject::Lab, tls::Tls};

/// The variables for one process of `function`.
#[must_use]
pub fn of(function: &str, api: &RuntimeApi, lab: &Lab) -> Vec<(&'static str, String)> {
    let stub = &lab.stub;
    let mut variables: Vec<(&'static str, String)> = Vec::with_capacity(40);
    let mut set = |name, value: &str| variables.push((name, value.to_owned()));
    // Lambda's own.
    set("AWS_LAMBDA_RUNTIME_API", &api.address().to_string());
    set("AWS_LAMBDA_FUNCTION_NAME", function);
    set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
    set("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench");
    set("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
    set("AWS_REGION", "eu-west-1");
    set("AWS_DEFAULT_REGION", "eu-west-1");
    set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    set(
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    set("AWS_SESSION_TOKEN", "example");
    set("LANG", "en_US.UTF-8");
    set("TZ", ":UTC");
    // Every service at the stub.
    set("AWS_ENDPOINT_URL", &stub.url());
    // The template's.
    set("STAGE", "bench");
    set("RUST_LOG", "info");
    let roots = stub.tls().map(Tls::roots).or(machine::certificate_bundle());
    if let Some(roots) = roots.and_then(Path::to_str) {
        set("SSL_CERT_FILE", roots);
    }
    if let Some(tls) = stub.tls() {
        // boto3 has a bundle of its own, which this replaces; Node has one that this adds to.
        set("AWS_CA_BUNDLE", &tls.roots().to_string_lossy());
        set("NODE_EXTRA_CA_CERTS", &tls.own_root().to_string_lossy());
    }
    if let authorizer::FUNCTION | authorizer::ALONE = function {
        set("JWT_ISSUERS", &authorizer::issuers(&lab.issuer));
        set("IOT_ARN_PREFIX", authorizer::ARN_PREFIX);
        set("TOKEN_SIGNING", "disabled");
        set("SESSION_REFRESH_SECONDS", "300");
        if function == authorizer::FUNCTION {
            set("REVOCATIONS_TABLE", "TokenRevocations-bench");
            set("DEVICE_KEYS_TABLE", "DeviceKeys-bench");
        }
        return variables;
    }
    set("ALARMS_TABLE", "Alarms-bench");
    set("OUTBOX_TABLE", "Outbox-bench");
    set("PROPERTIES_TABLE", "Properties-bench");
    set(
        "REFUSED_QUEUE_URL",
        &format!("{}/123456789012/refused-bench", stub.url()),
    );
    set("FLAP_COUNT", "6");
    set("FLAP_WINDOW_SECONDS", "3600");
    set("TIMESTREAM_DATABASE", "SCI_Properties_bench");
    set("DEBOUNCE_COUNT", "1/1");
    set("DEBOUNCE_SECONDS", "0");
    if function == "security-alert-processor" {
        set(
            "ALARM_TOPIC_ARN",
            "arn:aws:sns:eu-west-1:123456789012:SCI-Security-Alerts-bench",
        );
        set("TIMESTREAM_TABLE", "SecurityEvents");
        set("SECURITY_LADDER_LEVELS", "3=warning,6=major,8=critical");
        set("SILENCE_SECONDS", "3600");
        set("RENOTIFY_SECONDS", "900");
    } else {
        set("HIGH_TEMPS_TABLE", "HighTemps-bench");
        set(
            "ALARM_TOPIC_ARN",
            "arn:aws:sns:eu-west-1:123456789012:SCI-Temperature-Alarms-bench",
        );
        set("TIMESTREAM_TABLE", "EnvironmentalData");
        set("HIGH_TEMP_CELSIUS", "30");
        set("ALARM_LADDER_CELSIUS", "35=warning,40=major,45=critical");
        set("HYSTERESIS_CELSIUS", "2");
        set("SILENCE_SECONDS", "1800");
        set("RENOTIFY_SECONDS", "3600");
        set("READING_TTL_DAYS", "90");
    }
    variables
}

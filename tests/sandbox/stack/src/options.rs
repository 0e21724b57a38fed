//! How a sandbox is started.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use lambda_host::{LogSink, RetryDelays};

use crate::clock::SandboxClock;

/// The account that everything belongs to.
pub const ACCOUNT: &str = "123456789012";
/// The Region that everything is in.
pub const REGION: &str = "eu-west-1";

/// Settings of a [`crate::Sandbox`].
#[derive(Clone)]
pub struct Options {
    /// The text of the SAM template.
    pub template: String,
    /// Values of the template's parameters; absent ones have the template's defaults.
    pub parameters: BTreeMap<String, String>,
    /// Executables by binary name.
    pub binaries: BTreeMap<String, PathBuf>,
    /// The time that devices' messages are received at, and that the services live in.
    pub clock: SandboxClock,
    /// Waits between the attempts of an asynchronous invocation.
    pub retry_delays: RetryDelays,
    /// Port of the AWS APIs; 0 for any free one.
    pub aws_port: u16,
    /// Port of MQTT over TLS; 0 for any free one.
    pub mqtt_port: u16,
    /// Port of TLS in the role of AWS's 443, for devices with tokens, WebSocket and HTTPS; 0 for any free one.
    pub https_port: u16,
    /// Certificates, PEM, that the functions trust besides those of the system's file; empty for the latter alone.
    pub function_roots: String,
    /// Receives the functions' log lines.
    pub log_sink: LogSink,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// Any free ports, the system's time, retries after milliseconds, the functions' logs thrown away.
    #[must_use]
    pub fn new(template: String, binaries: BTreeMap<String, PathBuf>) -> Self {
        Self {
            template,
            parameters: BTreeMap::new(),
            binaries,
            clock: SandboxClock::system(),
            retry_delays: RetryDelays::milliseconds(),
            aws_port: 0,
            mqtt_port: 0,
            https_port: 0,
            function_roots: String::new(),
            log_sink: Arc::new(|_, _, _| {}),
        }
    }
}

/// The root of this workspace: where `template.yaml` is.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).unwrap_or(here).to_owned()
}

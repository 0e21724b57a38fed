//! AWS clients: one configuration, one connection pool, each client built when it is first used.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, SdkConfig, environment::EnvironmentVariableCredentialsProvider,
    retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

/// How long to wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long one attempt of a call may take.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a call may take with its retries. Functions need a longer timeout than their slowest path of calls.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
/// How often a call is tried in all.
pub const MAX_ATTEMPTS: u32 = 3;

/// A client that is built when it is first used: a function's start pays for none, and a quiet message only for what
/// it calls. Clones share the client.
#[derive(Debug)]
pub struct Lazily<C>(Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>);

impl<C> Lazily<C> {
    fn new(build: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(build))))
    }

    pub(crate) fn get(&self) -> &C {
        &self.0
    }
}

impl<C> Clone for Lazily<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Builds clients.
#[derive(Debug, Clone)]
pub struct AwsClients {
    config: SdkConfig,
    timestream_endpoint_given: bool,
}

impl AwsClients {
    /// Reads region, credentials and endpoints the way the SDK does, without a network call in Lambda, where the
    /// environment has them all. `environment` is the process environment.
    pub async fn load(environment: &BTreeMap<String, String>) -> Self {
        let given = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .http_client(http);
        // The default chain builds an STS client for web identity and with it parses all root certificates, which is
        // three quarters of a function's start. Lambda gives its credentials in the environment.
        if given("AWS_ACCESS_KEY_ID") && given("AWS_SECRET_ACCESS_KEY") {
            loader = loader.credentials_provider(EnvironmentVariableCredentialsProvider::new());
        }
        Self {
            config: loader.load().await,
            timestream_endpoint_given: given("AWS_ENDPOINT_URL")
                || given("AWS_ENDPOINT_URL_TIMESTREAM_WRITE"),
        }
    }

    /// Clients on a configuration made elsewhere. `timestream_endpoint_given` says that Timestream's endpoint is
    /// fixed, so that its endpoints are not discovered.
    #[must_use]
    pub const fn new(config: SdkConfig, timestream_endpoint_given: bool) -> Self {
        Self {
            config,
            timestream_endpoint_given,
        }
    }

    /// For the alarm store and the outbox.
    #[must_use]
    pub fn dynamodb(&self) -> Lazily<aws_sdk_dynamodb::Client> {
        let config = self.config.clone();
        Lazily::new(move || aws_sdk_dynamodb::Client::new(&config))
    }

    /// For the publisher.
    #[must_use]
    pub fn sns(&self) -> Lazily<aws_sdk_sns::Client> {
        let config = self.config.clone();
        Lazily::new(move || aws_sdk_sns::Client::new(&config))
    }

    /// For the refused messages.
    #[must_use]
    pub fn sqs(&self) -> Lazily<aws_sdk_sqs::Client> {
        let config = self.config.clone();
        Lazily::new(move || aws_sdk_sqs::Client::new(&config))
    }

    /// For the time-series store, not yet with discovered endpoints.
    #[must_use]
    pub fn timestream(&self) -> Lazily<aws_sdk_timestreamwrite::Client> {
        let config = self.config.clone();
        Lazily::new(move || aws_sdk_timestreamwrite::Client::new(&config))
    }

    /// Whether Timestream's endpoints must be discovered, as AWS requires. The SDK's discovery calls what it found
    /// with a fixed `https://`, so it must not be used with an endpoint of one's own.
    #[must_use]
    pub const fn discovers_timestream(&self) -> bool {
        !self.timestream_endpoint_given
    }
}

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

/// How long calls may take. Functions need a longer timeout than their slowest path of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// How long to wait for a connection.
    pub connect: Duration,
    /// How long one attempt of a call may take.
    pub attempt: Duration,
    /// How long a call may take with its retries.
    pub operation: Duration,
    /// How often a call is tried in all.
    pub attempts: u32,
    /// The longest wait before the second attempt; before the third it is twice as long.
    pub backoff: Duration,
}

impl CallLimits {
    /// For functions that nobody waits for: 8 s in all.
    pub const PATIENT: Self = Self {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(3),
        operation: Duration::from_secs(8),
        attempts: 3,
        backoff: Duration::from_secs(1),
    };

    /// For functions that a device waits for and that AWS IoT gives 5 s: 2.5 s in all, which holds two whole attempts. The
    /// first is often lost to a connection that died while the function was frozen.
    pub const PROMPT: Self = Self {
        connect: Duration::from_millis(700),
        attempt: Duration::from_millis(1200),
        operation: Duration::from_millis(2500),
        attempts: 2,
        backoff: Duration::from_millis(100),
    };
}

/// A client that is built when it is first used: a function's start pays for none, and a quiet message only for what
/// it calls. Clones share the client.
#[derive(Debug)]
pub struct Lazily<C>(Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>);

impl<C> Lazily<C> {
    fn new(build: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(build))))
    }

    /// The client.
    #[must_use]
    pub fn get(&self) -> &C {
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
    /// environment has them all. `environment` is the process environment. Calls have [`CallLimits::PATIENT`].
    pub async fn load(environment: &BTreeMap<String, String>) -> Self {
        Self::load_within(environment, CallLimits::PATIENT).await
    }

    /// Like [`Self::load`], for a function that chooses its own `limits`.
    pub async fn load_within(environment: &BTreeMap<String, String>, limits: CallLimits) -> Self {
        let given = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(limits.connect)
            .operation_attempt_timeout(limits.attempt)
            .operation_timeout(limits.operation)
            .build();
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .timeout_config(timeouts)
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(limits.attempts)
                    .with_initial_backoff(limits.backoff),
            )
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

    /// Any client of the SDK, made by its `new`.
    pub fn client<C>(&self, new: impl FnOnce(&SdkConfig) -> C + Send + 'static) -> Lazily<C> {
        let config = self.config.clone();
        Lazily::new(move || new(&config))
    }

    /// For everything that is kept in DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> Lazily<aws_sdk_dynamodb::Client> {
        self.client(aws_sdk_dynamodb::Client::new)
    }

    /// For the publisher.
    #[must_use]
    pub fn sns(&self) -> Lazily<aws_sdk_sns::Client> {
        self.client(aws_sdk_sns::Client::new)
    }

    /// For the refused messages.
    #[must_use]
    pub fn sqs(&self) -> Lazily<aws_sdk_sqs::Client> {
        self.client(aws_sdk_sqs::Client::new)
    }

    /// For the time-series store, not yet with discovered endpoints.
    #[must_use]
    pub fn timestream(&self) -> Lazily<aws_sdk_timestreamwrite::Client> {
        self.client(aws_sdk_timestreamwrite::Client::new)
    }

    /// Whether Timestream's endpoints must be discovered, as AWS requires. The SDK's discovery calls what it found
    /// with a fixed `https://`, so it must not be used with an endpoint of one's own.
    #[must_use]
    pub const fn discovers_timestream(&self) -> bool {
        !self.timestream_endpoint_given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn the_limits_are_the_clients_own() {
        let environment = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let environment = environment
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        let clients = AwsClients::load_within(&environment, CallLimits::PROMPT).await;
        let timeouts = clients.config.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(Duration::from_millis(700)));
        assert_eq!(
            timeouts.operation_attempt_timeout(),
            Some(Duration::from_millis(1200))
        );
        assert_eq!(
            timeouts.operation_timeout(),
            Some(Duration::from_millis(2500))
        );
        let retries = clients.config.retry_config().unwrap();
        assert_eq!(
            (retries.max_attempts(), retries.initial_backoff()),
            (2, Duration::from_millis(100))
        );
        // Two whole attempts and the wait between them.
        let prompt = CallLimits::PROMPT;
        assert!(prompt.attempt * prompt.attempts + prompt.backoff <= prompt.operation);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_endpoint_of_ones_own_switches_discovery_off() {
        for (name, discovers) in [
            ("AWS_ENDPOINT_URL", false),
            ("AWS_ENDPOINT_URL_TIMESTREAM_WRITE", false),
            ("AWS_ENDPOINT_URL_DYNAMODB", true),
        ] {
            let environment = [
                (name, "http://127.0.0.1:4566"),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ];
            let environment = environment
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into();
            let clients = AwsClients::load(&environment).await;
            assert_eq!(clients.discovers_timestream(), discovers, "{name}");
        }
    }
}

//! AWS SDK clients of the sandbox, for the demo and the tests: the same crates that the functions use.

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::Credentials;

/// An SDK configuration for the sandbox at `endpoint`, such as `http://127.0.0.1:4566`.
#[must_use]
pub fn sdk_config(endpoint: &str, region: &str) -> SdkConfig {
    // The sandbox checks no signature; these are no secrets.
    let credentials = Credentials::new("sandbox", "sandbox", None, None, "sandbox");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .credentials_provider(
            aws_credential_types::provider::SharedCredentialsProvider::new(credentials),
        )
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .build()
}

//! What the services need to know about the world.

use std::{fmt, sync::Arc};

/// Milliseconds since the Unix epoch, asked for anew at every use.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Configuration of [`crate::Services`].
#[derive(Clone)]
pub struct Config {
    /// Source of time for everything that is compared with event time: Timestream's retention windows and `now()`,
    /// SNS timestamps, DynamoDB's time to live, the call log. SQS runs on the process's monotonic clock.
    pub clock: Clock,
    /// Twelve-digit account id that appears in ARNs and queue URLs.
    pub account_id: String,
    /// Region that appears in ARNs.
    pub region: String,
    /// Where the front listener is reached, `http://host:port` without a path; queue URLs start with it.
    pub endpoint_base: String,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .field("endpoint_base", &self.endpoint_base)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// The clock's time.
    pub(crate) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.region, self.account_id
        )
    }

    /// `host:port` of the front listener.
    ///
    /// # Errors
    /// Says what is wrong with `endpoint_base`.
    pub(crate) fn host_and_port(&self) -> Result<(String, u16), String> {
        let refuse = || {
            format!(
                "endpoint_base `{}` must look like `http://127.0.0.1:4566`",
                self.endpoint_base
            )
        };
        let authority = self
            .endpoint_base
            .strip_prefix("http://")
            .ok_or_else(refuse)?
            .trim_end_matches('/');
        let (host, port) = authority.rsplit_once(':').ok_or_else(refuse)?;
        let port = port.parse().map_err(|_| refuse())?;
        if host.is_empty() || host.contains('/') {
            return Err(refuse());
        }
        Ok((host.to_owned(), port))
    }
}

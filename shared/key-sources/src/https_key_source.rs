//! A JWK Set behind an HTTPS URL.

use std::{error::Error, fmt, sync::LazyLock, time::Duration};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, TlsContext, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::HttpConnector,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::byte_stream::ByteStream;
use sci_domain::{
    access::KeySource,
    ports::{FailureKind, PortFailure},
};

use crate::{
    FETCH, MAX_BYTES,
    https_url::{HttpsUrl, InvalidUrl},
};

#[cfg(test)]
mod tests;

/// How long a fetch may take in all: a device may be waiting for it, and then for the rest of the decision.
const TIMEOUT: Duration = Duration::from_millis(1500);

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// [`KeySource`] behind one URL.
#[derive(Debug)]
pub struct HttpsKeySource {
    url: HttpsUrl,
    /// Built when it is first used: it parses all root certificates.
    connector: LazyLock<Connector, Box<dyn FnOnce() -> Connector + Send>>,
}

impl HttpsKeySource {
    /// Fetches from `url`, with the machine's root certificates. Nothing is called yet.
    ///
    /// # Errors
    /// When `url` breaks a rule.
    pub fn new(url: &str) -> Result<Self, InvalidUrl> {
        Self::trusting(url, TlsContext::default())
    }

    fn trusting(url: &str, trust: TlsContext) -> Result<Self, InvalidUrl> {
        let connect = move || {
            Connector::builder()
                // What was kept open is often dead when Lambda lets the process go on.
                .pool_max_idle_per_host(0)
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(trust)
                .build()
        };
        Ok(Self {
            url: HttpsUrl::parse(url)?,
            connector: LazyLock::new(Box::new(connect)),
        })
    }

    async fn get(&self) -> Result<Vec<u8>, Obstacle> {
        let mut request =
            HttpRequest::get(self.url.as_str()).map_err(|error| Obstacle::broken(&error))?;
        let headers = request.headers_mut();
        headers.insert("accept", "application/json");
        // Nothing here unpacks.
        headers.insert("accept-encoding", "identity");
        headers.insert("user-agent", USER_AGENT);
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|error| Obstacle::broken(&error))?;
        match answer.status().as_u16() {
            200 => read(answer).await,
            status => Err(Obstacle::Status(status)),
        }
    }
}

/// The body, as long as it is short enough.
async fn read(answer: HttpResponse) -> Result<Vec<u8>, Obstacle> {
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Obstacle::broken(&error))?;
        if bytes.len().saturating_add(chunk.len()) > MAX_BYTES {
            return Err(Obstacle::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Why there are no keys.
#[derive(Debug)]
enum Obstacle {
    Slow,
    Broken(String),
    Status(u16),
    TooLong,
}

impl Obstacle {
    /// An error with all its causes.
    fn broken(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::Broken(text)
    }

    const fn kind(&self) -> FailureKind {
        match self {
            Self::Status(429) => FailureKind::Throttled,
            Self::Slow | Self::Broken(_) | Self::Status(500..) => FailureKind::Unavailable,
            Self::Status(_) | Self::TooLong => FailureKind::Misconfigured,
        }
    }
}

#[derive(Debug)]
struct NoKeys {
    host: String,
    obstacle: Obstacle,
}

impl fmt::Display for NoKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        match &self.obstacle {
            Obstacle::Slow => write!(f, "{host} did not answer in {} ms", TIMEOUT.as_millis()),
            Obstacle::Broken(why) => write!(f, "no answer from {host}: {why}"),
            Obstacle::Status(status @ 300..400) => {
                write!(
                    f,
                    "{host} answered with status {status}: redirects are not followed"
                )
            }
            Obstacle::Status(status) => write!(f, "{host} answered with status {status}"),
            Obstacle::TooLong => write!(f, "{host} answered more than {MAX_BYTES} bytes"),
        }
    }
}

impl Error for NoKeys {}

impl KeySource for HttpsKeySource {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        let fetched = tokio::time::timeout(TIMEOUT, self.get()).await;
        fetched
            .unwrap_or(Err(Obstacle::Slow))
            .map_err(|obstacle| PortFailure {
                operation: FETCH,
                kind: obstacle.kind(),
                source: Box::new(NoKeys {
                    host: self.url.authority().to_owned(),
                    obstacle,
                }),
            })
    }
}

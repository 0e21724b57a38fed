//! How to start a gateway, and why it does not start.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::Clock;
use crate::functions::Functions;

/// How to start a gateway.
pub struct GatewayConfig {
    /// Epoch milliseconds; certificates, sessions and messages live by it.
    pub clock: Clock,
    /// 12 digits.
    pub account_id: String,
    /// As in `eu-west-1`.
    pub region: String,
    /// Where devices connect to; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where devices connect to with a custom authorizer, and over WebSocket and HTTPS: AWS's port 443. Port 0 takes a
    /// free one.
    pub https_listen: SocketAddr,
    /// More names for the server certificate, besides `localhost` and the loopback addresses.
    pub server_names: Vec<String>,
    /// Runs the functions of custom authorizers and the hooks of provisioning templates; without it whoever needs one is
    /// refused.
    pub functions: Option<Arc<dyn Functions>>,
    /// How long such a function may take, in real time. AWS's limit is 5 s.
    pub function_time_limit: Duration,
}

impl GatewayConfig {
    /// Account 123456789012 in eu-west-1 on free ports of 127.0.0.1, without functions.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            https_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            server_names: Vec::new(),
            functions: None,
            function_time_limit: Duration::from_secs(5),
        }
    }
}

/// Why a gateway does not start.
#[derive(Debug)]
pub enum StartFailed {
    /// Keys or certificates could not be made.
    Crypto(String),
    /// The port could not be opened.
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

impl fmt::Display for StartFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crypto(why) => write!(f, "make keys and certificates: {why}"),
            Self::Listen { address, .. } => {
                write!(f, "listen on {address}; is another gateway running there?")
            }
        }
    }
}

impl std::error::Error for StartFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Crypto(_) => None,
            Self::Listen { source, .. } => Some(source),
        }
    }
}

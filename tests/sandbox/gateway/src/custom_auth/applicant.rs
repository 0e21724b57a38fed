//! Everything a peer has sent by the time its authorizer is asked.
//!
//! It holds passwords and tokens, so nothing here has a `Debug` that shows them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::authenticator::ClientCertificate;

/// The header or parameter that names the authorizer.
pub(crate) const NAME_PARAMETER: &str = "x-amz-customauthorizer-name";
/// The header or parameter with the token's signature.
pub(crate) const SIGNATURE_PARAMETER: &str = "x-amz-customauthorizer-signature";

/// A peer that an authorizer is to judge.
#[derive(Clone)]
pub(crate) struct Applicant {
    /// A UUID for the connection's life.
    pub(crate) connection_id: String,
    /// The peer's address.
    pub(crate) address: SocketAddr,
    /// The name it asked for (SNI).
    pub(crate) server_name: Option<String>,
    /// Its certificate, where the endpoint wants both (`CUSTOM_AUTH_X509`).
    pub(crate) certificate: Option<ClientCertificate>,
    /// The HTTP request, of a WebSocket too.
    pub(crate) http: Option<HttpRequest>,
    /// What CONNECT says.
    pub(crate) mqtt: Option<Login>,
}

/// The part of an HTTP request that an authorizer sees.
#[derive(Clone)]
pub(crate) struct HttpRequest {
    /// By name in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// As it was sent, without the question mark.
    pub(crate) query: Option<String>,
}

/// The part of a CONNECT that an authorizer sees.
#[derive(Clone, Default)]
pub struct Login {
    /// As it was sent, parameters included.
    pub(crate) user_name: Option<String>,
    /// Any bytes.
    pub(crate) password: Option<Bytes>,
    /// None if the client sent none.
    pub(crate) client_id: Option<String>,
}

/// Shows neither user name nor password: both may hold tokens.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A parameter has two values; which one AWS takes is not documented.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous(pub(crate) String);

impl Applicant {
    /// A parameter, wherever it was given: in the MQTT user name's query, as a header (in any case) or in the request's
    /// query. Values in queries are percent-decoded; a plus sign stays one, for the sake of base64.
    ///
    /// # Errors
    /// [`Ambiguous`].
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<String>, Ambiguous> {
        let mut found: Option<String> = None;
        let mut see = |value: String| match &found {
            Some(there) if *there != value => Err(Ambiguous(name.to_owned())),
            _ => {
                found = Some(value);
                Ok(())
            }
        };
        let user_name = self.mqtt.as_ref().and_then(|it| it.user_name.as_deref());
        let in_user_name = user_name.and_then(|text| text.split_once('?'));
        let in_request = self.http.as_ref().and_then(|it| it.query.as_deref());
        for query in in_user_name
            .map(|(_, query)| query)
            .into_iter()
            .chain(in_request)
        {
            for pair in query.split('&') {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                if decoded(key) == name {
                    see(decoded(value))?;
                }
            }
        }
        let headers = self.http.as_ref().map(|it| &it.headers);
        if let Some(value) = headers.and_then(|it| it.get(&name.to_ascii_lowercase())) {
            see(value.clone())?;
        }
        Ok(found)
    }

    /// The endpoint that was asked for: SNI, or without it the Host header.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        let host = || {
            let host = self.http.as_ref()?.headers.get("host")?;
            Some(host.split_once(':').map_or(host.as_str(), |(name, _)| name))
        };
        self.server_name.as_deref().or_else(host)
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

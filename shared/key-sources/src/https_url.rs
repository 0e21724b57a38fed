//! The rules for the URL of a JWK Set.

use std::{fmt, net::Ipv6Addr};

use aws_smithy_http_client::tls::ServerName;
use http::Uri;

/// A URL that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidUrl {
    /// It is no URL (RFC 3986).
    Malformed,
    /// The scheme is not `https`.
    Scheme,
    /// It names a user or a password.
    UserInfo,
    /// The host is missing, or no DNS name and no IP address.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// It has a fragment, which is never sent.
    Fragment,
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "must be a URL, as in https://issuer.example/keys.json",
            Self::Scheme => "must begin with https://",
            Self::UserInfo => "must not name a user or a password",
            Self::Host => "must name a host: a DNS name or an IP address",
            Self::Port => "must have a port from 1 to 65535, or none",
            Self::Fragment => "must not have a fragment (#)",
        })
    }
}

impl std::error::Error for InvalidUrl {}

/// A URL that keeps all rules.
#[derive(Debug, Clone)]
pub(crate) struct HttpsUrl {
    url: String,
    /// Host and port, for errors.
    authority: String,
}

impl HttpsUrl {
    /// Checks every rule.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub(crate) fn parse(url: &str) -> Result<Self, InvalidUrl> {
        // `Uri` drops fragments silently.
        if url.contains('#') {
            return Err(InvalidUrl::Fragment);
        }
        let (scheme, rest) = url.split_once("://").ok_or(InvalidUrl::Malformed)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(InvalidUrl::Scheme);
        }
        if rest.is_empty() || rest.starts_with(['/', '?', ':']) {
            return Err(InvalidUrl::Host);
        }
        let uri: Uri = url.parse().map_err(|_| InvalidUrl::Malformed)?;
        let authority = uri.authority().ok_or(InvalidUrl::Host)?;
        if authority.as_str().contains('@') {
            return Err(InvalidUrl::UserInfo);
        }
        let host = authority.host();
        let known = match host.strip_prefix('[') {
            Some(address) => address.trim_end_matches(']').parse::<Ipv6Addr>().is_ok(),
            None => ServerName::try_from(host).is_ok(),
        };
        if !known {
            return Err(InvalidUrl::Host);
        }
        // Without this, a port that is no number would silently be 443.
        let port = authority.as_str().strip_prefix(host).unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(InvalidUrl::Port);
        }
        Ok(Self {
            url: url.to_owned(),
            authority: authority.to_string(),
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_breaks_a_rule_is_refused_by_name() {
        for (url, rule) in [
            ("", InvalidUrl::Malformed),
            ("issuer.example/keys", InvalidUrl::Malformed),
            ("https:issuer.example", InvalidUrl::Malformed),
            ("https://issuer.example/a b", InvalidUrl::Malformed),
            (" https://issuer.example/", InvalidUrl::Scheme),
            ("https://issuer.example/\n", InvalidUrl::Malformed),
            (
                "https://issuer.example\\@evil.example/",
                InvalidUrl::Malformed,
            ),
            ("https://issuer.exämple/", InvalidUrl::Malformed),
            ("https://[::1/", InvalidUrl::Malformed),
            ("https://a:1:2/", InvalidUrl::Malformed),
            ("http://issuer.example/", InvalidUrl::Scheme),
            ("file:///etc/keys", InvalidUrl::Scheme),
            ("httpss://issuer.example/", InvalidUrl::Scheme),
            ("https://", InvalidUrl::Host),
            ("https:///keys", InvalidUrl::Host),
            ("https://?keys", InvalidUrl::Host),
            ("https://:443/", InvalidUrl::Host),
            ("https://a..b/", InvalidUrl::Host),
            ("https://[issuer.example]/", InvalidUrl::Host),
            ("https://[127.0.0.1]/", InvalidUrl::Host),
            ("https://[::1]x/", InvalidUrl::Port),
            ("https://user@issuer.example/", InvalidUrl::UserInfo),
            ("https://user:word@issuer.example/", InvalidUrl::UserInfo),
            ("https://@issuer.example/", InvalidUrl::UserInfo),
            ("https://issuer.example:/", InvalidUrl::Port),
            ("https://issuer.example:0/", InvalidUrl::Port),
            ("https://issuer.example:65536/", InvalidUrl::Port),
            ("https://issuer.example:https/", InvalidUrl::Port),
            ("https://issuer.example/#keys", InvalidUrl::Fragment),
            ("https://issuer.example/#", InvalidUrl::Fragment),
        ] {
            assert_eq!(HttpsUrl::parse(url).unwrap_err(), rule, "{url:?}");
        }
    }

    #[test]
    fn other_urls_are_kept_as_they_are() {
        for (url, authority) in [
            ("https://issuer.example", "issuer.example"),
            (
                "https://issuer.example:8443/a/b?c=d&e=@f",
                "issuer.example:8443",
            ),
            ("HTTPS://127.0.0.1/keys", "127.0.0.1"),
            ("https://[::1]:443/keys", "[::1]:443"),
            ("https://[::1]/keys", "[::1]"),
        ] {
            let parsed = HttpsUrl::parse(url).unwrap();
            assert_eq!((parsed.as_str(), parsed.authority()), (url, authority));
        }
    }
}

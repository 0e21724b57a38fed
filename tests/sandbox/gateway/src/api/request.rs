//! A request of a REST API, taken apart.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::registry::Refusal;

/// A request with its path decoded segment by segment, so that an encoded slash stays inside its segment.
#[derive(Debug)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path's segments.
    pub path: Vec<String>,
    headers: http::HeaderMap,
    query: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// Takes a request apart.
    #[must_use]
    pub fn new(request: http::Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let segments = parts.uri.path().trim_start_matches('/').split('/');
        let pairs = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        });
        Self {
            method: parts.method.to_string(),
            path: segments.map(decode).collect(),
            headers: parts.headers,
            query: query.collect(),
            body,
        }
    }

    /// A query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A query parameter that is `true` or `false`; absent means `false`.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`].
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.query(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::InvalidRequest(format!("{name} `{other}` must be true or false"))),
        }
    }

    /// A query parameter that is a whole number.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`].
    pub fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.query(name) else { return Ok(None) };
        let number = text.parse().map_err(|_| Refusal::InvalidRequest(format!("{name} `{text}` must be a number")))?;
        Ok(Some(number))
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The JSON body; an empty one stands for `{}`.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] with the JSON error.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|e| Refusal::InvalidRequest(format!("the body cannot be read: {e}")))
    }

    /// One page of a list: `token` and `size` are the names of the parameters. Answers the items and the next token.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for a token that is none, or a size outside 1 to 250.
    pub fn page<T>(
        &self,
        items: Vec<T>,
        token: &str,
        size: &str,
        default: u64,
    ) -> Result<(Vec<T>, Option<String>), Refusal> {
        let wanted = self.number(size)?.unwrap_or(default);
        if !(1..=250).contains(&wanted) {
            return Err(Refusal::InvalidRequest(format!("{size} {wanted} must be between 1 and 250")));
        }
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let from = match self.query(token) {
            None => 0,
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| Refusal::InvalidRequest(format!("{token} `{text}` is not one that was given out")))?,
        };
        let next = from.saturating_add(wanted);
        let more = (next < items.len()).then(|| next.to_string());
        Ok((items.into_iter().skip(from).take(wanted).collect(), more))
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

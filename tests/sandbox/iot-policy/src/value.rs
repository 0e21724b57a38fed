//! Typed values that condition operators compare: numbers, dates, address ranges, ARNs.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::context::Context;
use crate::key::Key;
use crate::pattern::{Pattern, Token, resolve};

/// A decimal number, compared exactly whatever its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
        })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sizes = || {
            let whole = self
                .whole
                .len()
                .cmp(&other.whole.len())
                .then_with(|| self.whole.cmp(&other.whole));
            whole.then_with(|| self.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => sizes(),
            (true, true) => sizes().reverse(),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads RFC 3339, a date alone (midnight UTC) or seconds since the epoch.
pub(crate) fn date(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<i64>() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok();
    moment.or_else(|| OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339).ok())
}

/// Reads a CIDR block, or an address as the block that holds only it.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>()
        .ok()
        .or_else(|| address(text).map(IpNet::from))
}

/// Reads an address; an IPv4 address inside IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An ARN with wildcards and variables; a wildcard does not reach over the colon between two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArnPattern {
    parts: Vec<Vec<Token>>,
}

/// `arn`, partition, service, region, account, resource.
const ARN_PARTS: usize = 6;

impl ArnPattern {
    /// Cuts a pattern at its first five literal colons.
    pub(crate) fn parse(pattern: &Pattern) -> Option<Self> {
        let mut parts = vec![Vec::new()];
        for token in pattern.tokens() {
            let mut rest = match token {
                Token::Text(text) => text.as_str(),
                other => {
                    parts.last_mut()?.push(other.clone());
                    continue;
                }
            };
            while parts.len() < ARN_PARTS {
                let Some((before, after)) = rest.split_once(':') else {
                    break;
                };
                push(parts.last_mut()?, before);
                parts.push(Vec::new());
                rest = after;
            }
            push(parts.last_mut()?, rest);
        }
        (parts.len() == ARN_PARTS).then_some(Self { parts })
    }

    /// The last part: type and name of the resource.
    pub(crate) fn into_resource(mut self) -> Vec<Token> {
        self.parts.pop().unwrap_or_default()
    }

    /// Whether an ARN is covered.
    ///
    /// # Errors
    /// The variables without value.
    pub(crate) fn matches<'p>(
        &'p self,
        arn: &str,
        context: &Context,
    ) -> Result<bool, Vec<&'p Key>> {
        let mut missing = Vec::new();
        let mut given = arn.splitn(ARN_PARTS, ':');
        let mut covered = true;
        for part in &self.parts {
            match resolve(part, context) {
                Ok(glob) => covered &= given.next().is_some_and(|text| glob.matches(text)),
                Err(keys) => missing.extend(keys),
            }
        }
        if missing.is_empty() {
            Ok(covered)
        } else {
            Err(missing)
        }
    }
}

fn push(tokens: &mut Vec<Token>, text: &str) {
    if !text.is_empty() {
        tokens.push(Token::Text(text.to_owned()));
    }
}

//! Whose tokens are believed: the setting `JWT_ISSUERS`.

use std::fmt;

use sci_domain::{
    access::Scopes,
    timestamp::{Millis, Timestamp},
};
use sci_jwt::{CacheLimits, DroppedKey, Expectation, KeySet, Loaded};
use serde::Deserialize;
use serde_json::value::RawValue;

const DAY: u64 = 86_400;
/// The longest lifetime that a configuration may allow its tokens, in seconds.
const LONGEST_LIFETIME: u64 = 30 * DAY;
const MOST_ISSUERS: usize = 16;

/// An issuer as it is configured.
pub struct Issuer {
    /// What its tokens must say.
    pub expectation: Expectation,
    /// The most that its tokens may grant.
    pub scopes: Scopes,
    /// Where its keys are.
    pub keys: KeysFrom,
}

/// Where an issuer's keys are.
pub enum KeysFrom {
    /// In the configuration.
    Inline(KeySet),
    /// In the SSM parameter `JWT_KEYS_PARAMETER`.
    Parameter(Published),
    /// At an `https` URL.
    Url(String, Published),
    /// With the devices, which sign their own tokens: in the table `DEVICE_KEYS_TABLE`.
    Devices,
}

/// How keys that are published somewhere are kept.
pub struct Published {
    /// How old they may become.
    pub limits: CacheLimits,
    /// The keys to begin with where their source does not answer, and when they were taken from there.
    pub snapshot: Option<(KeySet, Timestamp)>,
}

/// A configuration that cannot be used. It shows nothing that stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidIssuers {
    /// Which issuer, from 0; nothing where the text as a whole is wrong.
    pub index: Option<usize>,
    /// What it must be.
    pub rule: String,
}

impl fmt::Display for InvalidIssuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "the setting JWT_ISSUERS[{index}]: {}", self.rule),
            None => write!(f, "the setting JWT_ISSUERS {}", self.rule),
        }
    }
}

impl std::error::Error for InvalidIssuers {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    issuer: String,
    audience: String,
    keys: WireKeys,
    #[serde(default)]
    snapshot: Option<WireSnapshot>,
    #[serde(default)]
    max_lifetime_seconds: Option<u64>,
    #[serde(default)]
    scopes: Option<String>,
    #[serde(default)]
    stale_if_error_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireKeys {
    Inline(Box<RawValue>),
    Parameter,
    Url(String),
    Devices,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSnapshot {
    taken_at: String,
    keys: Box<RawValue>,
}

/// Reads the configuration. `dropped` hears of every key in it that cannot be used.
///
/// # Errors
/// The first rule that is broken.
pub fn read(
    text: &str,
    mut dropped: impl FnMut(&DroppedKey),
) -> Result<Vec<Issuer>, InvalidIssuers> {
    let wires: Vec<Wire> = serde_json::from_str(text).map_err(|_| InvalidIssuers {
        index: None,
        rule: "must be a JSON array of issuers; functions/jwt-authorizer/README.md says how".into(),
    })?;
    if wires.len() > MOST_ISSUERS {
        return Err(InvalidIssuers {
            index: None,
            rule: "must name at most 16 issuers".into(),
        });
    }
    let mut issuers: Vec<Issuer> = Vec::with_capacity(wires.len());
    for (index, wire) in wires.into_iter().enumerate() {
        let named = |rule: &str| InvalidIssuers {
            index: Some(index),
            rule: rule.to_owned(),
        };
        let twice = issuers
            .iter()
            .any(|known| known.expectation.issuer == wire.issuer);
        if twice {
            return Err(named("an issuer must not be configured twice"));
        }
        issuers.push(issuer(wire, &mut dropped).map_err(named)?);
    }
    Ok(issuers)
}

fn issuer(wire: Wire, dropped: &mut impl FnMut(&DroppedKey)) -> Result<Issuer, &'static str> {
    // `#` separates the parts of a revocation's subject.
    let named = |text: &str| {
        let printable = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        (1..=256).contains(&text.len()) && text.bytes().all(printable)
    };
    if !named(&wire.issuer) || !named(&wire.audience) {
        return Err("issuer and audience must be 1 to 256 visible ASCII characters without #");
    }
    let lifetime = wire.max_lifetime_seconds.unwrap_or(DAY);
    if !(60..=LONGEST_LIFETIME).contains(&lifetime) {
        return Err("max_lifetime_seconds must be 60 to 2592000");
    }
    let scopes = match wire.scopes.as_deref().map(Scopes::parse) {
        None => Scopes::ALL,
        Some((scopes, 0)) if !scopes.is_empty() => scopes,
        Some(_) => return Err("scopes must be known scopes, separated by spaces"),
    };
    let published = matches!(wire.keys, WireKeys::Parameter | WireKeys::Url(_));
    if !published && (wire.snapshot.is_some() || wire.stale_if_error_seconds.is_some()) {
        return Err(
            "snapshot and stale_if_error_seconds go with keys at a url or in the parameter",
        );
    }
    let stale = wire.stale_if_error_seconds.unwrap_or(3600);
    if stale > DAY {
        return Err("stale_if_error_seconds must be 0 to 86400");
    }
    let snapshot = wire.snapshot.map(|taken| snapshot(&taken, dropped));
    let published = Published {
        limits: CacheLimits {
            stale_if_error: Millis::from_secs(stale),
            ..CacheLimits::default()
        },
        snapshot: snapshot.transpose()?,
    };
    let keys = match wire.keys {
        WireKeys::Inline(set) => KeysFrom::Inline(load(&set, dropped)?),
        WireKeys::Parameter => KeysFrom::Parameter(published),
        WireKeys::Url(url) => KeysFrom::Url(url, published),
        WireKeys::Devices => KeysFrom::Devices,
    };
    Ok(Issuer {
        expectation: Expectation {
            issuer: wire.issuer,
            audience: wire.audience,
            max_lifetime: Millis::from_secs(lifetime),
        },
        scopes,
        keys,
    })
}

fn snapshot(
    taken: &WireSnapshot,
    dropped: &mut impl FnMut(&DroppedKey),
) -> Result<(KeySet, Timestamp), &'static str> {
    let at = Timestamp::parse_rfc3339(&taken.taken_at);
    let at = at.map_err(|_| "taken_at must be RFC 3339, as in 2026-11-20T14:00:00Z")?;
    Ok((load(&taken.keys, dropped)?, at))
}

fn load(set: &RawValue, dropped: &mut impl FnMut(&DroppedKey)) -> Result<KeySet, &'static str> {
    let Loaded { keys, dropped: bad } =
        KeySet::load(set.get().as_bytes()).map_err(|_| "keys must be a JWK Set: {\"keys\":[…]}")?;
    bad.iter().for_each(dropped);
    if keys.is_empty() {
        return Err(
            "the JWK Set must hold a key that can be used; the log names what is wrong with each",
        );
    }
    Ok(keys)
}

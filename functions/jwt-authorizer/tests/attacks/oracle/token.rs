//! The token: its spelling, its header, its claims.

use std::collections::BTreeSet;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use testkit::{authorizer::ALL_SCOPES, tokens::NOW};

use super::{Flaw, Json, Oracle};

const NOW_MILLIS: f64 = NOW as f64 * 1000.0;

/// A token that is well-formed.
pub(crate) struct Token {
    pub(crate) alg: String,
    pub(crate) kid: String,
    /// The header, for those who take keys from it.
    pub(crate) header: Json,
    pub(crate) issuer: Option<String>,
    pub(crate) thing: String,
    pub(crate) property: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) jti: Option<String>,
    /// Milliseconds since the epoch.
    pub(crate) issued_at: u64,
    expires_at: Option<f64>,
    not_before: Option<f64>,
    audience: Option<Vec<String>>,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

fn name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

fn identifier(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

impl Token {
    pub(crate) fn read(oracle: &Oracle<'_>, bytes: &[u8]) -> Option<Self> {
        if bytes.len() > 8192 && !oracle.has(Flaw::SizeUnlimited) {
            return None;
        }
        let segments: Vec<_> = bytes.split(|byte| *byte == b'.').collect();
        let more = oracle.has(Flaw::MoreSegmentsAccepted) && segments.len() > 3;
        if segments.len() != 3 && !more {
            return None;
        }
        let [head, payload, signature] = [segments[0], segments[1], segments[2]];
        if head.is_empty() || payload.is_empty() {
            return None;
        }
        let message = [head, b".", payload].concat();
        let header = json(oracle, &decode(oracle, head)?)?;
        let claims = json(oracle, &decode(oracle, payload)?)?;
        let (alg, kid) = self::header(oracle, &header)?;
        let none = oracle.has(Flaw::NoneAccepted) && alg.trim().eq_ignore_ascii_case("none");
        if signature.is_empty() && !none && !oracle.has(Flaw::SignatureOptional) {
            return None;
        }
        let signature = decode(oracle, signature)?;

        let issuer = match claims.get("iss") {
            Some(Json::Text(iss)) => Some(iss.clone()),
            Some(Json::List(list)) if oracle.has(Flaw::IssuerInList) => {
                Some(list.iter().filter_map(Json::text).next_back()?.to_owned())
            }
            None if oracle.has(Flaw::IssuerOptional) => None,
            _ => return None,
        };
        let thing = claims.get("sub")?.text()?.to_owned();
        if !name(&thing) && !oracle.has(Flaw::AnySubject) {
            return None;
        }
        let property = claims.get("property_id")?.text()?.to_owned();
        if !name(&property) && !oracle.has(Flaw::AnyProperty) {
            return None;
        }
        if placement(&thing).is_some_and(|placed| placed != property)
            && !oracle.has(Flaw::PlacementIgnored)
        {
            return None;
        }
        let jti = match claims.get("jti") {
            None => None,
            Some(Json::Text(jti)) if identifier(jti) || oracle.has(Flaw::AnyTokenId) => {
                Some(jti.clone())
            }
            Some(_) => return None,
        };
        let expires_at = match claims.get("exp") {
            None if oracle.has(Flaw::ExpiryOptional) => None,
            exp => Some(time(oracle, exp?, oracle.has(Flaw::ExpiryAsText))?.floor()),
        };
        let issued_at = match claims.get("iat") {
            None if oracle.has(Flaw::IssuedAtOptional) => NOW_MILLIS,
            iat => time(oracle, iat?, false)?.ceil(),
        };
        let not_before = match claims.get("nbf") {
            None => None,
            Some(nbf) => Some(time(oracle, nbf, oracle.has(Flaw::NotBeforeAsText))?.ceil()),
        };
        Some(Self {
            alg,
            kid,
            issuer,
            thing,
            property,
            scopes: scopes(oracle, claims.get("scope")?)?,
            jti,
            issued_at: issued_at as u64,
            expires_at,
            not_before,
            audience: audience(oracle, claims.get("aud"))?,
            header,
            message,
            signature,
        })
    }

    /// Audience and times.
    pub(crate) fn check(&self, oracle: &Oracle<'_>, audience: &str) -> Option<()> {
        let ours = |name: &String| {
            name == audience
                || oracle.has(Flaw::AudienceByPart) && name.contains(audience)
                || oracle.has(Flaw::AudienceInAnyCase) && name.eq_ignore_ascii_case(audience)
        };
        let for_us = match &self.audience {
            Some(names) => names.iter().any(ours),
            None => true,
        };
        let now = NOW_MILLIS;
        let leeway = match () {
            () if oracle.has(Flaw::LeewayOfAMinute) => 60_000.0,
            () if oracle.has(Flaw::NoLeeway) => 0.0,
            () => 30_000.0,
        };
        let iat = self.issued_at as f64;
        let fresh = self.expires_at.is_none_or(|exp| {
            let lifetime = (exp - iat) > 0.0
                && (exp - iat <= 86_400_000.0 || oracle.has(Flaw::LifetimeUnlimited));
            let valid = match () {
                () if oracle.has(Flaw::ExpiryIgnored) => true,
                () if oracle.has(Flaw::ExpiryInMilliseconds) => now / 1000.0 < exp,
                () if oracle.has(Flaw::LeewayInclusive) => now <= exp + leeway,
                () => now < exp + leeway,
            };
            lifetime && valid
        });
        let begun = self.not_before.is_none_or(|nbf| nbf <= now + leeway)
            || oracle.has(Flaw::NotBeforeIgnored);
        let issued = iat <= now + leeway || oracle.has(Flaw::IssuedAtIgnored);
        ((for_us || oracle.has(Flaw::AudienceIgnored)) && fresh && begun && issued).then_some(())
    }
}

fn decode(oracle: &Oracle<'_>, segment: &[u8]) -> Option<Vec<u8>> {
    let mut segment = segment.to_vec();
    if oracle.has(Flaw::WhitespaceAccepted) {
        segment.retain(|byte| !byte.is_ascii_whitespace());
    }
    if oracle.has(Flaw::StandardAlphabetAccepted) {
        for byte in &mut segment {
            *byte = match *byte {
                b'+' => b'-',
                b'/' => b'_',
                other => other,
            };
        }
    }
    let padding = match oracle.has(Flaw::PaddingAccepted) {
        true => DecodePaddingMode::Indifferent,
        false => DecodePaddingMode::RequireNone,
    };
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(padding)
        .with_decode_allow_trailing_bits(oracle.has(Flaw::TrailingBitsAccepted));
    GeneralPurpose::new(&alphabet::URL_SAFE, config)
        .decode(segment)
        .ok()
}

/// One object without repeated members and not too deep.
fn json(oracle: &Oracle<'_>, bytes: &[u8]) -> Option<Json> {
    let text = match String::from_utf8(bytes.to_vec()) {
        Ok(text) => text,
        Err(_) if oracle.has(Flaw::InvalidUtf8Replaced) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        Err(_) => return None,
    };
    let json: Json = if oracle.has(Flaw::TrailingBytesAccepted) {
        serde_json::Deserializer::from_str(&text)
            .into_iter()
            .next()?
            .ok()?
    } else {
        serde_json::from_str(&text).ok()?
    };
    json.members()?;
    let repeats = json.repeats() && !oracle.has(Flaw::LastMemberWins);
    let deep = json.depth() > 8 && !oracle.has(Flaw::DepthUnlimited);
    (!repeats && !deep).then_some(json)
}

/// `alg` and `kid`.
fn header(oracle: &Oracle<'_>, header: &Json) -> Option<(String, String)> {
    for (name, ignored) in [
        ("crit", Flaw::CritIgnored),
        ("b64", Flaw::B64Ignored),
        ("zip", Flaw::ZipIgnored),
        ("enc", Flaw::EncIgnored),
        ("cty", Flaw::CtyIgnored),
    ] {
        if header.get(name).is_some() && !oracle.has(ignored) {
            return None;
        }
    }
    let jwt = match header.get("typ") {
        None => true,
        Some(typ) => typ
            .text()
            .is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")),
    };
    if !jwt && !oracle.has(Flaw::TypIgnored) {
        return None;
    }
    let kid = match header.get("kid") {
        None if oracle.has(Flaw::TriesEveryKey) => "",
        kid => kid?.text().filter(|kid| identifier(kid))?,
    };
    Some((header.get("alg")?.text()?.to_owned(), kid.to_owned()))
}

/// Milliseconds since the epoch.
fn time(oracle: &Oracle<'_>, value: &Json, also_text: bool) -> Option<f64> {
    let seconds = match value {
        Json::Number(seconds) => *seconds,
        // The mistake of CVE-2026-25537: what cannot be compared is not compared.
        Json::Text(text) if also_text => text.trim().parse().unwrap_or(NOW as f64),
        _ => return None,
    };
    let sane = seconds.is_sign_positive() && seconds <= 253_402_300_799.0;
    (sane || oracle.has(Flaw::NegativeTimes) && seconds <= 0.0).then_some(seconds * 1000.0)
}

fn audience(oracle: &Oracle<'_>, aud: Option<&Json>) -> Option<Option<Vec<String>>> {
    let list = match aud {
        Some(Json::Text(name)) => return Some(Some(vec![name.clone()])),
        Some(Json::List(list)) => list,
        None if oracle.has(Flaw::AudienceOptional) => return Some(None),
        _ => return None,
    };
    if list.len() > 16 && !oracle.has(Flaw::AudienceUnlimited) {
        return None;
    }
    let names: Vec<_> = list
        .iter()
        .filter_map(Json::text)
        .map(str::to_owned)
        .collect();
    (names.len() == list.len() || oracle.has(Flaw::AudienceWithOddNeighbours))
        .then_some(Some(names))
}

fn scopes(oracle: &Oracle<'_>, scope: &Json) -> Option<BTreeSet<String>> {
    let mut text = match scope {
        Json::Text(text) => text.clone(),
        Json::List(list) if oracle.has(Flaw::ScopesInList) => list
            .iter()
            .filter_map(Json::text)
            .collect::<Vec<_>>()
            .join(" "),
        _ => return None,
    };
    if oracle.has(Flaw::ScopesByAnySpace) {
        text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if oracle.has(Flaw::ScopesInAnyCase) {
        text = text.to_lowercase();
    }
    let known = |word: &&str| ALL_SCOPES.split(' ').any(|scope| scope == *word);
    Some(text.split(' ').filter(known).map(str::to_owned).collect())
}

/// The property in `sci-<property>-<type>-<serial>`.
fn placement(thing: &str) -> Option<String> {
    let parts: Vec<_> = thing.strip_prefix("sci-")?.split('-').collect();
    let (serial, parts) = parts.split_last()?;
    let (kind, property) = parts.split_last()?;
    let word = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let property = property.join("-");
    let placed =
        !serial.is_empty() && (1..=32).contains(&kind.len()) && word(kind) && !property.is_empty();
    placed.then_some(property)
}

//! The decision once more: slow, plain, on other means than the function's, and with every check that can be left out.
//!
//! Without a flaw it must agree with every row, which says that the rows are right; with one it must not, which says that
//! they are enough.

mod flaw;
mod json_tree;
mod keys;
mod token;

use std::collections::BTreeSet;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;
use testkit::{authorizer, tokens::NOW};

use crate::support::{Health, World};

pub(crate) use flaw::Flaw;
use json_tree::Json;
use token::Token;

/// Who is let in, and with which scopes.
pub(crate) type Admitted = (String, BTreeSet<String>);

/// A decider with flaws.
pub(crate) struct Oracle<'w> {
    pub(crate) world: &'w World,
    pub(crate) flaws: &'w [Flaw],
}

/// Everything in the event that counts.
struct Event {
    tokens: Vec<Vec<u8>>,
    client_id: Option<String>,
    certificate: Option<String>,
    verified: bool,
}

impl Oracle<'_> {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaws.contains(&flaw)
    }

    /// Whom it lets in; nobody for a refusal.
    pub(crate) fn admits(&self, event: &str) -> Option<Admitted> {
        if self.has(Flaw::AdmitsNobody) {
            return None;
        }
        if self.has(Flaw::AdmitsEverybody) {
            return Some(("anybody".to_owned(), BTreeSet::new()));
        }
        let event = self.read(&serde_json::from_str(event).ok()?)?;
        if self.world.signing_required && !event.verified && !self.has(Flaw::SigningNotRequired) {
            return None;
        }
        if let Some(id) = &event.certificate {
            let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !(letters && (1..=128).contains(&id.len()) || self.has(Flaw::AnyPrincipal)) {
                return None;
            }
            if self.has(Flaw::CertificateIsEnough) {
                return Some((event.client_id?, BTreeSet::new()));
            }
        }
        let bytes = event.tokens.first()?;
        if !self.has(Flaw::FirstSourceWins) && event.tokens.iter().any(|other| other != bytes) {
            return None;
        }
        let token = Token::read(self, bytes)?;
        if let Some(client_id) = &event.client_id {
            let same = *client_id == token.thing
                || self.has(Flaw::ClientIdIgnored)
                || self.has(Flaw::ClientIdByPrefix) && client_id.starts_with(&token.thing)
                || self.has(Flaw::ClientIdInAnyCase)
                    && client_id.eq_ignore_ascii_case(&token.thing);
            if !same {
                return None;
            }
        }
        let issuer = self.issuer(token.issuer.as_deref())?;
        token.check(self, issuer["audience"].as_str()?)?;
        let mut scopes = token.scopes.clone();
        if let Some(most) = issuer["scopes"].as_str() {
            scopes.retain(|scope| most.split(' ').any(|word| word == scope));
        }
        let verified = event.verified && self.has(Flaw::VerifiedIsEnough);
        scopes = self.signed(issuer, &token, scopes, verified)?;
        if scopes.is_empty() && !self.has(Flaw::NoScopeNeeded) || self.revoked(issuer, &token) {
            return None;
        }
        Some((token.thing, scopes))
    }

    /// Finds the key and checks the signature. Answers what the key may vouch for.
    fn signed(
        &self,
        issuer: &Value,
        token: &Token,
        scopes: BTreeSet<String>,
        verified: bool,
    ) -> Option<BTreeSet<String>> {
        if issuer["keys"] != "devices" {
            let set = match &issuer["keys"]["inline"] {
                Value::Null => match self.world.key_source {
                    Health::Good => testkit::tokens::ISSUER_JWKS.to_owned(),
                    _ => return None,
                },
                set => set.to_string(),
            };
            return (verified || keys::verifies(self, &[set], token)).then_some(scopes);
        }
        match self.world.device_keys {
            Health::Good => {}
            _ => return None,
        }
        let mut records = self.world.devices.iter();
        let (_, record) = records.find(|(thing, _)| thing.as_str() == token.thing)?;
        let sets: Vec<_> = if self.has(Flaw::KeysOfAnyDevice) {
            self.world
                .devices
                .iter()
                .map(|(_, record)| record.jwks.clone())
                .collect()
        } else {
            vec![record.jwks.clone()]
        };
        if !keys::verifies(self, &sets, token) {
            return None;
        }
        if token.property != record.property.as_str() && !self.has(Flaw::RecordedPropertyIgnored) {
            return None;
        }
        let recorded = |scope: &String| record.scopes.iter().any(|known| known.as_str() == scope);
        let known = |scope: &String| self.has(Flaw::RecordedScopesIgnored) || recorded(scope);
        Some(scopes.into_iter().filter(known).collect())
    }

    fn issuer(&self, iss: Option<&str>) -> Option<&'static Value> {
        static ISSUERS: std::sync::LazyLock<Vec<Value>> = std::sync::LazyLock::new(|| {
            serde_json::from_str(&authorizer::issuers_setting()).unwrap()
        });
        let Some(iss) = iss else {
            return ISSUERS.first();
        };
        ISSUERS.iter().find(|issuer| {
            let known = issuer["issuer"].as_str().unwrap();
            iss == known
                || self.has(Flaw::IssuerByPrefix) && iss.starts_with(known)
                || self.has(Flaw::IssuerByPart) && !iss.is_empty() && known.contains(iss)
                || self.has(Flaw::IssuerInAnyCase) && iss.eq_ignore_ascii_case(known)
                || self.has(Flaw::IssuerWithoutSlash) && iss.trim_end_matches('/') == known
                || self.has(Flaw::IssuerTrimmed) && iss.trim() == known
        })
    }

    fn revoked(&self, issuer: &Value, token: &Token) -> bool {
        if self.world.revocations != Health::Good {
            return !self.has(Flaw::AdmitsWhenInDoubt);
        }
        let issuer = issuer["issuer"].as_str().unwrap();
        let mut subjects = Vec::new();
        let mut subject = |flaw, text: String| {
            if !self.has(flaw) {
                subjects.push(text);
            }
        };
        subject(Flaw::RevokedIssuersIgnored, format!("issuer#{issuer}"));
        subject(
            Flaw::RevokedKeysIgnored,
            format!("kid#{issuer}#{}", token.kid),
        );
        subject(Flaw::RevokedThingsIgnored, format!("thing#{}", token.thing));
        if let Some(jti) = &token.jti {
            subject(Flaw::RevokedTokensIgnored, format!("jti#{issuer}#{jti}"));
        }
        self.world.revoked.iter().any(|entry| {
            let over = entry
                .expires_at
                .is_some_and(|end| NOW * 1000 >= end.as_millis());
            let younger = entry
                .issued_before
                .is_some_and(|end| token.issued_at >= end.as_millis());
            subjects.contains(&entry.subject)
                && (!over || self.has(Flaw::EndOfRevocationIgnored))
                && (!younger || self.has(Flaw::IssuedBeforeIgnored))
        })
    }

    /// The event, if it is one: objects whose members stand once, texts where texts are due.
    fn read(&self, event: &Json) -> Option<Event> {
        let members = [
            "token",
            "signatureVerified",
            "protocolData",
            "connectionMetadata",
        ];
        let [token, verified, data, metadata] = once(event, &members)?;
        let verified = match verified {
            Some(Json::Bool(verified)) => *verified,
            Some(Json::Text(text)) if self.has(Flaw::VerifiedAsText) => text == "true",
            None | Some(Json::Null) => false,
            Some(_) => return None,
        };
        let empty = Json::Object(Vec::new());
        let [tls, http, mqtt] = once(data.unwrap_or(&empty), &["tls", "http", "mqtt"])?;
        let [certificate] = once(present(tls, &empty), &["principalId"])?;
        let [headers, query] = once(present(http, &empty), &["headers", "queryString"])?;
        let [password, client_id] = once(present(mqtt, &empty), &["password", "clientId"])?;
        let [connection] = once(present(metadata, &empty), &["id"])?;
        text(connection)?;

        let mut tokens = Vec::new();
        if let Some(token) = text(token)?.filter(|token| !token.is_empty()) {
            tokens.push(bearer(token).unwrap_or(token).as_bytes().to_vec());
        }
        if let Some(password) = text(password)?.filter(|password| !password.is_empty()) {
            tokens.push(self.password(password)?);
        }
        let mut bearers = Vec::new();
        for (name, value) in present(headers, &empty).members()? {
            let value = value.text()?;
            if name.eq_ignore_ascii_case("authorization") {
                match bearer(value) {
                    Some(token) => bearers.push(token.as_bytes().to_vec()),
                    None if self.has(Flaw::OtherSchemesIgnored) => {}
                    None => return None,
                }
            }
        }
        if self.has(Flaw::LastHeaderWins) {
            bearers.drain(..bearers.len().saturating_sub(1));
        }
        tokens.extend(bearers);
        if self.has(Flaw::TokenInQuery) && tokens.is_empty() {
            let token = text(query)?.and_then(|query| query.split_once("access_token="));
            tokens.extend(token.map(|(_, token)| token.as_bytes().to_vec()));
        }
        Some(Event {
            tokens,
            client_id: text(client_id)?.map(str::to_owned),
            certificate: text(certificate)?.map(str::to_owned),
            verified,
        })
    }

    fn password(&self, password: &str) -> Option<Vec<u8>> {
        if password.len() > 10_924 {
            return None;
        }
        if !self.has(Flaw::PasswordsLenient) {
            return base64::engine::general_purpose::STANDARD
                .decode(password)
                .ok();
        }
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let password: String = password.split_whitespace().collect();
        GeneralPurpose::new(&alphabet::STANDARD, config)
            .decode(password)
            .ok()
    }
}

/// The members of these names of an object; nothing if it is none, or if one stands twice.
fn once<'j, const N: usize>(json: &'j Json, names: &[&str; N]) -> Option<[Option<&'j Json>; N]> {
    let members = json.members()?;
    let count = |name: &str| members.iter().filter(|(its, _)| its == name).count();
    if names.iter().any(|name| count(name) > 1) {
        return None;
    }
    Some(names.map(|name| json.get(name)))
}

/// The value, or `empty` in the place of null and of nothing.
fn present<'j>(value: Option<&'j Json>, empty: &'j Json) -> &'j Json {
    match value {
        None | Some(Json::Null) => empty,
        Some(value) => value,
    }
}

/// A text or null or nothing; the outer nothing for a value of another type.
fn text(value: Option<&Json>) -> Option<Option<&str>> {
    match value {
        None | Some(Json::Null) => Some(None),
        Some(value) => value.text().map(Some),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let scheme = value.get(..7)?;
    scheme
        .eq_ignore_ascii_case("bearer ")
        .then(|| value[7..].trim_start_matches(' '))
}

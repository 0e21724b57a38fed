//! The corpus can fail: every mistake that an authorizer can make is noticed by a row.

use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;
use testkit::{
    authorizer::{ALL_SCOPES, AUDIENCE, ISSUER},
    tokens::{ISSUER_JWKS, map_tokens},
};

use crate::{
    CORPUS,
    oracle::{Admitted, Flaw, Oracle},
    row::{Expected, Row},
};

/// Authorizers and libraries that were published like this, as we read their sources.
const PUBLISHED: [(&str, &[Flaw]); 4] = [
    (
        "the signature is checked by AWS IoT alone, and the expiry the wrong way round",
        &[Flaw::VerifiedIsEnough, Flaw::ExpiryInMilliseconds],
    ),
    (
        "the issuer by its beginning, no audience, no expiry needed",
        &[
            Flaw::IssuerByPrefix,
            Flaw::AudienceIgnored,
            Flaw::ExpiryOptional,
        ],
    ),
    (
        "issuer and audience only where the token has them, no beginning",
        &[
            Flaw::IssuerOptional,
            Flaw::AudienceOptional,
            Flaw::NotBeforeIgnored,
        ],
    ),
    (
        "every key in turn, no expiry needed",
        &[Flaw::TriesEveryKey, Flaw::ExpiryOptional],
    ),
];

fn expected(row: &Row) -> Option<Admitted> {
    match &row.expected {
        Expected::Allow { thing, scopes } => {
            let scopes = scopes.split(' ').map(str::to_owned).collect();
            Some((thing.clone(), scopes))
        }
        Expected::Deny(_) => None,
    }
}

fn notices(row: &Row, flaws: &[Flaw]) -> bool {
    let oracle = Oracle {
        world: &row.world,
        flaws,
    };
    oracle.admits(&row.event) != expected(row)
}

pub(crate) fn every_mistake_is_noticed() {
    let rows = &CORPUS.rows;
    let faultless: Vec<_> = rows
        .iter()
        .filter(|row| notices(row, &[]))
        .map(|row| &row.name)
        .collect();
    assert!(
        faultless.is_empty(),
        "a second implementation disagrees: {faultless:#?}"
    );

    let unnoticed = Flaw::ALL.iter().filter(|(flaw, group)| {
        let mut group = rows
            .iter()
            .filter(|row| row.name.split('/').next() == Some(group));
        !match flaw {
            Flaw::FetchesKeys => group.any(|row| {
                notices(row, &[*flaw]);
                CORPUS.was_called()
            }),
            _ => group.any(|row| notices(row, &[*flaw])),
        }
    });
    let unnoticed: Vec<_> = unnoticed.collect();
    assert!(unnoticed.is_empty(), "nothing notices {unnoticed:?}");

    for (published, flaws) in PUBLISHED {
        assert!(rows.iter().any(|row| notices(row, flaws)), "{published}");
    }
}

/// A verifier as one writes it in five lines with jsonwebtoken, on the first token that the event holds.
fn library(row: &Row, verify: impl Fn(&str) -> Option<Value>) -> Option<Admitted> {
    let mut found = None;
    let _ = map_tokens(&row.event, |token| {
        found.get_or_insert_with(|| token.to_owned());
        String::new()
    });
    let claims = verify(&found?)?;
    let known = |word: &&str| ALL_SCOPES.split(' ').any(|scope| scope == *word);
    let scopes = claims["scope"].as_str()?.split(' ').filter(known);
    let scopes = scopes.map(str::to_owned).collect();
    Some((claims["sub"].as_str()?.to_owned(), scopes))
}

/// With the library's defaults, but for the time, which it would take from the system's clock.
fn by_default(token: &str) -> Option<Value> {
    let header = decode_header(token).ok()?;
    let set: JwkSet = serde_json::from_str(ISSUER_JWKS).ok()?;
    let key = DecodingKey::from_jwk(set.find(&header.kid?)?).ok()?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_exp = false;
    Some(decode(token, &key, &validation).ok()?.claims)
}

fn without_signature(token: &str) -> Option<Value> {
    let read = jsonwebtoken::dangerous::insecure_decode(token).ok()?;
    Some(read.claims)
}

pub(crate) fn every_lax_library_is_noticed() {
    let noticed = |verify: fn(&str) -> Option<Value>| {
        let noticing = |row: &&Row| row.name.starts_with("header-") && expected(row).is_none();
        let rows = CORPUS.rows.iter().filter(noticing);
        rows.filter(|row| library(row, verify).is_some()).count()
    };
    let (by_default, without_signature) = (noticed(by_default), noticed(without_signature));
    assert!(by_default > 0, "jsonwebtoken by default");
    assert!(
        without_signature > by_default,
        "jsonwebtoken without signatures"
    );
}

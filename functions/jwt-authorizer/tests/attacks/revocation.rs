//! What is revoked, from when and until when.

use sci_domain::timestamp::Timestamp;
use serde_json::json;
use testkit::{
    Revocation,
    authorizer::{FORMER_PARTNER, ISSUER, PARTNER, REVOKED_JTI, STOLEN_THING, THING, claims_with},
    tokens::{NOW, TestKey, mint},
};

use crate::{
    row::{Row, allow, deny, deny_event, good, password, with_claims},
    support::World,
};

/// A world in which nothing but this is revoked.
fn only(entries: impl IntoIterator<Item = Revocation>) -> World {
    World {
        revoked: entries.into_iter().collect(),
        ..World::default()
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let source = "RFC 8725 3.8; revocation must bite at the next refresh";
    let mut rows = vec![
        deny(
            "issuer",
            source,
            "issuer-revoked",
            with_claims(json!({ "iss": FORMER_PARTNER })),
        ),
        deny(
            "issuer-with-every-key",
            source,
            "issuer-revoked",
            mint(
                TestKey::EdDsa,
                &claims_with(json!({ "iss": FORMER_PARTNER })),
            ),
        ),
        deny(
            "key",
            source,
            "key-revoked",
            with_claims(json!({ "iss": PARTNER })),
        ),
        allow(
            "other-key",
            source,
            mint(TestKey::EdDsa, &claims_with(json!({ "iss": PARTNER }))),
        ),
        allow("same-kid-of-another-issuer", source, good()),
        deny_event(
            "thing",
            source,
            "thing-revoked",
            password(STOLEN_THING, with_claims(json!({ "sub": STOLEN_THING }))),
        ),
        deny_event(
            "thing-with-another-issuer",
            source,
            "thing-revoked",
            password(
                STOLEN_THING,
                mint(
                    TestKey::EdDsa,
                    &claims_with(json!({ "sub": STOLEN_THING, "iss": PARTNER })),
                ),
            ),
        ),
        deny(
            "token",
            source,
            "token-revoked",
            with_claims(json!({ "jti": REVOKED_JTI })),
        ),
        allow(
            "same-jti-of-another-issuer",
            source,
            mint(
                TestKey::EdDsa,
                &claims_with(json!({ "jti": REVOKED_JTI, "iss": PARTNER })),
            ),
        ),
        allow(
            "jti-one-letter-more",
            source,
            with_claims(json!({ "jti": format!("{REVOKED_JTI}x") })),
        ),
        allow(
            "jti-other-case",
            source,
            with_claims(json!({ "jti": REVOKED_JTI.to_uppercase() })),
        ),
    ];
    let subjects = [
        ("issuer", format!("issuer#{ISSUER}")),
        ("key", format!("kid#{ISSUER}#insecure-es256")),
        ("thing", format!("thing#{THING}")),
        ("token", format!("jti#{ISSUER}#insecure-token-1")),
    ];
    let at = |seconds: u64| Timestamp::from_millis(seconds * 1000).unwrap();
    for (kind, subject) in subjects {
        let code = match kind {
            "issuer" => "issuer-revoked",
            "key" => "key-revoked",
            "thing" => "thing-revoked",
            _ => "token-revoked",
        };
        let entry = Revocation::of(subject);
        let until = |end: u64| Revocation {
            expires_at: Some(at(end)),
            ..entry.clone()
        };
        let before = |end: u64| Revocation {
            issued_before: Some(at(end)),
            ..entry.clone()
        };
        let ended = "DynamoDB deletes late: the entry says itself until when it counts";
        let issued = "only older tokens are revoked; this one was issued a minute ago";
        rows.extend([
            deny(format!("{kind}-for-good"), source, code, good()).within(only([entry.clone()])),
            deny(format!("{kind}-for-another-second"), ended, code, good())
                .within(only([until(NOW + 1)])),
            allow(format!("{kind}-until-now"), ended, good()).within(only([until(NOW)])),
            allow(format!("{kind}-until-yesterday"), ended, good())
                .within(only([until(NOW - 86_400)])),
            allow(format!("{kind}-issued-before"), issued, good()).within(only([before(NOW - 60)])),
            deny(
                format!("{kind}-issued-before-a-second-later"),
                issued,
                code,
                good(),
            )
            .within(only([before(NOW - 59)])),
        ]);
    }
    let first = "the first check that fails is the reason: a bad token costs no look-up, and the entry is not told";
    rows.extend([
        deny(
            "forged-and-revoked",
            first,
            "signature",
            crate::row::unsigned("ES256", TestKey::Es256).sign(TestKey::AttackerP256),
        )
        .within(only([Revocation::of(format!("issuer#{ISSUER}"))])),
        deny(
            "expired-and-revoked",
            first,
            "expired",
            with_claims(json!({ "iat": NOW - 7200, "exp": NOW - 3600, "jti": REVOKED_JTI })),
        ),
        allow(
            "token-without-jti",
            "an empty name is not a name",
            with_claims(json!({ "jti": null })),
        )
        .within(only([Revocation::of(format!("jti#{ISSUER}#"))])),
        allow(
            "kid-like-a-jti",
            "kinds have tables of their own",
            with_claims(json!({ "jti": "insecure-es256" })),
        )
        .within(only([
            Revocation::of(format!("jti#{ISSUER}#insecure-token-1")),
            Revocation::of(format!("kid#{ISSUER}#other")),
        ])),
    ]);
    rows
}

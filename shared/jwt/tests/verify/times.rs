//! The edges of every time check, to the millisecond.

use sci_domain::timestamp::{Millis, Timestamp};
use sci_jwt::{Expectation, LEEWAY, Rejection};

use crate::{
    json::Json,
    mint::{claims, expectation, token, verify},
};

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn refusal(claims: &Json, millis: u64) -> Option<Rejection> {
    verify(&token(claims), &expectation(), at(millis)).err()
}

#[test]
fn the_leeway_is_30_seconds() {
    assert_eq!(LEEWAY, Millis::from_secs(30));
}

#[test]
fn expired_means_that_exp_and_the_leeway_have_passed() {
    let claims = claims().set("exp", "1000003600");
    assert_eq!(refusal(&claims, 1_000_003_629_999), None);
    assert_eq!(
        refusal(&claims, 1_000_003_630_000),
        Some(Rejection::Expired)
    );
    assert_eq!(
        refusal(&claims, 1_000_003_630_001),
        Some(Rejection::Expired)
    );
}

#[test]
fn exp_is_rounded_down() {
    for exp in ["1000003600.0015", "1000003600.001", "1000003600.0019"] {
        let claims = claims().set("exp", exp);
        assert_eq!(refusal(&claims, 1_000_003_630_000), None, "{exp}");
        assert_eq!(
            refusal(&claims, 1_000_003_630_001),
            Some(Rejection::Expired),
            "{exp}"
        );
    }
}

#[test]
fn nbf_may_lie_the_leeway_ahead() {
    let claims = claims().set("nbf", "1000000030");
    assert_eq!(refusal(&claims, 1_000_000_000_000), None);
    assert_eq!(
        refusal(&claims, 999_999_999_999),
        Some(Rejection::NotYetValid)
    );
}

#[test]
fn nbf_is_rounded_up() {
    for nbf in ["1000000030.0001", "1000000030.0009", "1000000030.001"] {
        let claims = claims().set("nbf", nbf);
        assert_eq!(refusal(&claims, 1_000_000_000_001), None, "{nbf}");
        assert_eq!(
            refusal(&claims, 1_000_000_000_000),
            Some(Rejection::NotYetValid),
            "{nbf}"
        );
    }
}

#[test]
fn iat_may_lie_the_leeway_ahead() {
    let claims = claims().set("iat", "1000000030");
    assert_eq!(refusal(&claims, 1_000_000_000_000), None);
    assert_eq!(
        refusal(&claims, 999_999_999_999),
        Some(Rejection::IssuedInFuture)
    );
}

#[test]
fn iat_is_rounded_up() {
    let claims = claims().set("iat", "1000000030.0001");
    assert_eq!(refusal(&claims, 1_000_000_000_001), None);
    assert_eq!(
        refusal(&claims, 1_000_000_000_000),
        Some(Rejection::IssuedInFuture)
    );
}

#[test]
fn exp_lies_after_iat() {
    let pair = |iat: &str, exp: &str| {
        refusal(&claims().set("iat", iat).set("exp", exp), 1_000_000_000_000)
    };
    assert_eq!(pair("1000000000", "1000000000.001"), None);
    assert_eq!(
        pair("1000000000", "1000000000"),
        Some(Rejection::ExpNotAfterIat)
    );
    assert_eq!(
        pair("1000000000", "999999999.999"),
        Some(Rejection::ExpNotAfterIat)
    );
    // Rounding leaves nothing of less than a millisecond.
    assert_eq!(
        pair("1000000000.0001", "1000000000.0009"),
        Some(Rejection::ExpNotAfterIat)
    );
}

#[test]
fn the_lifetime_has_a_cap() {
    let lives = |exp: &str, max_lifetime| {
        let claims = claims().set("iat", "1000000000").set("exp", exp);
        let expected = Expectation {
            max_lifetime,
            ..expectation()
        };
        verify(&token(&claims), &expected, at(1_000_000_000_000)).err()
    };
    let day = Millis::from_secs(86_400);
    assert_eq!(lives("1000086400", day), None);
    assert_eq!(
        lives("1000086400.001", day),
        Some(Rejection::LifetimeTooLong)
    );
    assert_eq!(lives("1000086401", day), Some(Rejection::LifetimeTooLong));
    assert_eq!(
        lives("1000000000.001", Millis::new(0)),
        Some(Rejection::LifetimeTooLong)
    );
    assert_eq!(lives("253402300799", Millis::new(u64::MAX)), None);
}

#[test]
fn nothing_wraps_at_the_ends_of_time() {
    let last = 253_402_300_799_999;
    let eternal = claims()
        .set("iat", "253402300000")
        .set("exp", "253402300799");
    assert_eq!(refusal(&eternal, last - 30_000), None);
    assert_eq!(refusal(&eternal, last), Some(Rejection::Expired));
    let first = claims().set("iat", "0").set("exp", "1");
    assert_eq!(refusal(&first, 0), None);
    assert_eq!(refusal(&first.set("nbf", "0"), 30_999), None);
}

/// Issuer and audience first, then what the token says of itself, then the clock: the order of reasons in logs is stable.
#[test]
fn the_first_reason_counts() {
    let order = [
        ("iss", "\"x\"", Rejection::IssMismatch),
        ("aud", "\"x\"", Rejection::AudMismatch),
        ("iat", "1000000100", Rejection::ExpNotAfterIat),
        ("exp", "1000000050", Rejection::NotYetValid),
    ];
    let mut claims = claims().set("exp", "1000000050").set("nbf", "1000000031");
    for (name, value, _) in order {
        claims = claims.set(name, value);
    }
    for (name, _, reason) in order {
        assert_eq!(refusal(&claims, 1_000_000_000_000), Some(reason));
        let good = match name {
            "iss" => "\"https://issuer.example\"",
            "aud" => "\"iot\"",
            _ => "1000000040",
        };
        claims = claims.set(name, good);
    }
}

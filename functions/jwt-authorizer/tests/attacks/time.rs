//! `exp`, `nbf`, `iat`: edges, types, units.

use serde_json::json;
use testkit::tokens::NOW;

use crate::row::{Row, allow, deny, raw_claim, with_claims, with_payload};

pub(crate) fn rows() -> Vec<Row> {
    [edges(), ranges(), types()].concat()
}

/// `seconds` and `millis` away from now, as JSON.
fn at(seconds: i64, millis: u32) -> String {
    let seconds = NOW.checked_add_signed(seconds).unwrap();
    if millis == 0 {
        seconds.to_string()
    } else {
        format!("{seconds}.{millis:03}")
    }
}

fn times(times: &[(&str, &str)]) -> String {
    let payload = testkit::authorizer::claims();
    let text = times.iter().fold(payload, |mut claims, (name, _)| {
        claims.as_object_mut().unwrap().remove(*name);
        claims
    });
    let text = text.to_string();
    let more: Vec<_> = times
        .iter()
        .map(|(name, raw)| format!("\"{name}\":{raw}"))
        .collect();
    with_payload(format!(
        "{},{}}}",
        text.strip_suffix('}').unwrap(),
        more.join(",")
    ))
}

fn edges() -> Vec<Row> {
    let expiry = "RFC 7519 4.1.4: not on or after; a leeway of 30 s";
    let mut rows = Vec::new();
    for (seconds, millis, good) in [
        (3540, 0, true),
        (1, 0, true),
        (0, 1, true),
        (0, 0, true),
        (-1, 999, true),
        (-29, 0, true),
        (-30, 1, true),
        (-30, 0, false),
        (-31, 999, false),
        (-31, 0, false),
        (-59, 0, false),
    ] {
        let exp = at(seconds, millis);
        let name = format!("exp-{seconds}s-{millis}ms");
        let token = times(&[("iat", &at(-60, 0)), ("exp", &exp)]);
        rows.push(if good {
            allow(name, expiry, token)
        } else {
            deny(name, expiry, "expired", token)
        });
    }
    rows.push(deny(
        "exp-a-minute-ago",
        "jsonwebtoken's hidden leeway is 60 s",
        "expired",
        with_claims(json!({ "iat": NOW - 600, "exp": NOW - 45 })),
    ));
    rows.push(deny(
        "exp-a-year-ago",
        "a published authorizer compares seconds / 1000 with milliseconds, the wrong way round",
        "expired",
        with_claims(json!({ "iat": NOW - 31_536_600, "exp": NOW - 31_536_000 })),
    ));
    let beginning = "RFC 7519 4.1.5: not before; a leeway of 30 s; jsonwebtoken issue 98";
    let issued = "RFC 7519 4.1.6: a token of the future is a mistake or a try; a leeway of 30 s";
    for (seconds, millis, good) in [
        (-3600, 0, true),
        (0, 0, true),
        (29, 999, true),
        (30, 0, true),
        (30, 1, false),
        (31, 0, false),
        (3000, 0, false),
    ] {
        let time = at(seconds, millis);
        let nbf = times(&[("nbf", &time)]);
        let iat = times(&[("iat", &time)]);
        let (nbf_name, iat_name) = (
            format!("nbf-{seconds}s-{millis}ms"),
            format!("iat-{seconds}s-{millis}ms"),
        );
        if good {
            rows.push(allow(nbf_name, beginning, nbf));
            rows.push(allow(iat_name, issued, iat));
        } else {
            rows.push(deny(nbf_name, beginning, "not-yet-valid", nbf));
            rows.push(deny(iat_name, issued, "issued-in-future", iat));
        }
    }
    let cap = "a token lives at most 24 h";
    for (name, exp, good) in [
        ("day", at(86_340, 0), true),
        ("day-and-1ms", at(86_340, 1), false),
        ("day-and-1s", at(86_341, 0), false),
        ("week", at(604_800, 0), false),
        ("century", "4950000000".into(), false),
    ] {
        let token = times(&[("exp", &exp)]);
        rows.push(if good {
            allow(name, cap, token)
        } else {
            deny(name, cap, "lifetime-too-long", token)
        });
    }
    let order = "a lifetime is positive";
    rows.extend([
        deny(
            "exp-equal-to-iat",
            order,
            "exp-not-after-iat",
            times(&[("iat", &at(0, 0)), ("exp", &at(0, 0))]),
        ),
        deny(
            "exp-before-iat",
            order,
            "exp-not-after-iat",
            times(&[("iat", &at(20, 0)), ("exp", &at(10, 0))]),
        ),
        allow(
            "exp-1ms-after-iat",
            order,
            times(&[("iat", &at(0, 0)), ("exp", &at(0, 1))]),
        ),
        deny(
            "exp-within-the-same-millisecond",
            order,
            "exp-not-after-iat",
            times(&[("iat", "1795184580.0001"), ("exp", "1795184580.0009")]),
        ),
        deny(
            "leeway-is-not-added-twice",
            expiry,
            "expired",
            times(&[
                ("exp", &at(-60, 0)),
                ("iat", &at(-120, 0)),
                ("nbf", &at(-120, 0)),
            ]),
        ),
        allow("exponent", "RFC 8259 6", times(&[("exp", "1.79518812e9")])),
        allow(
            "fraction",
            "RFC 7519 2: NumericDate may have one",
            times(&[("exp", "1795188120.75")]),
        ),
        allow(
            "digits",
            "RFC 8259 6",
            times(&[("exp", "1795188120.00000000000000000000000000000000000001")]),
        ),
    ]);
    rows
}

fn ranges() -> Vec<Row> {
    let source = "RFC 7519 2: seconds since 1970; nothing after the year 9999";
    let mut rows = Vec::new();
    for claim in ["exp", "iat", "nbf"] {
        let code = match claim {
            "exp" => "exp-out-of-range",
            "iat" => "iat-out-of-range",
            _ => "nbf-out-of-range",
        };
        for raw in [
            "-1",
            "-0",
            "-0.0",
            "-1e-9",
            "-1795184580",
            "253402300800",
            "253402300799.5",
            "1795184580000",
            "1795184580000000",
            "4294967296000",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e20",
            "1e300",
            "-1e300",
            "1.7976931348623157e308",
        ] {
            rows.push(deny(
                format!("{claim}-{raw}"),
                source,
                code,
                raw_claim(claim, raw),
            ));
        }
    }
    rows.extend([
        deny("exp-0", source, "exp-not-after-iat", raw_claim("exp", "0")),
        deny(
            "all-0",
            source,
            "exp-not-after-iat",
            times(&[("iat", "0"), ("exp", "0")]),
        ),
        deny(
            "1970",
            source,
            "expired",
            times(&[("iat", "0"), ("exp", "3600")]),
        ),
        deny(
            "2038",
            "no 32 bits",
            "issued-in-future",
            times(&[("iat", "2147483647"), ("exp", "2147483700")]),
        ),
        deny(
            "9999",
            source,
            "issued-in-future",
            times(&[("iat", "253402300000"), ("exp", "253402300799")]),
        ),
        deny(
            "2038-wrapped",
            "no 32 bits",
            "lifetime-too-long",
            raw_claim("exp", "6090155416"),
        ),
        deny(
            "nbf-9999",
            source,
            "not-yet-valid",
            raw_claim("nbf", "253402300799"),
        ),
        allow("nbf-0", source, raw_claim("nbf", "0")),
        allow("tiny-fraction", source, raw_claim("nbf", "1e-300")),
    ]);
    rows
}

fn types() -> Vec<Row> {
    let source = "RFC 7519 2: a JSON number; CVE-2026-25537 (text is not checked at all)";
    let mut rows = Vec::new();
    for claim in ["exp", "iat", "nbf"] {
        let code = match claim {
            "exp" => "exp-not-number",
            "iat" => "iat-not-number",
            _ => "nbf-not-number",
        };
        for raw in [
            r#""1795188120""#,
            r#""9999999999""#,
            r#""""#,
            r#""never""#,
            r#""2027-01-01T00:00:00Z""#,
            r#"" 1795188120""#,
            r#""0x6B000000""#,
            r#""NaN""#,
            r#""Infinity""#,
            "null",
            "true",
            "false",
            "[]",
            "[1795188120]",
            "{}",
            r#"{"$date":1795188120}"#,
        ] {
            rows.push(deny(
                format!("{claim}-{raw}"),
                source,
                code,
                raw_claim(claim, raw),
            ));
        }
        rows.push(deny(
            format!("{claim}-1e400"),
            "RFC 8259 6",
            "payload-not-json",
            raw_claim(claim, "1e400"),
        ));
        rows.push(deny(
            format!("{claim}-NaN"),
            "RFC 8259 6",
            "payload-not-json",
            raw_claim(claim, "NaN"),
        ));
    }
    rows.extend([
        deny(
            "exp-absent",
            "RFC 7519 4.1.4: a token for ever; published libraries let it pass",
            "exp-missing",
            with_claims(json!({ "exp": null })),
        ),
        deny(
            "iat-absent",
            "RFC 7519 4.1.6: no lifetime can be told",
            "iat-missing",
            with_claims(json!({ "iat": null })),
        ),
        deny(
            "expires-in",
            "another name is another claim",
            "exp-missing",
            with_claims(json!({ "exp": null, "expires_in": 3600 })),
        ),
        deny(
            "exp-other-case",
            "RFC 7519 4",
            "exp-missing",
            with_claims(json!({ "exp": null, "Exp": NOW + 3600 })),
        ),
        allow(
            "max-age-ignored",
            "unknown claims are ignored",
            with_claims(json!({ "max_age": 0, "auth_time": "never" })),
        ),
    ]);
    rows
}

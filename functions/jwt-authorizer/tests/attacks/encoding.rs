//! Spellings of a token: base64url, segments, surroundings, sizes.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD as BASE64URL},
};
use serde_json::Value;
use testkit::{
    authorizer::{AuthorizerEvent, THING, claims},
    tokens::{TestKey, Unsigned},
};

use crate::{
    character_sets,
    row::{Row, allow, allow_event, deny, deny_event, good, header, raw_member},
};

pub(crate) fn rows() -> Vec<Row> {
    [
        spellings(),
        segments(),
        surroundings(),
        character_sets::rows(),
        sizes(),
    ]
    .concat()
}

/// Good header and payload whose base64url has `-`, `_` and bits to spare.
fn telling(of: &Value) -> String {
    (0..3)
        .map(|pad| raw_member(of, "x", &format!("\"{}>>>???~~~\"", " ".repeat(pad))))
        .find(|text| {
            let encoded = BASE64URL.encode(text);
            encoded.contains(['-', '_']) && encoded.len() % 4 != 0
        })
        .unwrap()
}

/// The same bytes with another last character: bits behind the end are ignored by lax decoders.
fn trailing_bits(encoded: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = encoded.split_at(encoded.len() - 1);
    let index = alphabet.find(last).unwrap();
    format!("{rest}{}", &alphabet[index + 1..index + 2])
}

/// A way to write bytes.
type Spell = fn(&[u8]) -> String;

fn spellings() -> Vec<Row> {
    let source = "RFC 7515 2: base64url without padding; RFC 4648 3.5: one spelling";
    let key = TestKey::Es256;
    let (head, payload) = (telling(&header(key)), telling(&claims()));
    let (head64, payload64) = (BASE64URL.encode(&head), BASE64URL.encode(&payload));
    let whole = Unsigned::new(&head, &payload).sign(key);
    let (signing, signature64) = whole.rsplit_once('.').unwrap();
    let signature = BASE64URL.decode(signature64).unwrap();
    let refuse = |name: String, token: String| deny(name, source, "base64url", token);

    let mut rows = vec![allow("both-special-characters", source, &whole)];
    // Another spelling of what the issuer signed: the signature is over the spelling that is sent.
    let lenient: [(&str, Spell); 4] = [
        ("padded", |bytes| URL_SAFE.encode(bytes)),
        ("standard-alphabet", |bytes| STANDARD_NO_PAD.encode(bytes)),
        ("trailing-bits", |bytes| {
            trailing_bits(&BASE64URL.encode(bytes))
        }),
        ("two-pads-too-many", |bytes| BASE64URL.encode(bytes) + "=="),
    ];
    for (name, spell) in lenient {
        let odd_header = Unsigned::spelled(&spell(head.as_bytes()), &payload64).sign(key);
        rows.push(refuse(format!("{name}-header"), odd_header));
        let odd_payload = Unsigned::spelled(&head64, &spell(payload.as_bytes())).sign(key);
        rows.push(refuse(format!("{name}-payload"), odd_payload));
        if name != "standard-alphabet" {
            rows.push(refuse(
                format!("{name}-signature"),
                format!("{signing}.{}", spell(&signature)),
            ));
        }
    }
    let standard = (0..)
        .map(|_| Unsigned::new(&head, &payload).sign(key))
        .find(|token| token.rsplit_once('.').unwrap().1.contains(['-', '_']))
        .unwrap();
    let (signing, signature) = standard.rsplit_once('.').unwrap();
    let signature = signature.replace('-', "+").replace('_', "/");
    rows.push(refuse(
        "standard-alphabet-signature".into(),
        format!("{signing}.{signature}"),
    ));

    let insertions = [
        " ", "\n", "\r\n", "\t", "\0", "=", "%", "*", "é", "\u{200b}", "\u{feff}", "-=", ",",
    ];
    for text in insertions {
        for (place, odd) in [
            (
                "header",
                Unsigned::spelled(&insert(&head64, text), &payload64).sign(key),
            ),
            (
                "payload",
                Unsigned::spelled(&head64, &insert(&payload64, text)).sign(key),
            ),
            (
                "signature",
                format!("{head64}.{payload64}.{}", insert(signature64, text)),
            ),
        ] {
            rows.push(refuse(format!("{text:?}-in-{place}"), odd));
        }
    }
    rows
}

fn insert(encoded: &str, text: &str) -> String {
    let (before, after) = encoded.split_at(encoded.len() / 2);
    format!("{before}{text}{after}")
}

fn segments() -> Vec<Row> {
    let good = good();
    let parts: Vec<_> = good.split('.').collect();
    let (head, payload, signature) = (parts[0], parts[1], parts[2]);
    let three = "RFC 7515 7.1: three segments";
    let none_empty = "RFC 7515 7.1; RFC 7518 3.6";
    let many = "CVE-2025-30204, CVE-2025-27144: no work per dot";
    vec![
        deny("one-segment", three, "not-three-segments", head),
        deny(
            "two-segments",
            three,
            "not-three-segments",
            format!("{head}.{payload}"),
        ),
        deny(
            "four-segments",
            three,
            "not-three-segments",
            format!("{good}.{signature}"),
        ),
        deny(
            "four-segments-last-empty",
            three,
            "not-three-segments",
            format!("{good}."),
        ),
        deny(
            "four-segments-first-empty",
            three,
            "not-three-segments",
            format!(".{good}"),
        ),
        deny(
            "five-segments",
            three,
            "not-three-segments",
            format!("{good}.aXY.dGFn"),
        ),
        deny(
            "six-segments",
            three,
            "not-three-segments",
            format!("{good}.a.b.c"),
        ),
        deny(
            "two-tokens",
            three,
            "not-three-segments",
            format!("{good}.{good}"),
        ),
        deny("dots-in-two", three, "empty-segment", ".."),
        deny(
            "a-thousand-dots",
            many,
            "not-three-segments",
            ".".repeat(1000),
        ),
        deny("8000-dots", many, "not-three-segments", ".".repeat(8000)),
        deny(
            "header-empty",
            none_empty,
            "empty-segment",
            format!(".{payload}.{signature}"),
        ),
        deny(
            "payload-empty",
            none_empty,
            "empty-segment",
            format!("{head}..{signature}"),
        ),
        deny(
            "signature-empty",
            none_empty,
            "empty-segment",
            format!("{head}.{payload}."),
        ),
        deny(
            "other-dot",
            three,
            "not-three-segments",
            good.replace('.', "\u{2024}"),
        ),
        deny(
            "percent-dot",
            three,
            "not-three-segments",
            good.replace('.', "%2e"),
        ),
        deny(
            "commas",
            three,
            "not-three-segments",
            good.replace('.', ","),
        ),
        deny(
            "longest",
            "8,192 bytes are looked at",
            "base64url",
            format!("{good}{}", "=".repeat(8192 - good.len())),
        ),
    ]
}

fn surroundings() -> Vec<Row> {
    let good = good();
    let source = "RFC 7515 5.2: the token and nothing else";
    let mut rows = Vec::new();
    for (name, before, after) in [
        ("space-before", " ", ""),
        ("space-after", "", " "),
        ("newline-before", "\n", ""),
        ("newline-after", "", "\n"),
        ("crlf-after", "", "\r\n"),
        ("tab-after", "", "\t"),
        ("nul-after", "", "\0"),
        ("nul-and-more-after", "", "\0.x"),
        ("bom-before", "\u{feff}", ""),
        ("quotes", "\"", "\""),
        ("brackets", "<", ">"),
        ("bearer", "Bearer ", ""),
        ("name", "token=", ""),
        ("comma-after", "", ","),
        ("padding-after", "", "="),
    ] {
        let code = if after.contains('.') {
            "not-three-segments"
        } else {
            "base64url"
        };
        rows.push(deny(name, source, code, format!("{before}{good}{after}")));
    }
    let utf16 = |token: &str| {
        token
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    rows.push(deny("utf16", source, "base64url", utf16(&good)));
    rows.push(deny(
        "latin1",
        source,
        "base64url",
        [good.as_bytes(), b"\xe9"].concat(),
    ));
    rows.push(deny(
        "twice-in-base64",
        source,
        "not-three-segments",
        BASE64URL.encode(BASE64URL.encode(&good)),
    ));
    rows
}

/// A good token of `length` bytes.
fn of_length(length: usize) -> String {
    let long = |name: &str, count: usize, of: &Value| {
        raw_member(of, name, &format!("\"{}\"", "y".repeat(count)))
    };
    let key = TestKey::Es256;
    let unsigned = (0..4).flat_map(|head| {
        (4500..6100).map(move |payload| {
            Unsigned::new(long("x", head, &header(key)), long("x", payload, &claims()))
        })
    });
    // A dot and 86 characters of signature follow.
    let fitting = unsigned
        .into_iter()
        .find(|unsigned| unsigned.as_str().len() + 87 == length);
    fitting.unwrap().sign(key)
}

fn sizes() -> Vec<Row> {
    let source = "8,192 bytes are looked at; CVE-2025-30204";
    let token = |length| AuthorizerEvent::mqtt_token(THING, &of_length(length)).value();
    vec![
        allow("7000-bytes", source, of_length(7000)),
        allow("8192-bytes", source, of_length(8192)),
        allow_event("8192-bytes-as-token", source, token(8192)),
        deny_event("8193-bytes-as-token", source, "too-long", token(8193)),
        deny_event("8194-bytes-as-token", source, "too-long", token(8194)),
        // One byte more still has a password as long; three bytes more have not.
        deny("8193-bytes", source, "too-long", of_length(8193)),
        deny("8194-bytes", source, "password-unreadable", of_length(8194)),
    ]
}

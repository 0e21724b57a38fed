//! Size, segments, base64url, UTF-8 and JSON.

use sci_jwt::{Algorithm, MAX_DEPTH, MAX_TOKEN_BYTES, Rejection, UnverifiedToken};

use crate::mint::{base64url, claims, expectation, key, now, token, verify};

fn parse(token: impl AsRef<[u8]>) -> Option<Rejection> {
    UnverifiedToken::parse(token.as_ref()).err()
}

/// Why a token of this payload is refused, correctly signed as it is.
fn payload(payload: impl AsRef<[u8]>) -> Option<Rejection> {
    let key = key(Algorithm::EdDsa);
    let token = key.sign(key.header().text(), payload);
    verify(&token, &expectation(), now()).err()
}

fn header(header: impl AsRef<[u8]>) -> Option<Rejection> {
    let token = key(Algorithm::EdDsa).sign(header, claims().text());
    verify(&token, &expectation(), now()).err()
}

fn token_of(bytes: usize) -> String {
    let key = key(Algorithm::EdDsa);
    let sizes = (0..4).flat_map(|h| (5000..MAX_TOKEN_BYTES).map(move |p| (h, p)));
    let pad = |bytes| format!("\"{}\"", "a".repeat(bytes));
    let text = |(h, p)| {
        let header = key.header().and("pad", pad(h)).text();
        (header, claims().and("pad", pad(p)).text())
    };
    let length = |size| {
        let (header, payload) = text(size);
        base64url(header).len() + 1 + base64url(payload).len() + 1 + 86
    };
    let (header, payload) = text(
        sizes
            .into_iter()
            .find(|size| length(*size) == bytes)
            .unwrap(),
    );
    key.sign(header, payload)
}

#[test]
fn the_longest_token_is_accepted_and_one_byte_more_is_not_looked_at() {
    let longest = token_of(MAX_TOKEN_BYTES);
    assert_eq!(longest.len(), 8192);
    assert_eq!(verify(&longest, &expectation(), now()).err(), None);
    assert_eq!(parse(token_of(8193)), Some(Rejection::TooLong));
    assert_eq!(parse(".".repeat(8193)), Some(Rejection::TooLong));
    assert_eq!(parse(".".repeat(8192)), Some(Rejection::NotThreeSegments));
    assert_eq!(parse([0xff; 100_000]), Some(Rejection::TooLong));
}

#[test]
fn every_segment_has_one_spelling() {
    let token = token(&claims());
    let segments: Vec<_> = token.split('.').collect();
    for place in 0..3 {
        let spelled = |change: &dyn Fn(&str) -> String| {
            let mut segments: Vec<_> = segments.iter().map(ToString::to_string).collect();
            segments[place] = change(&segments[place]);
            parse(segments.join("."))
        };
        for refused in [
            spelled(&|s| format!("{s}=")),
            spelled(&|s| format!("{s}==")),
            spelled(&|s| format!("{s}\n")),
            spelled(&|s| format!(" {s}")),
            spelled(&|s| format!("{s}\0")),
            spelled(&|s| format!("{s}%3D")),
            spelled(&|s| format!("{}+{}", &s[..4], &s[5..])),
            spelled(&|s| format!("{}/{}", &s[..4], &s[5..])),
            spelled(&|s| format!("{}é{}", &s[..4], &s[6..])),
        ] {
            assert_eq!(refused, Some(Rejection::Base64url), "segment {place}");
        }
        let none = spelled(&|_| String::new());
        assert_eq!(none, Some(Rejection::EmptySegment), "segment {place}");
    }
    assert_eq!(
        parse(format!("{token}.")),
        Some(Rejection::NotThreeSegments)
    );
    assert_eq!(parse(format!("Bearer {token}")), Some(Rejection::Base64url));
}

/// The bits behind the last byte: the same token in up to 16 spellings would slip through a list of spent ones.
#[test]
fn bits_behind_the_last_byte_are_refused() {
    let token = token(&claims());
    // 64 bytes in 86 characters leave 4 bits.
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet
        .iter()
        .position(|c| *c == last.as_bytes()[0])
        .unwrap();
    assert_eq!(place % 16, 0);
    for other in &alphabet[place + 1..place + 16] {
        let spelled = format!("{rest}{}", char::from(*other));
        assert_eq!(parse(spelled), Some(Rejection::Base64url));
    }
}

#[test]
fn header_and_payload_are_utf_8_even_where_nobody_reads() {
    let wild = |json: String| json.replace("WILD", "\u{1}").into_bytes();
    let broken = |json: String| -> Vec<u8> {
        wild(json)
            .into_iter()
            .map(|b| if b == 1 { 0xff } else { b })
            .collect()
    };
    let key = key(Algorithm::EdDsa);
    let in_header = key.header().and("x", "\"WILD\"").text();
    let in_payload = claims().and("x", "\"WILD\"").text();
    assert_eq!(
        header(broken(in_header.clone())),
        Some(Rejection::HeaderNotUtf8)
    );
    assert_eq!(
        payload(broken(in_payload.clone())),
        Some(Rejection::PayloadNotUtf8)
    );
    // A control character, and half a surrogate pair, are no JSON either.
    assert_eq!(header(wild(in_header)), Some(Rejection::HeaderNotJson));
    assert_eq!(payload(wild(in_payload)), Some(Rejection::PayloadNotJson));
    let half = claims().and("x", "\"\\ud800\"").text();
    assert_eq!(payload(half), Some(Rejection::PayloadNotJson));
}

#[test]
fn header_and_payload_are_one_json_object_each() {
    let (head, body) = (key(Algorithm::EdDsa).header().text(), claims().text());
    assert_eq!(header(format!(" {head}\n")), None);
    assert_eq!(payload(format!("\t{body} ")), None);
    let objects = [
        |json: &str| format!("{json}{json}"),
        |json: &str| format!("{json},"),
        |json: &str| format!("{json}\0"),
        |json: &str| format!("[{json}]"),
        |json: &str| format!("\u{feff}{json}"),
        |json: &str| json.replace(':', "="),
        |json: &str| json.replace('"', "'"),
        |json: &str| json.replace('}', ",}"),
        |json: &str| json.replace('}', ""),
        |json: &str| json.replace('{', "{/**/"),
        |json: &str| json.replace('}', ",\"x\":NaN}"),
        |json: &str| json.replace('}', ",\"x\":01}"),
        |json: &str| json.replace('}', ",\"x\":1e400}"),
        |_: &str| "null".into(),
        |_: &str| "\"text\"".into(),
        |_: &str| "5".into(),
    ];
    for change in objects {
        let text = change(&head);
        assert_eq!(header(&text), Some(Rejection::HeaderNotJson), "{text}");
        let text = change(&body);
        assert_eq!(payload(&text), Some(Rejection::PayloadNotJson), "{text}");
    }
}

#[test]
fn no_member_stands_twice_at_any_level() {
    let (head, body) = (key(Algorithm::EdDsa).header(), claims());
    for (name, value) in [
        ("alg", "\"EdDSA\""),
        ("\\u0061lg", "\"none\""),
        ("kid", "null"),
        ("x", "{\"a\":1,\"a\":1}"),
        ("x", "{\"a\":1,\"\\u0061\":2}"),
        ("x", "[[{\"b\":{\"a\":1,\"c\":2,\"a\":1}}]]"),
    ] {
        let text = head.clone().and(name, value).text();
        let refused = header(&text);
        assert_eq!(refused, Some(Rejection::HeaderDuplicateMember), "{text}");
    }
    for (name, value) in [
        ("exp", "1000003600"),
        ("\\u0065xp", "9000003600"),
        ("\\u0065\\u0078\\u0070", "9000003600"),
        ("aud", "null"),
        ("x", "{\"a\":1,\"a\":1}"),
        ("x", "[[{\"b\":{\"a\":1,\"c\":2,\"a\":1}}]]"),
    ] {
        let text = body.clone().and(name, value).text();
        let refused = payload(&text);
        assert_eq!(refused, Some(Rejection::PayloadDuplicateMember), "{text}");
    }
    let twice = body.clone().and("x", "1").and("\\u0078", "1").text();
    assert_eq!(payload(twice), Some(Rejection::PayloadDuplicateMember));
    // The same name in different objects, or in different case, is no repetition.
    let apart = body
        .and("x", "{\"a\":{\"a\":1}}")
        .and("X", "[{\"a\":1},{\"a\":1}]");
    assert_eq!(payload(apart.and("EXP", "1").text()), None);
}

#[test]
fn nesting_has_a_bound() {
    let nest = |open: &str, close: &str, levels: usize| {
        format!("{}1{}", open.repeat(levels), close.repeat(levels))
    };
    let inside = usize::from(MAX_DEPTH) - 1;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let levels = inside / open.matches(['[', '{']).count();
        let head = key(Algorithm::EdDsa).header();
        let (fits, deep) = (nest(open, close, levels), nest(open, close, levels + 1));
        assert_eq!(header(head.clone().and("x", &*fits).text()), None);
        let refused = header(head.and("x", &*deep).text());
        assert_eq!(refused, Some(Rejection::HeaderTooDeep), "{deep}");
        assert_eq!(payload(claims().and("x", &*fits).text()), None);
        for name in ["x", "iss"] {
            let refused = payload(claims().set(name, &*deep).text());
            assert_eq!(refused, Some(Rejection::PayloadTooDeep), "{deep}");
        }
    }
    let deepest = nest("[", "]", 2900);
    let refused = payload(claims().and("x", deepest).text());
    assert_eq!(refused, Some(Rejection::PayloadTooDeep));
}

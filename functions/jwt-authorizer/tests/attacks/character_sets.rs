//! UTF-8 and what else texts can be written in.

use serde_json::Value;
use testkit::{authorizer::claims, tokens::TestKey};

use crate::row::{Row, allow, deny, header, raw_claim, raw_header, signed, with_payload};

pub(crate) fn rows() -> Vec<Row> {
    let utf8 = "RFC 8725 3.7; RFC 7515 5.2 step 3; RFC 7519 7.2 step 10: UTF-8";
    let mut rows = Vec::new();
    let invalid: [(&str, &[u8]); 9] = [
        ("lone-ff", b"\xff"),
        ("lone-continuation", b"\x80"),
        ("overlong-slash", b"\xc0\xaf"),
        ("overlong-nul", b"\xc0\x80"),
        ("surrogate", b"\xed\xa0\x80"),
        ("surrogate-pair", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("beyond-unicode", b"\xf5\x80\x80\x80"),
        ("cut-short", b"\xe2\x82"),
        ("latin1", b"caf\xe9"),
    ];
    let key = TestKey::Es256;
    for (name, bytes) in invalid {
        let in_text = |object: &Value| {
            let text = object.to_string();
            [
                text.strip_suffix('}').unwrap().as_bytes(),
                b",\"x\":\"",
                bytes,
                b"\"}",
            ]
            .concat()
        };
        let in_name = |object: &Value| {
            let text = object.to_string();
            [
                text.strip_suffix('}').unwrap().as_bytes(),
                b",\"",
                bytes,
                b"\":0}",
            ]
            .concat()
        };
        let claims_text = claims().to_string();
        let (head, payload) = (header(key), claims());
        rows.push(deny(
            format!("{name}-in-header"),
            utf8,
            "header-not-utf8",
            signed(in_text(&head), &claims_text),
        ));
        rows.push(deny(
            format!("{name}-in-payload"),
            utf8,
            "payload-not-utf8",
            with_payload(in_text(&payload)),
        ));
        rows.push(deny(
            format!("{name}-in-name"),
            utf8,
            "payload-not-utf8",
            with_payload(in_name(&payload)),
        ));
    }
    let surrogates = "RFC 8259 8.2: half a surrogate pair is no character";
    for (name, raw) in [
        ("high-surrogate", r#""\ud800""#),
        ("low-surrogate", r#""\udc00""#),
        ("surrogates-swapped", r#""\udc00\ud800""#),
        ("surrogate-and-letter", r#""\ud800a""#),
    ] {
        rows.push(deny(
            format!("{name}-in-header"),
            surrogates,
            "header-not-json",
            raw_header("x", raw),
        ));
        rows.push(deny(
            format!("{name}-in-payload"),
            surrogates,
            "payload-not-json",
            raw_claim("x", raw),
        ));
        rows.push(deny(
            format!("{name}-nested"),
            surrogates,
            "payload-not-json",
            raw_claim("x", &format!("[{{\"y\":{raw}}}]")),
        ));
    }
    let utf16 = |text: &str, bom: &[u8]| {
        let units = text.encode_utf16().flat_map(u16::to_be_bytes);
        bom.iter().copied().chain(units).collect::<Vec<_>>()
    };
    let (head, payload) = (header(key).to_string(), claims().to_string());
    rows.extend([
        allow(
            "surrogate-pair-escaped",
            "RFC 8259 7",
            raw_claim("x", r#""\ud83d\ude00""#),
        ),
        allow(
            "any-language",
            "RFC 8259 8.1",
            raw_claim("x", "\"温度 🌡 \u{2028}\""),
        ),
        deny(
            "utf16-header",
            utf8,
            "header-not-json",
            signed(utf16(&head, b""), &payload),
        ),
        deny(
            "utf16-header-bom",
            utf8,
            "header-not-utf8",
            signed(utf16(&head, b"\xfe\xff"), &payload),
        ),
        deny(
            "utf16-payload",
            utf8,
            "payload-not-json",
            with_payload(utf16(&payload, b"")),
        ),
        deny(
            "utf16-payload-bom",
            utf8,
            "payload-not-utf8",
            with_payload(utf16(&payload, b"\xfe\xff")),
        ),
        deny(
            "bom-header",
            "RFC 8259 8.1",
            "header-not-json",
            signed(format!("\u{feff}{head}"), &payload),
        ),
        deny(
            "bom-payload",
            "RFC 8259 8.1",
            "payload-not-json",
            with_payload(format!("\u{feff}{payload}")),
        ),
        deny(
            "utf7-payload",
            utf8,
            "payload-not-json",
            with_payload(payload.replace('{', "+AHs-")),
        ),
        allow(
            "header-of-spaces",
            "RFC 8259 2: white space around",
            signed(format!(" \r\n\t{head}\n"), &payload),
        ),
        deny(
            "payload-vertical-tab",
            "RFC 8259 2",
            "payload-not-json",
            with_payload(format!("\u{b}{payload}")),
        ),
        deny(
            "payload-no-break-space",
            "RFC 8259 2",
            "payload-not-json",
            with_payload(format!("\u{a0}{payload}")),
        ),
        allow(
            "everything-escaped",
            "RFC 8259 7",
            signed(escaped(&header(key)), escaped(&claims())),
        ),
    ]);
    rows
}

/// The object with every letter of its names and texts as an escape.
fn escaped(object: &Value) -> String {
    let escape = |text: &str| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
        format!("\"{}\"", units.collect::<String>())
    };
    let members = object.as_object().unwrap().iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), escape);
        format!("{}:{value}", escape(name))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

//! JSON on which two readers can differ.

use serde_json::Value;
use testkit::{authorizer::claims, tokens::TestKey};

use crate::row::{
    Row, allow, deny, header, raw_claim, raw_header, raw_member, signed, with_payload,
};

pub(crate) fn rows() -> Vec<Row> {
    [duplicates(), depth(), numbers(), syntax()].concat()
}

/// The object with `text` as a further member, or several.
fn and(object: &Value, text: &str) -> String {
    let object = object.to_string();
    format!("{},{text}}}", object.strip_suffix('}').unwrap())
}

fn and_first(object: &Value, text: &str) -> String {
    let object = object.to_string();
    format!("{{{text},{}", object.strip_prefix('{').unwrap())
}

fn duplicates() -> Vec<Row> {
    let in_header = "RFC 7515 4 and 10.12: names are unique";
    let in_claims = "RFC 7519 4: names are unique";
    let mut rows = Vec::new();
    let head = header(TestKey::Es256);
    let payload = claims().to_string();
    for (name, text) in [
        ("alg-none", r#""alg":"none""#),
        ("alg-same", r#""alg":"ES256""#),
        ("alg-null", r#""alg":null"#),
        ("alg-escaped", r#""\u0061\u006c\u0067":"none""#),
        ("kid", r#""kid":"insecure-rs256""#),
        ("kid-escaped", r#""k\u0069d":"insecure-rs256""#),
        ("typ", r#""typ":"at+jwt""#),
        ("unknown", r#""x":1,"x":1"#),
        ("unknown-empty-name", r#""":1,"":2"#),
        ("in-jwk", r#""jwk":{"kty":"EC","kty":"RSA"}"#),
        ("in-array", r#""x":[{"a":1,"a":2}]"#),
    ] {
        let code = "header-duplicate-member";
        rows.push(deny(
            format!("header-{name}-last"),
            in_header,
            code,
            signed(and(&head, text), &payload),
        ));
        rows.push(deny(
            format!("header-{name}-first"),
            in_header,
            code,
            signed(and_first(&head, text), &payload),
        ));
    }
    for (name, text) in [
        ("iss", r#""iss":"https://id.example.evil""#),
        ("aud", r#""aud":"other""#),
        ("sub", r#""sub":"sci-property-001-lock-0001""#),
        ("sub-escaped", r#""s\u0075b":"sci-property-001-lock-0001""#),
        ("exp", r#""exp":9999999999"#),
        ("exp-same", r#""exp":1795188120"#),
        ("iat", r#""iat":0"#),
        ("nbf", r#""nbf":1,"nbf":2"#),
        ("jti", r#""jti":"other""#),
        ("scope", r#""scope":"jobs:execute""#),
        ("property", r#""property_id":"property-002""#),
        ("property-null", r#""property_id":null"#),
        ("unknown", r#""x":1,"x":1"#),
        ("unknown-escaped", r#""ab":1,"a\u0062":1"#),
        ("nested", r#""x":{"a":1,"a":2}"#),
        ("nested-deeper", r#""x":{"a":[{"b":{"c":1,"c":2}}]}"#),
        ("prototype", r#""__proto__":{"a":1},"__proto__":{"a":2}"#),
    ] {
        let code = "payload-duplicate-member";
        rows.push(deny(
            format!("claim-{name}-last"),
            in_claims,
            code,
            with_payload(and(&claims(), text)),
        ));
        rows.push(deny(
            format!("claim-{name}-first"),
            in_claims,
            code,
            with_payload(and_first(&claims(), text)),
        ));
    }
    let case = "RFC 7519 4: names are case-sensitive";
    for text in [
        r#""Sub":"sci-property-001-lock-0001""#,
        r#""EXP":1"#,
        r#""Iss":"other""#,
        r#""scope ":"jobs:execute""#,
        r#""":1"#,
        r#""a":{"b":1},"c":{"b":1}"#,
        r#""sub\u0000":"x""#,
    ] {
        rows.push(allow(
            format!("no-duplicate-{text}"),
            case,
            with_payload(and(&claims(), text)),
        ));
    }
    rows
}

fn depth() -> Vec<Row> {
    let source = "RFC 8259 9: a bound on nesting";
    let nest = |open: &str, close: &str, inner: &str, levels: usize| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    let mut rows = Vec::new();
    // The outermost object is the first of eight levels.
    for (name, open, close, inner) in [
        ("arrays", "[", "]", ""),
        ("objects", r#"{"a":"#, "}", "1"),
        ("mixed", r#"[{"a":"#, "}]", "1"),
    ] {
        let per = open.matches(['[', '{']).count();
        let fits = nest(open, close, inner, 7 / per);
        rows.push(allow(format!("{name}-8"), source, raw_claim("x", &fits)));
        rows.push(allow(
            format!("{name}-8-header"),
            source,
            raw_header("x", &fits),
        ));
        for levels in [8, 64, 127, 128, 129, 900] {
            let deep = nest(open, close, inner, levels / per);
            rows.push(deny(
                format!("{name}-{}", levels + 1),
                source,
                "payload-too-deep",
                raw_claim("x", &deep),
            ));
            rows.push(deny(
                format!("{name}-{}-header", levels + 1),
                source,
                "header-too-deep",
                raw_header("x", &deep),
            ));
        }
    }
    rows.push(deny(
        "never-closed",
        source,
        "payload-too-deep",
        raw_claim("x", &"[".repeat(4000)),
    ));
    rows.push(deny(
        "top-never-closed",
        source,
        "payload-not-json",
        with_payload("[".repeat(4000)),
    ));
    rows.push(allow(
        "wide",
        "not deep",
        raw_claim("x", &format!("[{}0]", "[],".repeat(1500))),
    ));
    rows
}

fn numbers() -> Vec<Row> {
    let source = "RFC 8259 6: numbers";
    let mut rows = Vec::new();
    for raw in [
        "1e400",
        "-1e400",
        "1e99999999999",
        "01",
        "-01",
        "+1",
        ".5",
        "1.",
        "1.e5",
        "0x10",
        "1e",
        "1_000",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "-",
        "--1",
        "١",
        "1,5",
        "1n",
    ] {
        rows.push(deny(
            format!("number-{raw}"),
            source,
            "payload-not-json",
            raw_claim("x", raw),
        ));
    }
    let digits = "9".repeat(400);
    rows.push(deny(
        "number-of-400-digits",
        source,
        "payload-not-json",
        raw_claim("x", &digits),
    ));
    for raw in [
        "1e-400",
        "-0",
        "-0.0",
        "0e0",
        "123456789012345678901234567890",
        "1.7976931348623157e308",
        "9007199254740993",
        "-9223372036854775809",
    ] {
        rows.push(allow(format!("number-{raw}"), source, raw_claim("x", raw)));
    }
    rows
}

fn syntax() -> Vec<Row> {
    let source = "RFC 8259: one JSON object, nothing else";
    let payload = claims().to_string();
    let head = header(TestKey::Es256).to_string();
    let spoilt = |text: &str| -> Vec<(&'static str, String)> {
        vec![
            ("array", format!("[{text}]")),
            ("array-empty", "[]".into()),
            ("text", "\"text\"".into()),
            ("number", "1".into()),
            ("null", "null".into()),
            ("true", "true".into()),
            ("nothing-but-space", " ".into()),
            ("cut", text[..text.len() - 1].into()),
            ("open", "{".into()),
            ("junk-after", format!("{text}x")),
            ("object-after", format!("{text}{{}}")),
            ("same-after", format!("{text}{text}")),
            ("nul-after", format!("{text}\0")),
            ("comma-after", format!("{text},")),
            ("brace-after", format!("{text}}}")),
            ("junk-before", format!("x{text}")),
            ("guard-before", format!(")]}}',\n{text}")),
            ("line-comment", format!("{text}//")),
            ("block-comment", text.replacen('{', "{/**/", 1)),
            ("hash-comment", format!("{text}\n#")),
            ("trailing-comma", text.replacen('}', ",}", 1)),
            ("single-quotes", text.replace('"', "'")),
            (
                "no-quotes",
                text.replacen("\"alg\"", "alg", 1)
                    .replacen("\"iss\"", "iss", 1),
            ),
            ("no-colon", text.replacen(':', "=", 1)),
            ("xml", "<claims/>".into()),
            ("yaml", "iss: a\nalg: none".into()),
            ("concatenated", format!("{{}}{text}")),
            ("bson", "\u{16}\0\0\0\u{2}".into()),
        ]
    };
    let mut rows = Vec::new();
    for (name, text) in spoilt(&payload) {
        rows.push(deny(
            format!("payload-{name}"),
            source,
            "payload-not-json",
            with_payload(text),
        ));
    }
    for (name, text) in spoilt(&head) {
        rows.push(deny(
            format!("header-{name}"),
            source,
            "header-not-json",
            signed(text, &payload),
        ));
    }
    for raw in [
        "\"\t\"",
        "\"\n\"",
        "\"\u{1}\"",
        r#""\x41""#,
        r#""\u00""#,
        r#""\u{41}""#,
        r#""\'""#,
        "\"unclosed",
        "tru",
        "nulL",
        "True",
        "None",
        "undefined",
        "",
        "{1:2}",
        "{\"a\"}",
        "[1 2]",
        "[,]",
    ] {
        rows.push(deny(
            format!("value-{raw:?}"),
            source,
            "payload-not-json",
            raw_claim("x", raw),
        ));
    }
    rows.extend([
        deny(
            "payload-empty-object",
            "RFC 8725 3.8",
            "iss-missing",
            with_payload("{}"),
        ),
        deny(
            "header-empty-object",
            "RFC 7515 4.1.1",
            "alg-missing",
            signed("{}", &payload),
        ),
        allow(
            "payload-space-around",
            source,
            with_payload(format!(" \t\r\n{payload}\n\n")),
        ),
        allow(
            "payload-pretty",
            source,
            with_payload(serde_json::to_string_pretty(&claims()).unwrap()),
        ),
        allow("empty-name", source, raw_claim("", "1")),
        allow(
            "raw-value-of-serde",
            "no member has a second meaning",
            raw_claim("$serde_json::private::RawValue", "\"{}\""),
        ),
        allow(
            "number-of-serde",
            "no member has a second meaning",
            raw_claim("$serde_json::private::Number", "\"1\""),
        ),
        allow("delete-character", source, raw_claim("x", "\"\u{7f}\"")),
        deny(
            "claims-in-the-header",
            "RFC 7519 5.3: copies in the header are not the claims",
            "sub-missing",
            signed(
                raw_member(
                    &header(TestKey::Es256),
                    "sub",
                    "\"sci-property-001-environmental-0042\"",
                ),
                {
                    let mut claims = claims();
                    claims.as_object_mut().unwrap().remove("sub");
                    claims.to_string()
                },
            ),
        ),
    ]);
    rows
}

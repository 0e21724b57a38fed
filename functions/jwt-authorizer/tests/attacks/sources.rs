//! Where the token stands: one place, or several that agree.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use testkit::{
    authorizer::{AuthorizerEvent, THING, claims},
    tokens::{TestKey, mint},
};

use crate::row::{Row, allow_event, deny_event, good, unsigned};

pub(crate) fn rows() -> Vec<Row> {
    [agreeing(), disagreeing(), schemes(), passwords()].concat()
}

fn empty() -> Value {
    AuthorizerEvent::websocket_password(THING, "").value()
}

/// An event with a value in each of the three places; null for none.
fn event(token: &Value, password: &Value, authorization: &Value) -> Value {
    let mut event = empty();
    event["token"] = token.clone();
    event["protocolData"]["mqtt"]["password"] = match password {
        Value::String(text) => json!(BASE64.encode(text)),
        other => other.clone(),
    };
    event["protocolData"]["http"]["headers"] = match authorization {
        Value::Null => json!({}),
        value => json!({ "Authorization": value }),
    };
    event
}

fn agreeing() -> Vec<Row> {
    let good = good();
    let bearer = format!("Bearer {good}");
    let source = "AWS IoT developer guide: token, MQTT password, HTTP header";
    let mut rows = vec![
        allow_event(
            "token-alone",
            source,
            event(&json!(good), &Value::Null, &Value::Null),
        ),
        allow_event(
            "password-alone",
            source,
            event(&Value::Null, &json!(good), &Value::Null),
        ),
        allow_event(
            "header-alone",
            source,
            event(&Value::Null, &Value::Null, &json!(bearer)),
        ),
        allow_event(
            "all-three",
            source,
            event(&json!(good), &json!(good), &json!(bearer)),
        ),
        allow_event(
            "token-with-its-scheme",
            source,
            event(&json!(bearer), &json!(good), &Value::Null),
        ),
        allow_event(
            "token-empty",
            "an empty text is absence",
            event(&json!(""), &json!(good), &Value::Null),
        ),
        allow_event(
            "password-empty",
            "an empty text is absence",
            event(&json!(good), &json!(""), &Value::Null),
        ),
    ];
    for name in ["authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"] {
        let mut event = empty();
        event["protocolData"]["http"]["headers"] = json!({ name: bearer });
        rows.push(allow_event(
            format!("header-{name}"),
            "RFC 9110 5.1: names in any case",
            event,
        ));
    }
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let header = json!(format!("{scheme} {good}"));
        rows.push(allow_event(
            format!("scheme-{scheme}"),
            "RFC 9110 11.1: schemes in any case",
            event(&Value::Null, &Value::Null, &header),
        ));
    }
    let mut event = empty();
    event["protocolData"]["http"]["headers"] =
        json!({ "Authorization": bearer, "authorization": bearer });
    rows.push(allow_event("same-header-twice", "they agree", event));
    let same = format!(r#"{{"Authorization":"{bearer}","Authorization":"{bearer}"}}"#);
    rows.push(allow_event(
        "same-name-twice",
        "they agree",
        with_headers(&same),
    ));
    rows
}

/// An event whose headers are given as text, which may have a name twice.
fn with_headers(headers: &str) -> String {
    let mut event = empty();
    event["protocolData"]["http"]["headers"] = json!("HEADERS");
    event.to_string().replace("\"HEADERS\"", headers)
}

fn disagreeing() -> Vec<Row> {
    let good = good();
    let other = mint(TestKey::EdDsa, &claims());
    let forged = unsigned("ES256", TestKey::Es256).sign(TestKey::AttackerP256);
    let source = "one part of a system checks one, another part acts on the other: request smuggling (CWE-444)";
    let bearer = |token: &str| json!(format!("Bearer {token}"));
    let mut rows = Vec::new();
    for (name, odd) in [
        ("good", other.as_str()),
        ("forged", &forged),
        ("junk", "junk"),
        ("same-with-a-space", &format!("{good} ")),
        ("cut", &good[..good.len() - 1]),
    ] {
        for (places, event) in [
            (
                "token-password",
                event(&json!(good), &json!(odd), &Value::Null),
            ),
            (
                "password-token",
                event(&json!(odd), &json!(good), &Value::Null),
            ),
            (
                "token-header",
                event(&json!(good), &Value::Null, &bearer(odd)),
            ),
            (
                "header-token",
                event(&json!(odd), &Value::Null, &bearer(&good)),
            ),
            (
                "password-header",
                event(&Value::Null, &json!(good), &bearer(odd)),
            ),
            (
                "header-password",
                event(&Value::Null, &json!(odd), &bearer(&good)),
            ),
            (
                "two-and-one",
                event(&json!(good), &json!(good), &bearer(odd)),
            ),
        ] {
            rows.push(deny_event(
                format!("{places}-{name}"),
                source,
                "tokens-disagree",
                event,
            ));
        }
    }
    for (name, headers) in [
        (
            "case",
            json!({ "Authorization": bearer(&good), "authorization": bearer(&other) }),
        ),
        (
            "case-other-order",
            json!({ "AUTHORIZATION": bearer(&forged), "authorization": bearer(&good) }),
        ),
    ] {
        rows.push(deny_event(
            format!("two-headers-{name}"),
            source,
            "tokens-disagree",
            with_headers(&headers.to_string()),
        ));
    }
    for (name, first, last) in [
        ("good-last", &forged, &good),
        ("good-first", &good, &forged),
    ] {
        let headers = format!(
            r#"{{"Authorization":{},"Authorization":{}}}"#,
            bearer(first),
            bearer(last)
        );
        rows.push(deny_event(
            format!("name-twice-{name}"),
            source,
            "tokens-disagree",
            with_headers(&headers),
        ));
    }
    rows
}

fn schemes() -> Vec<Row> {
    let good = good();
    let source = "RFC 6750 2.1: Bearer, a space, the token";
    let mut rows = Vec::new();
    for (name, value) in [
        ("basic", "Basic dTpw".to_owned()),
        ("basic-with-token", format!("Basic {good}")),
        ("digest", format!("Digest {good}")),
        ("dpop", format!("DPoP {good}")),
        ("token", format!("Token {good}")),
        ("jwt", format!("JWT {good}")),
        ("none", good.clone()),
        ("empty", String::new()),
        ("bearer-alone", "Bearer".to_owned()),
        ("no-space", format!("Bearer{good}")),
        ("colon", format!("Bearer:{good}")),
        ("tab", format!("Bearer\t{good}")),
        ("no-break-space", format!("Bearer\u{a0}{good}")),
        ("space-before", format!(" Bearer {good}")),
        ("bearers", format!("Bearers {good}")),
    ] {
        rows.push(deny_event(
            format!("scheme-{name}"),
            source,
            "not-bearer",
            event(&Value::Null, &Value::Null, &json!(value)),
        ));
        // A good token elsewhere does not help.
        rows.push(deny_event(
            format!("scheme-{name}-beside"),
            source,
            "not-bearer",
            event(&json!(good), &json!(good), &json!(value)),
        ));
    }
    for (name, value, code) in [
        ("quoted", format!("Bearer \"{good}\""), "base64url"),
        (
            "comma",
            format!("Bearer {good}, Bearer {good}"),
            "not-three-segments",
        ),
        (
            "comma-basic",
            format!("Bearer {good}, Basic dTpw"),
            "base64url",
        ),
        ("space-after", format!("Bearer {good} "), "base64url"),
        ("bearer-twice", format!("Bearer Bearer {good}"), "base64url"),
        ("parameter", format!("Bearer token={good}"), "base64url"),
        ("nothing", "Bearer ".to_owned(), "not-three-segments"),
    ] {
        rows.push(deny_event(
            format!("bearer-{name}"),
            source,
            code,
            event(&Value::Null, &Value::Null, &json!(value)),
        ));
    }
    for name in [
        "Proxy-Authorization",
        "X-Authorization",
        "Authorization ",
        "X-Amz-Security-Token",
        "Cookie",
        "Authorisation",
    ] {
        let mut event = empty();
        event["protocolData"]["http"]["headers"] = json!({ name: format!("Bearer {good}") });
        rows.push(deny_event(
            format!("other-header-{name:?}"),
            "RFC 6750 2.1",
            "no-token",
            event,
        ));
    }
    let mut query = empty();
    query["protocolData"]["http"]["queryString"] = json!(format!("?access_token={good}"));
    rows.push(deny_event(
        "token-in-the-query",
        "RFC 6750 2.3 and 5.3: not in URLs",
        "no-token",
        query,
    ));
    let mut username = empty();
    username["protocolData"]["mqtt"]["username"] = json!(good);
    rows.push(deny_event(
        "token-as-username",
        "the password is the place",
        "no-token",
        username,
    ));
    rows
}

fn passwords() -> Vec<Row> {
    let source = "RFC 4648 4: the password's base64, as AWS IoT writes it";
    let encoded = BASE64.encode(good());
    let stripped = encoded.trim_end_matches('=');
    let mut rows = Vec::new();
    for (name, value) in [
        ("not-encoded", good()),
        ("url-alphabet", "_-_-".to_owned()),
        ("no-padding", "YQ".to_owned()),
        ("half-padding", "YQ=".to_owned()),
        ("bits-behind", "YR==".to_owned()),
        ("space", format!(" {encoded}")),
        ("newline", format!("{encoded}\n")),
        (
            "line-break",
            format!("{}\r\n{}", &encoded[..76], &encoded[76..]),
        ),
        ("nul", format!("{encoded}\0")),
        ("padding-inside", format!("YQ=={encoded}")),
        ("one-character", "A".to_owned()),
        ("percent", stripped.replace('=', "%3D") + "%3D"),
        ("letters-of-other-scripts", "ＡＢＣＤ".to_owned()),
        ("longer-than-any-token", "A".repeat(10_928)),
        ("300-kb", "A".repeat(300_000)),
    ] {
        let mut event = empty();
        event["protocolData"]["mqtt"]["password"] = json!(value);
        rows.push(deny_event(
            format!("password-{name}"),
            source,
            "password-unreadable",
            event,
        ));
    }
    let mut longest = empty();
    longest["protocolData"]["mqtt"]["password"] = json!(BASE64.encode(vec![b'.'; 8192]));
    rows.push(deny_event(
        "password-of-8192-bytes",
        "CVE-2025-30204",
        "not-three-segments",
        longest,
    ));
    rows.push(deny_event(
        "password-of-zeros",
        source,
        "not-three-segments",
        {
            let mut event = empty();
            event["protocolData"]["mqtt"]["password"] = json!(BASE64.encode([0; 64]));
            event
        },
    ));
    rows
}

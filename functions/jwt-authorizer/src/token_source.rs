//! Where a device put its token: the custom authorizer's token, the MQTT password, or an `Authorization` header.
//!
//! A device has one token. Where several places hold one, all must hold the same: otherwise one part of a system could be
//! shown a good token while another part acts on the bad one.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::{denial::Denial, event::Event};

/// The most base64 characters that a password of the longest token has.
const MAX_PASSWORD: usize = sci_jwt::MAX_TOKEN_BYTES.div_ceil(3) * 4;

/// Finds the token of an event.
///
/// # Errors
/// When there is none, when a place holds what is no token, or when places disagree.
pub fn find(event: &Event<'_>) -> Result<Vec<u8>, Denial> {
    let mut found: Option<Vec<u8>> = None;
    let mut offer = |token: Vec<u8>| match &found {
        Some(earlier) if *earlier != token => Err(Denial::TokensDisagree),
        Some(_) => Ok(()),
        None => {
            found = Some(token);
            Ok(())
        }
    };
    if let Some(token) = event.token.as_deref().filter(|token| !token.is_empty()) {
        // Where `tokenKeyName` is `Authorization`, AWS IoT passes the header's value on with its scheme.
        offer(bearer(token).unwrap_or(token).as_bytes().to_vec())?;
    }
    let mqtt = event.protocol_data.mqtt.as_ref();
    let password = mqtt.and_then(|mqtt| mqtt.password.as_deref());
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        if password.len() > MAX_PASSWORD {
            return Err(Denial::PasswordUnreadable);
        }
        let token = BASE64.decode(password);
        offer(token.map_err(|_| Denial::PasswordUnreadable)?)?;
    }
    if let Some(http) = &event.protocol_data.http {
        for value in http.headers.all("authorization") {
            let token = bearer(value).ok_or(Denial::NotBearer)?;
            offer(token.as_bytes().to_vec())?;
        }
    }
    found.ok_or(Denial::NoToken)
}

/// What follows the scheme `Bearer`, in any case. Source: RFC 6750, section 2.1; RFC 9110, section 11.1.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find_in(event: &serde_json::Value) -> Result<String, Denial> {
        let json = event.to_string();
        let event = Event::read(&json).unwrap();
        find(&event).map(|token| String::from_utf8(token).unwrap())
    }

    fn password(token: &str) -> serde_json::Value {
        json!({ "mqtt": { "password": BASE64.encode(token) } })
    }

    fn authorization(value: &str) -> serde_json::Value {
        json!({ "http": { "headers": { "authorization": value } } })
    }

    #[test]
    fn each_place_will_do() {
        let found = |event| find_in(&event).unwrap();
        assert_eq!(found(json!({ "token": "t.o.k" })), "t.o.k");
        assert_eq!(found(json!({ "token": "Bearer t.o.k" })), "t.o.k");
        assert_eq!(found(json!({ "protocolData": password("t.o.k") })), "t.o.k");
        for header in ["Bearer t.o.k", "bearer t.o.k", "BEARER  t.o.k"] {
            let event = json!({ "protocolData": authorization(header) });
            assert_eq!(found(event), "t.o.k", "{header}");
        }
    }

    #[test]
    fn places_must_agree() {
        let event =
            |token: &str, secret: &str| json!({ "token": token, "protocolData": password(secret) });
        assert_eq!(find_in(&event("a.b.c", "a.b.c")).unwrap(), "a.b.c");
        assert_eq!(
            find_in(&event("a.b.c", "a.b.d")),
            Err(Denial::TokensDisagree)
        );
        let headers = json!({ "Authorization": "Bearer a.b.c", "authorization": "Bearer a.b.d" });
        let twice = json!({ "protocolData": { "http": { "headers": headers } } });
        assert_eq!(find_in(&twice), Err(Denial::TokensDisagree));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        assert_eq!(find_in(&json!({})), Err(Denial::NoToken));
        assert_eq!(
            find_in(&json!({ "token": "", "protocolData": password("") })),
            Err(Denial::NoToken)
        );
        let basic = json!({ "protocolData": authorization("Basic dTpw") });
        assert_eq!(find_in(&basic), Err(Denial::NotBearer));
        let beside = json!({ "token": "a.b.c", "protocolData": authorization("Basic dTpw") });
        assert_eq!(find_in(&beside), Err(Denial::NotBearer));
        for unreadable in ["%", "YQ", "YQ=", "YR==", &"A".repeat(MAX_PASSWORD + 4)] {
            let event = json!({ "protocolData": { "mqtt": { "password": unreadable } } });
            assert_eq!(
                find_in(&event),
                Err(Denial::PasswordUnreadable),
                "{unreadable:.9}"
            );
        }
        let longest = json!({ "protocolData": password(&"a".repeat(sci_jwt::MAX_TOKEN_BYTES)) });
        assert_eq!(find_in(&longest).unwrap().len(), sci_jwt::MAX_TOKEN_BYTES);
    }
}

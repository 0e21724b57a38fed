//! Tokens in the text of an event: found wherever they stand, and moved to another time.

use std::collections::BTreeMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL},
};
use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::{NOW, TestKey, Unsigned};

/// How far from [`NOW`] a number may lie to be taken for a time that moves with it: ten years.
const NEAR: u64 = 10 * 365 * 86_400;

/// Replaces every token in `event` by what `change` makes of it; in base64 too, as MQTT passwords stand there. What is no
/// JSON stays what it is, because the event is read as text.
#[must_use]
pub fn map_tokens(event: &str, mut change: impl FnMut(&str) -> String) -> String {
    let mut changed = String::with_capacity(event.len());
    let mut rest = event;
    while let Some(start) = rest.find(in_word) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c| !in_word(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        // Padding is not part of a token, but of its base64.
        let padding = after.len() - after.trim_start_matches('=').len();
        let (padding, after) = after.split_at(padding);
        changed += before;
        // `{"` in base64url, and that in base64.
        if word.starts_with("eyJ") {
            changed += &change(word);
            changed += padding;
        } else if let Some(token) = in_base64(&format!("{word}{padding}")) {
            changed += &BASE64.encode(change(&token));
        } else {
            changed += word;
            changed += padding;
        }
        rest = after;
    }
    changed + rest
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/')
}

fn in_base64(word: &str) -> Option<String> {
    if !word.starts_with("ZXlK") {
        return None;
    }
    String::from_utf8(BASE64.decode(word).ok()?).ok()
}

/// The same event for another time: `iat`, `nbf` and `exp` of each token in it move from [`NOW`] to `now`, in seconds since
/// the epoch, and whoever signed it signs it again. What no test key signed keeps the signature that it had, which then is
/// as wrong as it was. So an event that was made for [`NOW`] has the same outcome at `now`.
#[must_use]
pub fn renew(event: &str, now: u64) -> String {
    // The same token in two places stays the same, although signing twice gives two signatures.
    let mut known = BTreeMap::new();
    map_tokens(event, |token| {
        let renew = || renewed(token, now).unwrap_or_else(|| token.to_owned());
        let renewed = known.entry(token.to_owned()).or_insert_with(renew);
        renewed.clone()
    })
}

/// The token at another time; nothing if it is none, so that no time of it can be read.
fn renewed(token: &str, now: u64) -> Option<String> {
    let (signing_input, signature) = token.rsplit_once('.')?;
    let (header, payload) = signing_input.split_once('.')?;
    let payload = String::from_utf8(BASE64URL.decode(payload).ok()?).ok()?;
    let moved = ["iat", "nbf", "exp"]
        .iter()
        .fold(payload, |payload, name| move_time(&payload, name, now));
    let renewed = Unsigned::spelled(header, &BASE64URL.encode(moved));
    Some(match signer(header, signing_input, signature) {
        Some((key, algorithm)) => renewed.sign_as(key, algorithm),
        None => renewed.end(signature),
    })
}

/// Moves the number behind `"name":`, and every other one if there are several. As text, so that whatever else is odd about
/// the payload stays.
fn move_time(payload: &str, name: &str, now: u64) -> String {
    let name = format!("\"{name}\":");
    let mut parts = payload.split(&name);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let end = part.find(|c: char| !c.is_ascii_digit());
        let (number, rest) = part.split_at(end.unwrap_or(part.len()));
        let number = match number.parse::<u64>() {
            Ok(seconds) if seconds.abs_diff(NOW) < NEAR => (seconds + now - NOW).to_string(),
            _ => number.to_owned(),
        };
        text + &name + &number + rest
    })
}

fn signer(header: &str, message: &str, signature: &str) -> Option<(TestKey, Algorithm)> {
    let header: Value = serde_json::from_slice(&BASE64URL.decode(header).ok()?).ok()?;
    let algorithm = header["alg"].as_str()?.parse().ok()?;
    let signature = BASE64URL.decode(signature).ok()?;
    let signed = |key: &TestKey| key.verifies(algorithm, message.as_bytes(), &signature);
    let key = TestKey::ALL.into_iter().find(signed)?;
    Some((key, algorithm))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::mint, *};

    fn claims(exp: u64) -> Value {
        json!({ "iat": NOW - 60, "exp": exp, "sub": "thing-1" })
    }

    fn payload(token: &str) -> Value {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64URL.decode(payload).unwrap()).unwrap()
    }

    #[test]
    fn tokens_are_found_wherever_they_stand() {
        let event = format!(
            r#"{{"token":"Bearer eyJh.b-_.c","u":"?n=a&t=eyJi.d.e","p":"{}","n":"ZXlKnone="}} eyJ"#,
            BASE64.encode("eyJj.f.gh"),
        );
        let mut found = Vec::new();
        let same = map_tokens(&event, |token| {
            found.push(token.to_owned());
            token.to_owned()
        });
        assert_eq!(same, event);
        assert_eq!(found, ["eyJh.b-_.c", "eyJi.d.e", "eyJj.f.gh", "eyJ"]);
    }

    #[test]
    fn a_renewed_token_is_signed_again_by_the_same_key() {
        for key in TestKey::ALL {
            let token = mint(key, &claims(NOW + 3600));
            let renewed = renew(&token, NOW + 500);
            assert_eq!(
                payload(&renewed),
                json!({ "iat": NOW + 440, "exp": NOW + 4100, "sub": "thing-1" })
            );
            let (message, signature) = renewed.rsplit_once('.').unwrap();
            let signature = BASE64URL.decode(signature).unwrap();
            assert!(
                key.verifies(key.algorithm(), message.as_bytes(), &signature),
                "{key:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_stays_wrong() {
        let header = r#"{"alg":"ES256","kid":"insecure-es256"}"#;
        let unsigned = Unsigned::new(
            header,
            r#"{"exp":1795184580.5,"exp":"1795184580","exp":99}"#,
        );
        let renewed = renew(&unsigned.with(b"none"), NOW + 1);
        let moved = Unsigned::new(
            header,
            r#"{"exp":1795184581.5,"exp":"1795184580","exp":99}"#,
        );
        assert_eq!(renewed, moved.with(b"none"));
        for other in ["eyJ", "eyJ.e", "eyJ.b=.c", "eyJ.a.b.c.d", "eyJh..eyJ"] {
            assert_eq!(renew(other, NOW + 1), other);
        }
    }

    #[test]
    fn the_same_time_changes_no_claim() {
        let token = mint(TestKey::Es256, &claims(NOW + 3600));
        assert_eq!(payload(&renew(&token, NOW)), payload(&token));
    }
}

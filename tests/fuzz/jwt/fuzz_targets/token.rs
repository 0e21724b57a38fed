//! Header and payload as any bytes: what parses is well-formed, and nothing verifies.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use libfuzzer_sys::fuzz_target;
use sci_domain::timestamp::{Millis, Timestamp};
use sci_jwt::{Expectation, KeySet, UnverifiedToken};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Text(&'a [u8]),
    Parts { header: &'a [u8], payload: &'a [u8], signature: &'a [u8] },
    Claims { header: &'a str, payload: &'a str },
}

/// Ed25519 of RFC 8037, appendix A, and P-256 of RFC 7515, appendix A.3.
const KEYS: &str = r#"{"keys":[
    {"kid":"ed","kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    {"kid":"ec","kty":"EC","crv":"P-256","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
     "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

static KEY_SET: LazyLock<KeySet> = LazyLock::new(|| KeySet::load(KEYS.as_bytes()).unwrap().keys);

fuzz_target!(|input: Input<'_>| {
    let join = |header: &[u8], payload: &[u8], signature: &[u8]| {
        let part = |bytes| BASE64URL.encode(bytes);
        format!("{}.{}.{}", part(header), part(payload), part(signature)).into_bytes()
    };
    let token = match input {
        Input::Text(bytes) => bytes.to_vec(),
        Input::Parts { header, payload, signature } => join(header, payload, signature),
        Input::Claims { header, payload } => {
            let header = format!(r#"{{"alg":"EdDSA","kid":"ed",{header}}}"#);
            let payload = format!(
                r#"{{"iss":"i","aud":"a","iat":1795184580,"exp":1795188180,"sub":"s","property_id":"p","scope":"x",{payload}}}"#
            );
            join(header.as_bytes(), payload.as_bytes(), &[7; 64])
        }
    };
    let Ok(parsed) = UnverifiedToken::parse(&token) else { return };
    let printable = |text: &str| (1..=128).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
    assert!(printable(parsed.kid()));
    assert!(token.len() <= sci_jwt::MAX_TOKEN_BYTES);
    let expected = Expectation {
        issuer: parsed.issuer().to_owned(),
        audience: "a".to_owned(),
        max_lifetime: Millis::from_secs(86_400),
    };
    let now = Timestamp::from_millis(1_795_184_580_000).unwrap();
    let key = KEY_SET.get(parsed.kid()).or_else(|| KEY_SET.get("ec")).unwrap();
    assert!(parsed.verify(key, &expected, now).is_err(), "a forgery");
});

//! Tokens that are refused for their form, their header or their signature.

use base64::{Engine as _, engine::general_purpose::URL_SAFE as PADDED};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{AuthorizerEvent, EventFile, THING, header, header_with, signed};
use crate::{
    authorizer::{claims, claims_with},
    tokens::{TestKey, Unsigned},
};

pub(super) fn files() -> Vec<EventFile> {
    [forms(), headers(), signatures()].concat()
}

fn payload() -> String {
    claims().to_string()
}

fn forms() -> Vec<EventFile> {
    let token = EventFile::token;
    let head = header(TestKey::Es256).to_string();
    let long = claims_with(json!({ "scope": "telemetry:publish ".repeat(400) }));
    let padded = Unsigned::spelled(
        &PADDED.encode(header_with("pad", json!(0))),
        &PADDED.encode(payload()),
    );
    assert!(padded.as_str().contains('='), "there is padding");
    vec![
        EventFile::shaped(
            "deny-too-long",
            "more than 8,192 bytes",
            &AuthorizerEvent::mqtt_token(THING, &signed(&head, long.to_string())),
        ),
        token(
            "deny-not-three-segments",
            "five segments are an encrypted token (RFC 7516)",
            &(signed(&head, payload()) + ".aXY.dGFn"),
        ),
        token(
            "deny-not-three-segments--json",
            "the JSON serialization (RFC 7515, section 7.2)",
            r#"{"payload":"e30","protected":"e30","signature":"c2ln"}"#,
        ),
        token(
            "deny-empty-segment",
            "no signature (RFC 7518, section 3.6)",
            &Unsigned::new(&head, payload()).end(""),
        ),
        token("deny-base64url", "padding", &padded.sign(TestKey::Es256)),
    ]
}

fn headers() -> Vec<EventFile> {
    let token = |code: &str, shows, head: &[u8]| {
        EventFile::token(&format!("deny-{code}"), shows, &signed(head, payload()))
    };
    let set = |code: &str, shows, name: &str, value: Value| {
        token(code, shows, header_with(name, value).as_bytes())
    };
    let es256 = r#""alg":"ES256","kid":"insecure-es256""#;
    vec![
        token(
            "header-not-utf8",
            "a byte that is no UTF-8, in a member that nobody reads",
            &[b"{", es256.as_bytes(), b",\"x\":\"\xff\"}"].concat(),
        ),
        token(
            "header-not-json",
            "something follows the object",
            format!("{{{es256}}}x").as_bytes(),
        ),
        token(
            "header-duplicate-member",
            "`alg` twice, once with an escape",
            format!(r#"{{{es256},"\u0061lg":"none"}}"#).as_bytes(),
        ),
        token(
            "header-too-deep",
            "nine levels",
            format!(r#"{{{es256},"x":{}{}}}"#, "[".repeat(8), "]".repeat(8)).as_bytes(),
        ),
        set(
            "crit",
            "an extension that must be understood",
            "crit",
            json!(["exp"]),
        ),
        set(
            "b64",
            "the payload is not encoded (RFC 7797)",
            "b64",
            json!(false),
        ),
        set("zip", "a compressed payload", "zip", json!("DEF")),
        set("enc", "an encrypted payload", "enc", json!("A256GCM")),
        set("cty", "a token in a token", "cty", json!("JWT")),
        set(
            "typ-not-jwt",
            "a token for another purpose",
            "typ",
            json!("at+jwt"),
        ),
        set("alg-missing", "", "alg", Value::Null),
        set(
            "alg-not-allowed",
            "unsecured (RFC 8725, section 2.1)",
            "alg",
            json!("none"),
        ),
        EventFile::token(
            "deny-alg-not-allowed--public-key-as-secret",
            "a MAC under the public key",
            &Unsigned::new(
                json!({ "alg": "HS256", "kid": "insecure-rs256" }).to_string(),
                payload(),
            )
            .mac(&TestKey::Rs256.public_x509(), Algorithm::HS256),
        ),
        set(
            "kid-missing",
            "keys are not tried in turn",
            "kid",
            Value::Null,
        ),
        set(
            "kid-malformed",
            "no printable ASCII",
            "kid",
            json!("insecure-es256\n"),
        ),
    ]
}

fn signatures() -> Vec<EventFile> {
    let token = EventFile::token;
    let rs256 = json!({ "alg": "PS256", "kid": "insecure-rs256" }).to_string();
    vec![
        token(
            "deny-alg-mismatch",
            "the issuer's key, with another algorithm than the key set says",
            &Unsigned::new(rs256, payload()).sign_as(TestKey::Rs256, Algorithm::PS256),
        ),
        token(
            "deny-signature",
            "the attacker's key under the issuer's `kid`",
            &Unsigned::new(header(TestKey::Es256).to_string(), payload())
                .sign(TestKey::AttackerP256),
        ),
        token(
            "deny-signature--key-in-header",
            "the attacker's key in the header itself: `jwk` is not even read",
            &Unsigned::new(attackers_header(), payload()).sign(TestKey::AttackerEd25519),
        ),
    ]
}

fn attackers_header() -> String {
    let x =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(TestKey::AttackerEd25519.public());
    let mut header = header(TestKey::EdDsa);
    header["jwk"] = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x });
    header.to_string()
}

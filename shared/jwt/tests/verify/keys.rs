//! Key sets: what is dropped and why, and that good neighbours stay.

use sci_jwt::{Algorithm, InvalidKeySet, KeyDefect, KeySet, Loaded};
use serde_json::{Value, json};

use crate::mint::key;

pub(crate) fn jwk(algorithm: Algorithm) -> Value {
    key(algorithm).jwk.clone()
}

pub(crate) fn load(keys: &[Value]) -> Loaded {
    KeySet::load(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// Loads the key with members changed; null takes one away. Good neighbours before and behind it must stay.
#[track_caller]
pub(crate) fn changed(algorithm: Algorithm, changes: &Value) -> Option<KeyDefect> {
    let mut jwk = jwk(algorithm);
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(jwk.as_object_mut().unwrap().remove(name)),
            value => jwk[name] = value.clone(),
        }
    }
    let neighbours = [Algorithm::EdDsa, Algorithm::Es384].map(|algorithm| {
        let mut neighbour = key(algorithm).jwk.clone();
        neighbour["kid"] = format!("neighbour-{}", algorithm.as_str()).into();
        neighbour
    });
    let [first, last] = neighbours;
    let loaded = load(&[first, jwk, last]);
    assert!(loaded.keys.get("neighbour-EdDSA").is_some());
    assert!(loaded.keys.get("neighbour-ES384").is_some());
    assert_eq!(loaded.keys.len() + loaded.dropped.len(), 3);
    let dropped = loaded.dropped.first()?;
    assert_eq!(dropped.index, 1);
    Some(dropped.defect)
}

#[test]
fn a_set_is_one_object_with_one_array_of_keys() {
    let good = jwk(Algorithm::EdDsa);
    let load = |text: String| KeySet::load(text.as_bytes()).map(|loaded| loaded.keys.len());
    assert_eq!(
        load(format!("{{\"keys\":[{good}],\"keyz\":5,\"x\":{{}}}}")),
        Ok(1)
    );
    assert_eq!(load("{\"keys\":[]}".into()), Ok(0));
    for text in [
        String::new(),
        "{}".into(),
        "null".into(),
        good.to_string(),
        format!("[{good}]"),
        format!("{{\"keys\":{good}}}"),
        "{\"keys\":null}".into(),
        format!("{{\"keys\":[{good}],\"keys\":[]}}"),
        format!("{{\"keys\":[{good}],\"\\u006beys\":[]}}"),
        format!("{{\"keys\":[{good}]}} x"),
        format!("{{\"keys\":[{good},]}}"),
        format!("{{\"Keys\":[{good}]}}"),
    ] {
        assert_eq!(load(text.clone()), Err(InvalidKeySet::NotAKeySet), "{text}");
    }
    let sized = |bytes: usize| {
        let text = format!("{{\"keys\":[{good}]}}");
        load(format!("{text}{}", " ".repeat(bytes - text.len())))
    };
    assert_eq!(sized(64 * 1024), Ok(1));
    assert_eq!(sized(64 * 1024 + 1), Err(InvalidKeySet::TooLong));
    let many = |keys: usize| load(format!("{{\"keys\":[{}0]}}", "0,".repeat(keys - 1)));
    assert_eq!(many(64), Ok(0));
    assert_eq!(many(65), Err(InvalidKeySet::TooManyKeys));
    let broken = b"{\"keys\":[],\"x\":\"\xff\"}";
    assert_eq!(KeySet::load(broken).err(), Some(InvalidKeySet::NotUtf8));
}

#[test]
fn a_broken_key_does_not_drop_its_neighbours() {
    let good = jwk(Algorithm::Es256).to_string();
    let deep = format!("{}{}", "[".repeat(50), "]".repeat(50));
    let broken = [
        ("null", KeyDefect::NotAnObject),
        ("[]", KeyDefect::NotAnObject),
        ("\"text\"", KeyDefect::NotAnObject),
        (
            "{\"kid\":\"b\",\"kty\":\"EC\",\"kty\":\"EC\"}",
            KeyDefect::DuplicateMember,
        ),
        ("{\"kid\":\"b\",\"kid\":\"b\"}", KeyDefect::DuplicateMember),
        (
            "{\"kid\":\"b\",\"x\":{\"a\":1,\"a\":1}}",
            KeyDefect::DuplicateMember,
        ),
        (
            &format!("{{\"kid\":\"b\",\"x\":{deep}}}"),
            KeyDefect::TooDeep,
        ),
        ("{}", KeyDefect::AlgMissing),
    ];
    for (text, defect) in broken {
        let set = format!("{{\"keys\":[{text},{good}]}}");
        let loaded = KeySet::load(set.as_bytes()).unwrap();
        assert!(loaded.keys.get("key-ES256").is_some(), "{text}");
        assert_eq!(loaded.dropped[0].index, 0);
        assert_eq!(loaded.dropped[0].defect, defect, "{text}");
    }
}

#[test]
fn the_members_say_that_the_key_verifies() {
    use KeyDefect as D;
    let es256 = |changes: Value| changed(Algorithm::Es256, &changes);
    assert_eq!(es256(json!({})), None);
    assert_eq!(es256(json!({ "use": null })), None);
    assert_eq!(es256(json!({ "key_ops": ["verify"] })), None);
    assert_eq!(
        es256(json!({ "x5c": ["MII"], "x5t": 1, "ext": true, "n": "AA" })),
        None
    );
    for (changes, defect) in [
        (json!({ "kid": null }), D::KidMissing),
        (json!({ "kid": 5 }), D::KidMalformed),
        (json!({ "kid": "" }), D::KidMalformed),
        (json!({ "kid": "a\nb" }), D::KidMalformed),
        (json!({ "kid": "k".repeat(129) }), D::KidMalformed),
        (json!({ "alg": null }), D::AlgMissing),
        (json!({ "alg": ["ES256"] }), D::AlgMissing),
        (json!({ "alg": "none" }), D::AlgNotAllowed),
        (json!({ "alg": "HS256" }), D::AlgNotAllowed),
        (json!({ "alg": "ES512" }), D::AlgNotAllowed),
        (json!({ "alg": "es256" }), D::AlgNotAllowed),
        (json!({ "alg": "ES384" }), D::CurveMismatch),
        (json!({ "alg": "RS256" }), D::KtyMismatch),
        (json!({ "alg": "EdDSA" }), D::KtyMismatch),
        (json!({ "kty": null }), D::KtyMismatch),
        (json!({ "kty": "ec" }), D::KtyMismatch),
        (json!({ "kty": "oct" }), D::Symmetric),
        (json!({ "kty": "oct", "k": "AA" }), D::Symmetric),
        (json!({ "k": "AA" }), D::Symmetric),
        (json!({ "use": "enc" }), D::UseNotSig),
        (json!({ "use": "SIG" }), D::UseNotSig),
        (json!({ "use": ["sig"] }), D::UseNotSig),
        (json!({ "use": "" }), D::UseNotSig),
        (json!({ "key_ops": [] }), D::KeyOpsNotVerify),
        (json!({ "key_ops": "verify" }), D::KeyOpsNotVerify),
        (json!({ "key_ops": ["sign"] }), D::KeyOpsNotVerify),
        (json!({ "key_ops": ["verify", "sign"] }), D::KeyOpsNotVerify),
        (
            json!({ "key_ops": ["verify", "verify"] }),
            D::KeyOpsNotVerify,
        ),
        (
            json!({ "key_ops": ["verify", "encrypt"] }),
            D::KeyOpsNotVerify,
        ),
        (json!({ "key_ops": [["verify"]] }), D::KeyOpsNotVerify),
        (json!({ "crv": null }), D::CurveMismatch),
        (json!({ "crv": "P-384" }), D::CurveMismatch),
        (json!({ "crv": "secp256k1" }), D::CurveMismatch),
    ] {
        assert_eq!(es256(changes.clone()), Some(defect), "{changes}");
    }
    for secret in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        for value in [json!("AA"), json!(""), json!([]), json!(false)] {
            assert_eq!(
                es256(json!({ secret: value })),
                Some(D::Private),
                "{secret}"
            );
        }
    }
    // `null` is a value too.
    let null = jwk(Algorithm::Es256)
        .to_string()
        .replacen('{', "{\"d\":null,", 1);
    let loaded = KeySet::load(format!("{{\"keys\":[{null}]}}").as_bytes()).unwrap();
    assert_eq!(loaded.dropped[0].defect, D::Private);
}

#[test]
fn a_shared_kid_names_no_key() {
    let [mut rsa, mut ec, other] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].map(jwk);
    rsa["kid"] = "shared".into();
    ec["kid"] = "shared".into();
    let loaded = load(&[rsa.clone(), other.clone(), ec.clone()]);
    assert!(loaded.keys.get("shared").is_none());
    assert!(loaded.keys.get("key-EdDSA").is_some());
    let dropped: Vec<_> = loaded
        .dropped
        .iter()
        .map(|key| (key.index, key.defect))
        .collect();
    assert_eq!(
        dropped,
        [(0, KeyDefect::KidShared), (2, KeyDefect::KidShared)]
    );
    assert_eq!(loaded.dropped[0].kid.as_deref(), Some("shared"));

    // Also when one of the two is of no use anyway, or the name is written differently.
    ec["use"] = "enc".into();
    let dropped: Vec<_> = load(&[ec.clone(), rsa.clone()])
        .dropped
        .iter()
        .map(|k| k.defect)
        .collect();
    assert_eq!(dropped, [KeyDefect::UseNotSig, KeyDefect::KidShared]);
    let twice = "{\"kid\":\"\\u0073hared\",\"kty\":\"EC\",\"kty\":\"EC\"}";
    let loaded = KeySet::load(format!("{{\"keys\":[{twice},{rsa}]}}").as_bytes()).unwrap();
    assert!(loaded.keys.is_empty());
    // The very same key twice is shared as well.
    assert!(load(&[rsa.clone(), rsa.clone()]).keys.is_empty());
    assert!(!load(&[rsa]).keys.is_empty());
}

#[test]
fn a_dropped_key_is_reported_without_harm() {
    let mut key = jwk(Algorithm::EdDsa);
    key["use"] = "enc".into();
    key["kid"] = "a\u{1b}[2J".into();
    assert_eq!(load(&[key]).dropped[0].kid, None);
}

#[test]
fn nothing_prints_a_key() {
    let key = jwk(Algorithm::Es256);
    let loaded = load(&[key]);
    let key = loaded.keys.get("key-ES256").unwrap();
    assert_eq!(format!("{key:?}"), "VerifyingKey(ES256)");
    assert_eq!(format!("{:?}", loaded.keys), "KeySet(1 keys)");
}

//! The header's members.

use sci_jwt::{Algorithm, Rejection};

use crate::{
    json::Json,
    mint::{claims, expectation, key, now, verify},
};

fn refusal(header: &Json) -> Option<Rejection> {
    let token = key(Algorithm::EdDsa).sign(header.text(), claims().text());
    verify(&token, &expectation(), now()).err()
}

fn header() -> Json {
    key(Algorithm::EdDsa).header()
}

#[test]
fn whatever_changes_the_meaning_of_the_signature_is_refused() {
    for (name, reason) in [
        ("crit", Rejection::Crit),
        ("b64", Rejection::B64),
        ("zip", Rejection::Zip),
        ("enc", Rejection::Enc),
        ("cty", Rejection::Cty),
    ] {
        for value in [
            "null",
            "true",
            "false",
            "[]",
            "[\"exp\"]",
            "\"\"",
            "\"JWT\"",
            "\"DEF\"",
            "{}",
        ] {
            let header = header().and(name, value);
            assert_eq!(refusal(&header), Some(reason), "{name}: {value}");
        }
        // An escape in the name does not hide it; another case is another member.
        let escaped = format!("\\u00{:x}{}", name.as_bytes()[0], &name[1..]);
        assert_eq!(refusal(&header().and(&escaped, "1")), Some(reason));
        assert_eq!(refusal(&header().and(&name.to_uppercase(), "1")), None);
    }
}

#[test]
fn keys_in_the_header_are_ignored() {
    let names = [
        "jwk",
        "jku",
        "x5u",
        "x5c",
        "x5t",
        "x5t#S256",
        "svt",
        "ppt",
        "unheard-of",
    ];
    for name in names {
        for value in [
            "null",
            "\"https://evil.example/jwks\"",
            "{\"kty\":\"oct\",\"k\":\"\"}",
            "[\"MII\"]",
        ] {
            assert_eq!(refusal(&header().and(name, value)), None, "{name}: {value}");
        }
    }
}

#[test]
fn the_algorithm_is_one_of_five_in_exactly_this_spelling() {
    for alg in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "HS256",
        "HS384",
        "HS512",
        "RS384",
        "RS512",
        "PS384",
        "PS512",
        "ES512",
        "ES256K",
        "Ed25519",
        "Ed448",
        "eddsa",
        "EDDSA",
        "EdDSA ",
        " EdDSA",
        "EdDSA\\u0000",
        "rs256",
        "RSA1_5",
        "dir",
        "A256KW",
        "ML-DSA-44",
    ] {
        let header = header().set("alg", format!("\"{alg}\""));
        assert_eq!(refusal(&header), Some(Rejection::AlgNotAllowed), "{alg}");
    }
    for alg in ["null", "1", "true", "[\"EdDSA\"]", "{\"alg\":\"EdDSA\"}"] {
        let header = header().set("alg", alg);
        assert_eq!(refusal(&header), Some(Rejection::AlgMissing), "{alg}");
    }
    assert_eq!(
        refusal(&header().without("alg")),
        Some(Rejection::AlgMissing)
    );
    assert_eq!(refusal(&header().set("alg", "\"\\u0045dDSA\"")), None);
    for alg in ["RS256", "PS256", "ES256", "ES384"] {
        let header = header().set("alg", format!("\"{alg}\""));
        assert_eq!(refusal(&header), Some(Rejection::AlgMismatch), "{alg}");
    }
}

#[test]
fn kid_is_required_and_harmless() {
    assert_eq!(
        refusal(&header().without("kid")),
        Some(Rejection::KidMissing)
    );
    for kid in [
        "null",
        "1",
        "true",
        "[]",
        "[\"key-EdDSA\"]",
        "{}",
        "\"\"",
        "\"a\\nb\"",
        "\"a\\u0000\"",
        "\"a\\u007f\"",
        "\"é\"",
        "\"\\u00e9\"",
    ] {
        let header = header().set("kid", kid);
        assert_eq!(refusal(&header), Some(Rejection::KidMalformed), "{kid}");
    }
    let sized = |bytes| header().set("kid", format!("{:?}", "k".repeat(bytes)));
    assert_eq!(refusal(&sized(129)), Some(Rejection::KidMalformed));
    let longest = key(Algorithm::EdDsa).sign(sized(128).text(), claims().text());
    let longest = sci_jwt::UnverifiedToken::parse(longest.as_bytes())
        .ok()
        .unwrap();
    assert_eq!(longest.kid(), "k".repeat(128));
}

#[test]
fn typ_is_absent_or_jwt() {
    assert_eq!(refusal(&header().without("typ")), None);
    for typ in ["JWT", "jwt", "Jwt", "jWt"] {
        assert_eq!(refusal(&header().set("typ", format!("{typ:?}"))), None);
    }
    for typ in [
        "null",
        "1",
        "[\"JWT\"]",
        "\"\"",
        "\"JWE\"",
        "\"at+jwt\"",
        "\"application/jwt\"",
        "\"JWT \"",
        "\"JWS\"",
        "\"secevent+jwt\"",
        "\"dpop+jwt\"",
    ] {
        let header = header().set("typ", typ);
        assert_eq!(refusal(&header), Some(Rejection::TypNotJwt), "{typ}");
    }
}

//! What is accepted, and what it then says.

use sci_domain::{access::Scope, timestamp::Millis};
use sci_jwt::{Algorithm, Rejection, UnverifiedToken};

use crate::mint::{PUBLISHED, claims, expectation, key, now, token, verify};

#[test]
fn a_token_of_every_algorithm_is_accepted() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let text = key.sign(key.header().text(), claims().text());

        let unverified = UnverifiedToken::parse(text.as_bytes()).ok().unwrap();
        assert_eq!(unverified.algorithm(), algorithm);
        assert_eq!(unverified.kid(), format!("key-{}", algorithm.as_str()));
        assert_eq!(unverified.issuer(), "https://issuer.example");
        assert_eq!(unverified.thing().as_str(), "sci-p-1-lock-7");
        assert_eq!(unverified.check(&expectation(), now()), Ok(()));

        let claims = verify(&text, &expectation(), now()).ok().unwrap();
        assert_eq!(claims.issuer(), "https://issuer.example");
        assert_eq!(claims.kid(), format!("key-{}", algorithm.as_str()));
        assert_eq!(claims.thing().as_str(), "sci-p-1-lock-7");
        assert_eq!(claims.property().as_str(), "p-1");
        let scopes = [Scope::TelemetryPublish, Scope::ShadowRead];
        assert_eq!(claims.scopes(), scopes.into_iter().collect());
        assert_eq!(claims.unknown_scopes(), 0);
        assert_eq!(claims.issued_at(), now().minus(Millis::from_secs(60)));
        assert_eq!(claims.expires_at(), now().plus(Millis::from_secs(3600)));
        assert_eq!(claims.jti(), Some("token-1"));
    }
}

#[test]
fn only_the_key_of_the_token_verifies_it() {
    for signer in Algorithm::ALL.map(key) {
        for other in Algorithm::ALL.map(key) {
            if other.algorithm == signer.algorithm {
                continue;
            }
            let published = PUBLISHED.get(other.jwk["kid"].as_str().unwrap()).unwrap();
            // The header says what the signer used, or what the key would want.
            for (named, refused) in [
                (signer.algorithm, Rejection::AlgMismatch),
                (other.algorithm, Rejection::Signature),
            ] {
                let header = signer.header().set("alg", format!("{:?}", named.as_str()));
                let text = signer.sign(header.text(), claims().text());
                let token = UnverifiedToken::parse(text.as_bytes()).ok().unwrap();
                let refusal = token.verify(published, &expectation(), now()).err();
                assert_eq!(refusal, Some(refused), "{signer:?} {other:?}");
            }
        }
    }
}

#[test]
fn unknown_scopes_are_counted_and_a_token_without_jti_is_fine() {
    let claims = claims()
        .without("jti")
        .set("scope", "\"root shadow:read *\"");
    let claims = verify(&token(&claims), &expectation(), now()).ok().unwrap();
    assert_eq!(claims.scopes(), [Scope::ShadowRead].into_iter().collect());
    assert_eq!(claims.unknown_scopes(), 2);
    assert_eq!(claims.jti(), None);
}

impl std::fmt::Debug for crate::mint::Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.algorithm.as_str())
    }
}

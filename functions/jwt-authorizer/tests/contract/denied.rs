//! Refusals: one answer, many reasons.

use std::collections::BTreeSet;

use jwt_authorizer::denial::Denial;
use sci_domain::access::Revoked;
use sci_jwt::Rejection;
use sci_lambda::metrics::Count;

use super::{files, replay};

/// Every refusal, byte for byte.
const DENIED: &str = r#"{"isAuthenticated":false,"principalId":"denied","disconnectAfterInSeconds":300,"refreshAfterInSeconds":300,"policyDocuments":[]}"#;

/// Reasons that no file can show, and why.
const WITHOUT_FILE: [(&str, &str); 3] = [
    (
        "iss-mismatch",
        "the issuer is chosen by `iss`, so that another one is `unknown-issuer`",
    ),
    (
        "policy-too-large",
        "no thing's name is long enough, which the tests `isolation` show",
    ),
    (
        "too-late",
        "a port must hang, which the tests `attacks` let it do",
    ),
];

/// Every reason there is.
fn reasons() -> Vec<Denial> {
    let mut reasons = vec![
        Denial::MalformedEvent,
        Denial::SignatureNotVerified,
        Denial::NoToken,
        Denial::TokensDisagree,
        Denial::PasswordUnreadable,
        Denial::NotBearer,
        Denial::ClientIdMismatch,
        Denial::UnknownIssuer,
        Denial::UnknownKey,
        Denial::UnknownDevice,
        Denial::PropertyMismatch,
        Denial::NoScope,
        Denial::Revoked(Revoked::Issuer),
        Denial::Revoked(Revoked::Key),
        Denial::Revoked(Revoked::Thing),
        Denial::Revoked(Revoked::Token),
        Denial::InvalidPrincipal,
        Denial::KeysUnavailable,
        Denial::StoreFailed,
        Denial::TooLate,
        Denial::PolicyTooLarge,
    ];
    // Whoever adds a reason adds it above too.
    match Denial::NoToken {
        Denial::MalformedEvent
        | Denial::SignatureNotVerified
        | Denial::NoToken
        | Denial::TokensDisagree
        | Denial::PasswordUnreadable
        | Denial::NotBearer
        | Denial::ClientIdMismatch
        | Denial::UnknownIssuer
        | Denial::UnknownKey
        | Denial::UnknownDevice
        | Denial::PropertyMismatch
        | Denial::NoScope
        | Denial::Token(_)
        | Denial::Revoked(Revoked::Issuer | Revoked::Key | Revoked::Thing | Revoked::Token)
        | Denial::InvalidPrincipal
        | Denial::KeysUnavailable
        | Denial::StoreFailed
        | Denial::TooLate
        | Denial::PolicyTooLarge => {}
    }
    reasons.extend(Rejection::ALL.iter().copied().map(Denial::Token));
    reasons
}

/// `deny-<code>.json` or `deny-<code>--<case>.json`.
fn promised(file: &str) -> Denial {
    let stem = file
        .strip_prefix("deny-")
        .and_then(|file| file.strip_suffix(".json"));
    let code = stem.and_then(|stem| stem.split("--").next()).unwrap();
    let mut reasons = reasons().into_iter();
    let found = reasons.find(|reason| reason.code() == code);
    found.unwrap_or_else(|| panic!("{file}: there is no reason {code}"))
}

#[tokio::test(flavor = "current_thread")]
async fn every_refusal_is_the_same_answer_and_says_why_only_to_us() {
    for file in files("deny-") {
        let name = &file.name;
        let replayed = replay(&file.event, &file.world).await;
        let reason = promised(name);
        let said = replayed.log.lines().last().unwrap();
        let said: serde_json::Value = serde_json::from_str(said).unwrap();
        assert_eq!(said["fields"]["denial.reason"], reason.code(), "{name}");
        assert_eq!(
            said["level"],
            if reason.is_failure() { "ERROR" } else { "WARN" },
            "{name}"
        );
        let fate = if reason.is_failure() { "fail" } else { "deny" };
        let counts = [
            Count::new("Decisions", 1).by("outcome", fate),
            Count::new("Denials", 1).by("reason", reason.code()),
        ];
        assert_eq!(replayed.counts[..2], counts, "{name}");
        assert_eq!(replayed.answer, DENIED, "{name}");
    }
}

/// What a token says that is not believed is not repeated: neither its issuer nor its key's name nor its claims.
#[tokio::test(flavor = "current_thread")]
async fn nothing_of_a_refused_token_is_logged() {
    for file in files("deny-") {
        let log = replay(&file.event, &file.world).await.log;
        for word in [
            "insecure-",
            "id.example",
            "partner.example",
            "telemetry:",
            "property_id",
        ] {
            assert!(!log.contains(word), "{}: {word} in {log}", file.name);
        }
    }
}

#[test]
fn every_reason_has_a_file_or_is_named_here() {
    let shown: BTreeSet<_> = files("deny-")
        .iter()
        .map(|file| promised(&file.name).code())
        .collect();
    let named: BTreeSet<_> = WITHOUT_FILE.iter().map(|(code, _)| *code).collect();
    assert!(
        shown.is_disjoint(&named),
        "a file shows what is said to need none"
    );
    let all: BTreeSet<_> = reasons().iter().map(|reason| reason.code()).collect();
    assert_eq!(shown.union(&named).copied().collect::<BTreeSet<_>>(), all);
}

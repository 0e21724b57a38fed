//! Every limit, at its edge and past it.

#![allow(clippy::unwrap_used, reason = "tests")]

use iot_policy::LimitExceeded;
use iot_policy::limits::{
    check_authorizer_document_size, check_authorizer_documents, check_document_size,
    check_policies_per_principal, check_policy_name, check_thing_name, check_versions,
    document_size,
};

#[test]
fn white_space_is_free_in_a_policy_and_not_in_an_authorizers_answer() {
    let full = "é".repeat(2_048);
    let spaced = format!(" {full}\n\t\u{a0}");
    assert_eq!(document_size(&spaced), 2_048);
    assert_eq!(check_document_size(&spaced), Ok(()));
    assert_eq!(
        check_document_size(&format!("{full}x")),
        Err(LimitExceeded::DocumentSize { characters: 2_049 })
    );
    assert_eq!(check_authorizer_document_size(&full), Ok(()));
    let exceeded = LimitExceeded::AuthorizerDocumentSize { characters: 2_049 };
    assert_eq!(
        check_authorizer_document_size(&format!("{full} ")),
        Err(exceeded)
    );
}

#[test]
fn counts() {
    assert_eq!(check_policies_per_principal(10), Ok(()));
    assert_eq!(
        check_policies_per_principal(11),
        Err(LimitExceeded::PoliciesPerPrincipal(11))
    );
    assert_eq!(check_versions(5), Ok(()));
    assert_eq!(check_versions(6), Err(LimitExceeded::Versions(6)));
    assert_eq!(check_authorizer_documents(10), Ok(()));
    assert_eq!(
        check_authorizer_documents(11),
        Err(LimitExceeded::AuthorizerDocuments(11))
    );
}

#[test]
fn names() {
    for good in ["a", "A_b+c=d,e.f@g-h", &"x".repeat(128)] {
        assert_eq!(check_policy_name(good), Ok(()), "{good}");
    }
    for bad in ["", "a b", "a/b", "a:b", "a*", "é", &"x".repeat(129)] {
        assert_eq!(
            check_policy_name(bad),
            Err(LimitExceeded::PolicyName(bad.to_owned()))
        );
    }
    for good in ["a", "A:b_c-d", &"x".repeat(128)] {
        assert_eq!(check_thing_name(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "a b",
        "a/b",
        "a+",
        "a#",
        "a*",
        "${a}",
        "a.b",
        "é",
        &"x".repeat(129),
    ] {
        assert_eq!(
            check_thing_name(bad),
            Err(LimitExceeded::ThingName(bad.to_owned()))
        );
    }
}

#[test]
fn the_text_says_what_to_do() {
    for (exceeded, expected) in [
        (
            check_document_size(&"x".repeat(3_000)).unwrap_err(),
            "3000 characters without white space, at most 2048",
        ),
        (check_versions(6).unwrap_err(), "delete one"),
        (check_policies_per_principal(11).unwrap_err(), "detach one"),
        (
            check_authorizer_document_size(&" ".repeat(2_049)).unwrap_err(),
            "minify it",
        ),
    ] {
        assert!(exceeded.to_string().contains(expected), "{exceeded}");
    }
}

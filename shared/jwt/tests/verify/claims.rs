//! The claims' presence, types and forms.

use sci_jwt::{MAX_AUDIENCES, Rejection};

use crate::mint::{claims, refusal};

#[track_caller]
fn check(name: &str, value: &str, expected: Option<Rejection>) {
    assert_eq!(
        refusal(&claims().set(name, value)),
        expected,
        "{name}: {value}"
    );
}

#[test]
fn what_is_required_is_missed() {
    for (name, reason) in [
        ("iss", Rejection::IssMissing),
        ("sub", Rejection::SubMissing),
        ("aud", Rejection::AudMissing),
        ("exp", Rejection::ExpMissing),
        ("iat", Rejection::IatMissing),
        ("scope", Rejection::ScopeMissing),
        ("property_id", Rejection::PropertyMissing),
    ] {
        assert_eq!(refusal(&claims().without(name)), Some(reason));
        let elsewhere = claims().without(name).and(&name.to_uppercase(), "\"x\"");
        assert_eq!(refusal(&elsewhere), Some(reason));
    }
    assert_eq!(refusal(&claims().without("jti")), None);
}

#[test]
fn texts_are_texts() {
    for (name, reason) in [
        ("iss", Rejection::IssNotText),
        ("sub", Rejection::SubNotThingName),
        ("aud", Rejection::AudMalformed),
        ("jti", Rejection::JtiMalformed),
        ("scope", Rejection::ScopeNotText),
        ("property_id", Rejection::PropertyMalformed),
    ] {
        for value in [
            "null",
            "1",
            "true",
            "{}",
            "{\"0\":\"iot\"}",
            "[[\"iot\"]]",
            "[null]",
        ] {
            check(name, value, Some(reason));
        }
    }
    check(
        "iss",
        "[\"https://issuer.example\"]",
        Some(Rejection::IssNotText),
    );
    check("scope", "[\"shadow:read\"]", Some(Rejection::ScopeNotText));
    check(
        "sub",
        "[\"sci-p-1-lock-7\"]",
        Some(Rejection::SubNotThingName),
    );
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for issuer in [
        "",
        "https://issuer.exampl",
        "https://issuer.example/",
        "https://issuer.example.evil",
        "https://issuer.example\\u0000",
        "https://ISSUER.example",
        "https://issuer.example ",
        "ttps://issuer.example",
    ] {
        check(
            "iss",
            &format!("\"{issuer}\""),
            Some(Rejection::IssMismatch),
        );
    }
    check("iss", "\"https:\\/\\/issuer.example\"", None);
}

#[test]
fn one_audience_is_ours() {
    for aud in [
        "\"iot\"",
        "[\"iot\"]",
        "[\"other\",\"iot\"]",
        "[\"iot\",\"iot\"]",
        "\"\\u0069ot\"",
    ] {
        check("aud", aud, None);
    }
    for aud in [
        "\"\"",
        "\"IOT\"",
        "\"iot \"",
        "\"io\"",
        "\"iot/x\"",
        "[]",
        "[\"\"]",
        "[\"other\"]",
        "\"iot,other\"",
        "\"other iot\"",
    ] {
        check("aud", aud, Some(Rejection::AudMismatch));
    }
    for aud in [
        "[\"iot\",1]",
        "[\"iot\",null]",
        "[null,\"iot\"]",
        "[[\"iot\"]]",
        "[\"iot\",[]]",
        "[\"iot\",{}]",
        "{\"iot\":1}",
    ] {
        check("aud", aud, Some(Rejection::AudMalformed));
    }
    let many = |names: usize| format!("[{}\"iot\"]", "\"other\",".repeat(names - 1));
    check("aud", &many(MAX_AUDIENCES), None);
    check(
        "aud",
        &many(MAX_AUDIENCES + 1),
        Some(Rejection::AudMalformed),
    );
}

#[test]
fn numbers_are_json_numbers_between_1970_and_9999() {
    let kinds = [
        ("exp", Rejection::ExpNotNumber, Rejection::ExpOutOfRange),
        ("iat", Rejection::IatNotNumber, Rejection::IatOutOfRange),
        ("nbf", Rejection::NbfNotNumber, Rejection::NbfOutOfRange),
    ];
    for (name, not_number, out_of_range) in kinds {
        for value in [
            "\"1\"",
            "\"1000003600\"",
            "\"\"",
            "true",
            "false",
            "null",
            "[]",
            "[1000003600]",
            "{}",
        ] {
            check(name, value, Some(not_number));
        }
        for value in [
            "-1",
            "-0",
            "-0.0",
            "-0.5",
            "-1e9",
            "253402300800",
            "253402300799.5",
            "9223372036854775807",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999",
            "1e12",
            "1e308",
            "1000003600000",
        ] {
            check(name, value, Some(out_of_range));
        }
        for value in [
            "1e400", "-1e400", "01", "+1", ".5", "1.", "0x1", "1_000", "Infinity", "NaN",
        ] {
            check(name, value, Some(Rejection::PayloadNotJson));
        }
    }
    for (name, value, verdict) in [
        ("exp", "1.0000036e9", None),
        ("exp", "1000003600.0", None),
        ("exp", "10000036E2", None),
        ("exp", "253402300799", Some(Rejection::LifetimeTooLong)),
        ("exp", "0", Some(Rejection::ExpNotAfterIat)),
        ("exp", "1.5", Some(Rejection::ExpNotAfterIat)),
        ("iat", "1e9", None),
        ("iat", "999999999.999", None),
        ("iat", "0", Some(Rejection::LifetimeTooLong)),
        ("nbf", "0", None),
        ("nbf", "1.5", None),
        ("nbf", "1e9", None),
        ("nbf", "253402300799", Some(Rejection::NotYetValid)),
    ] {
        check(name, value, verdict);
    }
}

#[test]
fn the_subject_is_a_thing_of_the_property() {
    for sub in [
        "",
        "*",
        "a*",
        "a/b",
        "a+",
        "a#",
        "$aws",
        "${iot:ClientId}",
        "a b",
        "a\\u0000",
        "ä",
        "a\\\"b",
        "thing?",
    ] {
        let sub = format!("\"{sub}\"");
        check("sub", &sub, Some(Rejection::SubNotThingName));
        check("property_id", &sub, Some(Rejection::PropertyMalformed));
    }
    let long = |bytes: usize| format!("{:?}", "a".repeat(bytes));
    check("sub", &long(128), None);
    check("sub", &long(129), Some(Rejection::SubNotThingName));
    check(
        "property_id",
        &long(129),
        Some(Rejection::PropertyMalformed),
    );

    // A name that says where its thing stands is believed over the claim; any other name says nothing.
    check("property_id", "\"p-2\"", Some(Rejection::PropertyMismatch));
    check("property_id", "\"p\"", Some(Rejection::PropertyMismatch));
    check("property_id", "\"P-1\"", Some(Rejection::PropertyMismatch));
    check(
        "sub",
        "\"sci-p-2-lock-7\"",
        Some(Rejection::PropertyMismatch),
    );
    check("sub", "\"sci-p-1-camera-9\"", None);
    check("sub", "\"gateway:7\"", None);
}

#[test]
fn jti_is_harmless() {
    for jti in ["\"\"", "\"a\\nb\"", "\"a\\u007f\"", "\"é\""] {
        check("jti", jti, Some(Rejection::JtiMalformed));
    }
    check("jti", &format!("{:?}", "j".repeat(128)), None);
    check(
        "jti",
        &format!("{:?}", "j".repeat(129)),
        Some(Rejection::JtiMalformed),
    );
    check("jti", "\" ~#\"", None);
}

#[test]
fn scope_may_be_empty_but_must_be_there() {
    check("scope", "\"\"", None);
    check("scope", "\"a\\nb ä\"", None);
}

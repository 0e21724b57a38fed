//! The end of a certificate.

use sci_domain::{
    admission::Certificates,
    ports::{FailureKind, PortFailure},
    thing::ThingName,
};
use sci_iot_control::IotCertificates;

use crate::{
    DONE, NOT_FOUND, PREFIX, THING, id,
    scripted::{Answer, Scripted},
};

async fn retire(answers: &[Answer]) -> (Result<(), PortFailure>, Vec<String>) {
    let server = Scripted::start(answers.iter().copied());
    let registry = IotCertificates::new(&server.clients(), PREFIX.to_owned());
    let thing = ThingName::parse(THING).unwrap();
    let retired = registry.retire(&thing, id()).await;
    (retired, server.asked())
}

#[tokio::test(flavor = "current_thread")]
async fn out_of_use_first_then_off_its_thing_then_away() {
    let (retired, asked) = retire(&[DONE, DONE, DONE]).await;
    retired.unwrap();
    let id = id();
    assert_eq!(
        asked,
        [
            format!("PUT /certificates/{id}?newStatus=INACTIVE"),
            format!(
                "DELETE /things/{THING}/principals arn:aws:iot:eu-west-1:123456789012:cert/{id}"
            ),
            format!("DELETE /certificates/{id}?forceDelete=true"),
        ]
    );
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_gone_already_is_fine() {
    let revoked = (406, "CertificateStateException");
    for (answers, calls) in [
        (vec![NOT_FOUND], 1),
        (vec![DONE, NOT_FOUND, DONE], 3),
        (vec![DONE, DONE, NOT_FOUND], 3),
        (vec![DONE, NOT_FOUND, NOT_FOUND], 3),
        (vec![revoked, DONE, DONE], 3),
    ] {
        let (retired, asked) = retire(&answers).await;
        retired.unwrap();
        assert_eq!(asked.len(), calls, "{answers:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_failure_ends_it_and_says_whether_to_try_again() {
    let throttled = (400, "ThrottlingException");
    let state = (406, "CertificateStateException");
    for (answers, operation, kind) in [
        (
            vec![throttled],
            "deactivate a certificate",
            FailureKind::Throttled,
        ),
        (
            vec![(401, "UnauthorizedException")],
            "deactivate a certificate",
            FailureKind::Misconfigured,
        ),
        (
            vec![DONE, throttled],
            "detach a certificate from its thing",
            FailureKind::Throttled,
        ),
        (
            vec![DONE, (400, "InvalidRequestException")],
            "detach a certificate from its thing",
            FailureKind::Misconfigured,
        ),
        (
            vec![DONE, DONE, (503, "ServiceUnavailableException")],
            "delete a certificate",
            FailureKind::Unavailable,
        ),
        // The detachment did not take effect yet.
        (
            vec![DONE, DONE, (409, "DeleteConflictException")],
            "delete a certificate",
            FailureKind::Unavailable,
        ),
        // It could not be set inactive, and that was not because it is revoked.
        (
            vec![state, DONE, state],
            "delete a certificate",
            FailureKind::Misconfigured,
        ),
    ] {
        let (retired, asked) = retire(&answers).await;
        let failure = retired.unwrap_err();
        assert_eq!(
            (failure.operation, failure.kind),
            (operation, kind),
            "{answers:?}"
        );
        assert_eq!(asked.len(), answers.len(), "{answers:?}");
        let text = format!("{failure}: {}", failure.source);
        assert!(!text.contains("secret"), "{text}");
    }
}

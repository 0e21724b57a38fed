//! What AWS IoT registers for a CA.

use sci_domain::{
    admission::{
        Admitted, CertificateId, RegisteredAuthority, RegisteredStatus, Registry, SerialNumber,
    },
    ports::{FailureKind, PortFailure},
    thing::ThingName,
    timestamp::Timestamp,
};
use sci_iot_control::IotRegistry;

use crate::{
    DONE, NOT_FOUND, PREFIX, THING, id,
    scripted::{Answer, Scripted},
};

const STATE: Answer = (406, "CertificateStateException");
const THROTTLED: Answer = (400, "ThrottlingException");

fn start(answers: &[Answer]) -> (IotRegistry, Scripted) {
    let server = Scripted::start(answers.iter().copied());
    let fleet = "SCI-Property-Fleet-Dev".to_owned();
    let registry = IotRegistry::new(&server.clients(), PREFIX.to_owned(), fleet);
    (registry, server)
}

async fn enrol(answers: &[Answer]) -> (Result<(), PortFailure>, Vec<String>) {
    let (registry, server) = start(answers);
    let device = Admitted {
        thing: ThingName::parse(THING).unwrap(),
        thing_type: "SCI-Environmental-Sensor",
        property: "property-001".to_owned(),
    };
    let serial = SerialNumber::parse("0042").unwrap();
    let enrolled = registry.enrol(&device, &serial, id()).await;
    (enrolled, server.asked())
}

#[tokio::test(flavor = "current_thread")]
async fn active_comes_last() {
    let (enrolled, asked) = enrol(&[DONE; 4]).await;
    enrolled.unwrap();
    let id = id();
    let [create, join, attach, activate] = <[String; 4]>::try_from(asked).unwrap();
    let (path, body) = create.split_once(' ').unwrap().1.split_once(' ').unwrap();
    assert_eq!(path, format!("/things/{THING}"));
    for part in [
        r#""thingTypeName":"SCI-Environmental-Sensor""#,
        r#""property":"property-001""#,
        r#""serial":"0042""#,
    ] {
        assert!(body.contains(part), "{body}");
    }
    assert!(
        join.starts_with("PUT /thing-groups/addThingToThingGroup {"),
        "{join}"
    );
    for part in [THING, r#""thingGroupName":"SCI-Property-Fleet-Dev""#] {
        assert!(join.contains(part), "{join}");
    }
    assert_eq!(
        attach,
        format!(
            "PUT /things/{THING}/principals?thingPrincipalType=EXCLUSIVE_THING {PREFIX}:cert/{id}"
        )
    );
    assert_eq!(activate, format!("PUT /certificates/{id}?newStatus=ACTIVE"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_thing_that_is_there_as_something_else_is_taken() {
    let there = (409, "ResourceAlreadyExistsException");
    let (enrolled, asked) = enrol(&[there, DONE, DONE, DONE]).await;
    enrolled.unwrap();
    assert_eq!(asked.len(), 4);
}

/// Whatever fails, nothing is activated that is not whole.
#[tokio::test(flavor = "current_thread")]
async fn a_step_that_fails_is_the_last() {
    for (nth, operation) in [
        "create a thing",
        "put a thing into the fleet",
        "attach a certificate to its thing",
        "activate a certificate",
    ]
    .into_iter()
    .enumerate()
    {
        for (answer, kind) in [
            (THROTTLED, FailureKind::Throttled),
            (
                (503, "ServiceUnavailableException"),
                FailureKind::Unavailable,
            ),
            ((400, "InvalidRequestException"), FailureKind::Misconfigured),
        ] {
            let mut answers = [DONE; 4];
            answers[nth] = answer;
            let (enrolled, asked) = enrol(&answers).await;
            let failure = enrolled.unwrap_err();
            assert_eq!((failure.operation, failure.kind), (operation, kind));
            assert_eq!(asked.len(), nth + 1, "{operation}");
        }
    }
}

/// Answers are static: the ids in them are written out.
const DESCRIBED: &str = r#"{"certificateDescription":{"certificatePem":"a PEM","status":"PENDING_ACTIVATION",
    "caCertificateId":"cacacacacacacacacacacacacacacacacacacacacacacacacacacacacacacaca"}}"#;

#[tokio::test(flavor = "current_thread")]
async fn a_certificate_is_read_whole_or_not_at_all() {
    let (registry, server) = start(&[(200, DESCRIBED), NOT_FOUND]);
    let described = registry.describe(id()).await.unwrap().unwrap();
    assert_eq!(
        (
            described.pem.as_str(),
            described.status,
            described.authority
        ),
        (
            "a PEM",
            RegisteredStatus::Pending,
            Some(CertificateId::from_bytes([0xca; 32]))
        )
    );
    assert_eq!(server.asked(), [format!("GET /certificates/{}", id())]);
    assert_eq!(registry.describe(id()).await.unwrap(), None);
    for (status, expected) in [
        ("ACTIVE", RegisteredStatus::Active),
        ("INACTIVE", RegisteredStatus::OutOfUse),
        ("REVOKED", RegisteredStatus::OutOfUse),
        ("PENDING_TRANSFER", RegisteredStatus::OutOfUse),
        ("SOMETHING_NEW", RegisteredStatus::OutOfUse),
    ] {
        let answer = DESCRIBED.replace("PENDING_ACTIVATION", status);
        let (registry, _server) = start(&[(200, answer.leak())]);
        let described = registry.describe(id()).await.unwrap().unwrap();
        assert_eq!(described.status, expected, "{status}");
    }
    for broken in [
        DESCRIBED.replace("certificatePem", "other"),
        DESCRIBED.replace("\"status\"", "\"other\""),
        DESCRIBED.replace("caca", "CACA"),
    ] {
        let (registry, _server) = start(&[(200, broken.leak())]);
        let failure = registry.describe(id()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Misconfigured);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_ca_is_active_or_not() {
    let answer = r#"{"certificateDescription":{"certificatePem":"a CA","status":"ACTIVE"}}"#;
    let inactive = r#"{"certificateDescription":{"certificatePem":"a CA","status":"INACTIVE"}}"#;
    let (registry, server) = start(&[(200, answer), (200, inactive), NOT_FOUND, (200, "{}")]);
    for active in [true, false] {
        let pem = "a CA".to_owned();
        let expected = Some(RegisteredAuthority { pem, active });
        assert_eq!(registry.authority(id()).await.unwrap(), expected);
    }
    assert_eq!(registry.authority(id()).await.unwrap(), None);
    assert_eq!(registry.authority(id()).await.unwrap(), None);
    assert_eq!(server.asked()[0], format!("GET /cacertificate/{}", id()));
}

/// A page of as many certificates of a CA, all older than 2026, every second one pending.
fn page(numbers: std::ops::Range<u8>, next: Option<&str>) -> Answer {
    let certificate = |number: u8| {
        let status = if number.is_multiple_of(2) {
            "PENDING_ACTIVATION"
        } else {
            "ACTIVE"
        };
        let id = CertificateId::from_bytes([number; 32]);
        format!(r#"{{"certificateId":"{id}","status":"{status}","creationDate":1760000000}}"#)
    };
    let certificates: Vec<_> = numbers.map(certificate).collect();
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    let body = format!(
        r#"{{"certificates":[{}],"nextMarker":{next}}}"#,
        certificates.join(",")
    );
    (200, body.leak())
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn pending_certificates_are_looked_for_page_by_page() {
    let path = format!("GET /certificates-by-ca/{}?", id());
    let (registry, server) = start(&[page(0..4, Some("m1")), page(4..8, None)]);
    let pending = registry.pending(id(), at(1_760_000_001), 10).await.unwrap();
    let expected = [0, 2, 4, 6].map(|number| CertificateId::from_bytes([number; 32]));
    assert_eq!(pending, expected);
    let asked = server.asked();
    assert!(
        asked.iter().all(|asked| asked.starts_with(&path)),
        "{asked:?}"
    );
    for asked in &asked {
        assert!(
            asked.contains("pageSize=250") && asked.contains("isAscendingOrder=true"),
            "{asked}"
        );
    }
    assert!(asked[1].contains("marker=m1"), "{asked:?}");

    // Younger ones are left alone.
    let (registry, _server) = start(&[page(0..4, None)]);
    assert_eq!(
        registry.pending(id(), at(1_760_000_000), 10).await.unwrap(),
        []
    );
}

/// What one look does not reach is for the next one.
#[tokio::test(flavor = "current_thread")]
async fn a_look_goes_on_where_the_last_one_ended() {
    let mut answers: Vec<_> = (0..20).map(|_| page(1..2, Some("m1"))).collect();
    answers.push(page(0..6, Some("m2")));
    answers.push(page(0..6, Some("m2")));
    answers.push(THROTTLED);
    answers.push(page(1..2, None));
    let (registry, server) = start(&answers);
    let look = async |limit| registry.pending(id(), at(1_760_000_001), limit).await;
    assert_eq!(look(2).await.unwrap(), []);
    assert_eq!(server.asked().len(), 20);
    // Full before the end of the page: that page again, because the rest of it is still there.
    for _ in 0..2 {
        assert_eq!(look(2).await.unwrap().len(), 2);
        assert!(server.asked().last().unwrap().contains("marker=m1"));
    }
    // After a failure, and after the end, from the beginning.
    look(2).await.unwrap_err();
    assert_eq!(look(2).await.unwrap(), []);
    assert!(!server.asked().last().unwrap().contains("marker"));
}

#[tokio::test(flavor = "current_thread")]
async fn what_is_active_or_gone_is_not_discarded() {
    let active = r#"{"certificateDescription":{"status":"ACTIVE"}}"#;
    let pending = r#"{"certificateDescription":{"status":"PENDING_ACTIVATION"}}"#;
    let delete = format!("DELETE /certificates/{}", id());
    let describe = format!("GET /certificates/{}", id());
    let deactivate = format!("PUT /certificates/{}?newStatus=INACTIVE", id());
    for (answers, discarded, calls) in [
        (vec![DONE], true, vec![&delete]),
        (vec![NOT_FOUND], false, vec![&delete]),
        (vec![STATE, (200, active)], false, vec![&delete, &describe]),
        (vec![STATE, NOT_FOUND], false, vec![&delete, &describe]),
        (
            vec![STATE, (200, pending), DONE, DONE],
            true,
            vec![&delete, &describe, &deactivate, &delete],
        ),
        (
            vec![STATE, (200, pending), DONE, STATE],
            false,
            vec![&delete, &describe, &deactivate, &delete],
        ),
    ] {
        let (registry, server) = start(&answers);
        assert_eq!(
            registry.discard(id()).await.unwrap(),
            discarded,
            "{answers:?}"
        );
        assert_eq!(
            server.asked().iter().collect::<Vec<_>>(),
            calls,
            "{answers:?}"
        );
    }
    for answer in [THROTTLED, (409, "DeleteConflictException")] {
        let (registry, _server) = start(&[answer]);
        registry.discard(id()).await.unwrap_err();
    }
}

#[tokio::test(flavor = "current_thread")]
async fn cas_are_listed_once() {
    let ca = CertificateId::from_bytes([0xca; 32]);
    let answer = format!(r#"{{"certificates":[{{"certificateId":"{ca}"}}],"nextMarker":"m"}}"#);
    let (registry, server) = start(&[(200, answer.leak())]);
    assert_eq!(registry.authorities(100).await.unwrap(), [ca]);
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert!(
        asked[0].starts_with("GET /cacertificates?") && asked[0].contains("pageSize=100"),
        "{asked:?}"
    );
}

//! The rules of admission: each reason to turn a device away, the life of an entry, and what no sequence of requests can do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use sci_domain::{
    admission::{
        BatchId, BatchPolicy, Case, CertificateId, Command, DeviceKind, Entry, Introducer,
        IntroducerId, KeyFingerprint, Known, NotConfirmed, NotDecided, Placement, Presented, Proof,
        Quota, Reason, Reprovisioning, Request, Ruling, SerialNumber, State, Subject, Used, Word,
        admit,
    },
    thing::PropertyId,
    timestamp::{Millis, Timestamp},
};

const CLAIM: IntroducerId = IntroducerId::Claim(CertificateId::from_bytes([0xc1; 32]));
const CA: IntroducerId = IntroducerId::Authority(CertificateId::from_bytes([0xca; 32]));
const LEASE: Millis = Millis::from_secs(900);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_795_184_580_000 + seconds * 1000).unwrap()
}

fn certificate(number: u8) -> CertificateId {
    CertificateId::from_bytes([number; 32])
}

fn key(number: u8) -> KeyFingerprint {
    KeyFingerprint::from_bytes([number; 32])
}

fn word() -> Word {
    Word {
        at: at(0),
        by: "operator".into(),
    }
}

fn entry() -> Entry {
    Entry {
        serial: SerialNumber::parse("0042").unwrap(),
        placement: Placement {
            property: PropertyId::parse("property-001").unwrap(),
            kind: DeviceKind::Environmental,
        },
        batch: BatchId::parse("2026-11").unwrap(),
        secret: None,
        state: State::Allowed,
        retiring: Vec::new(),
        retry: None,
        version: 1,
    }
}

fn introducer() -> Introducer {
    Introducer {
        id: CLAIM,
        batch: BatchId::parse("2026-11").unwrap(),
        suspended: false,
        expires_at: at(1_000_000),
        policy: BatchPolicy {
            voucher_required: true,
            reprovisioning: Reprovisioning::Refuse,
            lease: LEASE,
        },
        factory_key: None,
        quota: Quota {
            total: 100,
            per_minute: 10,
        },
        used: Used::default(),
    }
}

/// Certificate and key of the same number, with a right voucher.
fn request(number: u8) -> Request<'static> {
    Request {
        introducer: CLAIM,
        serial: SerialNumber::parse("0042").unwrap(),
        claimed_property: None,
        claimed_kind: None,
        certificate: Presented {
            id: certificate(number),
            key: key(number),
            common_name: None,
            serial_number: None,
            not_before: at(0),
            not_after: at(100_000_000),
        },
        proof: Proof::Valid,
    }
}

fn ask(request: &Request<'_>, entry: &Entry, introducer: &Introducer, now: Timestamp) -> Ruling {
    let known = Known {
        entry: Some(entry),
        introducer: Some(introducer),
    };
    admit(request, known, now)
}

fn enrolled() -> Entry {
    let leased = ask(&request(1), &entry(), &introducer(), at(10)).next;
    leased.unwrap().confirm(certificate(1), at(20)).unwrap()
}

fn reason(ruling: Ruling) -> Reason {
    assert_eq!(ruling.charge, None);
    ruling.outcome.unwrap_err()
}

#[test]
fn a_device_is_let_in_and_the_server_decides_what_it_is() {
    let ruling = ask(&request(1), &entry(), &introducer(), at(10));
    let admitted = ruling.outcome.unwrap();
    assert_eq!(
        admitted.thing.as_str(),
        "sci-property-001-environmental-0042"
    );
    assert_eq!(admitted.thing_type, "SCI-Environmental-Sensor");
    assert_eq!(admitted.property, "property-001");
    assert_eq!(
        ruling.charge.map(|used| (used.total, used.in_minute)),
        Some((1, 1))
    );
    let leased = ruling.next.unwrap();
    assert_eq!(leased.version, 2);
    assert_eq!(leased.due_at(), Some(at(10).plus(LEASE)));
    let State::Leased(lease) = &leased.state else {
        panic!("{:?}", leased.state)
    };
    assert_eq!((lease.certificate, lease.key), (certificate(1), key(1)));

    let enrolled = leased.confirm(certificate(1), at(20)).unwrap();
    assert_eq!(
        enrolled.live().map(|live| live.certificate),
        Some(certificate(1))
    );
    assert_eq!((enrolled.due_at(), enrolled.version), (None, 3));
    assert_eq!(
        enrolled.confirm(certificate(1), at(30)),
        Err(NotConfirmed::Already)
    );
    assert_eq!(
        enrolled.confirm(certificate(2), at(30)),
        Err(NotConfirmed::NoLease)
    );
}

#[test]
fn whatever_is_not_in_order_is_refused() {
    type Change = fn(&mut Request<'static>, &mut Entry, &mut Introducer);
    let cases: [(Reason, Change); 19] = [
        (Reason::UnknownIntroducer, |r, _, _| r.introducer = CA),
        (Reason::IntroducerSuspended, |_, _, i| i.suspended = true),
        (Reason::IntroducerExpired, |_, _, i| i.expires_at = at(10)),
        (Reason::UnknownSerial, |r, _, _| {
            r.serial = SerialNumber::parse("0043").unwrap()
        }),
        (Reason::WrongBatch, |_, e, _| {
            e.batch = BatchId::parse("2026-12").unwrap()
        }),
        (Reason::ClaimsMismatch, |r, _, _| {
            r.claimed_property = Some("property-002")
        }),
        (Reason::ClaimsMismatch, |r, _, _| {
            r.claimed_property = Some("")
        }),
        (Reason::ClaimsMismatch, |r, _, _| {
            r.claimed_kind = Some("camera")
        }),
        (Reason::ClaimsMismatch, |r, _, _| {
            r.claimed_kind = Some("SCI-Smart-Lock")
        }),
        (Reason::SubjectMismatch, |r, _, _| {
            r.certificate.common_name = Some("0043")
        }),
        (Reason::SubjectMismatch, |r, _, _| {
            r.certificate.serial_number = Some("00420")
        }),
        (Reason::CertificateNotValid, |r, _, _| {
            r.certificate.not_before = at(311)
        }),
        (Reason::CertificateNotValid, |r, _, _| {
            r.certificate.not_after = at(10)
        }),
        (Reason::VoucherMissing, |r, _, _| r.proof = Proof::Absent),
        (Reason::VoucherInvalid, |r, _, i| {
            r.proof = Proof::Invalid;
            i.policy.voucher_required = false;
        }),
        (Reason::Blocked, |_, e, _| {
            *e = e.command(Command::Block, word()).unwrap()
        }),
        (Reason::Quarantined, |_, e, _| {
            *e = e.command(Command::Quarantine, word()).unwrap()
        }),
        (Reason::QuotaExhausted, |_, _, i| i.used.total = 100),
        (Reason::TooFast, |_, _, i| {
            i.used = Used {
                total: 10,
                minute: Used::minute_of(at(10)),
                in_minute: 10,
            };
        }),
    ];
    for (expected, change) in cases {
        let (mut request, mut entry, mut introducer) = (request(1), entry(), introducer());
        change(&mut request, &mut entry, &mut introducer);
        let ruling = ask(&request, &entry, &introducer, at(10));
        assert_eq!((ruling.outcome, ruling.next), (Err(expected), None));
    }
    let (entry, introducer) = (entry(), introducer());
    for (known, expected) in [
        (
            Known {
                entry: Some(&entry),
                introducer: None,
            },
            Reason::UnknownIntroducer,
        ),
        (
            Known {
                entry: None,
                introducer: Some(&introducer),
            },
            Reason::UnknownSerial,
        ),
    ] {
        assert_eq!(reason(admit(&request(1), known, at(10))), expected);
    }
}

#[test]
fn what_the_device_says_may_be_right() {
    for change in [
        |r: &mut Request<'_>| r.claimed_property = Some("property-001"),
        |r: &mut Request<'_>| r.claimed_kind = Some("environmental"),
        |r: &mut Request<'_>| r.claimed_kind = Some("SCI-Environmental-Sensor"),
        |r: &mut Request<'_>| r.certificate.common_name = Some("0042"),
        |r: &mut Request<'_>| r.certificate.common_name = Some("AWS IoT Certificate"),
        |r: &mut Request<'_>| {
            r.certificate.common_name = Some("sci-property-001-environmental-0042");
        },
        |r: &mut Request<'_>| r.certificate.serial_number = Some("0042"),
        // Clocks differ by five minutes at most.
        |r: &mut Request<'_>| r.certificate.not_before = at(310),
    ] {
        let mut request = request(1);
        change(&mut request);
        assert!(
            ask(&request, &entry(), &introducer(), at(10))
                .outcome
                .is_ok()
        );
    }
}

#[test]
fn a_certificate_of_our_own_ca_must_name_the_device() {
    let mut introducer = introducer();
    introducer.id = CA;
    let mut request = request(1);
    request.introducer = CA;
    for (name, fits) in [
        (None, false),
        (Some("AWS IoT Certificate"), false),
        (Some("0043"), false),
        (Some("0042"), true),
        (Some("sci-property-001-environmental-0042"), true),
    ] {
        request.certificate.common_name = name;
        let outcome = ask(&request, &entry(), &introducer, at(10)).outcome;
        assert_eq!(
            outcome.err(),
            (!fits).then_some(Reason::SubjectMismatch),
            "{name:?}"
        );
    }
    request.certificate.serial_number = Some("0043");
    assert_eq!(
        reason(ask(&request, &entry(), &introducer, at(10))),
        Reason::SubjectMismatch
    );
}

#[test]
fn the_same_key_has_the_same_lease() {
    let leased = ask(&request(1), &entry(), &introducer(), at(10))
        .next
        .unwrap();
    // The hook is called again for the same certificate: it gets its time anew, and counts once.
    let again = ask(&request(1), &leased, &introducer(), at(60));
    assert_eq!((again.outcome.is_ok(), again.charge), (true, None));
    let again = again.next.unwrap();
    assert_eq!(
        (again.due_at(), again.retiring.len()),
        (Some(at(60).plus(LEASE)), 0)
    );
    // The device never got its certificate, and comes with another one of the same key.
    let mut other = request(2);
    other.certificate.key = key(1);
    let other = ask(&other, &leased, &introducer(), at(60)).next.unwrap();
    assert_eq!(other.retiring, [certificate(1)]);
    assert_eq!(
        other.confirm(certificate(1), at(70)),
        Err(NotConfirmed::NoLease)
    );
    assert!(other.confirm(certificate(2), at(70)).is_ok());
    // Back to the first one: what is in use does not retire.
    let back = ask(&request(1), &other, &introducer(), at(80))
        .next
        .unwrap();
    assert_eq!(back.retiring, [certificate(2)]);
}

#[test]
fn another_key_waits_for_the_lease_to_end() {
    let leased = ask(&request(1), &entry(), &introducer(), at(10))
        .next
        .unwrap();
    let end = at(10).plus(LEASE);
    let early = ask(
        &request(2),
        &leased,
        &introducer(),
        end.minus(Millis::new(1)),
    );
    assert_eq!(early.next, None);
    assert_eq!(reason(early), Reason::LeasedToAnother);
    assert_eq!(leased.expire(end.minus(Millis::new(1))), None);
    // Nobody swept: the next device does.
    let taken = ask(&request(2), &leased, &introducer(), end);
    assert_eq!(
        (taken.outcome.is_ok(), taken.charge.is_some()),
        (true, true)
    );
    let taken = taken.next.unwrap();
    assert_eq!(
        (taken.retiring.clone(), taken.version),
        (vec![certificate(1)], 3)
    );
    assert_eq!(taken.due_at(), Some(Timestamp::default()));
    assert_eq!(taken.retired(certificate(1)).retiring, []);
    // Somebody swept: the serial number is not burnt.
    let swept = leased.expire(end).unwrap();
    assert_eq!(
        (swept.state.clone(), swept.retiring.clone()),
        (State::Allowed, vec![certificate(1)])
    );
    assert!(ask(&request(1), &swept, &introducer(), end).outcome.is_ok());
    // A device that comes late, but before the sweep, is the one that holds the key.
    assert!(leased.confirm(certificate(1), end).is_ok());
}

#[test]
fn a_second_key_opens_a_case_and_touches_nothing() {
    let enrolled = enrolled();
    let ruling = ask(&request(2), &enrolled, &introducer(), at(100));
    assert_eq!(ruling.outcome, Err(Reason::CloneSuspected));
    let open = ruling.next.unwrap();
    let live = open.live().unwrap();
    assert_eq!((live.certificate, live.key), (certificate(1), key(1)));
    let Some(Case {
        key: other,
        certificate: with,
        introducer: by,
        ..
    }) = &live.case
    else {
        panic!("no case")
    };
    assert_eq!((*other, *with, *by), (key(2), certificate(2), CLAIM));
    assert_eq!((open.retiring.len(), open.due_at()), (0, Some(at(100))));
    assert_eq!(open.told(at(110)).due_at(), None);
    // Once more, and yet another key: nothing to write.
    for number in [2, 3] {
        let again = ask(&request(number), &open, &introducer(), at(120));
        assert_eq!(
            (again.outcome, again.next),
            (Err(Reason::CloneSuspected), None)
        );
    }
    // The same key with another certificate is no clone.
    let mut same = request(3);
    same.certificate.key = key(1);
    assert_eq!(
        reason(ask(&same, &enrolled, &introducer(), at(100))),
        Reason::AlreadyEnrolled
    );
    // The certificate that is enrolled may be registered again: the hook was called again.
    let again = ask(&request(1), &enrolled, &introducer(), at(100));
    assert_eq!(
        (again.outcome.is_ok(), again.next, again.charge),
        (true, None, None)
    );
}

#[test]
fn operators_decide_a_case() {
    let open = ask(&request(2), &enrolled(), &introducer(), at(100))
        .next
        .unwrap();
    assert_eq!(
        enrolled().command(Command::Keep, word()),
        Err(NotDecided::NoCase)
    );

    let kept = open.command(Command::Keep, word()).unwrap();
    assert_eq!(kept.due_at(), None);
    assert_eq!(
        reason(ask(&request(2), &kept, &introducer(), at(200))),
        Reason::KeyRefused
    );
    // Another key is another case.
    assert_eq!(
        ask(&request(3), &kept, &introducer(), at(200))
            .next
            .unwrap()
            .due_at(),
        Some(at(200))
    );

    let replaced = open.command(Command::Replace, word()).unwrap();
    assert!(replaced.retiring.is_empty());
    let leased = ask(&request(2), &replaced, &introducer(), at(200))
        .next
        .unwrap();
    // The live device stays until the other one came back.
    assert_eq!(leased.live().unwrap().certificate, certificate(1));
    assert!(leased.retiring.is_empty());
    let swept = leased.expire(at(200).plus(LEASE)).unwrap();
    assert_eq!(
        (swept.live().unwrap().certificate, swept.retiring),
        (certificate(1), vec![certificate(2)])
    );
    let confirmed = leased.confirm(certificate(2), at(210)).unwrap();
    assert_eq!(
        (confirmed.live().unwrap().certificate, confirmed.retiring),
        (certificate(2), vec![certificate(1)])
    );

    let blocked = leased.command(Command::Block, word()).unwrap();
    assert_eq!(blocked.retiring, [certificate(1), certificate(2)]);
    for command in [
        Command::Keep,
        Command::Release,
        Command::Quarantine,
        Command::Block,
    ] {
        assert_eq!(blocked.command(command, word()), Err(NotDecided::Blocked));
    }

    let quarantined = leased.command(Command::Quarantine, word()).unwrap();
    assert_eq!(
        (
            quarantined.live().unwrap().certificate,
            quarantined.retiring.clone()
        ),
        (certificate(1), vec![certificate(2)])
    );
    let released = quarantined.command(Command::Release, word()).unwrap();
    assert_eq!(released.live().unwrap().certificate, certificate(1));
    assert_eq!(
        released.command(Command::Release, word()),
        Err(NotDecided::NotQuarantined)
    );
}

#[test]
fn a_batch_may_enrol_again_but_only_with_a_voucher() {
    let enrolled = enrolled();
    let mut introducer = introducer();
    introducer.policy.voucher_required = false;
    for (policy, now, permitted) in [
        (Reprovisioning::Refuse, at(100), false),
        (Reprovisioning::Window { until: at(101) }, at(100), true),
        (Reprovisioning::Window { until: at(100) }, at(100), false),
        (Reprovisioning::Replace, at(100), true),
    ] {
        introducer.policy.reprovisioning = policy;
        let ruling = ask(&request(2), &enrolled, &introducer, now);
        assert_eq!(ruling.outcome.is_ok(), permitted, "{policy:?}");
        let mut unproven = request(2);
        unproven.proof = Proof::Absent;
        let ruling = ask(&unproven, &enrolled, &introducer, now);
        assert_eq!(ruling.outcome, Err(Reason::CloneSuspected), "{policy:?}");
    }
}

#[test]
fn certificates_without_end_are_stopped() {
    let mut leased = ask(&request(1), &entry(), &introducer(), at(10))
        .next
        .unwrap();
    for number in 2..=9 {
        let mut next = request(number);
        next.certificate.key = key(1);
        leased = ask(&next, &leased, &introducer(), at(20)).next.unwrap();
    }
    let mut next = request(10);
    next.certificate.key = key(1);
    assert_eq!(
        reason(ask(&next, &leased, &introducer(), at(20))),
        Reason::TooFast
    );
}

/// A CA's certificate is the same each time: its device comes late, and again.
#[test]
fn a_certificate_whose_lease_ended_may_come_again() {
    let leased = ask(&request(1), &entry(), &introducer(), at(10))
        .next
        .unwrap();
    let swept = leased.expire(at(10).plus(LEASE)).unwrap();
    assert_eq!(swept.retiring, [certificate(1)]);
    let again = ask(&request(1), &swept, &introducer(), at(2_000))
        .next
        .unwrap();
    assert!(again.retiring.is_empty());
    assert_eq!(again.leased(), Some(certificate(1)));
}

#[test]
fn what_cannot_be_retired_waits_longer_each_time() {
    let leased = ask(&request(1), &entry(), &introducer(), at(10))
        .next
        .unwrap();
    let mut swept = leased.expire(at(1_000)).unwrap();
    assert_eq!(swept.due_at(), Some(Timestamp::default()));
    let mut waits = Vec::new();
    for _ in 0..13 {
        swept = swept.postponed(at(1_000));
        waits.push(swept.due_at().unwrap().since(at(1_000)).as_secs());
    }
    assert_eq!(waits[..4], [60, 120, 240, 480]);
    assert_eq!(waits[11..], [86_400, 86_400]);
    for _ in 0..100 {
        swept = swept.postponed(at(1_000));
    }
    assert_eq!(swept.due_at().unwrap().since(at(1_000)).as_secs(), 86_400);
    // Nothing new waits for that.
    let blocked = swept.command(Command::Block, word()).unwrap();
    assert!(blocked.retry.is_some());
    let again = ask(&request(2), &swept, &introducer(), at(2_000))
        .next
        .unwrap();
    let blocked = again.command(Command::Block, word()).unwrap();
    assert_eq!(blocked.retiring, [certificate(1), certificate(2)]);
    assert_eq!(
        (blocked.retry, blocked.due_at()),
        (None, Some(Timestamp::default()))
    );
    let retired = swept.retired(certificate(1));
    assert_eq!((retired.due_at(), retired.retry), (None, None));
}

/// They stand in events, metrics and records, and never change their spelling.
#[test]
fn codes_are_stable() {
    for command in Command::ALL {
        assert_eq!(Command::parse(command.as_str()), Some(command));
    }
    assert_eq!(Command::parse("delete"), None);
    let commands = Command::ALL.map(Command::as_str);
    assert_eq!(
        commands,
        ["keep", "replace", "block", "quarantine", "release"]
    );
    let not = [
        NotDecided::NoCase,
        NotDecided::Blocked,
        NotDecided::NotQuarantined,
    ];
    assert_eq!(
        not.map(NotDecided::code),
        ["no-case", "blocked", "not-quarantined"]
    );
    let device = Subject::device(&entry().serial);
    assert_eq!(
        (device.as_str(), device.to_string()),
        ("serial#0042", "serial#0042".to_owned())
    );
    assert_eq!(
        Subject::introducer(CLAIM).to_string(),
        format!("claim#{}", "c1".repeat(32))
    );
}

#[derive(Debug, Clone)]
enum Event {
    Ask {
        number: u8,
        same_key: bool,
        proof: Proof,
    },
    Confirm(u8),
    Sweep,
    Retired(u8),
    Command(Command),
}

fn events(operators: bool, proven: bool) -> impl Strategy<Value = Event> {
    let proof = if proven {
        prop_oneof![
            Just(Proof::Valid),
            Just(Proof::Absent),
            Just(Proof::Invalid)
        ]
        .boxed()
    } else {
        prop_oneof![Just(Proof::Absent), Just(Proof::Invalid)].boxed()
    };
    let ask = (1..6_u8, any::<bool>(), proof).prop_map(|(number, same_key, proof)| Event::Ask {
        number,
        same_key,
        proof,
    });
    let command = prop_oneof![
        Just(Command::Keep),
        Just(Command::Replace),
        Just(Command::Quarantine),
        Just(Command::Release),
    ];
    let weight = u32::from(operators);
    prop_oneof![
        6 => ask,
        3 => (1..6_u8).prop_map(Event::Confirm),
        2 => Just(Event::Sweep),
        2 => (1..6_u8).prop_map(Event::Retired),
        weight => command.prop_map(Event::Command),
    ]
}

fn policies() -> impl Strategy<Value = Reprovisioning> {
    prop_oneof![
        Just(Reprovisioning::Refuse),
        Just(Reprovisioning::Window { until: at(2_000) }),
        Just(Reprovisioning::Replace),
    ]
}

/// One event. Returns the entry after it, and whether the service saw the live certificate in use.
fn step(entry: &Entry, introducer: &Introducer, event: &Event, now: Timestamp) -> Option<Entry> {
    match event {
        Event::Ask {
            number,
            same_key,
            proof,
        } => {
            let mut request = request(*number);
            request.proof = *proof;
            if *same_key {
                request.certificate.key = key(1);
            }
            ask(&request, entry, introducer, now).next
        }
        Event::Confirm(number) => entry.confirm(certificate(*number), now).ok(),
        Event::Sweep => entry.expire(now),
        Event::Retired(number) => entry
            .retiring
            .contains(&certificate(*number))
            .then(|| entry.retired(certificate(*number))),
        Event::Command(command) => entry.command(*command, word()).ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever has the claim certificate, and no voucher, does nothing to a device that is enrolled: not even with every
    /// reprovisioning policy, and in a batch that wants no vouchers.
    #[test]
    fn without_the_proof_an_enrolled_device_stays_enrolled(
        events in prop::collection::vec((events(false, false), 0..600_u64), 1..40),
        policy in policies(),
        voucher_required: bool,
    ) {
        let mut introducer = introducer();
        introducer.policy.reprovisioning = policy;
        introducer.policy.voucher_required = voucher_required;
        let before = enrolled();
        let mut entry = before.clone();
        let mut seconds = 100;
        for (event, later) in &events {
            seconds += later;
            if let Some(next) = step(&entry, &introducer, event, at(seconds)) {
                entry = next;
            }
            prop_assert!(matches!(&entry.state, State::Enrolled(_)));
            let (live, was) = (entry.live().unwrap(), before.live().unwrap());
            prop_assert_eq!((live.certificate, live.key, live.since), (was.certificate, was.key, was.since));
            prop_assert!(entry.retiring.is_empty());
            if voucher_required {
                prop_assert_eq!(&entry, &before);
            }
        }
    }

    /// Whatever happens, in whatever order: the certificate in use never retires, nothing but a confirmation changes which
    /// one that is, and a lease ends.
    #[test]
    fn nothing_in_use_retires(
        events in prop::collection::vec((events(true, true), 0..600_u64), 1..60),
        policy in policies(),
        voucher_required: bool,
    ) {
        let mut introducer = introducer();
        introducer.policy.reprovisioning = policy;
        introducer.policy.voucher_required = voucher_required;
        let mut entry = entry();
        let mut seconds = 100;
        for (event, later) in &events {
            seconds += later;
            let Some(next) = step(&entry, &introducer, event, at(seconds)) else { continue };
            prop_assert_eq!(next.version, entry.version + 1);
            let live = next.live().map(|live| live.certificate);
            if let Some(live) = live {
                prop_assert!(!next.retiring.contains(&live));
            }
            let before = entry.live().map(|live| live.certificate);
            if live != before {
                prop_assert!(matches!(event, Event::Confirm(number) if live == Some(certificate(*number))));
                if let Some(before) = before {
                    prop_assert!(next.retiring.contains(&before));
                }
            }
            if let Some(leased) = next.leased() {
                prop_assert!(!next.retiring.contains(&leased));
            }
            // What was leased and is no longer has retired, or is in use.
            if let State::Leased(lease) = &entry.state {
                let leased = match &next.state {
                    State::Leased(other) => Some(other.certificate),
                    _ => None,
                };
                let gone = leased != Some(lease.certificate) && live != Some(lease.certificate);
                prop_assert!(!gone || next.retiring.contains(&lease.certificate));
            }
            if let State::Leased(lease) = &next.state {
                prop_assert!(next.due_at().is_some_and(|due| due <= lease.expires_at));
                prop_assert!(lease.expires_at <= at(seconds).plus(LEASE));
            }
            entry = next;
        }
    }
}

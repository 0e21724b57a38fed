//! The decision about a device that asks to become a thing. Deny by default: what is not known, or not sure, is refused.

use super::{
    BatchPolicy, Case, CertificateId, Entry, Introducer, IntroducerId, KeyFingerprint, Lease,
    Reason, SerialNumber, State, Verdict,
    introducer::{Used, UsedUp},
};
use crate::{
    thing::ThingName,
    timestamp::{Millis, Timestamp},
};

/// How far a device's certificate may lie in the future: AWS IoT and we do not share a clock.
const SKEW: Millis = Millis::from_secs(300);

/// How many certificates of one device may wait for their end. Each was made by a call that AWS IoT throttles; a device
/// that comes with ever new ones waits for the sweep.
const MAX_RETIRING: usize = 8;

/// What asks. All of it comes from the device, but for what the service says: introducer and certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who introduces the device.
    pub introducer: IntroducerId,
    /// The serial number that the device says it has.
    pub serial: SerialNumber,
    /// The property that the device says it is in. Only compared.
    pub claimed_property: Option<&'a str>,
    /// The kind that the device says it is. Only compared.
    pub claimed_kind: Option<&'a str>,
    /// Its new certificate.
    pub certificate: Presented<'a>,
    /// What proves that the certificate's key belongs to the serial number.
    pub proof: Proof,
}

/// What matters of a certificate that was inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented<'a> {
    /// Its id.
    pub id: CertificateId,
    /// Its key.
    pub key: KeyFingerprint,
    /// The subject's common name.
    pub common_name: Option<&'a str>,
    /// The subject's serial number (X.520 `serialNumber`, not the certificate's).
    pub serial_number: Option<&'a str>,
    /// The beginning of its validity.
    pub not_before: Timestamp,
    /// The end of its validity.
    pub not_after: Timestamp,
}

/// What proves that a key belongs to a serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    Absent,
    /// A voucher that is right, or a certificate in this serial number's name from a CA on the list.
    Valid,
    /// A voucher that is not right.
    Invalid,
}

/// What the store knows.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The line of the allow-list.
    pub entry: Option<&'a Entry>,
    /// The introducer's record.
    pub introducer: Option<&'a Introducer>,
}

/// Someone who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The name of the thing.
    pub thing: ThingName,
    /// The thing type.
    pub thing_type: &'static str,
    /// The property, for the thing's attributes.
    pub property: String,
}

/// The decision, and what must be written before it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Let in or turned away.
    pub outcome: Result<Admitted, Reason>,
    /// The entry as it is to be written; nothing if it stays.
    pub next: Option<Entry>,
    /// The introducer's new count, for a lease that is new.
    pub charge: Option<Used>,
}

impl Ruling {
    /// A refusal that changes nothing.
    #[must_use]
    pub const fn refuse(reason: Reason) -> Self {
        Self {
            outcome: Err(reason),
            next: None,
            charge: None,
        }
    }
}

/// Decides about `request`.
#[must_use]
pub fn admit(request: &Request<'_>, known: Known<'_>, now: Timestamp) -> Ruling {
    decide(request, known, now).unwrap_or_else(Ruling::refuse)
}

fn decide(request: &Request<'_>, known: Known<'_>, now: Timestamp) -> Result<Ruling, Reason> {
    let introducer = known.introducer.ok_or(Reason::UnknownIntroducer)?;
    if introducer.id != request.introducer {
        return Err(Reason::UnknownIntroducer);
    }
    introducer.check(now)?;
    let entry = known.entry.ok_or(Reason::UnknownSerial)?;
    if entry.serial != request.serial {
        return Err(Reason::UnknownSerial);
    }
    if entry.batch != introducer.batch {
        return Err(Reason::WrongBatch);
    }
    check_certificate(request, entry, now)?;
    check_claims(request, entry)?;
    match request.proof {
        Proof::Invalid => return Err(Reason::VoucherInvalid),
        Proof::Absent if introducer.policy.voucher_required => {
            return Err(Reason::VoucherMissing);
        }
        Proof::Absent | Proof::Valid => {}
    }
    let thing = entry.placement.thing(&entry.serial);
    let admitted = Admitted {
        thing: thing.map_err(|_| Reason::InvalidSerial)?,
        thing_type: entry.placement.kind.thing_type(),
        property: entry.placement.property.to_string(),
    };
    rule(request, entry, introducer, admitted, now)
}

/// What the certificate says must fit, even where a device wrote it itself.
fn check_certificate(request: &Request<'_>, entry: &Entry, now: Timestamp) -> Result<(), Reason> {
    let certificate = &request.certificate;
    if certificate.not_before > now.plus(SKEW) || now >= certificate.not_after {
        return Err(Reason::CertificateNotValid);
    }
    let serial = entry.serial.as_str();
    let thing = entry.placement.thing(&entry.serial);
    let names_it =
        |name: &str| name == serial || thing.as_ref().is_ok_and(|thing| thing.as_str() == name);
    let fits = match request.introducer {
        // AWS IoT writes this name into certificates whose keys it made.
        IntroducerId::Claim(_) => {
            certificate
                .common_name
                .is_none_or(|name| names_it(name) || name == "AWS IoT Certificate")
                && certificate
                    .serial_number
                    .is_none_or(|number| number == serial)
        }
        // Here the subject is all that says who it is.
        IntroducerId::Authority(_) => {
            certificate.common_name.is_some_and(names_it)
                && certificate
                    .serial_number
                    .is_none_or(|number| number == serial)
        }
    };
    if fits {
        Ok(())
    } else {
        Err(Reason::SubjectMismatch)
    }
}

/// What the device says of itself is compared, and never used.
fn check_claims(request: &Request<'_>, entry: &Entry) -> Result<(), Reason> {
    let placement = &entry.placement;
    let kind_fits =
        |claimed| claimed == placement.kind.as_str() || claimed == placement.kind.thing_type();
    if request
        .claimed_property
        .is_some_and(|claimed| claimed != placement.property.as_str())
        || request
            .claimed_kind
            .is_some_and(|claimed| !kind_fits(claimed))
    {
        return Err(Reason::ClaimsMismatch);
    }
    Ok(())
}

/// The rules of the states, for a request that is otherwise in order.
fn rule(
    request: &Request<'_>,
    entry: &Entry,
    introducer: &Introducer,
    admitted: Admitted,
    now: Timestamp,
) -> Result<Ruling, Reason> {
    let certificate = &request.certificate;
    let lease = |replaces| lease(request, introducer.policy, replaces, now);
    let new = |next| {
        let charge = introducer.used.charged(introducer.quota, now);
        let charge = charge.map_err(|used_up| match used_up {
            UsedUp::Total => Reason::QuotaExhausted,
            UsedUp::Minute => Reason::TooFast,
        })?;
        Ok(Ruling {
            outcome: Ok(admitted.clone()),
            next: Some(next),
            charge: Some(charge),
        })
    };
    let again = |next| {
        Ok(Ruling {
            outcome: Ok(admitted.clone()),
            next,
            charge: None,
        })
    };
    match &entry.state {
        State::Blocked { .. } => Err(Reason::Blocked),
        State::Quarantined { .. } => Err(Reason::Quarantined),
        State::Allowed => new(entry.next(|next| next.state = State::Leased(lease(None)))),
        State::Leased(held) if held.key == certificate.key => {
            // The same device: the hook was called again, or it lost the certificate of its key. What it holds now counts,
            // and it gets its time anew.
            if held.certificate != certificate.id && entry.retiring.len() >= MAX_RETIRING {
                return Err(Reason::TooFast);
            }
            again(Some(entry.next(|next| {
                if held.certificate != certificate.id {
                    next.retiring.push(held.certificate);
                }
                next.state = State::Leased(lease(held.replaces.clone()));
            })))
        }
        State::Leased(held) if now < held.expires_at => Err(Reason::LeasedToAnother),
        State::Leased(_) if entry.retiring.len() >= MAX_RETIRING => Err(Reason::TooFast),
        // The lease ran out and nobody swept it away: this is the state before it, and the certificate retires.
        State::Leased(held) => {
            let mut before = entry.clone();
            before.give_up(held);
            rule(request, &before, introducer, admitted.clone(), now)
        }
        State::Enrolled(live) if live.certificate == certificate.id => again(None),
        State::Enrolled(live) => {
            let proven = request.proof == Proof::Valid;
            let case = live.case.as_ref();
            let case = case.filter(|case| case.key == certificate.key);
            let verdict = case
                .and_then(|case| case.decision.as_ref())
                .map(|d| d.verdict);
            let permitted = proven && introducer.policy.reprovisioning.permits(now);
            match verdict {
                Some(Verdict::Keep) => Err(Reason::KeyRefused),
                Some(Verdict::Replace) => {
                    new(entry.next(|next| next.state = State::Leased(lease(Some(live.clone())))))
                }
                None if permitted => {
                    new(entry.next(|next| next.state = State::Leased(lease(Some(live.clone())))))
                }
                None if live.key == certificate.key => Err(Reason::AlreadyEnrolled),
                None => Ok(Ruling {
                    outcome: Err(Reason::CloneSuspected),
                    // Of many keys the first one is kept: who asks a thousand times does not write a thousand times.
                    next: live
                        .case
                        .as_ref()
                        .is_none_or(|case| case.decision.is_some())
                        .then(|| entry.next(|next| open(next, request, now))),
                    charge: None,
                }),
            }
        }
    }
}

fn lease(
    request: &Request<'_>,
    policy: BatchPolicy,
    replaces: Option<super::Enrolment>,
    now: Timestamp,
) -> Lease {
    Lease {
        certificate: request.certificate.id,
        key: request.certificate.key,
        introducer: request.introducer,
        since: now,
        expires_at: now.plus(policy.lease),
        replaces,
    }
}

fn open(next: &mut Entry, request: &Request<'_>, now: Timestamp) {
    if let Some(live) = next.live_mut() {
        live.case = Some(Case {
            key: request.certificate.key,
            certificate: request.certificate.id,
            introducer: request.introducer,
            opened_at: now,
            decision: None,
            notified_at: None,
        });
    }
}

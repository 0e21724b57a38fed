//! The order of effects of an admission: read once, decide, write the decision with its record, and only then tell it.

use super::{
    AdmissionStore, Admitted, CertificateId, Charge, Commit, Committed, IntroducerId,
    KeyFingerprint, Known, Loaded, Proof, Reason, Request, Ruling, SerialNumber, Subject, admit,
    audit::{Fact, Happened, Head, append, hashed},
};
use crate::{
    ports::{FailureKind, PortFailure},
    timestamp::Timestamp,
};

/// A decision that was made.
#[derive(Debug)]
pub struct Settled {
    /// Let in or turned away.
    pub outcome: Result<Admitted, Reason>,
    /// Why its record was not written, if it was not. Nobody is let in without one; a refusal is a refusal all the same.
    pub unrecorded: Option<Unrecorded>,
}

/// Why a decision left no record.
#[derive(Debug)]
pub enum Unrecorded {
    /// Somebody else wrote at the same time.
    Conflict,
    /// The store failed.
    Failed(PortFailure),
}

/// What a request that was refused unread was about, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The serial number.
    pub serial: Option<&'a SerialNumber>,
    /// The certificate.
    pub certificate: Option<CertificateId>,
    /// The MQTT client id of the session.
    pub client: Option<&'a str>,
}

/// Decides about `request`, whose proof is what `prove` makes of the records: at most one read and one write.
///
/// The store's failures are refusals: whoever cannot be looked up, or whose decision cannot be written, is turned away. The
/// write may have happened when its answer was lost; the device then holds a lease, and gets the same one when it asks again.
pub async fn apply<Store: AdmissionStore>(
    store: &Store,
    mut request: Request<'_>,
    client: Option<&str>,
    now: Timestamp,
    prove: impl FnOnce(&Loaded) -> Proof,
) -> Settled {
    let loaded = match store.load(Some(&request.serial), request.introducer).await {
        Ok(loaded) => loaded,
        Err(failure) => return Settled::failed(Reason::StoreFailed, failure),
    };
    request.proof = prove(&loaded);
    let known = Known {
        entry: loaded.entry.as_ref(),
        introducer: loaded.introducer.as_ref(),
    };
    let ruling = admit(&request, known, now);
    // A device's own chain tells what happened to the device. What anybody with a claim certificate can cause is told in
    // that certificate's chain: nobody fills a device's chain, or is in its way, without its voucher.
    let own = ruling.outcome.is_ok() || ruling.next.is_some() || request.proof == Proof::Valid;
    let (subject, head) = if own && loaded.entry.is_some() {
        (Subject::device(&request.serial), loaded.device_chain)
    } else {
        (
            Subject::introducer(request.introducer),
            loaded.introducer_chain,
        )
    };
    let about = About {
        serial: Some(&request.serial),
        certificate: Some(request.certificate.id),
        client,
    };
    let key = Some(request.certificate.key);
    let fact = fact(&ruling.outcome, request.introducer, about, key, now);
    let charge = ruling
        .charge
        .zip(loaded.introducer.as_ref())
        .map(|(used, introducer)| Charge {
            introducer: introducer.id,
            used,
            quota: introducer.quota,
        });
    write(store, &ruling, charge, (&subject, head), fact).await
}

/// Writes down that a request was refused before it could be decided: it names no device, or none that we would take.
pub async fn refuse<Store: AdmissionStore>(
    store: &Store,
    introducer: IntroducerId,
    reason: Reason,
    about: About<'_>,
    now: Timestamp,
) -> Settled {
    let loaded = match store.load(None, introducer).await {
        Ok(loaded) => loaded,
        Err(failure) => return Settled::failed(reason, failure),
    };
    let ruling = Ruling::refuse(reason);
    let fact = fact(&ruling.outcome, introducer, about, None, now);
    let subject = Subject::introducer(introducer);
    write(
        store,
        &ruling,
        None,
        (&subject, loaded.introducer_chain),
        fact,
    )
    .await
}

impl Settled {
    const fn failed(reason: Reason, failure: PortFailure) -> Self {
        Self {
            outcome: Err(reason),
            unrecorded: Some(Unrecorded::Failed(failure)),
        }
    }
}

fn fact(
    outcome: &Result<Admitted, Reason>,
    introducer: IntroducerId,
    about: About<'_>,
    key: Option<KeyFingerprint>,
    at: Timestamp,
) -> Fact {
    let (happened, reason) = match outcome {
        Ok(_) => (Happened::Admitted, ""),
        Err(reason) => (Happened::Denied, reason.code()),
    };
    Fact {
        at,
        happened,
        reason: reason.to_owned(),
        serial: about.serial.cloned(),
        introducer: Some(introducer),
        certificate: about.certificate,
        key,
        client: about.client.map(hashed),
        by: None,
    }
}

async fn write<Store: AdmissionStore>(
    store: &Store,
    ruling: &Ruling,
    charge: Option<Charge>,
    (subject, head): (&Subject, Head),
    fact: Fact,
) -> Settled {
    let outcome = ruling.outcome.clone();
    let record = match append(subject, head, fact) {
        Ok(record) => record,
        Err(broken) => {
            let failure = PortFailure {
                operation: "write an audit record",
                kind: FailureKind::Misconfigured,
                source: Box::new(broken),
            };
            return Settled::failed(outcome.err().unwrap_or(Reason::StoreFailed), failure);
        }
    };
    let commit = Commit {
        entry: ruling.next.as_ref(),
        charge,
        record: &record,
    };
    let (unwritten, unrecorded) = match store.commit(commit).await {
        Ok(Committed::Written) => {
            return Settled {
                outcome,
                unrecorded: None,
            };
        }
        Ok(Committed::Conflict) => (Reason::Conflict, Unrecorded::Conflict),
        Err(failure) => (Reason::StoreFailed, Unrecorded::Failed(failure)),
    };
    Settled {
        outcome: Err(outcome.err().unwrap_or(unwritten)),
        unrecorded: Some(unrecorded),
    }
}

//! What happens with an event. What costs nothing comes before what costs a call, and the CA's budget before anything that
//! whoever has its key could have too much of: calls to AWS IoT, and records in the audit.

use sci_domain::{
    admission::{
        AdmissionStore, IntroducerId, Presented as PresentedCertificate, Proof, Reason,
        RegistrationBudget, Registry, Request, SerialNumber,
        pending::discard,
        service::{About, Settled, Unrecorded, apply, refuse},
    },
    ports::{FailureKind, PortFailure, RefusedMessages},
    timestamp::{Millis, Timestamp},
};
use sci_lambda::{Handle, metrics::Count};

use crate::{
    answer::Answer,
    check::{Fit, Unfit, described, signed},
    event::{Event, Presented},
};

/// The function on its ports.
pub struct Handler<Store, Reg, Refused, Clock> {
    /// The allow-list, and the budgets of the CAs.
    pub store: Store,
    /// AWS IoT's registry.
    pub registry: Reg,
    /// Where events are kept that are wrong.
    pub refused: Refused,
    /// The time.
    pub clock: Clock,
    /// How many events of one CA are looked at in an hour.
    pub events_per_hour: u64,
    /// How long a certificate may stay pending.
    pub pending_for: Millis,
}

impl<Store, Reg, Refused, Clock> Handle for Handler<Store, Reg, Refused, Clock>
where
    Store: AdmissionStore + RegistrationBudget + Sync,
    Reg: Registry + Sync,
    Refused: RefusedMessages + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    type Answer = Answer;

    async fn handle(&self, event: &str) -> Result<Answer, PortFailure> {
        match Event::read(event) {
            Ok(Event::Registered(presented)) => {
                // Boxed: with the SDK's futures inside, its type would be nested deeper than the compiler follows.
                Box::pin(self.register(&presented)).await
            }
            Ok(Event::Sweep) => {
                let before = (self.clock)().minus(self.pending_for);
                let discarded = Box::pin(discard(&self.store, &self.registry, before)).await?;
                Ok(Answer::swept(discarded))
            }
            Err(refusal) => {
                self.refused.keep(&refusal, event).await?;
                Ok(Answer::refused(refusal.reason))
            }
        }
    }

    /// A certificate that nobody can decide about stays pending, which is a decision too.
    fn counts_of_failure(&self, failure: &PortFailure) -> Vec<Count> {
        let mut counts = Count::of_failure(failure.kind);
        counts.push(Count::new("Decisions", 1).by("outcome", "fail"));
        counts
    }
}

impl<Store, Reg, Refused, Clock> Handler<Store, Reg, Refused, Clock>
where
    Store: AdmissionStore + RegistrationBudget + Sync,
    Reg: Registry + Sync,
    Clock: Fn() -> Timestamp + Sync,
{
    async fn register(&self, presented: &Presented) -> Result<Answer, PortFailure> {
        let now = (self.clock)();
        let answer = match self.settle(presented, now).await? {
            Decided::Now(answer) => answer,
            Decided::Unfit(unfit, serial) => {
                let about = About {
                    serial: serial.as_ref(),
                    certificate: Some(presented.certificate),
                    client: presented.client.as_deref(),
                };
                let introducer = IntroducerId::Authority(presented.authority);
                let settled = refuse(&self.store, introducer, unfit.reason, about, now).await;
                denied(unfit.reason, unfit.detail, &settled)
            }
        };
        Ok(answer.about(presented))
    }

    async fn settle(&self, presented: &Presented, now: Timestamp) -> Result<Decided, PortFailure> {
        let introducer = IntroducerId::Authority(presented.authority);
        let loaded = self.store.load(None, introducer).await?;
        let listed = loaded.introducer.ok_or(Reason::UnknownIntroducer);
        if let Err(reason) = listed.and_then(|it| it.check(now)) {
            return Ok(Decided::Now(Answer::denied(reason)));
        }
        let spend = self
            .store
            .spend(presented.authority, self.events_per_hour, now);
        if !spend.await? {
            return Ok(Decided::Now(Answer::denied(Reason::BudgetExhausted)));
        }
        let registered = self.registry.describe(presented.certificate).await?;
        let registered = registered.ok_or_else(not_there)?;
        let (certificate, serial) = match described(&registered, presented.authority) {
            Ok(Fit::Active) => return Ok(Decided::Now(Answer::already())),
            Ok(Fit::Pending(certificate, serial)) => (certificate, serial),
            Err(unfit) => return Ok(Decided::Unfit(unfit, None)),
        };
        let authority = self.registry.authority(presented.authority).await?;
        if let Err(unfit) = signed(&registered.pem, authority.as_ref(), now) {
            return Ok(Decided::Unfit(unfit, Some(serial)));
        }
        let subject = &certificate.subject;
        let request = Request {
            introducer,
            serial: serial.clone(),
            claimed_property: None,
            claimed_kind: None,
            certificate: PresentedCertificate {
                id: presented.certificate,
                key: certificate.key,
                common_name: subject.common_name.as_ref().map(|name| name.as_str()),
                serial_number: subject.serial_number.as_ref().map(|text| text.as_str()),
                not_before: certificate.validity.not_before,
                not_after: certificate.validity.not_after,
            },
            proof: Proof::Absent,
        };
        let client = presented.client.as_deref();
        // Its CA wrote this serial number into the certificate, and is on the list.
        let settled = apply(&self.store, request, client, now, |_| Proof::Valid).await;
        match settled.outcome {
            Ok(admitted) => {
                self.registry
                    .enrol(&admitted, &serial, presented.certificate)
                    .await?;
                Ok(Decided::Now(Answer::registered(&admitted.thing)))
            }
            // Nobody waits for this answer: Lambda tries again.
            Err(Reason::Conflict | Reason::StoreFailed) => Err(undecided(settled)),
            Err(reason) => Ok(Decided::Now(denied(reason, None, &settled))),
        }
    }
}

/// What was decided.
enum Decided {
    /// All of it.
    Now(Answer),
    /// The certificate is not taken, which is yet to be written down; about whom, as far as it is known.
    Unfit(Unfit, Option<SerialNumber>),
}

fn denied(reason: Reason, detail: Option<&'static str>, settled: &Settled) -> Answer {
    match &settled.unrecorded {
        None => {}
        Some(Unrecorded::Conflict) => {
            tracing::warn!("the audit has no record of it: somebody else wrote at the same time");
        }
        Some(Unrecorded::Failed(failure)) => {
            tracing::error!(cause = %failure.source, "the audit has no record of it: {failure}");
        }
    }
    Answer {
        detail,
        unrecorded: settled.unrecorded.is_some(),
        ..Answer::denied(reason)
    }
}

/// Events may be faster than the registry.
fn not_there() -> PortFailure {
    PortFailure {
        operation: "find the certificate of an event",
        kind: FailureKind::Unavailable,
        source: "AWS IoT does not know it: not yet, not any more, or somebody else than AWS IoT sent the event".into(),
    }
}

fn undecided(settled: Settled) -> PortFailure {
    match settled.unrecorded {
        Some(Unrecorded::Failed(failure)) => failure,
        _ => PortFailure {
            operation: "write a decision",
            kind: FailureKind::Throttled,
            source: "somebody else wrote at the same time".into(),
        },
    }
}

//! What is said of a decision: one log line and its metrics. Neither holds a certificate, a voucher, or any text of a device
//! that was not checked.

use std::error::Error as _;

use sci_domain::{
    admission::{
        Reason,
        service::{Settled, Unrecorded},
    },
    ports::PortFailure,
};
use sci_lambda::metrics::Count;

use crate::handler::Decision;

/// Logs a decision.
pub fn log(decision: &Decision) {
    let serial = decision.serial.as_ref().map(|serial| serial.as_str());
    let certificate = decision.certificate.map(|id| id.to_string());
    match &decision.settled.outcome {
        Ok(admitted) => tracing::info!(
            device.serial = serial,
            certificate.id = certificate,
            thing = admitted.thing.as_str(),
            "allowed"
        ),
        Err(reason) if is_failure(*reason) => tracing::error!(
            device.serial = serial,
            certificate.id = certificate,
            denial.reason = reason.code(),
            "denied, because the decision failed"
        ),
        Err(reason) => tracing::warn!(
            device.serial = serial,
            certificate.id = certificate,
            denial.reason = reason.code(),
            denial.detail = decision.detail,
            "denied"
        ),
    }
    match &decision.settled.unrecorded {
        None => {}
        Some(Unrecorded::Conflict) => {
            tracing::warn!("the audit has no record of it: somebody else wrote at the same time");
        }
        Some(Unrecorded::Failed(failure)) => {
            tracing::error!(
                cause = causes(failure),
                "the audit has no record of it: {failure}"
            );
        }
    }
}

/// What a decision counts as: `Decisions` by outcome, `Denials` by reason, and `Unrecorded` for what the audit does not know.
#[must_use]
pub fn counts(settled: &Settled) -> Vec<Count> {
    let mut counts = match settled.outcome {
        Ok(_) => vec![Count::new("Decisions", 1).by("outcome", "allow")],
        Err(reason) => {
            let fate = if is_failure(reason) { "fail" } else { "deny" };
            vec![
                Count::new("Decisions", 1).by("outcome", fate),
                Count::new("Denials", 1).by("reason", reason.code()),
            ]
        }
    };
    if settled.unrecorded.is_some() {
        counts.push(Count::new("Unrecorded", 1));
    }
    counts
}

/// Whether nobody can tell what the right answer would have been.
const fn is_failure(reason: Reason) -> bool {
    matches!(reason, Reason::StoreFailed | Reason::TooLate)
}

fn causes(failure: &PortFailure) -> String {
    let mut text = String::new();
    let mut source = failure.source();
    while let Some(error) = source {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

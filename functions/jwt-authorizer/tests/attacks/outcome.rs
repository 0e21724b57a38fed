//! What became of a row.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use jwt_authorizer::run;
use sci_domain::{
    access::{ArnPrefix, Grant, PrincipalId, Scopes},
    thing::ThingName,
};
use serde_json::Value;
use testkit::{
    log_scan::{LogScan, SECRETS},
    tokens::map_tokens,
};

use crate::{
    row::{Expected, Row},
    support::ARN,
};

/// Every refusal, byte for byte.
const DENIED: &str = r#"{"isAuthenticated":false,"principalId":"denied","disconnectAfterInSeconds":300,"refreshAfterInSeconds":300,"policyDocuments":[]}"#;

/// What the function decided, and what is wrong with the way it did.
pub(crate) struct Outcome {
    pub(crate) decision: Expected,
    pub(crate) faults: Vec<String>,
}

/// Sends a row to the function.
pub(crate) async fn of(row: &Row) -> Outcome {
    let logs = LogScan::start();
    let authorizer = row.world.authorizer();
    let answering = AssertUnwindSafe(run::answer(&authorizer, &row.event));
    let Ok((answer, _)) = answering.catch_unwind().await else {
        return Outcome {
            decision: Expected::deny("a panic"),
            faults: Vec::new(),
        };
    };
    let answer = serde_json::to_string(&answer).unwrap();
    let log = logs.text();
    let mut faults = secrets(&row.event, &log);
    let said: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let field = |name: &str| said["fields"][name].as_str().unwrap_or_default();
    let decision = if field("message") == "allowed" {
        let (thing, scopes) = (field("thing"), field("scopes"));
        if !grants_exactly(&answer, thing, scopes) {
            faults.push(format!("the answer is not what the log says: {answer}"));
        }
        Expected::allow(thing, scopes)
    } else {
        if answer != DENIED {
            faults.push(format!("another refusal: {answer}"));
        }
        Expected::deny(field("denial.reason"))
    };
    Outcome { decision, faults }
}

/// Parts of the event's tokens that are in the log, and other secrets.
fn secrets(event: &str, log: &str) -> Vec<String> {
    let secrets = SECRETS.iter().filter(|secret| log.contains(**secret));
    let mut found: Vec<_> = secrets
        .map(|secret| format!("{secret} in the log"))
        .collect();
    let _ = map_tokens(event, |token| {
        let mut parts = token.split('.').filter(|part| part.len() > 16);
        if parts.any(|part| log.contains(part)) {
            found.push("a part of the token in the log".to_owned());
        }
        String::new()
    });
    found
}

/// Whether the answer lets in exactly `thing` with exactly `scopes`.
fn grants_exactly(answer: &str, thing: &str, scopes: &str) -> bool {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let (Ok(thing), (scopes, 0)) = (&ThingName::parse(thing), Scopes::parse(scopes)) else {
        return false;
    };
    let documents = Grant { thing, scopes }.policies(&ArnPrefix::parse(ARN).unwrap());
    let principal = answer["principalId"].as_str().unwrap();
    let of_certificate = PrincipalId::of_certificate(principal).is_some();
    answer["isAuthenticated"] == true
        && answer["policyDocuments"] == serde_json::to_value(documents.unwrap()).unwrap()
        && (PrincipalId::of(thing).as_str() == principal || of_certificate)
}

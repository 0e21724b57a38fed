//! Why a request was answered as it was, in words for the person who has to change the policy.

use std::borrow::Borrow;
use std::fmt;

use crate::condition::Clause;
use crate::context::{Context, ThingVariables};
use crate::document::{Effect, Policy, Resources, Statement};
use crate::evaluate::{Decision, Outcome, Request, StatementRef, Verdict, evaluate, reference};
use crate::key::Key;

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision, as [`evaluate`] gives it.
    pub decision: Decision,
    /// The question: action and resource.
    pub question: String,
    /// For an implicit deny: the Allow statements about the action, and why each does not match.
    pub near_misses: Vec<NearMiss>,
}

/// An Allow statement about the requested action that does not match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The statement.
    pub statement: StatementRef,
    /// What fails in it; one line per reason.
    pub reasons: Vec<String>,
}

/// Answers a request like [`evaluate`] and says why.
#[must_use]
pub fn explain<P: Borrow<Policy>>(policies: &[P], request: &Request<'_>) -> Explanation {
    let decision = evaluate(policies, request);
    let mut near_misses = Vec::new();
    if decision.effect == Verdict::ImplicitDeny {
        for policy in policies.iter().map(Borrow::borrow) {
            let statements = policy.document.statements.iter().enumerate();
            for (index, statement) in
                statements.filter(|(_, statement)| statement.effect == Effect::Allow)
            {
                let mut missing = Vec::new();
                let mut reasons = match statement.check(request, &mut missing) {
                    Outcome::Matches | Outcome::OtherAction => continue,
                    Outcome::OtherResource => other_resource(statement, request),
                    Outcome::Condition(clause) => vec![condition(clause, request.context)],
                };
                missing.dedup();
                reasons.extend(missing.iter().map(|key| no_value(key, request.context)));
                near_misses.push(NearMiss {
                    statement: reference(policy, index, statement),
                    reasons,
                });
            }
        }
    }
    Explanation {
        decision,
        question: format!("{} on {}", request.action, request.resource),
        near_misses,
    }
}

fn other_resource(statement: &Statement, request: &Request<'_>) -> Vec<String> {
    let excepted = matches!(statement.resources, Resources::Except(_));
    let wanted = request.action.resource_type().as_str();
    let mut reasons = Vec::new();
    for pattern in statement.resources.patterns() {
        let resource_type = pattern
            .as_str()
            .splitn(6, ':')
            .nth(5)
            .and_then(|tail| tail.split_once('/'));
        match resource_type {
            _ if excepted => reasons.push(format!("it excepts `{pattern}`")),
            Some((other, _)) if other != wanted && !other.contains(['*', '?', '$']) => reasons.push(format!(
                "its resource `{pattern}` is a `{other}`, but {} is checked against `{wanted}/…`",
                request.action
            )),
            _ => reasons.push(format!("its resource `{pattern}` does not cover the requested one")),
        }
    }
    reasons
}

fn condition(clause: &Clause, context: &Context) -> String {
    let given = clause.key.values(context).join("`, `");
    let given = if given.is_empty() {
        "the request has no value".to_owned()
    } else {
        format!("the request has `{given}`")
    };
    format!(
        "its condition {} on `{}` fails: the policy wants `{}`, {given}",
        clause.operator,
        clause.key,
        clause.values.join("`, `")
    )
}

/// Why a variable has no value here, and what would give it one.
fn no_value(key: &Key, context: &Context) -> String {
    let why = match key {
        Key::ThingName | Key::ThingTypeName | Key::ThingAttribute(_) | Key::ThingIsAttached => match &context.thing {
            _ if context.thing_variables == ThingVariables::Unavailable => {
                "thing variables exist only on MQTT connections of a certificate or Cognito identity".to_owned()
            }
            None => "the connection has no thing: the client id must be exactly the name of a thing the certificate is \
                     attached to, or the attachment must be exclusive"
                .to_owned(),
            Some(thing) => format!("thing `{}` has none", thing.name),
        },
        Key::CertificateId => "the connection has no client certificate".to_owned(),
        Key::CertificateName(..) | Key::CertificateAlternativeName(..) | Key::CertificateSerialNumber => {
            match context.certificate {
                None => "the connection has no client certificate".to_owned(),
                Some(_) => "the certificate does not have it, or AWS does not substitute it: it holds one of `*$+?#` or \
                            is longer than 1024 characters"
                    .to_owned(),
            }
        }
        Key::LastWillTopic => "the connection has no will".to_owned(),
        _ => "the request does not carry it".to_owned(),
    };
    format!("`{key}` has no value: {why}")
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let question = &self.question;
        match (&self.decision.effect, &self.decision.decided_by) {
            (Verdict::Allowed, Some(by)) => return write!(f, "{by} allows {question}"),
            (Verdict::ExplicitDeny, Some(by)) => return write!(f, "{by} denies {question}"),
            _ => write!(f, "no statement allows {question}")?,
        }
        if self.near_misses.is_empty() {
            return f.write_str("\nno Allow statement is about this action");
        }
        for miss in &self.near_misses {
            write!(f, "\n{} does not match:", miss.statement)?;
            miss.reasons
                .iter()
                .try_for_each(|reason| write!(f, "\n  {reason}"))?;
        }
        Ok(())
    }
}

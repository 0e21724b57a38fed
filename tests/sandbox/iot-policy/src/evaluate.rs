//! Evaluation: explicit deny, then allow, then implicit deny.

use std::borrow::Borrow;
use std::fmt;

use crate::action::Action;
use crate::condition::Clause;
use crate::context::Context;
use crate::document::{Effect, Policy, Resources, Statement};
use crate::key::Key;
use crate::pattern::Pattern;

/// A question to a set of policies.
#[derive(Debug, Clone)]
pub struct Request<'c> {
    /// What is to be done.
    pub action: Action,
    /// On what: an ARN of [`crate::Arn`], or `*` for actions without resource level.
    pub resource: String,
    /// By whom and how.
    pub context: &'c Context,
}

impl<'c> Request<'c> {
    /// The question whether `action` may be done on `resource`.
    #[must_use]
    pub fn new(action: Action, resource: impl Into<String>, context: &'c Context) -> Self {
        Self {
            action,
            resource: resource.into(),
            context,
        }
    }
}

/// The answer's class, as `TestAuthorization` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// At least one Allow and no Deny matches.
    Allowed,
    /// A Deny matches.
    ExplicitDeny,
    /// Nothing matches.
    ImplicitDeny,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allowed => "ALLOWED",
            Self::ExplicitDeny => "EXPLICIT_DENY",
            Self::ImplicitDeny => "IMPLICIT_DENY",
        })
    }
}

/// Where a statement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRef {
    /// The policy's name.
    pub policy: String,
    /// The statement's place in it, counted from zero.
    pub statement: usize,
    /// The statement's `Sid`.
    pub sid: Option<String>,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy `{}` statement {}", self.policy, self.statement)?;
        self.sid.iter().try_for_each(|sid| write!(f, " (`{sid}`)"))
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its class.
    pub effect: Verdict,
    /// The statement that decided; none for an implicit deny.
    pub decided_by: Option<StatementRef>,
    /// Variables and condition keys without value on which a statement about the action failed, sorted
    /// (`missingContextValues` of `TestAuthorization`).
    pub missing: Vec<String>,
}

impl Decision {
    /// Whether the request may go on.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.effect == Verdict::Allowed
    }
}

/// Whether and why a statement matches a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome<'s> {
    Matches,
    OtherAction,
    OtherResource,
    Condition(&'s Clause),
}

/// Answers a request: any matching Deny wins over any matching Allow; without either the answer is no.
///
/// `policies` are those of the principal ([`crate::effective`]), as [`Policy`], references or shared pointers.
#[must_use]
pub fn evaluate<P: Borrow<Policy>>(policies: &[P], request: &Request<'_>) -> Decision {
    let mut missing = Vec::new();
    let mut allowed_by = None;
    for policy in policies {
        let policy = policy.borrow();
        for (index, statement) in policy.document.statements.iter().enumerate() {
            if statement.check(request, &mut missing) != Outcome::Matches {
                continue;
            }
            match statement.effect {
                Effect::Deny => {
                    return decision(
                        Verdict::ExplicitDeny,
                        Some(reference(policy, index, statement)),
                        &missing,
                    );
                }
                Effect::Allow if allowed_by.is_none() => {
                    allowed_by = Some((policy, index, statement))
                }
                Effect::Allow => {}
            }
        }
    }
    match allowed_by {
        Some((policy, index, statement)) => decision(
            Verdict::Allowed,
            Some(reference(policy, index, statement)),
            &missing,
        ),
        None => decision(Verdict::ImplicitDeny, None, &missing),
    }
}

pub(crate) fn decision(
    effect: Verdict,
    decided_by: Option<StatementRef>,
    missing: &[Key],
) -> Decision {
    let mut missing: Vec<String> = missing.iter().map(Key::to_string).collect();
    missing.sort_unstable();
    missing.dedup();
    Decision {
        effect,
        decided_by,
        missing,
    }
}

pub(crate) fn reference(policy: &Policy, statement: usize, found: &Statement) -> StatementRef {
    StatementRef {
        policy: policy.name.clone(),
        statement,
        sid: found.sid.clone(),
    }
}

impl Statement {
    /// Whether it matches, and if not what fails first; adds what has no value to `missing`.
    pub(crate) fn check(&self, request: &Request<'_>, missing: &mut Vec<Key>) -> Outcome<'_> {
        if !self
            .actions
            .iter()
            .any(|pattern| pattern.selects(request.action))
        {
            return Outcome::OtherAction;
        }
        let before = missing.len();
        if !self.covers(request, missing) {
            return Outcome::OtherResource;
        }
        let fails = |clause: &&Clause| !clause.holds(request.context, self.effect, missing);
        if let Some(clause) = self.condition.iter().find(fails) {
            return Outcome::Condition(clause);
        }
        // It matched all the same: what had no value did not matter.
        missing.truncate(before);
        Outcome::Matches
    }

    /// A pattern whose variable has no value covers nothing, as AWS leaves the `${…}` text in place. In a `NotResource`
    /// that would widen an Allow, so such an Allow does not match at all.
    fn covers(&self, request: &Request<'_>, missing: &mut Vec<Key>) -> bool {
        let before = missing.len();
        let mut covers = |pattern: &Pattern| match pattern.resolve(request.context) {
            Ok(glob) => glob.matches(&request.resource),
            Err(keys) => {
                missing.extend(keys.into_iter().cloned());
                false
            }
        };
        match &self.resources {
            Resources::Only(patterns) => patterns.iter().any(&mut covers),
            Resources::Except(patterns) => {
                let excepted = patterns.iter().any(&mut covers);
                !excepted && (missing.len() == before || self.effect == Effect::Deny)
            }
        }
    }
}

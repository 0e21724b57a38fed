//! Who is attached to what: policies to certificates and thing groups, certificates to things.

use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;

/// What a policy can be attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A certificate's id.
    Certificate(String),
    /// A thing group's name.
    ThingGroup(String),
}

/// How a certificate is attached to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalType {
    /// The certificate belongs to this thing and to no other.
    Exclusive,
    /// The certificate may be attached to several things.
    NonExclusive,
}

impl PrincipalType {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exclusive => "EXCLUSIVE_THING",
            Self::NonExclusive => "NON_EXCLUSIVE_THING",
        }
    }

    /// Reads AWS's spelling.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "EXCLUSIVE_THING" => Ok(Self::Exclusive),
            "NON_EXCLUSIVE_THING" => Ok(Self::NonExclusive),
            _ => Err(Refusal::InvalidRequest(format!(
                "thingPrincipalType `{text}` must be EXCLUSIVE_THING or NON_EXCLUSIVE_THING"
            ))),
        }
    }
}

/// All attachments.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    policies: BTreeSet<(Target, String)>,
    /// certificate id → thing name → how
    things: BTreeMap<String, BTreeMap<String, PrincipalType>>,
}

impl Attachments {
    /// The names of the policies attached to a target.
    pub fn policies_of<'a>(&'a self, target: &'a Target) -> impl Iterator<Item = &'a str> {
        let from = (target.clone(), String::new());
        self.policies
            .range(from..)
            .take_while(move |(at, _)| at == target)
            .map(|(_, policy)| policy.as_str())
    }

    /// What a policy is attached to.
    pub fn targets_of<'a>(&'a self, policy: &'a str) -> impl Iterator<Item = &'a Target> {
        self.policies
            .iter()
            .filter(move |(_, name)| name == policy)
            .map(|(target, _)| target)
    }

    /// Attaches a policy; again is fine.
    ///
    /// # Errors
    /// [`Refusal::LimitExceeded`] for an eleventh policy on one target.
    pub fn attach_policy(&mut self, policy: &str, target: Target) -> Result<(), Refusal> {
        let attached: Vec<_> = self.policies_of(&target).collect();
        if attached.contains(&policy) {
            return Ok(());
        }
        iot_policy::limits::check_policies_per_principal(attached.len() + 1)
            .map_err(|e| Refusal::LimitExceeded(e.to_string()))?;
        self.policies.insert((target, policy.to_owned()));
        Ok(())
    }

    /// Detaches a policy; one that is not attached is fine.
    pub fn detach_policy(&mut self, policy: &str, target: Target) {
        self.policies.remove(&(target, policy.to_owned()));
    }

    /// Detaches every policy from a target that is going away.
    pub(super) fn forget_target(&mut self, target: &Target) {
        self.policies.retain(|(at, _)| at != target);
    }

    /// Detaches a certificate that is going away from everything.
    pub(super) fn forget_certificate(&mut self, certificate: &str) {
        self.forget_target(&Target::Certificate(certificate.to_owned()));
        self.things.remove(certificate);
    }

    /// The things a certificate is attached to.
    pub fn things_of<'a>(
        &'a self,
        certificate: &str,
    ) -> impl Iterator<Item = (&'a str, PrincipalType)> + use<'a> {
        self.things
            .get(certificate)
            .into_iter()
            .flatten()
            .map(|(thing, how)| (thing.as_str(), *how))
    }

    /// The certificates attached to a thing.
    pub fn certificates_of<'a>(
        &'a self,
        thing: &'a str,
    ) -> impl Iterator<Item = (&'a str, PrincipalType)> {
        self.things
            .iter()
            .filter_map(move |(id, things)| Some((id.as_str(), *things.get(thing)?)))
    }

    /// Attaches a certificate to a thing; the same again is fine.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] when the certificate would be exclusive and attached elsewhere at once. Source: AWS
    /// IoT developer guide, "Exclusive thing"; which exception it is, is unconfirmed.
    pub fn attach_thing(
        &mut self,
        certificate: &str,
        thing: &str,
        how: PrincipalType,
    ) -> Result<(), Refusal> {
        let attached = self.things.entry(certificate.to_owned()).or_default();
        let conflict = |text: String| Err(Refusal::InvalidRequest(text));
        match attached.get(thing) {
            Some(there) if *there == how => return Ok(()),
            Some(there) => {
                return conflict(format!(
                    "certificate {certificate} is attached to thing {thing} as {}; detach it first",
                    there.as_str()
                ));
            }
            None => {}
        }
        if let Some((other, _)) = attached
            .iter()
            .find(|(_, there)| **there == PrincipalType::Exclusive)
        {
            return conflict(format!(
                "certificate {certificate} belongs exclusively to thing {other}; detach it there first"
            ));
        }
        if how == PrincipalType::Exclusive
            && let Some(other) = attached.keys().next()
        {
            return conflict(format!(
                "certificate {certificate} is attached to thing {other}, so it cannot become exclusive to {thing}"
            ));
        }
        attached.insert(thing.to_owned(), how);
        Ok(())
    }

    /// Detaches a certificate from a thing; one that is not attached is fine.
    pub fn detach_thing(&mut self, certificate: &str, thing: &str) {
        if let Some(attached) = self.things.get_mut(certificate) {
            attached.remove(thing);
        }
    }
}

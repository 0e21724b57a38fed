//! What an evaluated provisioning template asks for, done to the registry: all of it or nothing.
//!
//! Source: AWS IoT developer guide, "Provisioning templates", also for the override settings.

use std::fmt::Write as _;

use provisioning_template::{CertificateSpec, Override, PolicySpec, Provisioned, ThingSpec};
use sha2::{Digest, Sha256};

use super::things::{Thing, ThingUpdate};
use super::{CertificateStatus, PrincipalType, Refusal, State, Target};

/// What a registration has made or brought in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The thing, if the template has one.
    pub thing: Option<String>,
    /// The policies that are attached to the certificate now because of the template.
    pub policies: Vec<String>,
    /// The certificate has left `ACTIVE`: its connections are to be ended.
    pub withdrawn: bool,
}

impl State {
    /// Creates the thing or brings it in line, puts it into its groups, attaches the policies to the certificate and the
    /// certificate to the thing, and last gives the certificate its status.
    ///
    /// What the template does not say about a thing that exists stays as it is. `FAIL` is a conflict only where the thing
    /// lacks something that the template says: the same registration again succeeds, as CreateThing does on AWS.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a certificate, thing type, group or policy that does not exist, [`Refusal::Conflict`] where
    /// an override setting is `FAIL`, and whatever creating and attaching can be refused for. The registry is then as
    /// before.
    pub fn provision(&mut self, wanted: &Provisioned, now_ms: u64) -> Result<Made, Refusal> {
        // Everything but the certificate, whose status is the last thing to change.
        let before = (
            self.things.clone(),
            self.groups.clone(),
            self.policies.clone(),
            self.attachments.clone(),
        );
        let made = self.provision_piecemeal(wanted, now_ms);
        if made.is_err() {
            (self.things, self.groups, self.policies, self.attachments) = before;
        }
        made
    }

    fn provision_piecemeal(&mut self, wanted: &Provisioned, now_ms: u64) -> Result<Made, Refusal> {
        let certificate = &wanted.certificate;
        self.certificates.get(&certificate.id)?;
        if let Some(thing) = &wanted.thing {
            self.provision_thing(thing)?;
        }
        let mut policies = Vec::new();
        for policy in &wanted.policies {
            let name = self.policy_of(policy, now_ms)?;
            let target = Target::Certificate(certificate.id.clone());
            self.attachments.attach_policy(&name, target)?;
            policies.push(name);
        }
        if let Some(thing) = &wanted.thing {
            let how = match certificate.exclusive_thing {
                true => PrincipalType::Exclusive,
                false => PrincipalType::NonExclusive,
            };
            self.attachments
                .attach_thing(&certificate.id, &thing.name, how)?;
        }
        Ok(Made {
            thing: wanted.thing.as_ref().map(|thing| thing.name.clone()),
            policies,
            withdrawn: self.provision_status(certificate, now_ms)?,
        })
    }

    fn provision_thing(&mut self, wanted: &ThingSpec) -> Result<(), Refusal> {
        let name = wanted.name.as_str();
        let Ok(there) = self.things.get(name).cloned() else {
            let arn = self.scope.thing(name);
            let (thing_type, attributes) = (wanted.thing_type.clone(), wanted.attributes.clone());
            self.things.create(name, thing_type, attributes, arn)?;
            return join(self, name, &wanted.groups);
        };
        let update = ThingUpdate {
            thing_type: changed_type(&there, wanted)?,
            attributes: changed_attributes(&there, wanted)?
                .map(|merge| (wanted.attributes.clone(), merge)),
            ..ThingUpdate::default()
        };
        if update.thing_type.is_some() || update.attributes.is_some() {
            self.things.update(name, update)?;
        }
        self.provision_groups(wanted)
    }

    /// The groups of a thing that exists.
    fn provision_groups(&mut self, wanted: &ThingSpec) -> Result<(), Refusal> {
        let (name, groups) = (wanted.name.as_str(), &wanted.groups);
        let of_thing: Vec<_> = self.groups.of_thing(name).map(str::to_owned).collect();
        match wanted.overrides.groups {
            Override::Replace if groups.is_empty() => return Ok(()),
            Override::Replace => {
                for other in of_thing.iter().filter(|it| !groups.contains(it)) {
                    self.groups.remove_thing(other, name)?;
                }
            }
            _ if groups.iter().all(|group| of_thing.contains(group)) => return Ok(()),
            Override::DoNothing => return Ok(()),
            Override::Fail => return Err(conflict(name, "ThingGroups")),
            Override::Merge => {}
        }
        join(self, name, groups)
    }

    /// The name of a policy to attach; a document becomes a policy whose name is its hash.
    fn policy_of(&mut self, policy: &PolicySpec, now_ms: u64) -> Result<String, Refusal> {
        let document = match policy {
            PolicySpec::Existing(name) => {
                self.policies.get(name)?;
                return Ok(name.clone());
            }
            PolicySpec::Document(document) => document.to_string(),
        };
        let mut name = String::with_capacity(64);
        for byte in Sha256::digest(&document) {
            let _ = write!(name, "{byte:02x}");
        }
        if self.policies.get(&name).is_err() {
            let arn = self.scope.policy(&name);
            self.policies.create(&name, &document, now_ms, arn)?;
        }
        Ok(name)
    }

    fn provision_status(&mut self, wanted: &CertificateSpec, now_ms: u64) -> Result<bool, Refusal> {
        let status = match wanted.active {
            true => CertificateStatus::Active,
            false => CertificateStatus::Inactive,
        };
        let there = self.certificates.get(&wanted.id)?.status;
        let pending = there == CertificateStatus::PendingActivation;
        match wanted.status_override {
            _ if pending || there == status => {}
            Override::DoNothing => return Ok(false),
            Override::Fail => {
                return Err(Refusal::Conflict(format!(
                    "certificate {} is {there} already and the template's OverrideSettings say FAIL for its Status",
                    wanted.id
                )));
            }
            Override::Replace | Override::Merge => {}
        }
        self.certificates.set_status(&wanted.id, status, now_ms)
    }
}

fn changed_type(there: &Thing, wanted: &ThingSpec) -> Result<Option<String>, Refusal> {
    match (&wanted.thing_type, wanted.overrides.thing_type) {
        (None, _) | (_, Override::DoNothing) => Ok(None),
        (wanted, _) if *wanted == there.thing_type => Ok(None),
        (_, Override::Fail) => Err(conflict(&there.name, "ThingTypeName")),
        (wanted, Override::Replace | Override::Merge) => Ok(wanted.clone()),
    }
}

/// Whether the attributes are to be changed, and then whether by merging.
fn changed_attributes(there: &Thing, wanted: &ThingSpec) -> Result<Option<bool>, Refusal> {
    let mut pairs = wanted.attributes.iter();
    let has_all = pairs.all(|(name, value)| there.attributes.get(name) == Some(value));
    match wanted.overrides.attributes {
        Override::Replace => {
            let same = wanted.attributes.is_empty() || wanted.attributes == there.attributes;
            Ok((!same).then_some(false))
        }
        _ if has_all => Ok(None),
        Override::DoNothing => Ok(None),
        Override::Fail => Err(conflict(&there.name, "AttributePayload")),
        Override::Merge => Ok(Some(true)),
    }
}

fn join(state: &mut State, thing: &str, groups: &[String]) -> Result<(), Refusal> {
    let mut groups = groups.iter();
    groups.try_for_each(|group| state.groups.add_thing(group, thing))
}

fn conflict(thing: &str, what: &str) -> Refusal {
    Refusal::Conflict(format!(
        "thing {thing} exists with another {what} and the template's OverrideSettings say FAIL for it, or nothing"
    ))
}

#[cfg(test)]
mod tests;

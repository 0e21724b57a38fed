//! Policies and their versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use iot_policy::{PolicyDocument, limits};

use super::{Refusal, names};

/// One version of a policy.
#[derive(Debug, Clone)]
pub struct PolicyVersion {
    /// `1`, `2`, …; never used twice.
    pub id: u64,
    /// The text as it was sent.
    pub text: String,
    /// The text, read; carries the policy's name.
    pub parsed: Arc<iot_policy::Policy>,
    /// Epoch milliseconds.
    pub created_ms: u64,
}

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// 1 to 128 of `[\w+=,.@-]`.
    pub name: String,
    /// 1 to 5, the oldest first.
    pub versions: Vec<PolicyVersion>,
    /// The id of the version in force.
    pub default_version: u64,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// Epoch milliseconds.
    pub modified_ms: u64,
    next_version: u64,
}

impl Policy {
    /// Finds a version.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn version(&self, id: u64) -> Result<&PolicyVersion, Refusal> {
        self.versions
            .iter()
            .find(|version| version.id == id)
            .ok_or_else(|| Refusal::NotFound(format!("policy {} has no version {id}", self.name)))
    }

    /// The version in force.
    ///
    /// # Errors
    /// Never, as long as the default version cannot be deleted.
    pub fn in_force(&self) -> Result<&PolicyVersion, Refusal> {
        self.version(self.default_version)
    }
}

/// All policies.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    by_name: BTreeMap<String, Policy>,
}

impl Policies {
    /// Creates a policy with version 1.
    ///
    /// # Errors
    /// [`Refusal::MalformedPolicy`], [`Refusal::InvalidRequest`] for a bad name, [`Refusal::AlreadyExists`] whatever the
    /// document (AWS IoT compares nothing here).
    pub fn create(
        &mut self,
        name: &str,
        text: &str,
        now_ms: u64,
        arn: String,
    ) -> Result<&Policy, Refusal> {
        names::policy_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(Refusal::AlreadyExists {
                message: format!("policy {name} exists; create a new version of it"),
                id: name.to_owned(),
                arn,
            });
        }
        let version = PolicyVersion {
            id: 1,
            text: text.to_owned(),
            parsed: parse(name, text)?,
            created_ms: now_ms,
        };
        Ok(self.by_name.entry(name.to_owned()).or_insert(Policy {
            name: name.to_owned(),
            versions: vec![version],
            default_version: 1,
            created_ms: now_ms,
            modified_ms: now_ms,
            next_version: 2,
        }))
    }

    /// Adds a version and answers its id.
    ///
    /// # Errors
    /// [`Refusal::VersionsLimitExceeded`] for a sixth one, [`Refusal::MalformedPolicy`], [`Refusal::NotFound`].
    pub fn create_version(
        &mut self,
        name: &str,
        text: &str,
        set_as_default: bool,
        now_ms: u64,
    ) -> Result<u64, Refusal> {
        let policy = self.get_mut(name)?;
        if limits::check_versions(policy.versions.len() + 1).is_err() {
            return Err(Refusal::VersionsLimitExceeded(format!(
                "policy {name} has {} versions already; delete one first",
                policy.versions.len()
            )));
        }
        let parsed = parse(name, text)?;
        let id = policy.next_version;
        policy.next_version += 1;
        policy.versions.push(PolicyVersion {
            id,
            text: text.to_owned(),
            parsed,
            created_ms: now_ms,
        });
        if set_as_default {
            policy.default_version = id;
        }
        policy.modified_ms = now_ms;
        Ok(id)
    }

    /// Puts a version in force.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn set_default(&mut self, name: &str, id: u64, now_ms: u64) -> Result<(), Refusal> {
        let policy = self.get_mut(name)?;
        policy.version(id)?;
        policy.default_version = id;
        policy.modified_ms = now_ms;
        Ok(())
    }

    /// Deletes a version that is not in force.
    ///
    /// # Errors
    /// [`Refusal::DeleteConflict`] for the version in force, [`Refusal::NotFound`].
    pub fn delete_version(&mut self, name: &str, id: u64) -> Result<(), Refusal> {
        let policy = self.get_mut(name)?;
        policy.version(id)?;
        if policy.default_version == id {
            return Err(Refusal::DeleteConflict(format!(
                "version {id} is the default of policy {name}; set another default or delete the policy"
            )));
        }
        policy.versions.retain(|version| version.id != id);
        Ok(())
    }

    /// Finds a policy.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, name: &str) -> Result<&Policy, Refusal> {
        self.by_name.get(name).ok_or_else(|| unknown(name))
    }

    /// All policies by name.
    pub fn list(&self) -> impl Iterator<Item = &Policy> {
        self.by_name.values()
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut Policy, Refusal> {
        self.by_name.get_mut(name).ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::NotFound(format!("policy {name} does not exist"))
}

fn parse(name: &str, text: &str) -> Result<Arc<iot_policy::Policy>, Refusal> {
    let document =
        PolicyDocument::parse(text).map_err(|e| Refusal::MalformedPolicy(e.to_string()))?;
    limits::check_document_size(text).map_err(|e| Refusal::MalformedPolicy(e.to_string()))?;
    Ok(Arc::new(iot_policy::Policy::new(name, document)))
}

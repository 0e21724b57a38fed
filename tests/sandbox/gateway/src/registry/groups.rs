//! Static thing groups: a forest of at most 7 levels, and who is in which group.

use std::collections::{BTreeMap, BTreeSet};

use super::{Refusal, names};

/// Most levels of groups, the root included. Source: AWS IoT quotas, "Maximum depth of a thing group hierarchy".
const MAX_DEPTH: usize = 7;
/// Most direct children of a group.
const MAX_CHILDREN: usize = 100;
/// Most groups that one thing belongs to.
const MAX_GROUPS_OF_THING: usize = 10;

/// A static thing group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// 1 to 128 of `[a-zA-Z0-9:_-]`.
    pub name: String,
    /// A UUID.
    pub id: String,
    /// The group above.
    pub parent: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free attributes.
    pub attributes: BTreeMap<String, String>,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// 1, and one more with each update.
    pub version: u64,
}

/// All thing groups and their members.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    groups: BTreeMap<String, Group>,
    /// (group, thing)
    members: BTreeSet<(String, String)>,
}

impl Groups {
    /// Creates a group; the same request again answers the group that is there.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::NotFound`] for an unknown parent, [`Refusal::InvalidRequest`].
    pub fn create(&mut self, wanted: Group, arn: String) -> Result<Group, Refusal> {
        names::registry_name("thingGroupName", &wanted.name)?;
        names::attributes(&wanted.attributes, names::MAX_ATTRIBUTES)?;
        if let Some(there) = self.groups.get(&wanted.name) {
            let same = there.parent == wanted.parent
                && there.description == wanted.description
                && there.attributes == wanted.attributes;
            if same {
                return Ok(there.clone());
            }
            return Err(Refusal::AlreadyExists {
                message: format!("thing group {} exists with other properties", wanted.name),
                id: there.id.clone(),
                arn,
            });
        }
        if let Some(parent) = &wanted.parent {
            self.get(parent)?;
            if self.lineage(parent).len() >= MAX_DEPTH {
                return Err(Refusal::InvalidRequest(format!(
                    "thing groups may be {MAX_DEPTH} levels deep; {parent} is on the last one"
                )));
            }
            if self.children(parent).count() >= MAX_CHILDREN {
                return Err(Refusal::InvalidRequest(format!(
                    "thing group {parent} has {MAX_CHILDREN} child groups already"
                )));
            }
        }
        self.groups.insert(wanted.name.clone(), wanted.clone());
        Ok(wanted)
    }

    /// Finds a group.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, name: &str) -> Result<&Group, Refusal> {
        self.groups
            .get(name)
            .ok_or_else(|| Refusal::NotFound(format!("thing group {name} does not exist")))
    }

    /// All groups by name.
    pub fn list(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The direct children.
    pub fn children<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups
            .values()
            .filter(move |group| group.parent.as_deref() == Some(parent))
    }

    /// The group and all above it, the root last.
    #[must_use]
    pub fn lineage(&self, name: &str) -> Vec<&Group> {
        let mut line = Vec::new();
        let mut next = self.groups.get(name);
        while let Some(group) = next {
            line.push(group);
            next = group
                .parent
                .as_ref()
                .and_then(|parent| self.groups.get(parent));
        }
        line
    }

    /// Whether `name` is `above` or below it.
    #[must_use]
    pub fn is_under(&self, name: &str, above: &str) -> bool {
        self.lineage(name).iter().any(|group| group.name == above)
    }

    /// Puts a thing into a group; again is fine.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::InvalidRequest`] for an eleventh group, or for a second group in the same
    /// hierarchy (AWS IoT developer guide, "Static thing groups": a thing cannot be in two groups of one hierarchy).
    pub fn add_thing(&mut self, group: &str, thing: &str) -> Result<(), Refusal> {
        self.get(group)?;
        let of_thing: Vec<_> = self.of_thing(thing).collect();
        if of_thing.contains(&group) {
            return Ok(());
        }
        let root = |name: &str| self.lineage(name).last().map(|group| group.name.clone());
        if let Some(other) = of_thing.iter().find(|name| root(name) == root(group)) {
            return Err(Refusal::InvalidRequest(format!(
                "thing {thing} is in group {other} of the same hierarchy; take it out there first"
            )));
        }
        if of_thing.len() >= MAX_GROUPS_OF_THING {
            return Err(Refusal::InvalidRequest(format!(
                "thing {thing} is in {MAX_GROUPS_OF_THING} groups already"
            )));
        }
        self.members.insert((group.to_owned(), thing.to_owned()));
        Ok(())
    }

    /// Takes a thing out of a group; again is fine.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown group.
    pub fn remove_thing(&mut self, group: &str, thing: &str) -> Result<(), Refusal> {
        self.get(group)?;
        self.members.remove(&(group.to_owned(), thing.to_owned()));
        Ok(())
    }

    pub(super) fn forget_thing(&mut self, thing: &str) {
        self.members.retain(|(_, member)| member != thing);
    }

    /// The groups a thing is directly in.
    pub fn of_thing<'a>(&'a self, thing: &'a str) -> impl Iterator<Item = &'a str> {
        self.members
            .iter()
            .filter(move |(_, member)| member == thing)
            .map(|(group, _)| group.as_str())
    }

    /// The things in a group, with those of the groups below it when `recursive`.
    #[must_use]
    pub fn things_in(&self, group: &str, recursive: bool) -> BTreeSet<&str> {
        let selected = |name: &str| name == group || (recursive && self.is_under(name, group));
        self.members
            .iter()
            .filter(|(name, _)| selected(name))
            .map(|(_, thing)| thing.as_str())
            .collect()
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.groups.remove(name);
        self.members.retain(|(group, _)| group != name);
    }
}

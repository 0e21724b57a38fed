//! Things and thing types.

use std::collections::BTreeMap;

use super::{Refusal, names};

/// A device's entry in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// 1 to 128 of `[a-zA-Z0-9:_-]`.
    pub name: String,
    /// A UUID.
    pub id: String,
    /// Its thing type.
    pub thing_type: Option<String>,
    /// Free attributes.
    pub attributes: BTreeMap<String, String>,
    /// 1, and one more with each update.
    pub version: u64,
}

/// A class of things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingType {
    /// 1 to 128 of `[a-zA-Z0-9:_-]`.
    pub name: String,
    /// A UUID.
    pub id: String,
    /// Free text.
    pub description: Option<String>,
    /// At most 3.
    pub searchable_attributes: Vec<String>,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// Since when no thing may take it, epoch milliseconds.
    pub deprecated_ms: Option<u64>,
}

/// What UpdateThing changes.
#[derive(Debug, Default)]
pub struct ThingUpdate {
    /// A new thing type.
    pub thing_type: Option<String>,
    /// Take the thing type away.
    pub remove_thing_type: bool,
    /// New attributes and whether they are merged into the old ones; an empty value removes the attribute.
    pub attributes: Option<(BTreeMap<String, String>, bool)>,
    /// Refuse if the thing has another version.
    pub expected_version: Option<u64>,
}

/// All things and thing types.
#[derive(Debug, Clone, Default)]
pub struct Things {
    things: BTreeMap<String, Thing>,
    types: BTreeMap<String, ThingType>,
}

impl Things {
    /// Creates a thing; the same request again answers the thing that is there.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] when a thing of that name has another type or other attributes,
    /// [`Refusal::NotFound`] for an unknown thing type, [`Refusal::InvalidRequest`].
    pub fn create(
        &mut self,
        name: &str,
        thing_type: Option<String>,
        attributes: BTreeMap<String, String>,
        arn: String,
    ) -> Result<Thing, Refusal> {
        names::registry_name("thingName", name)?;
        self.check_attributes(thing_type.as_deref(), &attributes)?;
        if let Some(there) = self.things.get(name) {
            if there.thing_type == thing_type && there.attributes == attributes {
                return Ok(there.clone());
            }
            return Err(Refusal::AlreadyExists {
                message: format!("thing {name} exists with another type or other attributes"),
                id: there.id.clone(),
                arn,
            });
        }
        let id = uuid::Uuid::new_v4().to_string();
        let thing = Thing {
            name: name.to_owned(),
            id,
            thing_type,
            attributes,
            version: 1,
        };
        self.things.insert(name.to_owned(), thing.clone());
        Ok(thing)
    }

    /// Finds a thing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, name: &str) -> Result<&Thing, Refusal> {
        self.things
            .get(name)
            .ok_or_else(|| Refusal::NotFound(format!("thing {name} does not exist")))
    }

    /// All things by name.
    pub fn list(&self) -> impl Iterator<Item = &Thing> {
        self.things.values()
    }

    /// Changes a thing.
    ///
    /// # Errors
    /// [`Refusal::VersionConflict`], [`Refusal::NotFound`], [`Refusal::InvalidRequest`].
    pub fn update(&mut self, name: &str, update: ThingUpdate) -> Result<(), Refusal> {
        let mut thing = self.get(name)?.clone();
        expect_version(name, thing.version, update.expected_version)?;
        if update.remove_thing_type {
            if update.thing_type.is_some() {
                return Err(Refusal::InvalidRequest(
                    "thingTypeName and removeThingType exclude each other".into(),
                ));
            }
            thing.thing_type = None;
        }
        if let Some(thing_type) = update.thing_type {
            thing.thing_type = Some(thing_type);
        }
        if let Some((attributes, merge)) = update.attributes {
            if !merge {
                thing.attributes.clear();
            }
            thing.attributes.extend(attributes);
            thing.attributes.retain(|_, value| !value.is_empty());
        }
        self.check_attributes(thing.thing_type.as_deref(), &thing.attributes)?;
        thing.version += 1;
        self.things.insert(name.to_owned(), thing);
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        name: &str,
        expected_version: Option<u64>,
    ) -> Result<(), Refusal> {
        expect_version(name, self.get(name)?.version, expected_version)?;
        self.things.remove(name);
        Ok(())
    }

    /// Creates a thing type; the same request again answers the type that is there.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::InvalidRequest`].
    pub fn create_type(&mut self, wanted: ThingType, arn: String) -> Result<ThingType, Refusal> {
        names::registry_name("thingTypeName", &wanted.name)?;
        if wanted.searchable_attributes.len() > 3 {
            return Err(Refusal::InvalidRequest(
                "a thing type has at most 3 searchable attributes".into(),
            ));
        }
        if let Some(there) = self.types.get(&wanted.name) {
            let same = there.description == wanted.description
                && there.searchable_attributes == wanted.searchable_attributes;
            if same {
                return Ok(there.clone());
            }
            return Err(Refusal::AlreadyExists {
                message: format!("thing type {} exists with other properties", wanted.name),
                id: there.id.clone(),
                arn,
            });
        }
        self.types.insert(wanted.name.clone(), wanted.clone());
        Ok(wanted)
    }

    /// Finds a thing type.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get_type(&self, name: &str) -> Result<&ThingType, Refusal> {
        self.types
            .get(name)
            .ok_or_else(|| Refusal::NotFound(format!("thing type {name} does not exist")))
    }

    /// All thing types by name.
    pub fn list_types(&self) -> impl Iterator<Item = &ThingType> {
        self.types.values()
    }

    fn check_attributes(
        &self,
        thing_type: Option<&str>,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let most = match thing_type {
            None => names::MAX_ATTRIBUTES_WITHOUT_TYPE,
            Some(name) => {
                if self.get_type(name)?.deprecated_ms.is_some() {
                    return Err(Refusal::InvalidRequest(format!(
                        "thing type {name} is deprecated"
                    )));
                }
                names::MAX_ATTRIBUTES
            }
        };
        names::attributes(attributes, most)
    }
}

fn expect_version(name: &str, actual: u64, expected: Option<u64>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if expected != actual => Err(Refusal::VersionConflict(format!(
            "{name} has version {actual}, not {expected}; read it again"
        ))),
        _ => Ok(()),
    }
}

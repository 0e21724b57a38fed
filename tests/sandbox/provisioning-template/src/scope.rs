//! What names mean: to the reader of a template, and to its evaluation.

use std::collections::{BTreeMap, BTreeSet};

use crate::failed::Failure;

/// A template's mappings: mapping, first key, second key, value.
pub(crate) type Mappings = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// What the expressions of a template may name.
pub(crate) struct Declared<'a> {
    pub(crate) parameters: &'a BTreeSet<String>,
    pub(crate) resources: &'a BTreeSet<String>,
    pub(crate) mappings: &'a Mappings,
}

/// What the names of a template stand for in one evaluation.
pub(crate) struct Values<'a> {
    pub(crate) parameters: BTreeMap<&'a str, &'a str>,
    pub(crate) mappings: &'a Mappings,
}

impl Values<'_> {
    pub(crate) fn parameter(&self, name: &str) -> Result<String, Failure> {
        self.parameters
            .get(name)
            .map(|value| (*value).to_owned())
            .ok_or(Failure::MissingParameter)
    }

    pub(crate) fn find_in_map(
        &self,
        mapping: &str,
        first: &str,
        second: &str,
    ) -> Result<String, Failure> {
        self.mappings
            .get(mapping)
            .and_then(|keys| keys.get(first)?.get(second))
            .cloned()
            .ok_or_else(|| Failure::NoSuchKey {
                mapping: mapping.to_owned(),
            })
    }
}

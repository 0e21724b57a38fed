//! A value of the template and where it stands, so that every error can say so.

use serde_json::{Map, Value};

use crate::invalid::{InvalidTemplate, Problem};

#[derive(Clone)]
pub(crate) struct Node<'a> {
    pub(crate) at: String,
    pub(crate) value: &'a Value,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        let at = String::new();
        Self { at, value }
    }

    pub(crate) fn error(&self, problem: Problem) -> InvalidTemplate {
        InvalidTemplate::new(self.at.clone(), problem)
    }

    pub(crate) fn expected(&self, expected: &'static str) -> InvalidTemplate {
        self.error(Problem::WrongType { expected })
    }

    pub(crate) fn key(&self, name: &str, value: &'a Value) -> Self {
        let separator = if self.at.is_empty() { "" } else { "." };
        let at = format!("{}{separator}{name}", self.at);
        Self { at, value }
    }

    /// The member of this name, if there is one. What is no object has none; [`Node::members`] says so.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(self.key(name, value))
    }

    pub(crate) fn require(&self, name: &'static str) -> Result<Self, InvalidTemplate> {
        self.get(name)
            .ok_or_else(|| self.error(Problem::Missing(name)))
    }

    pub(crate) fn object(&self) -> Result<&'a Map<String, Value>, InvalidTemplate> {
        self.value
            .as_object()
            .ok_or_else(|| self.expected("an object"))
    }

    /// The members of an object whose names are the template's own. `{"Ref": …}` is none of those: it would be taken for a
    /// member called `Ref`.
    pub(crate) fn members(
        &self,
    ) -> Result<impl Iterator<Item = (&'a String, Node<'a>)>, InvalidTemplate> {
        let object = self.object()?;
        if let Some(name) = object.keys().find(|name| is_function(name)) {
            return Err(self.error(Problem::MisplacedFunction(name.clone())));
        }
        Ok(object
            .iter()
            .map(|(name, value)| (name, self.key(name, value))))
    }

    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        let items = self.value.as_array()?.iter().enumerate();
        Some(
            items
                .map(|(index, value)| Self {
                    at: format!("{}[{index}]", self.at),
                    value,
                })
                .collect(),
        )
    }

    pub(crate) fn text(&self, expected: &'static str) -> Result<&'a str, InvalidTemplate> {
        self.value.as_str().ok_or_else(|| self.expected(expected))
    }

    /// Refuses members that are not `known`, an object or not.
    pub(crate) fn only(&self, known: &'static [&'static str]) -> Result<(), InvalidTemplate> {
        match self
            .object()?
            .keys()
            .find(|name| !known.contains(&name.as_str()))
        {
            Some(name) => Err(self.error(Problem::UnknownElement {
                name: name.clone(),
                known,
            })),
            None => Ok(()),
        }
    }

    /// What the word that stands here means.
    pub(crate) fn word<T: Copy>(
        &self,
        meanings: &[(&'static str, T)],
    ) -> Result<T, InvalidTemplate> {
        let word = self.text("text")?;
        let found = meanings.iter().find(|(known, _)| *known == word);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            self.error(Problem::NotOneOf {
                word: word.to_owned(),
                words: meanings.iter().map(|(known, _)| *known).collect(),
            })
        })
    }
}

/// Whether an object with this name is a function, known or not.
pub(crate) fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

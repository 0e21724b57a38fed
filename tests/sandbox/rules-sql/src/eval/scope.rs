//! What names mean.

use crate::value::Value;

/// Where an expression stands: in the statement itself or in nested queries.
pub(crate) enum Scope<'s> {
    /// Names are keys of the payload.
    Payload,
    /// Names are the alias or keys of the element; then the aliases of the queries around.
    Element {
        element: &'s Value,
        alias: Option<&'s str>,
        outer: &'s Scope<'s>,
    },
}

impl Scope<'_> {
    /// A name that is not found is Undefined: AWS does not document a way back to the payload.
    pub(crate) fn resolve(&self, name: &str, payload: Option<&Value>) -> Value {
        match self {
            Self::Payload => payload.map_or(Value::Undefined, |p| p.member(name)),
            Self::Element {
                element,
                alias,
                outer,
            } => {
                if *alias == Some(name) {
                    return (*element).clone();
                }
                let member = element.member(name);
                if member.is_defined() {
                    return member;
                }
                outer.alias(name)
            }
        }
    }

    fn alias(&self, name: &str) -> Value {
        match self {
            Self::Payload => Value::Undefined,
            Self::Element { element, alias, .. } if *alias == Some(name) => (*element).clone(),
            Self::Element { outer, .. } => outer.alias(name),
        }
    }
}

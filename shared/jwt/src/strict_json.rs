//! One JSON object, read strictly: no member twice at any level, a bound on nesting, nothing behind the end.
//!
//! RFC 8259, section 4, leaves open what a repeated name means; two readers that choose differently is how a token comes to
//! say one thing to its issuer and another to us.

use std::{borrow::Cow, cell::Cell, collections::BTreeSet, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor},
};

/// How deep arrays and objects may be nested; the outermost object counts.
pub const MAX_DEPTH: u8 = 8;

/// What is wrong with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NotAnObject,
    Duplicate,
    TooDeep,
}

/// A member's value, as far as tokens and keys need it.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'j> {
    Text(Cow<'j, str>),
    Number(f64),
    List(Vec<Self>),
    /// Null, true, false or an object.
    Other,
}

impl<'j> Value<'j> {
    pub(crate) fn text(self) -> Option<Cow<'j, str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads `json`. Answers the values of the members called `names`, each at its name's place; others are checked and ignored.
pub(crate) fn object<'j, const N: usize>(
    json: &'j str,
    names: &[&str; N],
) -> Result<[Option<Value<'j>>; N], Fault> {
    let fault = Cell::new(Fault::NotAnObject);
    let mut reader = serde_json::Deserializer::from_str(json);
    let level = Level {
        depth: 1,
        fault: &fault,
    };
    Members { names, level }
        .deserialize(&mut reader)
        .and_then(|values| reader.end().map(|()| values))
        .map_err(|_| fault.get())
}

/// How deep we are, and where to say what is wrong: serde's errors carry only text.
#[derive(Clone, Copy)]
struct Level<'f> {
    depth: u8,
    fault: &'f Cell<Fault>,
}

impl Level<'_> {
    fn refuse<E: Error>(self, fault: Fault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(Fault::TooDeep));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

/// A member's name with its escapes resolved, so that `"iss"` and `"\u0069ss"` are the same.
#[derive(Deserialize)]
struct Name<'j>(#[serde(borrow)] Cow<'j, str>);

/// An object of which the members `names` are wanted.
struct Members<'n, 'f, const N: usize> {
    names: &'n [&'n str; N],
    level: Level<'f>,
}

impl<'j, const N: usize> DeserializeSeed<'j> for Members<'_, '_, N> {
    type Value = [Option<Value<'j>>; N];

    fn deserialize<D: Deserializer<'j>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'j, const N: usize> Visitor<'j> for Members<'_, '_, N> {
    type Value = [Option<Value<'j>>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut wanted = [const { None }; N];
        let mut others = BTreeSet::new();
        while let Some(Name(name)) = members.next_key()? {
            let place = self.names.iter().position(|known| *known == name);
            let value = members.next_value_seed(AnyValue(self.level))?;
            let first = match place.and_then(|place| wanted.get_mut(place)) {
                Some(place) => place.replace(value).is_none(),
                None => others.insert(name),
            };
            if !first {
                return Err(self.level.refuse(Fault::Duplicate));
            }
        }
        Ok(wanted)
    }
}

/// A value inside an object or array of this level.
struct AnyValue<'f>(Level<'f>);

impl<'j> DeserializeSeed<'j> for AnyValue<'_> {
    type Value = Value<'j>;

    fn deserialize<D: Deserializer<'j>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a whole number that a double cannot hold is out of every range that we accept"
)]
impl<'j> Visitor<'j> for AnyValue<'_> {
    type Value = Value<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'j str) -> Result<Value<'j>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'j>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'j>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'j>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'j>, E> {
        Ok(Value::Number(number))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'j>, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value<'j>, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut elements: A) -> Result<Value<'j>, A::Error> {
        let level = self.0.deeper()?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(AnyValue(level))? {
            list.push(element);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'j>>(self, members: A) -> Result<Value<'j>, A::Error> {
        let level = self.0.deeper()?;
        let names = &[];
        let [] = Members { names, level }.visit_map(members)?;
        Ok(Value::Other)
    }
}
